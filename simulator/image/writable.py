"""The writable layer of a container: copy-up, whiteouts, and turning it into an image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simulator.errors import Refused
from simulator.image.digests import digest_of
from simulator.image.explore import diff
from simulator.image.model import (
    DIRECTORY,
    FILE,
    WHITEOUT,
    FileEntry,
    HistoryEntry,
    Image,
    ImageConfig,
    Layer,
)
from simulator.image.union import FileSystem


class WritableLayer:
    """What one container has written on top of its image.

    A file of a lower layer is copied up whole on its first change, whatever its size and however
    small the change; later changes write to the copy (Linux, overlayfs documentation).
    """

    def __init__(self, image: Image, name: str = "") -> None:
        self.image = image
        self.below = FileSystem(image.layers)
        self.name = name
        self._entries: dict[str, FileEntry] = {}
        self._writes = 0
        self.copied_up_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Bytes of the layer: the first number of SIZE in `docker ps --size`."""
        return sum(entry.size_bytes for entry in self._entries.values())

    @property
    def virtual_bytes(self) -> int:
        """Bytes of the layer and the image together."""
        return self.size_bytes + self.image.size_bytes

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """What the layer holds, by path."""
        return tuple(self._entries[path] for path in sorted(self._entries))

    def lookup(self, path: str) -> FileEntry | None:
        """What the container sees at a path."""
        return self._view().lookup(path)

    def write(self, path: str, size_bytes: int, *, mode: int = 0o644) -> None:
        """Write a file anew (``>``); nothing is copied up, because nothing of it is kept."""
        self._put(FileEntry(path, size_bytes, mode))

    def append(self, path: str, added_bytes: int = 0) -> int:
        """Open a file for writing and add bytes; the bytes that had to be copied up first."""
        entry = self._view().lookup(path)
        if entry is None:
            self._put(FileEntry(path, added_bytes))
            return 0
        if entry.kind == DIRECTORY:
            raise Refused(f"{path}: is a directory")
        copied = 0 if path in self._entries else entry.size_bytes
        self.copied_up_bytes += copied
        self._put(replace(entry, size_bytes=entry.size_bytes + added_bytes))
        return copied

    def remove(self, path: str) -> None:
        """Remove a path; one of the image is only hidden. Refused when it is not there."""
        view = self._view()
        if not view.exists(path):
            raise Refused(f"{path}: no such file or directory")
        prefix = path.rstrip("/") + "/"
        for name in [one for one in self._entries if one == path or one.startswith(prefix)]:
            del self._entries[name]
        if self.below.exists(path):
            self._entries[path] = FileEntry(path, 0, 0, kind=WHITEOUT, files=0)

    def merge(self, written: Iterable[FileEntry], removed: Iterable[str] = ()) -> int:
        """Take over what a command wrote and removed; the bytes that had to be copied up.

        A file of the image that grew, or kept its size, was changed in place: it came up whole.
        """
        copied = 0
        for path in dict.fromkeys(removed):
            if self._view().exists(path):
                self.remove(path)
        for entry in written:
            before = self.below.lookup(entry.path) if entry.path not in self._entries else None
            if before is not None and before.kind == FILE and entry.size_bytes >= before.size_bytes:
                copied += before.size_bytes
            self._put(entry)
        self.copied_up_bytes += copied
        return copied

    def diff(self) -> list[tuple[str, str]]:
        """`docker diff`: A, C or D with the path."""
        return diff(self.below, self.entries)

    def commit(
        self, *, config: ImageConfig | None = None, message: str = "", now_s: float = 0.0
    ) -> Image:
        """`docker commit`: the image with this layer on top."""
        layer = Layer.of(self.entries, f"commit of {self.name}" if self.name else "commit")
        line = HistoryEntry(layer.created_by, layer.size_bytes, created_s=now_s, comment=message)
        return Image.of(
            config or self.image.config,
            (*self.image.layers, layer),
            (*self.image.history, line),
            self.image.platform,
        )

    def _put(self, entry: FileEntry) -> None:
        self._writes += 1
        digest = digest_of("written", self.name, self._writes, entry.path)
        self._entries[entry.path] = replace(entry, digest=digest)

    def _view(self) -> FileSystem:
        return self.below.plus(Layer.of(self._entries.values()))


def save_bytes(images: Iterable[Image]) -> int:
    """Bytes of a `docker save` archive: every layer once, uncompressed."""
    layers = {layer.digest: layer.size_bytes for image in images for layer in image.layers}
    return sum(layers.values())
