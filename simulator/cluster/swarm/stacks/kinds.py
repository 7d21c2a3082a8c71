"""What a value of a stack file may be, and the words for one that is something else.

The tool validates against a JSON schema, collects everything that is wrong, and tells the most
specific of it: the one with the longest path. Of several alternatives it goes by the one that fits
best, by points. (docker/cli, ``cli/compose/schema``; gojsonschema, ``validation.go``.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
TYPE, ONE_OF, OTHER = "type", "one of", "other"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong at a path; ``known``: words that would have been right there."""

    path: Path
    kind: str
    words: str
    known: tuple[str, ...] = ()
    key: str = ""
    """The key that is not known, where that is what is wrong."""

    @property
    def text(self) -> str:
        """As the tool says it."""
        return f"{'.'.join(map(str, self.path)) or '(root)'} {self.words}"


@dataclass(slots=True)
class Verdict:
    """All that is wrong with a value, and the points that it has as one of alternatives."""

    wrong: list[Wrong] = field(default_factory=list)
    points: int = 0

    def add(self, wrong: Wrong) -> None:
        """One more error."""
        self.wrong.append(wrong)
        self.points -= 2

    def join(self, other: Verdict) -> None:
        """What was found in a part of it."""
        self.wrong += other.wrong
        self.points += other.points


class Kind(Protocol):
    """Anything that judges a value. ``minor``: of the version of the file, as 13 of 3.13."""

    def check(self, value: Any, path: Path, minor: int) -> Verdict:
        """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class Is:
    """One of some simple types."""

    types: tuple[str, ...]
    words: tuple[str, ...] = ()
    least: int | None = None
    form: tuple[str, Callable[[Any], bool]] | None = None
    """The name of a format, and whether a value has it."""

    def check(self, value: Any, path: Path, minor: int) -> Verdict:
        """Its type, then what it says."""
        found = Verdict()
        if not any(_fits(value, one) for one in self.types):
            found.add(_not_a(path, self.types))
            return found
        if self.words and value not in self.words:
            quoted = ", ".join(f'"{one}"' for one in self.words)
            where = ".".join(map(str, path))
            words = f"{where} must be one of the following: {quoted}"
            found.add(Wrong(path, OTHER, words, self.words))
        if self.least is not None and value < self.least:
            found.add(Wrong(path, OTHER, f"Must be greater than or equal to {self.least}"))
        if self.form is not None and not self.form[1](value):
            found.add(Wrong(path, OTHER, f"Does not match format '{self.form[0]}'"))
        found.points += 1
        return found


@dataclass(frozen=True, slots=True)
class List:
    """A list of something."""

    of: Kind
    unique: bool = False

    def check(self, value: Any, path: Path, minor: int) -> Verdict:
        """Each of its items."""
        found = Verdict()
        if not isinstance(value, list):
            found.add(_not_a(path, ("array",)))
            return found
        for at, one in enumerate(value):
            found.join(self.of.check(one, (*path, at), minor))
        seen: dict[str, int] = {}
        for at, one in enumerate(value if self.unique else ()):
            before = seen.setdefault(repr(one), at)
            if before != at:
                found.add(Wrong(path, OTHER, f"array items[{before},{at}] must be unique"))
        found.points += 1
        return found


@dataclass(frozen=True, slots=True)
class New:
    """A key that files have from a minor version on."""

    since: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Object:
    """A mapping with known keys; ``names``: a pattern of other keys, and ``of`` what they hold."""

    keys: Mapping[str, Kind | New] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    names: str = ""
    of: Kind | None = None
    more: bool = False
    """Whether keys that nobody knows are let through."""
    extensions: int | None = None
    """From which minor version on keys that begin with ``x-`` are."""
    beside: tuple[str, ...] = ()
    """Other types that will do: ``null``, or ``boolean``."""

    def check(self, value: Any, path: Path, minor: int) -> Verdict:
        """Each of its keys."""
        found = Verdict()
        if any(_fits(value, one) for one in self.beside):
            found.points += 1
            return found
        if not isinstance(value, dict):
            first = tuple(one for one in self.beside if one == "boolean")
            last = tuple(one for one in self.beside if one != "boolean")
            found.add(_not_a(path, (*first, "object", *last)))
            return found
        for one in self.required:
            if one not in value:
                found.add(Wrong(path, OTHER, f"{one} is required"))
        for key, one in value.items():
            kind = self._kind(key, minor)
            if kind is not None:
                found.join(kind.check(one, (*path, key), minor))
            elif not self._passes(key, minor):
                words = f"Additional property {key[:80]} is not allowed"
                found.add(Wrong(path, OTHER, words, self._known(minor), key))
        found.points += 1
        return found

    def _kind(self, key: str, minor: int) -> Kind | None:
        kind = self.keys.get(key)
        if isinstance(kind, New):
            kind = kind.kind if minor >= kind.since else None
        if kind is None and self.of is not None and re.search(self.names, key):
            return self.of
        return kind

    def _passes(self, key: str, minor: int) -> bool:
        extended = self.extensions is not None and minor >= self.extensions
        return self.more or (extended and key.startswith("x-"))

    def _known(self, minor: int) -> tuple[str, ...]:
        return tuple(
            key for key, one in self.keys.items() if not isinstance(one, New) or minor >= one.since
        )


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several kinds: of those that do not fit, the best is told of."""

    kinds: tuple[Kind, ...]

    def check(self, value: Any, path: Path, minor: int) -> Verdict:
        """Nothing is wrong where one of them fits."""
        best: Verdict | None = None
        for one in self.kinds:
            found = one.check(value, path, minor)
            if not found.wrong:
                return found
            if best is None or found.points > best.points:
                best = found
        whole = Verdict()
        whole.add(Wrong(path, ONE_OF, "Must validate one and only one schema (oneOf)"))
        whole.join(best or Verdict())
        whole.points += 1
        return whole


def most_specific(found: list[Wrong]) -> Wrong:
    """The one of several that is told; one of alternatives is told by what follows it."""
    at = 0
    for other, one in enumerate(found):
        longer, as_long = _dots(one) - _dots(found[at]), _dots(one) == _dots(found[at])
        if longer > 0 or (as_long and one.kind == TYPE and found[at].kind != TYPE):
            at = other
    chosen = found[at]
    if chosen.kind == ONE_OF and at + 1 < len(found):
        after = found[at + 1]
        return Wrong(chosen.path, OTHER, after.words, after.known, after.key)
    return chosen


def _dots(one: Wrong) -> int:
    return len(".".join(map(str, one.path)).split("."))


def _not_a(path: Path, types: tuple[str, ...]) -> Wrong:
    names = [{"object": "mapping", "array": "list"}.get(one, one) for one in types]
    words = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return Wrong(path, TYPE, f"must be a {words}")


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str, "boolean": bool, "array": list, "object": dict, "null": type(None),
}  # fmt: skip


def _fits(value: Any, kind: str) -> bool:
    if kind in _TYPES:
        return isinstance(value, _TYPES[kind])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()
