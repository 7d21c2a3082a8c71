"""The metrics pipeline of one node: what autoscalers and ``top`` read, late and averaged.

The kubelet's housekeeping reads the counters of all containers that run; metrics-server scrapes
the newest reading at its own interval, keeps two, and tells the rate between them. So a figure is
a mean over the window between two readings, and up to both intervals old. Neither clock is the
recorder's, and neither ticks while nobody subscribes. Memory is what is charged at a reading.
Sources: kubernetes-sigs/metrics-server (manifests, storage of points); the kubelet's cAdvisor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from simulator.engine import CalendarEntry
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.machine.housekeeping import next_on_grid


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container used, as the pipeline knows it at some later time."""

    cores: float
    """Mean over the window."""
    memory_bytes: int
    """At the end of the window."""
    read_at: float
    """When the newest reading was taken: the end of the window."""
    window_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """Counters of the containers that ran at one instant, by identity."""

    time: float
    counters: dict[str, tuple[float, int]]
    """CPU-seconds so far, and bytes."""


class MetricsPipeline:
    """Readings of the containers of one machine, for as long as somebody subscribes."""

    def __init__(self, machine: Machine, containers: dict[str, Container]) -> None:
        """``containers``: those of its daemon by identity, as it keeps them."""
        self.machine = machine
        self.containers = containers
        constants = machine.parts.calibration
        self.housekeeping_s = constants.value("control.kubelet.housekeeping_s")
        self.resolution_s = constants.value("control.metrics_server.resolution_s")
        self._subscribers: dict[str, None] = {}
        self._newest: _Reading | None = None
        """What the kubelet has read last."""
        self._scraped: list[_Reading] = []
        """The last two different ones that were scraped."""
        self._read_at = self._scrape_at = inf
        self._next: CalendarEntry | None = None

    @property
    def on(self) -> bool:
        """Whether anybody subscribes."""
        return bool(self._subscribers)

    def subscribe(self, who: str) -> None:
        """Scrape from the next tick on, for this one too."""
        if not self._subscribers:
            self._read_at = next_on_grid(self._now, self.housekeeping_s)
            self._scrape_at = next_on_grid(self._now, self.resolution_s)
            self._plan()
        self._subscribers[who] = None

    def unsubscribe(self, who: str) -> None:
        """No longer for this one; with the last one the pipeline stops, and forgets."""
        self._subscribers.pop(who, None)
        if not self._subscribers:
            self.stop()

    def stop(self) -> None:
        """Nobody is told anything more."""
        if self._next:
            self._next.cancel()
        self._subscribers.clear()
        self._scraped.clear()
        self._newest = None

    def usage(self, container: Container) -> Usage | None:
        """What it used in the last window; None until it has been in two readings."""
        if len(self._scraped) < 2:
            return None
        old, new = self._scraped
        before, after = old.counters.get(container.id), new.counters.get(container.id)
        if before is None or after is None:
            return None
        window_s = new.time - old.time
        cores = max(0.0, after[0] - before[0]) / window_s
        return Usage(cores, after[1], new.time, window_s)

    # --- its two clocks ---------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self.machine.parts.sim.now

    def _plan(self) -> None:
        at = min(self._read_at, self._scrape_at)
        self._next = self.machine.parts.sim.at(at, self._tick)

    def _tick(self) -> None:
        """What is due now: of one instant, the reading before the scrape."""
        now = self._now
        if now >= self._read_at:
            if self.machine.up:
                self._newest = self._read()
            self._read_at = next_on_grid(now, self.housekeeping_s)
        if now >= self._scrape_at:
            if self.machine.up:
                self._scrape()
            self._scrape_at = next_on_grid(now, self.resolution_s)
        self._plan()

    def _read(self) -> _Reading:
        """The kubelet reads the counters of all that run."""
        running = [one for one in self.containers.values() if one.running]
        _settle(self.machine, running)
        return _Reading(
            self._now, {one.id: (one.cpu_seconds, one.memory.resident) for one in running}
        )

    def _scrape(self) -> None:
        """The server fetches the newest reading, if it has not got it already."""
        newest = self._newest
        if newest is not None and newest not in self._scraped[-1:]:
            self._scraped = [*self._scraped[-1:], newest]


def _settle(machine: Machine, containers: Iterable[Container]) -> None:
    stations = [one.station for one in containers]
    machine.parts.fabric.settle([one for one in stations if one is not None])
