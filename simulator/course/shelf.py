"""Transcripts in a folder: one for each lesson, text of it, and seed. What holds work stays.

Two who play the same at the same time have a file each: who plays holds a lock, which the
system takes back from a process that ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from simulator.course.transcript import MAX_BYTES, Transcript, parse_transcript
from simulator.errors import InputError, Refused
from simulator.files import read_text, replace_file

MOST_AT_ONCE = 100
"""Files of one lesson, text and seed: those that play it at once, or copies that were set aside."""
_TEMPORARY = re.compile(r"\.(progress\.json(\.bak)?|.+\.transcript)\.[a-z0-9_]{8}")
"""What ``replace_file`` leaves behind where it is killed."""


class Shelf:
    """The transcripts in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: Callable[[], object] | None = None

    # --- files --------------------------------------------------------------------------------

    def path(self, lesson: str, text: str, seed: int) -> Path:
        """Where the work on a text (by its hash) of a lesson, with a seed, is kept."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", lesson, re.ASCII):
            raise InputError("bad lesson id", found=lesson)
        if not re.fullmatch(r"[a-z0-9]{0,32}", text, re.ASCII):
            raise InputError("bad hash of a lesson", found=text)
        return self.folder / f"{lesson}.{text}.{seed}.transcript"

    def read(self, path: Path) -> Transcript | None:
        """A transcript with something in it; None where there is none. InputError: unreadable."""
        if not path.is_file():
            return None
        text = read_text(path, limit_bytes=MAX_BYTES, what="transcript")
        kept = parse_transcript(text, str(path))
        return kept if kept.entries else None

    def holds_work(self, path: Path) -> bool:
        """Whether something would be lost with a file: what cannot be read counts as work."""
        try:
            return self.read(path) is not None
        except InputError:
            return path.is_file()

    def set_aside(self, path: Path) -> Path:
        """Move a file to the first free name beside it."""
        aside = self._aside(path)
        os.replace(path, aside)
        return aside

    def _aside(self, path: Path) -> Path:
        for number in range(1, MOST_AT_ONCE + 1):
            aside = path.with_name(f"{path.name}.old{'' if number == 1 else number}")
            if not aside.exists():
                return aside
        raise Refused(f"{MOST_AT_ONCE} older copies of {path.name} are kept: move some away")

    def adopt(self, lesson: str) -> None:
        """Give the file of an earlier Drydock, one a lesson, its place among those of today."""
        old = self.folder / f"{lesson}.transcript"
        with contextlib.suppress(InputError):
            kept = self.read(old)
            if kept is None:
                return
            path = self.path(kept.lesson, kept.hash, kept.seed)
            if kept.lesson == lesson and not path.exists():
                os.replace(old, path)

    def texts(self) -> tuple[dict[str, str], list[str]]:
        """All transcripts by file name, those set aside too; and the names of unreadable ones."""
        texts: dict[str, str] = {}
        unreadable: list[str] = []
        for path in sorted(self.folder.glob("[!.]*.transcript*")):
            try:
                texts[path.name] = read_text(path, limit_bytes=4 * MAX_BYTES, what="transcript")
            except InputError:
                unreadable.append(path.name)
        return texts, unreadable

    def take(self, text: str, name: str) -> None:
        """Put a transcript from elsewhere into its place; what is there is set aside.

        What was set aside there is set aside here. InputError where it is no transcript.
        """
        kept = parse_transcript(text, name)
        path = self.path(kept.lesson, kept.hash, kept.seed)
        copies = [path, *self.folder.glob(f"{path.name}.old*")]
        if not kept.entries or any(_holds(copy, text) for copy in copies):
            return
        if name not in (path.name, kept.lesson):
            path = self._aside(path)
        elif self.holds_work(path):
            self.set_aside(path)
        replace_file(path, text.encode())

    # --- who uses them ------------------------------------------------------------------------

    def hold(self, path: Path) -> Path:
        """Keep others from writing a transcript: its path, or another where others hold it."""
        self.let_go()
        for number in range(1, MOST_AT_ONCE + 1):
            stem = path.name.removesuffix(".transcript")
            free = path if number == 1 else path.with_name(f"{stem}.{number}.transcript")
            held = _locked(free.with_name(f".{free.name}.lock"), wait=False)
            if held is not None:
                self._held = weakref.finalize(self, os.close, held)
                return free
        raise Refused(f"this lesson is open {MOST_AT_ONCE} times already")

    def let_go(self) -> None:
        """Nothing more is written: others may go on with it."""
        if self._held is not None:
            self._held()
            self._held = None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Read and write several files as if nobody else was there."""
        held = None
        with contextlib.suppress(OSError):  # a folder that nobody can write holds nobody up
            self.folder.mkdir(parents=True, exist_ok=True)
            held = _locked(self.folder / ".lock", wait=True)
        try:
            yield
        finally:
            if held is not None:
                os.close(held)

    def tidy(self) -> None:
        """Remove what writers that were killed have left. Only ``alone``: others write then."""
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.glob(".*")):
                if _TEMPORARY.fullmatch(path.name) and path.is_file():
                    path.unlink()


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _locked(path: Path, *, wait: bool) -> int | None:
    """A lock, which holds until it is closed; None where somebody else has it."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        import fcntl
    except ImportError:  # a system without these locks: nobody is kept out
        return held
    try:
        fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held
