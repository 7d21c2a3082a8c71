"""Which stretch of simulated time the charts show."""

from __future__ import annotations

from dataclasses import dataclass

LENGTHS: tuple[tuple[str, float], ...] = (
    ("all of it", 0.0),
    ("last 10 min", 600.0),
    ("last 2 min", 120.0),
    ("last 30 s", 30.0),
)


@dataclass(slots=True)
class Window:
    """All of it, the last so many seconds, or since a run of the lesson began."""

    index: int = 0
    run_began: float | None = None

    def since(self, now: float) -> float:
        """Where the charts begin."""
        if self.run_began is not None:
            if self.run_began < now or now <= 0:
                return self.run_began
            self.run_began = None  # history was rewound to before the run
        length = LENGTHS[self.index][1]
        return max(0.0, now - length) if length else 0.0

    def words(self) -> str:
        """The stretch in words; empty for all of it."""
        if self.run_began is not None:
            return "this run"
        return LENGTHS[self.index][0] if self.index else ""

    def turn(self) -> str:
        """The next stretch: from a run to all of it, then shorter and shorter; in words."""
        if self.run_began is not None:
            self.run_began, self.index = None, 0
        else:
            self.index = (self.index + 1) % len(LENGTHS)
        return LENGTHS[self.index][0]
