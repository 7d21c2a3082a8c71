"""What a value of a Compose file may be, and the words for one that is something else.

The words are those of the tool's validator: the most specific failure of the first alternative.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
_NAMES = {
    "string": str, "boolean": bool, "array": list, "object": dict, "null": type(None),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong at a path; ``known``: words that would have been right there."""

    path: Path
    words: str
    known: tuple[str, ...] = ()
    depth: int = 0

    @property
    def text(self) -> str:
        """As the tool says it."""
        return f"{'.'.join(map(str, self.path))} {self.words}"


@dataclass(frozen=True, slots=True)
class Is:
    """One of some simple types, perhaps one of some words or of a pattern."""

    types: tuple[str, ...]
    words: tuple[str, ...] = ()
    pattern: str = ""
    least: float | None = None

    def check(self, value: Any, path: Path) -> Failure | None:
        """The failure, or None."""
        if not any(_fits(value, one) for one in self.types):
            return _failed(path, f"must be a {_human(self.types)}")
        if self.words and isinstance(value, str) and value not in self.words:
            quoted = ", ".join(f"'{one}'" for one in self.words)
            return Failure(path, f"value must be one of {quoted}", self.words, len(path))
        if self.pattern and isinstance(value, str) and not re.search(self.pattern, value):
            return _failed(path, f"'{value[:80]}' does not match pattern '{self.pattern}'")
        if self.least is not None and not isinstance(value, str) and value < self.least:
            return _failed(path, f"must be greater than or equal to {self.least:g}")
        return None


@dataclass(frozen=True, slots=True)
class List:
    """A list of something."""

    of: Any
    unique: bool = False

    def check(self, value: Any, path: Path) -> Failure | None:
        """The failure, or None."""
        if not isinstance(value, list):
            return _failed(path, "must be a array")
        for at, one in enumerate(value):
            wrong: Failure | None = self.of.check(one, (*path, at))
            if wrong is not None:
                return wrong
        return self._twice(value, path) if self.unique else None

    def _twice(self, value: list[Any], path: Path) -> Failure | None:
        seen: dict[str, int] = {}
        for at, one in enumerate(value):
            before = seen.setdefault(repr(one), at)
            if before != at:
                return _failed(path, f"items at {before} and {at} are equal")
        return None


@dataclass(frozen=True, slots=True)
class Object:
    """A mapping with known keys; ``names``: other keys that fit a pattern, and what they hold."""

    keys: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    names: str = ""
    of: Any = None
    more: bool = False
    """Whether keys that nobody knows are let through."""
    extensions: bool = True
    null: bool = False

    def check(self, value: Any, path: Path) -> Failure | None:
        """The failure, or None."""
        if value is None and self.null:
            return None
        if not isinstance(value, dict):
            return _failed(path, f"must be a {'mapping or null' if self.null else 'mapping'}")
        missing = [f"'{one}'" for one in self.required if one not in value]
        unknown = sorted(key for key in value if not self._knows(key))
        if unknown:
            quoted = ", ".join(f"'{key[:60]}'" for key in unknown)
            return Failure(
                (*path, unknown[0]), f"additional properties {quoted} not allowed",
                tuple(self.keys), len(path) + 1,
            )  # fmt: skip
        for key, one in value.items():
            wrong = self._check_one(key, one, path)
            if wrong is not None:
                return wrong
        if missing:
            noun = "property" if len(missing) == 1 else "properties"
            return _failed(path, f"missing {noun} {', '.join(missing)}")
        return None

    def _knows(self, key: str) -> bool:
        if key in self.keys or self.more or (self.extensions and key.startswith("x-")):
            return True
        return bool(self.names and re.search(self.names, key))

    def _check_one(self, key: str, value: Any, path: Path) -> Failure | None:
        kind = self.keys.get(key)
        if kind is None and self.names and re.search(self.names, key):
            kind = self.of
        found: Failure | None = None if kind is None else kind.check(value, (*path, key))
        return found


@dataclass(frozen=True, slots=True)
class Either:
    """One of several kinds; of their failures the deepest is told, the first of equals."""

    kinds: tuple[Any, ...]

    def check(self, value: Any, path: Path) -> Failure | None:
        """The failure, or None."""
        worst: Failure | None = None
        for one in self.kinds:
            wrong: Failure | None = one.check(value, path)
            if wrong is None:
                return None
            if worst is None or wrong.depth > worst.depth:
                worst = wrong
        return worst


def _failed(path: Path, words: str) -> Failure:
    return Failure(path, words, (), len(path))


def _fits(value: Any, kind: str) -> bool:
    if kind == "integer":
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return whole and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, _NAMES[kind])


def _human(types: tuple[str, ...]) -> str:
    words = sorted("mapping" if one == "object" else one for one in types)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
