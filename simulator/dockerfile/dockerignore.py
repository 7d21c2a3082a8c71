"""`.dockerignore`: which files of a build context are left out.

The last pattern that matches a path, or a directory above it, decides; ``!`` lets back in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.dockerfile.globs import clean, compile_glob
from simulator.dockerfile.words import SPACES
from simulator.errors import InputError, Place

MAX_FILE_CHARACTERS = 256 * 1024
MAX_PATTERNS = 10_000
_WILD = re.compile(r"[*?\[\\]")
_EVERYTHING = ("*", "**", "**/*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: the cleaned pattern, whether ``!`` turns it round, and its line from 1."""

    text: str
    negated: bool
    line: int
    expression: re.Pattern[str]

    def may_match_below(self, directory: str) -> bool:
        """False only when nothing inside the directory can match."""
        wild = _WILD.search(self.text)
        if wild is None:
            fixed = self.text + "/"
        else:
            fixed = self.text[: self.text.rfind("/", 0, wild.start()) + 1]
        inside = directory + "/"
        return fixed.startswith(inside) or inside.startswith(fixed)


@dataclass(frozen=True, slots=True)
class Dockerignore:
    """The patterns of a `.dockerignore` in file order."""

    patterns: tuple[Pattern, ...] = ()

    @classmethod
    def parse(cls, text: str, name: str = ".dockerignore") -> Dockerignore:
        """Read a `.dockerignore`. Raises InputError with the line of a malformed pattern.

        >>> Dockerignore.parse("*.log").excludes("a.log")
        True
        """
        if len(text) > MAX_FILE_CHARACTERS:
            raise InputError(
                "the file is too large",
                place=Place(name, 1, 1),
                expected=f"at most {MAX_FILE_CHARACTERS} characters",
            )
        patterns = tuple(_read(text.removeprefix("\ufeff"), name))
        return cls(patterns)

    def excludes(self, path: str) -> bool:
        """Whether a path, ``/``-separated and relative to the context, is left out."""
        path = _relative(path)
        if not path:
            return False
        for pattern in reversed(self.patterns):
            if pattern.expression.match(path):
                return not pattern.negated
        return False

    def prunes(self, directory: str) -> bool:
        """Whether a directory and everything below it is left out, so it need not be read."""
        directory = _relative(directory)
        return self.excludes(directory) and not any(
            pattern.negated and pattern.may_match_below(directory) for pattern in self.patterns
        )

    @property
    def has_negations(self) -> bool:
        """Whether any line begins with ``!``."""
        return any(pattern.negated for pattern in self.patterns)

    @property
    def excludes_everything(self) -> bool:
        """Whether a pattern leaves out all that is at the top."""
        return any(p.text in _EVERYTHING for p in self.patterns if not p.negated)


def _relative(path: str) -> str:
    cleaned = clean(path) if path else ""
    return "" if cleaned in (".", "/") else cleaned


def _read(text: str, file: str) -> Iterator[Pattern]:
    for number, raw in enumerate(text.split("\n"), 1):
        if raw.startswith("#"):
            continue
        line = raw.strip(SPACES)
        negated = line.startswith("!")
        body = line[1:].strip(SPACES) if negated else line
        if not line:
            continue
        place = Place(file, number, raw.index(line[0]) + 1)
        if not body:
            raise InputError('illegal exclusion pattern: "!"', place=place)
        if number > MAX_PATTERNS:
            raise InputError("too many lines", place=place, expected=f"at most {MAX_PATTERNS}")
        cleaned = clean(body)
        try:
            expression = compile_glob(cleaned)
        except InputError as error:
            raise error.at(place) from None
        yield Pattern(cleaned, negated, number, expression)
