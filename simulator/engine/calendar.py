"""A calendar of things to do: entries of data, not a process for each.

An entry is a time, a number, a bound method and its arguments. A SimPy event is armed for the
earliest; entries of one instant are carried out in the order in which they were made. Because an
entry names a method of an object and holds no generator frame and no closure, a calendar can be
copied with the objects that it speaks of, which is what checkpoints need.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from math import inf
from typing import Any

import simpy
from simpy.events import NORMAL, EventPriority

from simulator.engine.environment import Environment

AFTER_EVENTS = EventPriority(NORMAL + 1)
"""What a calendar does comes after the events of an instant, whenever it was armed for it: else
entries that have nothing to do with either would decide which of the two comes first."""

Action = Callable[..., object]


class Entry:
    """One thing to do at ``time`` seconds. Truthy as long as it is still to be done."""

    __slots__ = ("action", "arguments", "number", "time")

    def __init__(
        self, time: float, number: int, action: Action, arguments: tuple[Any, ...]
    ) -> None:
        self.time = time
        self.number = number
        self.action: Action | None = action
        self.arguments = arguments

    def cancel(self) -> None:
        """Never do it; one that is done or cancelled already stays so."""
        self.action = None
        self.arguments = ()

    def __bool__(self) -> bool:
        return self.action is not None


class Calendar:
    """All entries of one simulation, the earliest first."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._entries: list[tuple[float, int, Entry]] = []
        """A heap: times and numbers beside the entries, so that comparing them calls nothing."""
        self._instant: deque[Entry] = deque()
        """Entries for the instant at which they were made. All others of that instant were made
        before them and come first, so these need no place in the heap."""
        self._number = 0
        self._armed: list[tuple[float, simpy.Event]] = []
        """What is armed, the earliest last. One that turns out to be too early does nothing."""

    def at(self, time: float, action: Action, *arguments: Any) -> Entry:
        """Call ``action(*arguments)`` at a simulated time, not before now.

        ``action`` is a bound method of a model object or a function of a module: a lambda or a
        closure could not be copied.
        """
        self._number = number = self._number + 1
        now = float(self._env._now)
        if time > now:
            entry = Entry(time, number, action, arguments)
            heappush(self._entries, (time, number, entry))
        else:
            time, entry = now, Entry(now, number, action, arguments)
            self._instant.append(entry)
        if not self._armed or self._armed[-1][0] > time:
            self._arm(time)
        return entry

    @property
    def next_time(self) -> float:
        """Time of the earliest entry; infinity when there is none."""
        self._drop_cancelled()
        if self._instant:
            return self._instant[0].time
        return self._entries[0][0] if self._entries else inf

    def __len__(self) -> int:
        return len(self._waiting())

    def _waiting(self) -> list[tuple[float, int, Entry]]:
        """All that is still to be done, in its order."""
        instant = ((one.time, one.number, one) for one in self._instant)
        return sorted(one for one in (*self._entries, *instant) if one[2])

    def _drop_cancelled(self) -> None:
        entries, instant = self._entries, self._instant
        while entries and entries[0][2].action is None:
            heappop(entries)
        while instant and instant[0].action is None:
            instant.popleft()

    def _arm(self, time: float) -> None:
        if self._armed and self._armed[-1][0] <= time:
            return
        event = simpy.Event(self._env)
        event._ok, event._value = True, None
        event.callbacks = [self._due]
        self._env.schedule_at(event, time, AFTER_EVENTS)
        self._armed.append((time, event))

    def _due(self, _: simpy.Event) -> None:
        # Those armed earlier are for later times: this one is the last of them. It stays there
        # while entries are carried out, so that nothing is armed for what they add.
        now = self._armed[-1][0]
        entries, instant = self._entries, self._instant
        while True:
            if entries and entries[0][0] <= now:
                entry = heappop(entries)[2]
            elif instant:
                entry = instant.popleft()
            else:
                break
            action, arguments = entry.action, entry.arguments
            if action is not None:
                entry.action, entry.arguments = None, ()
                action(*arguments)
        self._armed.pop()
        following = self.next_time
        if following < inf:
            self._arm(following)

    @property
    def alone(self) -> bool:
        """Whether nothing but this calendar has events in the environment's queue."""
        armed = [event for _, event in self._armed]
        return all(event in armed for event in self._env.waiting())

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what is armed, which belongs to the environment's queue."""
        return {"_env": self._env, "_entries": self._waiting(), "_number": self._number}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._env = state["_env"]
        self._entries = state["_entries"]
        self._number = state["_number"]
        self._instant = deque()
        self._armed = []

    def rearm(self) -> None:
        """After being copied: arm an event of the environment that it is in now."""
        following = self.next_time
        if following < inf:
            self._arm(following)
