"""What commands do: time on the CPU, bytes over the network, files written and removed."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.image.builder.model import Rates
from simulator.image.model import FileEntry


@dataclass(slots=True)
class Effect:
    """The outcome of a command or of a whole RUN; effects of one RUN are added up.

    ``cpu_s`` is core-seconds that run on up to ``threads`` cores; ``wait_s`` is time nothing can
    shorten. ``opaque``: files may have been written anywhere that are not listed.
    """

    cpu_s: float = 0.0
    threads: float = 1.0
    wait_s: float = 0.0
    download_bytes: int = 0
    files: dict[str, FileEntry] = field(default_factory=dict)
    removes: list[str] = field(default_factory=list)
    mounted: dict[str, list[str]] = field(default_factory=dict)
    """What went into cache mounts, by mount."""
    notes: list[str] = field(default_factory=list)
    random: bool = False
    """Running it again gives other files: random bytes, a date."""
    opaque: bool = False
    loose: list[str] = field(default_factory=list)
    """Folders in which more may have been written than is listed."""
    scripts: list[tuple[str, str]] = field(default_factory=list)
    """Scripts that a command hands to a shell, each with its name: ``sh -c``; "" is this shell."""
    calls: list[tuple[str, ...]] = field(default_factory=list)
    """Commands that a command starts: ``find -exec``."""
    virtuals: dict[str, list[str]] = field(default_factory=dict)
    """Packages that were installed under one name, to be removed by it."""
    seconds: float | None = None
    """A stated time that replaces the model's, from an annotation."""
    exit_code: int = 0
    output: str = ""

    def write(self, entry: FileEntry) -> None:
        """A file or directory is written; it replaces one of the same path."""
        self.files[entry.path] = entry

    def duration_s(self, rates: Rates) -> float:
        """Seconds on a machine."""
        if self.seconds is not None:
            return self.seconds
        written = sum(entry.size_bytes for entry in self.files.values())
        cores = max(1.0, min(self.threads, float(rates.cores)))
        return (
            self.wait_s
            + self.cpu_s * rates.slowdown / cores
            + self.download_bytes / rates.download_bytes_per_s
            + written / rates.write_bytes_per_s
        )
