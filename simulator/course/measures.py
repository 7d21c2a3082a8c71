"""What the expressions of a lesson can measure in a world: its curves, its objects, its history.

Everything is read from the recorder, the journal, a snapshot or ``world.measure``; nothing here
changes a world. A series is written ``web.p95``: the service, container, VM or host ``web``.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from simulator import look
from simulator.course.expression import Measure, Value
from simulator.course.theory import mmc_mean, mmc_percentile, mmc_safe_load, mmc_safe_mean
from simulator.errors import InputError, nearest, printable, unknown
from simulator.look.measures import Measures

if TYPE_CHECKING:
    from simulator.engine.columns import Samples
    from simulator.look.views import ContainerView, Snapshot, VmView
    from simulator.world import World

OWNERS = ("service", "container", "vm", "host")
_DELEGATED = (
    "percentile", "requests", "error_rate", "container_seconds", "cpu_used", "throttled_ratio",
    "image_size", "cached_steps", "cost", "wait_share", "mean_wait",
)  # fmt: skip

Marks = Mapping[str, tuple[float, float | None]]
"""Run blocks that were run: id -> (began, ended or None while it runs)."""


def measures(world: World, marks: Marks | None = None) -> dict[str, Measure]:
    """All measures over one world, by name; ``marks`` are the run blocks already run."""
    table: dict[str, Measure] = {
        "abs": lambda value: abs(_number(value)),
        "least": lambda a, b: min(_number(a), _number(b)),
        "most": lambda a, b: max(_number(a), _number(b)),
        "round": _round,
        "exp": lambda value: math.exp(_number(value)),
        "log": lambda value: math.log(_number(value)),
        "mmc_mean": mmc_mean,
        "mmc_percentile": mmc_percentile,
        "mmc_safe_load": mmc_safe_load,
        "mmc_safe_mean": mmc_safe_mean,
    }
    for group in (_Curves(world), _Objects(world), _Marks(marks or {})):
        names = [name for name in dir(group) if not name.startswith("_")]
        table.update({name: getattr(group, name) for name in names})
    offered = Measures(world)
    table.update({name: getattr(offered, name) for name in _DELEGATED})
    return table


class _Curves:
    """Measures over recorded series."""

    def __init__(self, world: World) -> None:
        self._world = world

    def max(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return max(self._values(series, from_s, to_s))

    def min(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return min(self._values(series, from_s, to_s))

    def mean(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        values = self._values(series, from_s, to_s)
        return sum(values) / len(values)

    def last(self, series: str) -> float:
        return self._values(series, 0.0, math.inf)[-1]

    def integral(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return sum(value * width for _, value, width in self._steps(series, from_s, to_s))

    def seconds_above(
        self, series: str, value: float, from_s: float = 0.0, to_s: float = math.inf
    ) -> float:
        return sum(width for _, v, width in self._steps(series, from_s, to_s) if v > value)

    def seconds_below(
        self, series: str, value: float, from_s: float = 0.0, to_s: float = math.inf
    ) -> float:
        return sum(width for _, v, width in self._steps(series, from_s, to_s) if v < value)

    def first_above(
        self, series: str, value: float, from_s: float = 0.0, to_s: float = math.inf
    ) -> float:
        steps = self._steps(series, from_s, to_s)
        return next((time for time, v, _ in steps if v > value), math.inf)

    def offered_rate(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return self.mean(f"{service}.offered", from_s, to_s)

    def mean_latency(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        ok = _series(self._world, f"{_text(service)}.ok").between(_number(from_s), _number(to_s))[1]
        name = f"{service}.mean"
        means = _series(self._world, name).between(_number(from_s), _number(to_s))[1]
        answered = float(ok.sum())
        if not answered:
            raise InputError("nothing was answered in this time", found=service)
        return float(ok @ means) / answered

    def replica_minutes(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return self.integral(f"{service}.endpoints", from_s, to_s) / 60

    def min_replicas(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return self.min(f"{service}.endpoints", from_s, to_s)

    def max_replicas(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        return self.max(f"{service}.endpoints", from_s, to_s)

    def _values(self, name: str, from_s: float, to_s: float) -> list[float]:
        series = _series(self._world, _text(name))
        _, values = series.between(_number(from_s) - 1e-9, _number(to_s))
        kept = [float(v) for v in values if math.isfinite(v)]
        if not kept:
            raise InputError("nothing recorded in this time", found=name)
        return kept

    def _steps(self, name: str, from_s: float, to_s: float) -> list[tuple[float, float, float]]:
        """Time, value and the seconds for which each sample stands (since the one before)."""
        series = _series(self._world, _text(name))
        times, values = series.between(_number(from_s), _number(to_s))
        before = bisect.bisect_right(series.times, _number(from_s))
        last = float(series.times[before - 1]) if before else max(0.0, _number(from_s))
        steps = []
        for time, value in zip(times, values, strict=True):
            steps.append((float(time), float(value), float(time) - last))
            last = float(time)
        return steps


def _series(world: World, name: str) -> Samples:
    """The series behind ``web.p95`` (or behind its full name)."""
    recorder = world.recorder
    owner, dot, metric = name.rpartition(".")
    tries = [f"{kind}/{owner}/{metric}" for kind in OWNERS] if dot else [name]
    for one in tries:
        if recorder.has(one):
            return recorder.samples(one)
    known = aliases(recorder.names())
    near = nearest(name, known)
    raise InputError("no such series (yet)", found=name, nearest=near)


def aliases(names: Iterable[str]) -> list[str]:
    """``service/web/p95`` as lessons write it: ``web.p95``."""
    split = [name.split("/") for name in names]
    return [f"{parts[1]}.{parts[2]}" for parts in split if len(parts) == 3]


class _Objects:
    """Measures over what exists now and what has happened."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken: tuple[tuple[float, int], Snapshot] | None = None

    def _snapshot(self) -> Snapshot:
        """The world as it is: taken once for all the measures of one moment."""
        moment = (self._world.now, len(self._world.log))
        if self._taken is None or self._taken[0] != moment:
            self._taken = (moment, look.snapshot(self._world, events=0))
        return self._taken[1]

    def endpoints(self, service: str) -> float:
        services = self._world.services
        if service not in services:
            raise unknown("service", service, services)
        return len(services[service].endpoints)

    def running(self, alias: str = "") -> float:
        found = [c for c in self._snapshot().containers() if c.state == "running"]
        return len([c for c in found if not alias or alias in c.aliases])

    def restarts(self, container: str) -> float:
        return self._container(container).restarts

    def kernel_of(self, container: str) -> str:
        return self._container(container).machine

    def machine_exists(self, name: str) -> bool:
        snapshot = self._snapshot()
        return any(kernel.name == name for kernel in snapshot.kernels())

    def vms(self) -> float:
        return len(self._vms())

    def vms_running(self) -> float:
        return len([vm for vm in self._vms() if vm.state == "running"])

    def boot_seconds(self, vm: str) -> float:
        created = self._first("created", vm)
        booted = self._vm(vm).booted_at
        if booted is None:
            raise InputError("this VM has not booted yet", found=vm)
        return booted - created

    def vm_memory(self, vm: str) -> float:
        view = self._vm(vm)
        return view.memory_bytes + view.overhead_bytes

    def memory_used(self, host: str) -> float:
        hosts = self._snapshot().hosts
        for view in hosts:
            if view.name == host:
                return view.memory_used_bytes
        raise unknown("host", host, [view.name for view in hosts])

    def image_exists(self, reference: str) -> bool:
        tag = reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"
        hosts = self._snapshot().hosts
        return any(image.reference == tag for host in hosts for image in host.images)

    def count(self, kind: str) -> float:
        return self._world.journal.count_of(kind)

    def event_time(self, kind: str, index: float = 1) -> float:
        journal = self._world.journal
        times = [entry.time for entry in journal if type(entry.event).__name__ == kind]
        count = journal.count_of(kind)
        if not 1 <= index <= count:
            raise InputError("no such event yet", found=f"{kind} number {index:g}")
        kept = int(index) - 1 - (count - len(times))
        if kept < 0:
            raise InputError("no longer kept in the journal", found=f"{kind} number {index:g}")
        return times[kept]

    def _first(self, verb: str, subject: str) -> float:
        """When the VM's creation was asked for: the time of its command."""
        from simulator.world.commands import CreateVm

        for logged in self._world.log:
            if isinstance(logged.command, CreateVm) and logged.command.name == subject:
                return logged.time
        raise InputError(f"this VM was never {verb}", found=subject)

    def _container(self, name: str) -> ContainerView:
        snapshot = self._snapshot()
        view = snapshot.container(name)
        if view is None:
            raise unknown("container", name, [c.name for c in snapshot.containers()])
        return view

    def _vms(self) -> list[VmView]:
        kernels = self._snapshot().kernels()
        return [vm for kernel in kernels for vm in kernel.vms]

    def _vm(self, name: str) -> VmView:
        for view in self._vms():
            if view.name == name:
                return view
        raise unknown("virtual machine", name, [view.name for view in self._vms()])


class _Marks:
    """When the lesson's own run blocks began and ended."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def ran(self, run: str) -> bool:
        return run in self._marks and self._marks[run][1] is not None

    def started(self, run: str) -> float:
        return self._mark(run)[0]

    def ended(self, run: str) -> float:
        end = self._mark(run)[1]
        if end is None:
            raise InputError("this run block is not done yet", found=run)
        return end

    def _mark(self, run: str) -> tuple[float, float | None]:
        mark = self._marks.get(run)
        if mark is None:
            raise InputError("this run block has not been run yet", found=run)
        return mark


def _number(value: Value) -> float:
    if isinstance(value, str):
        raise InputError("not a number", found=printable(value))
    return float(value)


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise InputError("a series is written like 'web.p95'", found=value)
    return value


def _round(value: Value, digits: Value = 0) -> float:
    places = _number(digits)
    if not -15 <= places <= 15:
        raise InputError("bad number of digits", found=places, expected="-15 to 15")
    return round(_number(value), int(places))
