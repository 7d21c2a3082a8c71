"""How much a transcript from elsewhere may ask of whoever replays it.

What was written by others is done again, and may ask for years of simulated time or for a world
that fills the memory. Whoever replays it for marks gives a :class:`Budget`; a learner's own work,
which was possible once, is replayed without one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import Refused

if TYPE_CHECKING:
    from simulator.course.run_state import RunState

WALL_S = 60.0
SIMULATED_S = 14 * 86_400.0
"""All worlds of a lesson together. The longest shipped one takes hours."""
CONTAINERS = 5_000


class Budget:
    """What is left; ``limit`` is the sentence that says what is used up, empty while all is well.

    ``wall_s`` real seconds, ``simulated_s`` simulated ones, ``containers`` at once. ``clock`` is
    replaced by tests.
    """

    def __init__(
        self,
        wall_s: float = WALL_S,
        simulated_s: float = SIMULATED_S,
        containers: int = CONTAINERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = ""
        self._clock = clock
        self._end = clock() + wall_s
        self._wall_s = wall_s
        self._simulated_s = simulated_s
        self._containers = containers
        self._passed = self._last = 0.0

    def left(self, run: RunState) -> bool:
        """Whether a lesson may go on; asked at each step of its time."""
        now = run.world.now
        self._passed += max(0.0, now - self._last)
        self._last = now
        if self._clock() >= self._end:
            self.limit = f"replaying took too long (over {self._wall_s:g} s)"
        elif self._passed > self._simulated_s:
            self.limit = f"too much simulated time (over {self._simulated_s / 86400:g} days)"
        return not self.limit

    def spend(self, run: RunState, until: float, text: str) -> None:
        """Check what the next entry asks for; Refused with the limit that it passes."""
        asked = self._passed + max(0.0, until - self._last)
        if self.left(run) and (asked > self._simulated_s or not math.isfinite(asked)):
            self.limit = f"too much simulated time (over {self._simulated_s / 86400:g} days)"
        if not self.limit and _containers(run) > self._containers:
            self.limit = f"too many containers (over {self._containers:,})"
        if self.limit:
            raise Refused(f"{self.limit}, at {text[:80]!r}")


def _containers(run: RunState) -> int:
    return len(getattr(run.world, "containers", ()))
