"""SimPy's environment, with events at exact times."""

from __future__ import annotations

from heapq import heappush

import simpy
from simpy.events import NORMAL, EventPriority


class Environment(simpy.Environment):
    """An environment in which an event can be scheduled for a time, not after a delay.

    ``now + (time - now)`` is not always ``time``: whoever schedules by delays gets other last bits
    when he does it from another instant, as a copy of a simulation does.
    """

    def schedule_at(
        self, event: simpy.Event, time: float, priority: EventPriority = NORMAL
    ) -> None:
        """Have a triggered ``event`` processed at ``time`` (seconds), which is not past."""
        heappush(self._queue, (time, priority, next(self._eid), event))

    def wait_until(self, time: float) -> None:
        """Be at ``time`` exactly; nothing is scheduled before it."""
        self._now = time

    def waiting(self) -> list[simpy.Event]:
        """The events that are scheduled, in no particular order."""
        return [entry[3] for entry in self._queue]
