"""Trials in this process, one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from simulator.trials.bundle import Files
from simulator.trials.runners.protocol import Closing, Done, Play


class Here(Closing):
    """The plainest runner, and the measure of all others."""

    workers = 1

    def __init__(self) -> None:
        self._root = tempfile.TemporaryDirectory(prefix="drydock-")
        self._files = Files(Path(self._root.name))

    def each(
        self,
        play: Play,
        items: Iterable[bytes],
        contents: Mapping[str, bytes],
        keep_going: Callable[[], bool] | None = None,
    ) -> Iterator[Done]:
        """See :class:`Runner`."""
        self._files.keep(contents)
        for index, item in enumerate(items):
            if keep_going is not None and not keep_going():
                return
            yield Done(index, play(item, self._files))

    def close(self) -> None:
        """Remove the files."""
        self._root.cleanup()
