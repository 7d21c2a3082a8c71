"""What a container's cgroup keeps of the files that it reads and writes: plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class FilePages:
    """Data pages of one container while it runs, as of when it was charged last."""

    seen_bytes: int = 0
    """What had gone through the page cache by then."""
    kept_bytes: int = 0
    """What of it was in memory."""
    peak_bytes: int = 0
    """The most that the cgroup had of these and of what processes hold, when it was charged."""
    put_bytes: int = 0
    """What programs have written beside its own."""

    def at(self, passed_bytes: int, room_bytes: float) -> tuple[int, int]:
        """Bytes kept, and bytes given up since, when so much has passed and so much has room."""
        there = self.kept_bytes + max(0, passed_bytes - self.seen_bytes)
        kept = int(min(there, max(0.0, room_bytes)))
        return kept, there - kept
