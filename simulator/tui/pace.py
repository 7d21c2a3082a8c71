"""How fast simulated time is shown, and how much of it fits a frame."""

from __future__ import annotations

import math

SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, math.inf)
"""Simulated seconds per wall second; infinity is "as fast as it can"."""
MAX_LEAP_S = 0.25
"""A stalled terminal must not make the world leap: wall time counted per frame at most."""
PLAY_S = 6.0
"""An ``advance`` or a run block plays in about this much wall time, so that curves are seen to
grow; faster only when the speed that was chosen is."""
PLAY_SPEED = 20.0
"""The least speed at which a run block plays: a build of a minute should not take one."""
FIRST_SLICE_S = 20.0
"""Simulated seconds of a playback's first frame, before it is known what they cost."""
MAX_SLICE_S = 120.0
"""Simulated seconds per frame at most when there is no speed limit, so that one can watch."""


class Allowance:
    """How much simulated time fits a frame, learned from what the last frames cost.

    A playback cannot be stopped in the middle of a slice, so its slices are kept small enough.
    """

    def __init__(self, budget_s: float) -> None:
        self.budget_s = budget_s
        self.simulated_s = math.inf

    def begin(self) -> None:
        """Start carefully: it is not known yet what a second costs."""
        self.simulated_s = FIRST_SLICE_S

    def learn(self, simulated_s: float, wall_s: float) -> None:
        """A slice of this much simulated time cost so much wall time."""
        if wall_s <= 0 or simulated_s <= 0:
            return
        fits = simulated_s / wall_s * self.budget_s
        self.simulated_s = min(max(fits, self.simulated_s / 2), self.simulated_s * 2)
