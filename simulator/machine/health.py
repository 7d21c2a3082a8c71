"""Health checks as Docker's daemon makes them: a command in the container, again and again.

The next check begins an interval after the last one has ended; in the start period a container that
has never been healthy is asked at the start interval, and failures do not count. A check that takes
longer than its timeout fails with code -1. So many failures in a row make it unhealthy, one success
healthy; nothing else follows of either. A paused container is not asked, one that has ended is
unhealthy. Source: moby, ``daemon/health.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.engine import Simulation
from simulator.engine.calendar import Entry
from simulator.image.model import Healthcheck

MOST_KEPT = 5
MOST_OUTPUT = 4096
"""Results that are kept, and characters of each."""
DEFAULT_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What a check's command came to: its exit code and its output."""

    code: int = 0
    output: str = ""


class Asked(Protocol):
    """A check's command under way."""

    @property
    def endless(self) -> bool:
        """Whether it waits for an answer that does not come."""

    def give_up(self) -> None:
        """End it."""


Run = Callable[[Callable[[int, Probe], None], int], Asked | None]
"""Starts a check's command; its end is told to the function, with the number that was given."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One check that is over. Times in simulated seconds."""

    start: float
    end: float
    code: int
    output: str


class Monitor:
    """The health of one container, and the check that comes next."""

    def __init__(
        self,
        sim: Simulation,
        check: Healthcheck,
        run: Run,
        tell: Callable[[str], None],
        patience_s: float,
    ) -> None:
        """``run`` starts the check's command; ``tell`` is told each new state.

        ``patience_s``: how long the client in a check without a stated timeout waits for an answer.
        """
        self.sim = sim
        self.check = check
        self.status = "starting"
        """starting, healthy or unhealthy."""
        self.streak = 0
        """Failures in a row."""
        self.log: tuple[Checked, ...] = ()
        self._run = run
        self._tell = tell
        self._patience_s = patience_s
        self._since = self._asked = 0.0
        self._next: Entry | None = None
        """The next check, or the end of one that takes too long."""
        self._number = 0
        self._under_way: Asked | None = None

    def begin(self) -> None:
        """Its container has started."""
        self.status, self.streak, self.log = "starting", 0, ()
        self._since = self.sim.now
        self.go_on()

    def go_on(self) -> None:
        """Ask again after an interval."""
        self.hold()
        self._next = self.sim.at(self.sim.now + self._interval_s(), self._ask)

    def hold(self) -> None:
        """Ask no more, until it goes on."""
        self._number += 1
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.give_up()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def end(self) -> None:
        """Its container has ended."""
        self.hold()
        self.status = "unhealthy"

    def _interval_s(self) -> float:
        check = self.check
        early = self.sim.now - self._since < check.start_period_s
        return check.start_interval_s if early and self.status == "starting" else check.interval_s

    def _ask(self) -> None:
        self._number += 1
        number, self._asked = self._number, self.sim.now
        under_way = self._run(self._done, number)
        if under_way is None or number != self._number:
            return
        self._under_way = under_way
        timeout_s = self.check.timeout_s
        if under_way.endless and timeout_s == DEFAULT_TIMEOUT_S:
            # Nobody stated a timeout, so the client is one that gives up by itself.
            wait_s, late = min(self._patience_s, timeout_s), Probe(1, "no answer")
        else:
            wait_s = timeout_s
            late = Probe(-1, f"Health check exceeded timeout ({_in_go(timeout_s)})")
        self._next = self.sim.at(self.sim.now + wait_s, self._late, number, late)

    def _late(self, number: int, probe: Probe) -> None:
        under_way, self._under_way = self._under_way, None
        self._number += 1
        self._learn(self._checked(probe))
        if under_way is not None:
            under_way.give_up()

    def _done(self, number: int, probe: Probe) -> None:
        """The command has ended, if anybody still waits for it."""
        if number == self._number:
            self._number += 1
            self._under_way = None
            self._learn(self._checked(probe))

    def _checked(self, probe: Probe) -> Checked:
        return Checked(self._asked, self.sim.now, probe.code, probe.output[:MOST_OUTPUT])

    def _learn(self, result: Checked) -> None:
        before, check = self.status, self.check
        self.log = (*self.log[1 - MOST_KEPT :], result)
        if result.code == 0:
            self.streak, self.status = 0, "healthy"
        elif not (before == "starting" and result.start - self._since < check.start_period_s):
            self.streak += 1
            if self.streak >= check.retries:
                self.status = "unhealthy"
        self.go_on()
        if self.status != before:
            self._tell(self.status)


def _in_go(seconds: float) -> str:
    """A duration as Go prints it: 1m30s, 2s, 500ms."""
    if seconds < 1:
        return f"{seconds * 1e3:g}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:g}s"
