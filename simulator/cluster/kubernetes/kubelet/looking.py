"""Looking over warm servers that have probes: which of them somebody may have to wait for.

Once a second, on a grid of time that all share, so that neither when a container was made warm nor
who else looks makes a difference. Where all threads are at work, or stand still, the probes of the
second to come are really asked, each at its own instant; where one is free, they would be answered
at once, and nobody has to ask them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from simulator.cluster.kubernetes.kubelet.answers import probe_of
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station

LOOK_S = 1.0
"""How often containers are looked over."""
Ask = Callable[[Life, Run, str, float], None]
"""Ask a probe of a container at an instant to come."""


class Looks:
    """Warm servers with probes."""

    def __init__(self, house: Household, ask: Ask) -> None:
        self.house = house
        self.sim = house.sim
        self.ask = ask
        self.all_asked = False
        """Whether every probe is asked: a test of those that need not be."""
        self._watched: dict[tuple[str, str], tuple[Life, Run]] = {}
        self._looking = False
        self._changes = -1
        self._runs: list[tuple[Life, Run]] = []
        self._containers: list[Container] = []
        self._stations: list[Station | None] = []
        self._workers: list[float] = []
        """The same ones by number, as of the last look."""

    def watch(self, life: Life, run: Run) -> None:
        """A warm server with probes is looked over from now on."""
        wanted = run.wanted
        probed = wanted.readiness_probe is not None or wanted.liveness_probe is not None
        if not probed or run.container is None or run.work is None or not run.work.serves:
            return
        self._watched[life.title, wanted.name] = life, run
        if not self._looking:
            self._looking = True
            self._plan()

    def _plan(self) -> None:
        self.sim.at((floor(self.sim.now / LOOK_S) + 1) * LOOK_S, self._look)

    def _look(self) -> None:
        for life, run in self._busy():
            for word in ("readiness", "liveness"):
                self._plan_asking(life, run, word)
        self._looking = bool(self._watched)
        if self._looking:
            self._plan()

    def _renew(self) -> None:
        """Forget those that are gone, and number the others."""
        for key, (life, run) in list(self._watched.items()):
            if life.over or run.container is None or run.since is None:
                del self._watched[key]
        self._changes = self.house.changes
        self._runs = list(self._watched.values())
        self._containers = [run.container for _, run in self._runs if run.container is not None]
        self._stations = [one.station for one in self._containers]
        self._workers = [0.0 if one is None else one.workers for one in self._stations]

    def _is_new(self) -> bool:
        """Whether somebody may have come or gone since they were numbered."""
        return self._changes != self.house.changes or len(self._runs) != len(self._watched)

    def _busy(self) -> list[tuple[Life, Run]]:
        """Those of which no thread is free."""
        if self._is_new():
            self._renew()
        if self.all_asked or not self._runs:
            return self._runs
        fabric = self._containers[0].fabric
        fabric.settle()
        full = fabric.full(self._stations, self._workers)
        return [self._runs[number] for number in full]

    def _plan_asking(self, life: Life, run: Run, word: str) -> None:
        """Ask at the instant that a probe has within the second to come."""
        probe = probe_of(run, word)
        if probe is None or run.since is None or not run.started:
            return
        now, period = self.sim.now, max(1, probe.period_seconds)
        first = max(run.since + probe.initial_delay_seconds, run.asked_from)
        due = first + max(0.0, floor((now - first) / period) + 1) * period
        if due <= now + LOOK_S:
            self.ask(life, run, word, due)
