"""Probes under way, and their answers in a row."""

from __future__ import annotations

from simulator.machine.cpu.station import Station


class Asked:
    """A probe under way in a container's line."""

    acts = False

    def __init__(self) -> None:
        self.done_at: float | None = None
        self.is_lost = False

    def finished(self, station: Station, time: float) -> bool:
        """It was answered; nobody must act at this instant."""
        self.done_at = time
        return False

    def lost(self, station: Station, time: float) -> None:
        """The container ended with it."""
        self.is_lost = True


class Streak:
    """Answers of one probe of one container, in a row."""

    __slots__ = ("failures", "next_at", "successes")

    def __init__(self, next_at: float) -> None:
        self.failures = self.successes = 0
        self.next_at = next_at
