"""What happens in a world above its parts: builds, and faults that people inject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulator.engine import Event
from simulator.units import format_bytes, format_span


@dataclass(frozen=True, slots=True)
class ImageBuilt(Event):
    """A build ended well. ``subject`` is its first tag, or the image's id."""

    subject: str
    host: str
    digest: str
    steps: int
    cached: int
    seconds: float
    size_bytes: int

    _level: ClassVar[str] = "good"

    def sentence(self) -> str:
        """In words."""
        return (
            f"{self.subject} built on {self.host} in {format_span(self.seconds)}: "
            f"{self.cached} of {self.steps} steps cached, {format_bytes(self.size_bytes)}"
        )


@dataclass(frozen=True, slots=True)
class BuildFailed(Event):
    """A step of a build failed."""

    subject: str
    host: str
    reason: str

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return f"build of {self.subject} on {self.host} failed: {self.reason}"


@dataclass(frozen=True, slots=True)
class FaultInjected(Event):
    """Somebody made something break."""

    subject: str
    kind: str

    _level: ClassVar[str] = "warn"

    def sentence(self) -> str:
        """In words."""
        return f"fault injected: {self.kind} of {self.subject}"
