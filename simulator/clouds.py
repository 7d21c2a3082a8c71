"""Clouds, regions and prices, from ``assets/clouds.toml``: illustrative list prices with a date."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from simulator.errors import unknown
from simulator.files import asset

GB = 1e9
MONTH_S = 730 * 3600.0


@dataclass(frozen=True, slots=True)
class Cloud:
    """One provider, or one's own hardware. Prices in US dollars."""

    name: str
    title: str
    regions: tuple[str, ...]
    machine: str
    machine_usd_hour: float
    egress_usd_gb: float
    between_regions_usd_gb: float
    object_usd_gb_month: float
    registry_usd_gb_month: float
    snapshot_usd_gb_month: float
    uplink_bytes_s: float
    lan_bytes_s: float
    disk_format: str

    @property
    def own(self) -> bool:
        """True for hardware of one's own: no import service and no API in between."""
        return self.name == "own"

    @property
    def fixed_disks(self) -> bool:
        """True when an uploaded disk must carry every byte of its virtual size."""
        return self.disk_format.startswith("fixed")


@dataclass(frozen=True, slots=True)
class Site:
    """A region of a cloud: where a machine stands."""

    cloud: Cloud
    region: str

    @classmethod
    def parse(cls, text: str) -> Site:
        """Read ``aws`` or ``aws/eu-central-1``; the first region where none is given."""
        name, _, region = text.strip().lower().partition("/")
        found = cloud(name)
        if region and region not in found.regions:
            raise unknown(f"region of {found.title}", region, found.regions)
        return cls(found, region or found.regions[0])

    def __str__(self) -> str:
        return f"{self.cloud.name}/{self.region}"

    def egress_usd(self, size_bytes: float, to: Site | None) -> float:
        """Price of sending bytes to another site, or to the internet (None).

        Nothing inside a region; arriving is free everywhere.
        """
        if to == self:
            return 0.0
        same = to is not None and to.cloud.name == self.cloud.name
        rate = self.cloud.between_regions_usd_gb if same else self.cloud.egress_usd_gb
        return size_bytes / GB * rate

    def machine_usd(self, seconds: float) -> float:
        """Price of one machine for so long."""
        return self.cloud.machine_usd_hour * seconds / 3600


def clouds() -> Mapping[str, Cloud]:
    """All clouds by name, in the order of the file."""
    return _read()[0]


def cloud(name: str) -> Cloud:
    """One cloud; an unknown name is an InputError with the nearest."""
    found = clouds().get(name)
    if found is None:
        raise unknown("cloud", name, clouds())
    return found


def as_of() -> str:
    """Month of the prices and what they are worth, for every table that shows one."""
    return _read()[1]


@cache
def _read() -> tuple[Mapping[str, Cloud], str]:
    data = tomllib.loads(asset("clouds.toml").read_text("utf-8"))
    said = f"{data.pop('note')}, {data.pop('as_of')}"
    found: dict[str, Cloud] = {}
    for name, entry in data.items():
        regions = tuple(entry.pop("regions"))
        found[name] = Cloud(name=name, regions=regions, **entry)
    return found, said
