"""Following something while time passes: a line that waits, bounded, for what grows meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FOLLOW_S = 60.0
"""How long something without an end is followed, in simulated seconds."""


@dataclass(frozen=True, slots=True)
class Following:
    """What is followed until it is over or ``until`` has come, as a job of a line."""

    clock: Callable[[], float]
    until: float
    read: Callable[[], list[str]]
    """All lines so far."""
    over: Callable[[], bool]
    left: str
    """What is said where the time is up first."""
    title: str = "follow"
    error: str | None = None
    streams: bool = True
    """It shows what comes: whoever looks at it lets time pass as it would without it."""

    @property
    def done(self) -> bool:
        """Whether nothing more will come, or nobody waits for it."""
        return self.over() or self.clock() >= self.until - 1e-9

    @property
    def lines(self) -> tuple[str, ...]:
        """What has come so far, and why no more is waited for."""
        found = tuple(self.read())
        return found if self.over() or not self.done else (*found, self.left)


class Anew:
    """Lines that are made anew when what they depend on has changed, however often one looks."""

    def __init__(self, key: Callable[[], object], make: Callable[[], list[str]]) -> None:
        self.key, self.make = key, make
        self._known: object = None
        self._lines: list[str] = []

    def __call__(self) -> list[str]:
        """The lines as they are now."""
        key = self.key()
        if key != self._known:
            self._known, self._lines = key, self.make()
        return self._lines
