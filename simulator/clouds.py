"""Clouds, regions and prices, from ``assets/clouds.toml``: illustrative list prices with a date."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from simulator.errors import InputError, nearest, unknown
from simulator.files import asset

GB = 1e9
MONTH_S = 730 * 3600.0
LOCAL = "local"
"""Where a host stands that is in no cloud and costs nothing."""


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
    nested: str
    """Whether its machine shows a guest /dev/kvm: always, asked or never."""
    nested_source: str
    metal: str = ""
    """What to rent where a whole machine is wanted."""
    nested_machine: str = ""
    """The type that does when asked, where ``machine`` never does."""
    nested_machine_usd_hour: float = 0.0

    @property
    def offers_nested(self) -> bool:
        """Whether some ordinary type of it has /dev/kvm."""
        return self.nested != "never" or bool(self.nested_machine)

    def usd_hour(self, nested: bool) -> float:
        """Price of its machine, or of the one that has /dev/kvm where that is another."""
        other = nested and self.nested == "never" and self.nested_machine_usd_hour
        return self.nested_machine_usd_hour if other else self.machine_usd_hour

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

    @classmethod
    def place(cls, text: str) -> Site | None:
        """Read a cloud, ``aws/eu-central-1``, or a region that only one cloud has.

        None for ``local``, which is in no cloud. InputError for anything else, or for a region
        that several have.
        """
        wanted = text.strip().lower()
        if wanted in ("", LOCAL):
            return None
        if wanted.partition("/")[0] in clouds():
            return cls.parse(wanted)
        found = [cls(one, wanted) for one in clouds().values() if wanted in one.regions]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                "region of several clouds", found=text, expected=" or ".join(map(str, found))
            )
        regions = [region for one in clouds().values() for region in one.regions]
        known = [f"{one.name}/{region}" for one in clouds().values() for region in one.regions]
        words = known if "/" in wanted else [LOCAL, *regions, *clouds()]
        raise InputError(
            "unknown region",
            found=text,
            expected=f"{LOCAL}, or a cloud and a region of it, as aws/eu-central-1 ('clouds ls')",
            nearest=nearest(wanted, words),
        )

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
