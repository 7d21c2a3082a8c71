"""The state of a stage between two steps: files, cache key, configuration, variables."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from simulator.image.builder.gaps import KNOWN, Gaps
from simulator.image.builder.variables import Scope
from simulator.image.digests import digest_of_all
from simulator.image.model import HistoryEntry, ImageConfig, Layer
from simulator.image.union import FileSystem


@dataclass(slots=True)
class StageState:
    """What the next instruction of a stage starts from. Changed in place while planning."""

    label: str
    index: int
    scope: Scope
    config: ImageConfig
    layers: list[Layer]
    key: str
    history: list[HistoryEntry]
    gaps: Gaps = KNOWN
    """Where files may be that nobody lists."""
    granted: tuple[str, ...] = ()
    """Paths that were given to others than root."""
    writers: list[str] = field(default_factory=list)
    """Keys of the steps that may have written files that the model does not list."""
    earlier: str | None = None
    """The first step of this chain that had to run."""
    last_step: int | None = None
    cmd_set: bool = False
    _files: FileSystem | None = None

    @property
    def files(self) -> FileSystem:
        """The union of the layers so far."""
        if self._files is None or len(self._files.layers) != len(self.layers):
            self._files = FileSystem(self.layers)
        return self._files

    def absolute(self, path: str) -> str:
        """A path of a COPY or WORKDIR, against the working directory; a final slash is dropped."""
        joined = posixpath.normpath(posixpath.join(self.config.workdir or "/", path))
        return "/" + joined.lstrip("/")

    def add(self, layer: Layer | None, created_by: str, unlisted: tuple[str, ...] = ()) -> None:
        """A layer (None: the step writes nothing) and its line in the history.

        ``unlisted``: folders in which there may be more than the layer lists.
        """
        if layer is not None:
            self.layers.append(layer)
        size = layer.size_bytes if layer is not None else 0
        self.history.append(
            HistoryEntry(created_by, size, empty_layer=layer is None, unlisted=unlisted)
        )

    def advance(self, key: str, *, ran: str | None, linked: bool = False) -> None:
        """The next step follows ``key``; ``ran`` names the step when it was not cached."""
        self.key = digest_of_all(["link", self.key, key]) if linked else key
        if ran is not None and self.earlier is None:
            self.earlier = ran

    def child(self, label: str, index: int) -> StageState:
        """The start of a stage that continues this one."""
        scope = Scope(self.scope.outer, self.scope.arguments, self.scope.env)
        return StageState(
            label,
            index,
            scope,
            self.config,
            list(self.layers),
            self.key,
            list(self.history),
            self.gaps,
            self.granted,
            list(self.writers),
            self.earlier,
            self.last_step,
        )
