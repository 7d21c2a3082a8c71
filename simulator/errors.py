"""The one family of errors that people see.

    DrydockError            anything that is the input's fault: one line, exit code 2
    ├── InputError          a file, a typed line or a value: place, found, expected, nearest word
    └── Refused             a well-formed command that the world cannot carry out now

Everything else is a bug in Drydock and is reported as one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 and C1 without tab and line ends, overrides of the direction of text, lone surrogates."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was read: a file (or ``<line>`` for typed text), line and column from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class DrydockError(Exception):
    """Base of all errors whose text is meant for the person who gave the input."""

    exit_code = 2

    def __str__(self) -> str:
        """Its text, without what a terminal would obey: some of it is others'."""
        return harmless(super().__str__())


class InputError(DrydockError):
    """Bad input: says where, what was found, what was expected and the nearest valid word.

    >>> str(InputError("unknown key", place=Place("a.yaml", 3, 5), found="hots",
    ...                expected="one of: hosts, images", nearest="hosts"))
    "a.yaml:3:5: unknown key: found 'hots', expected one of: hosts, images; did you mean 'hosts'?"
    """

    def __init__(
        self,
        problem: str,
        *,
        place: Place | None = None,
        found: object = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.problem = problem
        self.place = place
        self.found = found
        self.expected = expected
        self.nearest = nearest
        super().__init__(self._line())

    def at(self, place: Place) -> InputError:
        """The same error with a place, for a caller who knows where the text came from."""
        return InputError(
            self.problem,
            place=place,
            found=self.found,
            expected=self.expected,
            nearest=self.nearest,
        )

    def _line(self) -> str:
        where = f"{self.place}: " if self.place else ""
        details = []
        if self.found is not None:
            details.append(f"found {printable(self.found)}")
        if self.expected:
            details.append(f"expected {self.expected}")
        text = where + self.problem + (": " + ", ".join(details) if details else "")
        if self.nearest is not None:
            text += f"; did you mean '{self.nearest}'?"
        return " ".join(text.split())


class Refused(DrydockError):
    """A command the world cannot carry out now: no such container, name in use, host down."""


def printable(value: object, limit: int = 60) -> str:
    """A short quoted form of a hostile value, on one line and without control characters."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_text(words: str) -> bool:
    """Whether words can be written anywhere: lone surrogates stand for bytes that are no text."""
    return not any("\ud800" <= letter <= "\udfff" for letter in words)


def harmless(text: str) -> str:
    """Text without what a terminal would obey or could not encode: control codes, surrogates."""
    return text if text.isprintable() else _CONTROL.sub("?", text.replace("\r", "?"))


def refuse_control_codes(text: str, place: Place) -> None:
    """InputError with the place of the first control code; line ends and tabs are none."""
    found = None if text.isprintable() else _CONTROL.search(text)
    if found is not None:
        before = text[: found.start()]
        line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        first = place.column or 1 if not line else 1
        where = Place(place.file, (place.line or 1) + line, first + column)
        raise InputError("a control code in a text", place=where, found=found[0])


def nearest(word: str, valid: Iterable[str]) -> str | None:
    """The valid word closest to what was typed, or None when nothing is close."""
    words = list(valid)
    lowered = {w.lower(): w for w in words}
    hit = difflib.get_close_matches(str(word).lower()[:100], list(lowered), n=1, cutoff=0.6)
    return lowered[hit[0]] if hit else None


def unknown(what: str, word: str, valid: Iterable[str], place: Place | None = None) -> InputError:
    """The error for a word that is not one of a known set."""
    words = sorted(valid)
    shown = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return InputError(
        f"unknown {what}",
        place=place,
        found=word,
        expected=f"one of: {shown}" if words else None,
        nearest=nearest(word, words),
    )
