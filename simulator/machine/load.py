"""Load averages and CPU pressure, from what was sampled of containers and guests each second.

Runnable is a thread that computes or would: those in service in a container, and a guest's vCPUs
that run or wait for a core. Averages have exponential weights as the kernel's (``sched/loadavg.c``,
``sched/psi.c``); samples are means over their interval.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulator.engine.columns import Samples
from simulator.machine.stalls import WINDOWS_S

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Machine

Floats = npt.NDArray[np.float64]
LOAD_WINDOWS_S = (60.0, 300.0, 900.0)
FULL = 0.98
"""A machine of which this share is used has no core to spare."""
_NOTHING = Samples("", np.empty(0), np.empty(0))


def load_averages(machine: Machine) -> tuple[float, ...]:
    """Runnable threads on a machine, averaged over 1, 5 and 15 minutes."""
    now = machine.parts.sim.now
    found = np.zeros(len(LOAD_WINDOWS_S))
    for one in machine.kernel.containers.values():
        times, runnable = _runnable(one)
        found += _averages(times, runnable, LOAD_WINDOWS_S, now)
    for vm in machine.kernel.vms.values():
        times, used = _history(machine, "vm", vm.name, "cpu")
        stolen = _history(machine, "vm", vm.name, "steal")[1]
        found += _averages(times, used + stolen * vm.hardware.cores, LOAD_WINDOWS_S, now)
    return tuple(found.tolist())


def cpu_pressure(
    container: Container, throttled_s: float
) -> tuple[tuple[tuple[float, ...], tuple[float, ...]], tuple[float, float]]:
    """Some and full of a container: averages over 10, 60, 300 s, and totals in seconds.

    Some of its threads wait while its quota is used up, or where its machine has no core to spare
    and it computes with fewer cores than threads; all of them wait while its quota is used up,
    ``throttled_s`` seconds so far.
    """
    times, runnable = _runnable(container)
    used = _history(container.machine, "container", container.name, "cpu")[1]
    throttled = _history(container.machine, "container", container.name, "throttled")[1]
    crowded = _crowded(container.machine, times)
    waits = np.clip((runnable - used) * crowded, 0.0, 1.0)
    some, now = np.clip(throttled + waits, 0.0, 1.0), container.sim.now
    averages = tuple(
        tuple(_averages(times, values, WINDOWS_S, now).tolist()) for values in (some, throttled)
    )
    lasted = np.diff(times, prepend=times[0] - 1.0 if len(times) else 0.0)
    total_s = throttled_s + float(((some - throttled) * lasted).sum())
    return (averages[0], averages[1]), (total_s, throttled_s)


def io_pressure(
    container: Container,
) -> tuple[tuple[tuple[float, ...], tuple[float, ...]], tuple[float, float]]:
    """The same for waiting for its disk; all wait where no thread computes meanwhile."""
    times, some = _history(container.machine, "disk", container.name, "waits")
    at, used = _history(container.machine, "container", container.name, "cpu")
    full, station = some, container.station
    if len(at) and station is not None and station.workers > 1:
        computing = used[np.clip(np.searchsorted(at, times), 0, len(at) - 1)]
        full = some * (1.0 - np.minimum(1.0, computing))
    now, lasted = container.sim.now, np.diff(times, prepend=times[0] - 1.0 if len(times) else 0.0)
    averages = [tuple(_averages(times, each, WINDOWS_S, now).tolist()) for each in (some, full)]
    totals = [float((each * lasted).sum()) for each in (some, full)]
    return (averages[0], averages[1]), (totals[0], totals[1])


def _runnable(one: Container) -> tuple[Floats, Floats]:
    """When a container was sampled, and how many of its threads were in service then."""
    times, inside = _history(one.machine, "container", one.name, "in_flight")
    threads = inf if one.station is None else one.station.workers
    throttled = _history(one.machine, "container", one.name, "throttled")[1]
    # Threads of a group whose quota is used up are taken off the run queue.
    return times, np.minimum(inside, threads) * (1.0 - throttled)


def _crowded(machine: Machine, times: Floats) -> Floats:
    """1 where a machine had no core to spare at a time of these, else 0."""
    guest = machine.outermost_guest is not None
    kind = "vm" if guest else "host"
    at, used = _history(machine, kind, machine.name, "cpu")
    if guest:
        used = used + _history(machine, kind, machine.name, "steal")[1] * machine.hardware.cores
    full = (used >= FULL * machine.hardware.cores).astype(float)
    if not len(at):
        return np.zeros(len(times))
    places = np.clip(np.searchsorted(at, times), 0, len(at) - 1)
    found: Floats = full[places]
    return found


def _history(machine: Machine, kind: str, name: str, measure: str) -> tuple[Floats, Floats]:
    recorder = machine.parts.sim.recorder
    series = f"{kind}/{name}/{measure}"
    samples = recorder.samples(series) if recorder.has(series) else _NOTHING
    return samples.times, np.nan_to_num(samples.values)


def _averages(times: Floats, values: Floats, windows_s: tuple[float, ...], now: float) -> Floats:
    """Averages at ``now`` of values that held from the time before until each of these."""
    if not len(times):
        return np.zeros(len(windows_s))
    begins = np.concatenate((times[:1] - 1.0, times[:-1]))
    ends = times.copy()
    ends[-1] = max(now, ends[-1])
    kept = [np.exp((ends - now) / each) - np.exp((begins - now) / each) for each in windows_s]
    return np.array([float((values * each).sum()) for each in kept])
