"""A simulation: SimPy's environment, random streams, the journal and the recorder."""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf
from typing import Any, Protocol

import simpy

from simulator.engine.calendar import Action, Calendar
from simulator.engine.calendar import Entry as CalendarEntry
from simulator.engine.environment import Environment
from simulator.engine.journal import Entry, Event, Journal
from simulator.engine.recorder import Recorder
from simulator.engine.streams import Streams

Process = Generator[simpy.Event, Any, Any]


class Eager(Protocol):
    """Something solved between SimPy events that may have to act at an instant of its own."""

    def run_ahead(self, until: float) -> float | None:
        """Solve up to ``until``; the earlier time at which something must be done, or None."""

    def act(self, now: float) -> None:
        """Do what fell due at ``now``; called once after ``run_ahead`` returned that time."""


class Observer(Protocol):
    """Somebody who looks on at times of his own, and changes nothing."""

    due: float
    """When to look next; later after each look."""

    def look(self) -> None:
        """Everything that happens at this instant has happened."""


class Simulation:
    """Time, chance and memory of one run. Knows nothing of containers.

    Between two SimPy events nothing else can happen, so whatever is solved in bulk may look
    ahead to the next one: ``eager`` parts are asked whether they must act before it.
    """

    def __init__(self, seed: int = 1, *, journal_capacity: int = 100_000) -> None:
        self.seed = seed
        self.env = Environment()
        self.calendar = Calendar(self.env)
        self.streams = Streams(seed)
        self.journal = Journal(journal_capacity)
        self.recorder = Recorder()
        self.eager: list[Eager] = []
        self.observer: Observer | None = None
        self.under_way = 0
        """Processes that have not ended: what they hold in their frames cannot be copied."""
        self._listeners: list[Callable[[Entry], None]] = []

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return float(self.env._now)  # what is asked most of all: one call instead of two

    def clock(self) -> float:
        """``now`` as a bound method, for who needs to read the time and nothing else."""
        return float(self.env._now)

    def emit(self, event: Event) -> None:
        """Write what just happened to the journal and tell the listeners."""
        entry = self.journal.append(self.now, event)
        for listener in self._listeners:
            listener(entry)

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Call ``listener`` with every later entry. For the model's own wiring, not for views."""
        self._listeners.append(listener)

    def start(self, process: Process) -> simpy.Process:
        """Start a SimPy process."""
        started = self.env.process(process)
        self.under_way += 1
        assert started.callbacks is not None
        started.callbacks.append(self._ended)
        return started

    def _ended(self, _: simpy.Event) -> None:
        self.under_way -= 1

    def at(self, time: float, action: Action, *arguments: Any) -> CalendarEntry:
        """Call a bound method at a simulated time; the entry can be cancelled, and copied."""
        return self.calendar.at(time, action, *arguments)

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Run to the simulated time ``until``; False when ``keep_going`` stopped it earlier.

        ``keep_going`` is asked after every instant at which something happened, so a frame, a
        pause or Ctrl-C waits at most for one instant.
        """
        while self._step(until):
            if keep_going is not None and not keep_going():
                return self.now >= until
        return True

    @property
    def _look_due(self) -> float:
        return inf if self.observer is None else self.observer.due

    def step(self) -> bool:
        """Run to the next instant at which something happens, or is looked at; False if none."""
        following = min(self.env.peek(), self._look_due)
        if following == inf:
            return False
        self._step(following)
        return True

    def _step(self, until: float) -> bool:
        """Run to the next instant, at most to ``until``; False when ``until`` is reached."""
        env, due = self.env, self._look_due
        if env.now >= until and env.peek() > until and due > until:
            return False
        horizon = min(env.peek(), until, due)
        acting = self._look_ahead(horizon)
        if acting is not None:
            time, part = acting
            if time > env.now:
                env.wait_until(time)
            part.act(time)
        elif env.peek() <= horizon:
            while env.peek() <= horizon:
                env.step()
        else:
            if horizon > env.now:
                env.wait_until(horizon)
            if due <= horizon and self.observer is not None:
                self.observer.look()
        return True

    def _look_ahead(self, horizon: float) -> tuple[float, Eager] | None:
        first: tuple[float, Eager] | None = None
        for part in self.eager:
            time = part.run_ahead(horizon if first is None else first[0])
            if time is not None and (first is None or time < first[0]):
                first = (time, part)
        return first
