"""The writable layer of a container: copy-up, whiteouts, and turning it into an image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simulator.image.explore import diff
from simulator.image.model import (
    DIRECTORY,
    FILE,
    FileEntry,
    HistoryEntry,
    Image,
    ImageConfig,
    Layer,
)
from simulator.image.problems import IsADirectory
from simulator.image.trees import ENDLESS, Space, Tree
from simulator.image.union import FileSystem


class WritableLayer(Tree):
    """What one container has written on top of its image.

    A file of a lower layer is copied up whole on its first change, whatever its size and however
    small the change; later changes write to the copy (Linux, overlayfs documentation).
    """

    def __init__(self, image: Image, name: str = "", space: Space = ENDLESS) -> None:
        super().__init__(FileSystem(image.layers), name, space)
        self.image = image

    @property
    def virtual_bytes(self) -> int:
        """Bytes of the layer and the image together."""
        return self.size_bytes + self.image.size_bytes

    def write(self, path: str, size_bytes: int, *, mode: int = 0o644) -> None:
        """Write a file anew (``>``); nothing is copied up, because nothing of it is kept."""
        self.put(FileEntry(path, size_bytes, mode))

    def append(self, path: str, added_bytes: int = 0) -> int:
        """Open a file for writing and add bytes; the bytes that had to be copied up first."""
        entry = self.lookup(path)
        if entry is None:
            self.put(FileEntry(path, added_bytes))
            return 0
        if entry.kind == DIRECTORY:
            raise IsADirectory(path)
        copied = 0 if self.owns(path) else entry.size_bytes
        self.put(replace(entry, size_bytes=entry.size_bytes + added_bytes, text=None))
        self.copied_up_bytes += copied
        return copied

    def remove(self, path: str) -> None:
        """Remove a path; one of the image is only hidden. Refused when it is not there."""
        self.drop(path)

    def merge(self, written: Iterable[FileEntry], removed: Iterable[str] = ()) -> int:
        """Take over what a command wrote and removed; the bytes that had to be copied up.

        A file of the image that grew, or kept its size, was changed in place: it came up whole.
        """
        copied = 0
        for path in dict.fromkeys(removed):
            if self.exists(path):
                self.remove(path)
        for entry in written:
            before = self.below.lookup(entry.path) if not self.owns(entry.path) else None
            if before is not None and before.kind == FILE and entry.size_bytes >= before.size_bytes:
                copied += before.size_bytes
            self.put(entry)
        self.copied_up_bytes += copied
        return copied

    def diff(self) -> list[tuple[str, str]]:
        """`docker diff`: A, C or D with the path."""
        return diff(self.below, self.entries)

    def commit(
        self,
        *,
        config: ImageConfig | None = None,
        message: str = "",
        now_s: float = 0.0,
        command: Sequence[str] = (),
    ) -> Image:
        """`docker commit`: the image with this layer on top.

        Its history says the ``command`` that the container was given, as Docker's daemon does.
        """
        layer = Layer.of(self.entries, " ".join(command))
        line = HistoryEntry(layer.created_by, layer.size_bytes, created_s=now_s, comment=message)
        return Image.of(
            config or self.image.config,
            (*self.image.layers, layer),
            (*self.image.history, line),
            self.image.platform,
        )


def save_bytes(images: Iterable[Image]) -> int:
    """Bytes of a `docker save` archive: every layer once, uncompressed."""
    layers = {layer.digest: layer.size_bytes for image in images for layer in image.layers}
    return sum(layers.values())
