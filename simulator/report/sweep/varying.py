"""What a sweep varies: values of a key, several keys that go together, and all combinations.

    hosts.0.cores=4,8,16            a list
    replicas=2..10                  a range, both ends in it
    rate=100/s..400/s:100/s         with a step; a unit stands behind each number or the last one
    rate=10/s,50/s..200/s:50/s      both
    cores=4,8; memory=8g,16g        keys that go together: first with first, second with second
    cores,memory=4:8g,8:16g         the same, value by value

Commas inside quotes or brackets do not part values. Several ``--vary`` make a grid.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from simulator.errors import InputError, Place

FLAG = "--vary"
MOST_TRIALS = 100_000
MOST_KEYS = 8
_RANGE = re.compile(
    r"([+-]?[0-9.]+)([a-zA-Z/%]*)\.\.(?:([+-]?[0-9.]+)([a-zA-Z/%]*))?"
    r"(?::([+-]?[0-9.]+)([a-zA-Z/%]*))?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from one to another, each with a unit behind it."""

    first: Decimal
    step: Decimal
    count: int
    unit: str

    def values(self) -> Iterator[str]:
        """The numbers as text."""
        for number in range(self.count):
            yield f"{_plain(self.first + number * self.step)}{self.unit}"


@dataclass(frozen=True, slots=True)
class Axis:
    """Keys whose values go together, and how many there are; values are made when asked for."""

    keys: tuple[str, ...]
    columns: tuple[tuple[str | Span, ...], ...]
    """The values of each key: texts and spans of numbers."""
    text: str

    @property
    def place(self) -> Place:
        """What errors point at."""
        return Place(f"{FLAG} {self.text}")

    @property
    def count(self) -> int:
        """How many values it has."""
        return _count(self.columns[0])

    def rows(self) -> list[tuple[str, ...]]:
        """The values, of all keys together; only asked for when they are few enough."""
        columns = [list(_values(column)) for column in self.columns]
        return list(zip(*columns, strict=True))


def read_axes(texts: Sequence[str]) -> list[Axis]:
    """What is to be varied; InputError names what is none, and a key that is there twice."""
    axes = [_axis(text) for text in texts]
    seen: set[str] = set()
    for axis in axes:
        for key in axis.keys:
            if key in seen:
                raise InputError("this key is varied twice", place=axis.place, found=key)
            seen.add(key)
    if len(seen) > MOST_KEYS:
        expected = f"at most {MOST_KEYS}"
        raise InputError("too many keys are varied", found=len(seen), expected=expected)
    return axes


def refuse_too_many(axes: Sequence[Axis], seeds: int, most: int = MOST_TRIALS) -> int:
    """How many trials there will be; InputError, with the numbers, where they are too many."""
    combinations = math.prod(axis.count for axis in axes)
    if combinations * seeds > most:
        by = " x ".join(f"{axis.count:,}" for axis in axes)
        raise InputError(
            "too many combinations", place=Place(FLAG),
            found=f"{combinations:,}{f' ({by})' if len(axes) > 1 else ''} of {seeds:,} seeds each",
            expected=f"at most {most:,} trials",
        )  # fmt: skip
    return combinations * seeds


def combinations(axes: Sequence[Axis]) -> list[dict[str, str]]:
    """Every combination, the last axis fastest: values by key."""
    keys = [key for axis in axes for key in axis.keys]
    rows = product(*(axis.rows() for axis in axes))
    return [dict(zip(keys, (v for part in row for v in part), strict=True)) for row in rows]


def _axis(text: str) -> Axis:
    try:
        parts = _parted(text, ";")
        if len(parts) == 1:
            keys, columns = _together(text)
        else:
            pairs = [_together(part) for part in parts]
            keys = tuple(key for names, _ in pairs for key in names)
            columns = tuple(column for _, each in pairs for column in each)
        _alike(keys, columns)
    except InputError as error:
        raise error.at(Place(f"{FLAG} {text}")) from None
    return Axis(keys, columns, text)


def _together(text: str) -> tuple[tuple[str, ...], tuple[tuple[str | Span, ...], ...]]:
    """Keys and their columns in ``a=1,2`` or ``a,b=1:2,3:4``."""
    left, equals, right = text.partition("=")
    keys = tuple(key.strip() for key in left.split(","))
    if not equals or not all(keys) or not right.strip():
        raise InputError("nothing to vary", found=text, expected="KEY=VALUE,VALUE or KEY=2..10")
    words = _parted(right, ",")
    if len(keys) == 1:
        return keys, (tuple(_value(word) for word in words),)
    rows = [_parted(word, ":") for word in words]
    for row, word in zip(rows, words, strict=True):
        if len(row) != len(keys):
            raise InputError(
                "values that do not go with the keys", found=word,
                expected=f"{len(keys)} values with ':' between them, as {':'.join(keys)}",
            )  # fmt: skip
    return keys, tuple(tuple(column) for column in zip(*rows, strict=True))


def _alike(keys: tuple[str, ...], columns: tuple[tuple[str | Span, ...], ...]) -> None:
    counts = [_count(column) for column in columns]
    if len(set(counts)) > 1:
        shown = ", ".join(f"{key}: {count:,}" for key, count in zip(keys, counts, strict=True))
        raise InputError("keys that go together have as many values", found=shown)


def _count(column: tuple[str | Span, ...]) -> int:
    return sum(one.count if isinstance(one, Span) else 1 for one in column)


def _values(column: tuple[str | Span, ...]) -> Iterator[str]:
    for one in column:
        yield from one.values() if isinstance(one, Span) else (one,)


def _value(word: str) -> str | Span:
    """A value as it is written, or a range of numbers."""
    found = _RANGE.fullmatch(word)
    if found is None:
        if word in ("", ".."):
            raise InputError("a value is missing", found=word, expected="KEY=4,8,16")
        return _unquoted(word)
    first, unit1, last, unit2, step, unit3 = found.groups()
    if last is None:
        raise InputError("a range without an end", found=word, expected=f"{first}..10 or so")
    units = {unit for unit in (unit1, unit2, unit3) if unit}
    if len(units) > 1:
        expected = f"{first}{unit1}..{last}{unit1}"
        raise InputError("a range of one unit", found=word, expected=expected)
    try:
        return _span(Decimal(first), Decimal(last), Decimal(step or "1"), "".join(units), word)
    except ArithmeticError:
        raise InputError("no range of numbers", found=word, expected="2..10 or 2..10:2") from None


def _span(first: Decimal, last: Decimal, step: Decimal, unit: str, word: str) -> Span:
    if step == 0 or (last - first) * step < 0:
        raise InputError("a range that never ends", found=word, expected="steps towards its end")
    return Span(first, step, int((last - first) / step) + 1, unit)


def _parted(text: str, mark: str) -> list[str]:
    """A text parted at marks that stand outside quotes and brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[{(":
            depth += 1
        elif letter in "]})":
            depth -= 1
        elif letter == mark and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in (*parts, text[start:])]


def _unquoted(word: str) -> str:
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted and word[0] not in word[1:-1] else word


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
