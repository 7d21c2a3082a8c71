"""Runtimes: arrangements of the same parts, described by data in ``assets/runtimes.toml``.

A runtime says how a workload starts (stages), what memory it costs, what its boundaries cost the
work (``costs.py``), which kernel serves it and which walls stand between it and its neighbours.
Every number in it is the name of a constant, so that "why?" has an answer.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Protocol

from simulator.calibration import Z99, Calibration, Constant, between
from simulator.errors import Refused, unknown
from simulator.files import asset
from simulator.machine.costs import Costs

MIB = 1024 * 1024
MB = 1_000_000
KINDS = ("process", "container", "sandbox", "microvm", "vm")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a start: a lognormal time in seconds, longer the more are under way."""

    name: str
    median_s: float
    p99_s: float
    slope_s: float = 0.0
    per: str = "starting"
    """What the slope counts: others ``starting`` at the same time, or already ``running``."""
    constant: str = ""
    """Name of the constant that explains the median."""
    sigma: float = field(init=False, repr=False, compare=False)
    """Standard deviation of the logarithm; 0 for a fixed time."""

    def __post_init__(self) -> None:
        fixed = self.median_s <= 0 or self.p99_s <= self.median_s
        sigma = 0.0 if fixed else math.log(self.p99_s / self.median_s) / Z99
        object.__setattr__(self, "sigma", sigma)  # asked at each start

    def median_with(self, starting: int, running: int) -> float:
        """Median with ``starting`` starts under way, this one included, and ``running`` others."""
        others = max(0, starting - 1) if self.per == "starting" else max(0, running)
        return self.median_s + self.slope_s * others

    @property
    def slowing(self) -> float:
        """By how much of its time alone each other start under way makes it longer."""
        if self.per != "starting" or self.median_s <= 0:
            return 0.0
        return self.slope_s / self.median_s


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands between a workload and the kernel beneath, and the software that builds it.

    Kinds: ``container`` (namespaces, cgroups, filters), ``sandbox`` (a kernel in user space),
    ``vmm`` (a virtual machine monitor), ``jail`` (a box around the monitor itself).
    """

    kind: str
    software: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryOverhead:
    """Bytes that an arrangement costs. The last two lie inside the guest's memory."""

    private_bytes: int
    vmm_bytes: int
    guest_kernel_bytes: int
    userland_bytes: int

    @property
    def total_bytes(self) -> int:
        """Everything that is not the application."""
        return self.private_bytes + self.vmm_bytes + self.guest_kernel_bytes + self.userland_bytes

    @property
    def outside_bytes(self) -> int:
        """What the host pays on top of the memory given to the guest."""
        return self.private_bytes + self.vmm_bytes


@dataclass(frozen=True, slots=True)
class Runtime:
    """One arrangement of parts. Walls are given inside out."""

    name: str
    title: str
    kind: str
    kernel: str
    walls: tuple[Wall, ...]
    stages: tuple[Stage, ...]
    costs: Costs
    private_bytes: int = 0
    vmm_bytes: int = 0
    userland_bytes: int = 0
    guest_kernel: Constant | None = None
    kernel_version: str = ""
    """Of the kernel that it brings, where nothing else is said."""
    nests: bool = False
    """Whether its guests can run virtual machines themselves, when they are made so."""
    takes_all: bool = False
    """Whether its guests are given all their memory at once, instead of when they touch it."""
    windows: bool = False
    """Whether Windows boots in its guests."""
    kvm: bool = False
    """Whether it needs ``/dev/kvm`` for something else than a virtual machine."""
    grows: tuple[tuple[float, float], ...] = ()
    """Bytes that applications hold in a plain container, and here, where that is more."""

    def private_for(self, held_bytes: float) -> int:
        """Bytes beside an application that holds so much in a plain container, all counted.

        Between measured applications the excess is linear, outside them that of the nearest.
        """
        if not self.grows:
            return self.private_bytes
        excess = [(held, here - held) for held, here in self.grows]
        return round(self.grows[0][0] + between(excess, held_bytes))

    @property
    def has_own_kernel(self) -> bool:
        """Whether a guest kernel serves the workload, its own or one shared with other guests."""
        return self.kernel in ("own", "shared")

    @property
    def needs_kvm(self) -> bool:
        """Whether it runs on processors' virtualisation."""
        return self.kvm or any("kvm" in wall.software for wall in self.walls)

    @property
    def median_start_s(self) -> float:
        """Sum of the stages' medians, nothing else starting or running."""
        return sum(stage.median_s for stage in self.stages)


class Normals(Protocol):
    """Where independent draws from the standard normal distribution come from."""

    def standard_normal(self, size: int, /) -> Iterable[float]:
        """So many of them."""


def start_time(
    runtime: Runtime, stream: Normals, concurrent: int = 1, running: int = 0
) -> list[tuple[str, float]]:
    """Stages of one start with their seconds, drawn from ``stream`` (one normal draw a stage).

    ``concurrent`` counts the starts under way on the host, this one included; ``running`` the
    instances already there.
    """
    draws = stream.standard_normal(len(runtime.stages))
    return [
        (stage.name, stage.median_with(concurrent, running) * math.exp(stage.sigma * float(draw)))
        for stage, draw in zip(runtime.stages, draws, strict=True)
    ]


def memory_overhead(runtime: Runtime, guest_ram_bytes: int = 0) -> MemoryOverhead:
    """Memory beside the application's, for a guest given ``guest_ram_bytes`` (ignored without)."""
    kernel = 0
    if runtime.guest_kernel is not None:
        kernel = round(runtime.guest_kernel.at(guest_ram_bytes / MIB) * MIB)
    return MemoryOverhead(runtime.private_bytes, runtime.vmm_bytes, kernel, runtime.userland_bytes)


def nested(outer: Runtime, inner: Runtime, calibration: Calibration) -> Runtime:
    """``inner`` inside ``outer``: containers in a VM, or a VM in a VM.

    Costs add up boundary by boundary. Where both have a kernel of their own, each exit of the
    inner guest becomes several of the outer one. Refused where the outer one cannot hold it.
    """
    if outer.kernel == "host" and outer.kind == "process":
        return inner
    if inner.has_own_kernel and outer.kernel == "sandbox":
        raise Refused(f"{inner.name} needs hardware virtualisation, which {outer.name} hides")
    both = inner.has_own_kernel and outer.has_own_kernel
    costs = inner.costs.inside(
        outer.costs, calibration.value("cpu.nested.exit_factor") if both else 1.0
    )
    if both:
        slower = calibration.value("cpu.nested.user_factor")
        costs = replace(costs, user_factor=costs.user_factor * slower)
    return replace(
        inner,
        name=f"{outer.name}/{inner.name}",
        title=f"{inner.title} in {outer.title}",
        costs=costs,
    )


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(asset("runtimes.toml").read_text("utf-8"))


@cache
def aliases() -> Mapping[str, str]:
    """Other words for a runtime: ``kvm`` for ``qemu``."""
    found: dict[str, str] = _document()["aliases"]
    return found


@cache
def names() -> tuple[str, ...]:
    """Names of all runtimes, from the lightest to the heaviest."""
    return tuple(key for key in _document() if key != "aliases")


@cache
def hypervisors() -> tuple[str, ...]:
    """Words that a virtual machine can be created with: names, then other words for them."""
    return _words(lambda entry: entry["kernel"] in ("own", "shared") and not _of_one(entry))


@cache
def container_runtimes() -> tuple[str, ...]:
    """Words that a container can be started with: names, then other words for them."""
    return _words(lambda entry: entry["kernel"] != "shared")


def _words(fits: Callable[[Mapping[str, Any]], bool]) -> tuple[str, ...]:
    found = [name for name in names() if fits(_document()[name])]
    return (*found, *(word for word, name in aliases().items() if name in found))


def _of_one(entry: Mapping[str, Any]) -> bool:
    """Whether its virtual machine is made for a container, as Kata's is."""
    walls = [wall["kind"] for wall in entry["walls"]]
    return entry["kernel"] == "own" and "container" in walls


def shares_a_kernel(name: str) -> bool:
    """Whether a hypervisor lets its virtual machines share one kernel."""
    return bool(_document()[full_name(name)]["kernel"] == "shared")


def constants_of(name: str) -> dict[str, str]:
    """The constants behind a runtime, by what they say of it: for "why is this so slow?"."""
    entry = _document()[full_name(name)]
    stages = {f"stage {stage['name']}": stage["constant"] for stage in entry["stages"]}
    described = (
        "title", "kind", "kernel", "kernel_version", "nests",
        "windows", "takes_all", "kvm",
        "walls", "stages", "grows",
    )  # fmt: skip
    return stages | {key: text for key, text in entry.items() if key not in described}


def runtime(name: str, calibration: Calibration) -> Runtime:
    """The runtime called ``name`` or an alias of it; an InputError names the nearest otherwise."""
    return _build(full_name(name), calibration)


@lru_cache(maxsize=256)
def full_name(name: str) -> str:
    """The name of the runtime that is called so; an InputError names the nearest otherwise."""
    full = aliases().get(name, name)
    if full not in names():
        raise unknown("runtime", str(name), (*names(), *aliases()))
    return full


@lru_cache(maxsize=256)
def _build(name: str, calibration: Calibration) -> Runtime:
    entry: dict[str, Any] = _document()[name]

    def amount(key: str, unit: float) -> int:
        return round(calibration.value(entry[key]) * unit) if key in entry else 0

    return Runtime(
        name=name,
        title=entry["title"],
        kind=entry["kind"],
        kernel=entry["kernel"],
        walls=tuple(Wall(wall["kind"], tuple(wall["software"])) for wall in entry["walls"]),
        stages=tuple(_stage(stage, calibration) for stage in entry["stages"]),
        costs=_costs(entry, calibration),
        private_bytes=amount("private_mb", MB),
        vmm_bytes=amount("vmm_mib", MIB),
        userland_bytes=amount("userland_mib", MIB),
        kernel_version=entry.get("kernel_version", ""),
        nests=entry.get("nests", False),
        takes_all=entry.get("takes_all", False),
        windows=entry.get("windows", False),
        kvm=entry.get("kvm", False),
        guest_kernel=calibration.constant(entry["guest_mib"]) if "guest_mib" in entry else None,
        grows=_grows(entry, calibration),
    )


def _grows(entry: Mapping[str, Any], calibration: Calibration) -> tuple[tuple[float, float], ...]:
    pairs = entry.get("grows", ())
    value = calibration.value
    return tuple(sorted((value(held) * MB, value(here) * MB) for held, here in pairs))


def _stage(entry: Mapping[str, Any], calibration: Calibration) -> Stage:
    whole = calibration.constant(entry["constant"])
    counted = calibration.value(entry["minus"]) if "minus" in entry else 0.0
    median_s = max(0.0, whole.value - counted)
    p99_s = median_s if entry.get("fixed") or whole.p99 is None else whole.p99 - counted
    return Stage(
        name=entry["name"],
        median_s=median_s,
        p99_s=max(median_s, p99_s),
        slope_s=calibration.value(entry["slope"]) if "slope" in entry else 0.0,
        per=entry.get("per", "starting"),
        constant=whole.name,
    )


def _costs(entry: Mapping[str, Any], calibration: Calibration) -> Costs:
    def number(key: str) -> float | None:
        return calibration.value(entry[key]) if key in entry else None

    gbps, mbps = number("net_gbps"), number("disk_mbps")
    return Costs(
        user_factor=number("user_factor") or 1.0,
        syscall_s=number("syscall"),
        internal_s=number("internal"),
        open_factor=number("open_factor") or 1.0,
        packet_cpu_s=number("packet_cpu") or 0.0,
        packet_latency_s=number("packet_latency") or 0.0,
        io_factor=number("io_factor") or 1.0,
        io_latency_s=number("io_latency") or 0.0,
        io_depth=number("io_depth"),
        net_bytes_per_s=None if gbps is None else gbps * 1e9 / 8,
        disk_bytes_per_s=None if mbps is None else mbps * 1e6,
    )
