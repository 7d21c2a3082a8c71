"""The files beside a lesson as one learner has them: a copy is changed, the lesson's own stay."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from simulator.course.edit_lines import MAX_FILE_BYTES, edited, words_of
from simulator.errors import Refused, unknown
from simulator.files import read_text


class Drafts:
    """Files that may be edited. Nothing is copied before the first change."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.pristine = folder
        self.folder = folder
        """Where lines read: the lesson's own folder, or the copy."""
        self.names = names
        self._remove: weakref.finalize[[str], Drafts] | None = None

    def text(self, name: str) -> str:
        """A file as it is now; InputError for one that may not be edited."""
        if name not in self.names:
            raise unknown("file to edit", name, self.names)
        return self._read(self.folder, name)

    def edit(self, line: str) -> list[str]:
        """Carry out ``edit …``; what to print. InputError where it cannot be read."""
        words = words_of(line)[1:]
        if not words:
            return [f"edit {name}" for name in self.names] or ["there is no file to edit here"]
        name, *rest = words
        if not self.names:
            raise Refused("this lesson has no files to edit")
        if not rest:
            return numbered(self.text(name))
        old = self.text(name)
        new = edited(old, self._read(self.pristine, name), rest)
        if new == old:
            return [f"{name} is as it was"]
        self.write(name, new)
        return changes(old, new)

    def write(self, name: str, text: str) -> None:
        """Make ``text`` the whole of a file."""
        if self.folder == self.pristine:
            self._copy()
        (self.folder / name).write_text(text, encoding="utf-8", newline="\n")

    def twin(self) -> Drafts:
        """Drafts of their own that are as these are now."""
        copy = Drafts(self.pristine, self.names)
        for name in self.names:
            text = self.text(name)
            if text != self._read(self.pristine, name):
                copy.write(name, text)
        return copy

    def changed(self) -> dict[str, str]:
        """The files that are not as the lesson has them."""
        if self.folder == self.pristine:
            return {}
        now = {name: self.text(name) for name in self.names}
        return {n: text for n, text in now.items() if text != self._read(self.pristine, n)}

    def _copy(self) -> None:
        place = tempfile.mkdtemp(prefix="drydock-lesson-")
        self._remove = weakref.finalize(self, shutil.rmtree, place, True)
        self.folder = Path(place) / self.pristine.name
        shutil.copytree(self.pristine, self.folder, symlinks=True)

    def _read(self, folder: Path, name: str) -> str:
        text = read_text(folder / name, limit_bytes=10 * MAX_FILE_BYTES, within=folder)
        return text.replace("\r\n", "\n")


def numbered(text: str) -> list[str]:
    """A text with the numbers of its lines."""
    lines = text.removesuffix("\n").split("\n")
    return [f"{number:>4}  {line}".rstrip() for number, line in enumerate(lines, start=1)]


def changes(old: str, new: str) -> list[str]:
    """What was changed, as lines with - and +."""
    from difflib import unified_diff

    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0))[2:]
    return [line for line in lines if not line.startswith("@@")][:40]
