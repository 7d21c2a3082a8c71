"""What each layer adds, changes and removes, and what of it is wasted: a layer explorer's data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulator.image.distribution import distribution
from simulator.image.model import DIRECTORY, OPAQUE, FileEntry, Image, Layer
from simulator.image.union import FileSystem, parents

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
MAX_WASTES = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One path of a layer, compared with what the layers below show."""

    path: str
    kind: str
    size_bytes: int
    files: int = 1


@dataclass(frozen=True, slots=True)
class LayerReport:
    """One layer of an image. ``wasted_bytes``: bytes of it that layers above hide."""

    index: int
    digest: str
    created_by: str
    size_bytes: int
    changes: tuple[Change, ...] = field(repr=False)
    wasted_bytes: int = 0

    def count(self, kind: str) -> int:
        """How many files of the layer are added, changed or removed."""
        return sum(one.files for one in self.changes if one.kind == kind)

    def bytes_of(self, kind: str) -> int:
        """Their bytes; for removed paths the bytes that are hidden, not freed."""
        return sum(one.size_bytes for one in self.changes if one.kind == kind)


@dataclass(frozen=True, slots=True)
class Waste:
    """A path that is stored more than once, or stored and then removed."""

    path: str
    copies: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Exploration:
    """All layers of an image, and how well its bytes are used.

    ``efficiency`` as dive defines it: over all paths, the smallest stored size divided by the sum
    of all stored sizes, a removal counting as the bytes it removes; 1.0 when nothing is stored
    twice. ``wasted_bytes``: bytes on disk that no container can see.
    """

    layers: tuple[LayerReport, ...]
    efficiency: float
    wasted_bytes: int
    wastes: tuple[Waste, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all layers."""
        return sum(layer.size_bytes for layer in self.layers)


def explore(image: Image) -> Exploration:
    """Compare every layer of an image with the layers below it."""
    walk = _Walk()
    for index, layer in enumerate(image.layers):
        walk.add(index, layer)
    reports = tuple(
        LayerReport(
            index,
            layer.digest,
            layer.created_by,
            layer.size_bytes,
            walk.changes[index],
            walk.hidden_bytes[index],
        )
        for index, layer in enumerate(image.layers)
    )
    return Exploration(reports, walk.efficiency(), sum(walk.hidden_bytes), walk.wastes())


class _Walk:
    """The layers from bottom to top; ``visible`` is what a container would see so far."""

    def __init__(self) -> None:
        self.visible: dict[str, tuple[int, FileEntry]] = {}
        self.folders: dict[str, set[str]] = {}
        self.changes: list[tuple[Change, ...]] = []
        self.hidden_bytes: list[int] = []
        self.stored: dict[str, list[int]] = {}

    def add(self, index: int, layer: Layer) -> None:
        """Put one more layer on top."""
        self.hidden_bytes.append(0)
        removals = [entry for entry in layer.files if entry.removes]
        changes = [self._remove(entry) for entry in removals]
        changes += [self._put(index, entry) for entry in layer.files if not entry.removes]
        self.changes.append(tuple(sorted(changes, key=lambda one: one.path)))

    def _remove(self, entry: FileEntry) -> Change:
        """Hide what is at and below a path; an opaque mark keeps the directory itself."""
        gone = self._below(entry.path)
        if entry.kind != OPAQUE and entry.path in self.visible:
            gone.append(entry.path)
        size = files = 0
        for path in gone:
            index, hidden = self.visible.pop(path)
            self.hidden_bytes[index] += hidden.size_bytes
            size += hidden.size_bytes
            files += hidden.files
        self.stored.setdefault(entry.path, []).append(size)
        return Change(entry.path, REMOVED, size, max(1, files))

    def _below(self, folder: str) -> list[str]:
        found: list[str] = []
        waiting = [folder]
        while waiting:
            for child in sorted(self.folders.pop(waiting.pop(), ())):
                waiting.append(child)
                if child in self.visible:
                    found.append(child)
        return found

    def _put(self, index: int, entry: FileEntry) -> Change:
        before = self.visible.get(entry.path)
        if before is not None and _both_coarse(before[1], entry):
            self._set_aside(entry.path, *before)
            before = None
        kind = CHANGED if before is not None else ADDED
        if before is not None:
            self.hidden_bytes[before[0]] += before[1].size_bytes
        self.visible[entry.path] = (index, entry)
        child = entry.path
        for above in parents(entry.path):
            known = self.folders.setdefault(above, set())
            if child in known:
                break
            known.add(child)
            child = above
        self.stored.setdefault(entry.path, []).append(entry.size_bytes)
        return Change(entry.path, kind, entry.size_bytes, entry.files)

    def _set_aside(self, path: str, index: int, entry: FileEntry) -> None:
        """Keep what a directory that stands for many files had: the new one only adds to it."""
        aside = f"{path}/ of layer {index + 1}"
        self.visible[aside] = (index, entry)
        self.folders.setdefault(path, set()).add(aside)
        self.stored[aside] = self.stored.pop(path, [])

    def efficiency(self) -> float:
        """Least bytes that would do, over the bytes that are stored."""
        stored = sum(sum(sizes) for sizes in self.stored.values())
        least = sum(min(sizes) for sizes in self.stored.values())
        return least / stored if stored else 1.0

    def wastes(self) -> tuple[Waste, ...]:
        """The paths stored more than once, largest first."""
        found = [
            Waste(path, len(sizes), sum(sizes))
            for path, sizes in self.stored.items()
            if len(sizes) > 1 and sum(sizes) > 0
        ]
        return tuple(sorted(found, key=lambda one: (-one.size_bytes, one.path))[:MAX_WASTES])


def _both_coarse(below: FileEntry, above: FileEntry) -> bool:
    """Two directories that stand for files not listed: directories merge, they do not replace."""
    return below.kind == above.kind == DIRECTORY and bool(below.size_bytes or above.size_bytes)


def largest(layer: Layer, count: int = 10) -> list[FileEntry]:
    """The largest entries of a layer."""
    shown = [entry for entry in layer.files if not entry.removes]
    return sorted(shown, key=lambda one: (-one.size_bytes, one.path))[:count]


def diff(below: FileSystem, upper: Iterable[FileEntry]) -> list[tuple[str, str]]:
    """What `docker diff` prints of a writable layer: A added, C changed, D deleted, by path.

    Directories that hold a change are listed as changed.
    """
    lines: dict[str, str] = {}
    for entry in sorted(upper, key=lambda one: one.path):
        if entry.kind == OPAQUE:
            lines[entry.path] = "C"
        elif entry.removes:
            lines[entry.path] = "D"
        else:
            known = below.exists(entry.path) or standard(below, entry.path)
            lines[entry.path] = "C" if known else "A"
        for above in parents(entry.path):
            known = below.is_folder(above) or standard(below, above)
            lines.setdefault(above, "C" if known else "A")
    return [(kind, path) for path, kind in sorted(lines.items())]


_EVERYWHERE = frozenset(
    {
        "/bin", "/dev", "/etc", "/home", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv",
        "/sys", "/tmp", "/usr", "/var", "/var/log", "/var/lib", "/var/tmp", "/var/cache",
        "/usr/bin", "/usr/lib", "/usr/local", "/usr/share", "/etc/passwd", "/etc/group",
        "/etc/shadow", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
    }
)  # fmt: skip
"""What every Linux distribution has, listed or not in the layers of a coarse base image."""
_ROOT = tuple(sorted(path[1:] for path in _EVERYWHERE if path.count("/") == 1))


def root_folders(below: FileSystem) -> tuple[str, ...]:
    """Names of the folders that a base image has in its root, listed or not."""
    if not below.layers:
        return ()
    found = distribution(below.layers[0].created_by).root
    return found or (_ROOT if _coarse(below) else ())


def standard(below: FileSystem, path: str) -> bool:
    """Whether a base image has a path that its distribution has, listed or not."""
    if path.count("/") == 1:
        return path[1:] in root_folders(below)
    return path in _EVERYWHERE and _coarse(below)


def _coarse(below: FileSystem) -> bool:
    """Whether the lowest layer lists folders as sums, as those of whole distributions do."""
    return any(
        entry.kind == DIRECTORY and entry.size_bytes > 0
        for layer in below.layers[:1]
        for entry in layer.files
    )


def shared_bytes(images: Sequence[Image]) -> int:
    """Bytes that images save by sharing layers: the sum of all sizes minus the distinct bytes."""
    distinct = {layer.digest: layer.size_bytes for image in images for layer in image.layers}
    return sum(image.size_bytes for image in images) - sum(distinct.values())
