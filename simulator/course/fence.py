"""A fenced block of a lesson as found, and its attributes read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.course.expression import Expression, parse_expression
from simulator.course.yaml_text import Node, Table, parse_yaml
from simulator.errors import InputError, Place

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block as found: kind, attributes, body and the place of its first line."""

    kind: str
    attributes: Mapping[str, str]
    body: str
    place: Place
    names: tuple[str, ...] = ()
    """Names of ``vary:``, known in its texts and expressions."""

    @property
    def inside(self) -> Place:
        """The place of the first line of the body."""
        return Place(self.place.file, (self.place.line or 0) + 1)

    def word(self, key: str) -> str:
        """A required attribute that is an id."""
        value = self.attributes.get(key)
        if value is None:
            raise InputError(f"a {self.kind} block needs {key}=…", place=self.place)
        if not _WORD.match(value):
            raise InputError(
                f"bad {key}", place=self.place, found=value,
                expected="a lower-case letter, then letters, digits, _ or -",
            )  # fmt: skip
        return value

    def points(self, default: float = 1.0) -> float:
        """The attribute ``points``."""
        text = self.attributes.get("points")
        return default if text is None else Node(self.place, text).number("points", 0, 1000)

    def integer(self, key: str, low: int, high: int, default: int = 0) -> int:
        """An attribute that is a whole number."""
        text = self.attributes.get(key)
        return default if text is None else Node(self.place, text).integer(key, low, high)

    def listed(self, key: str) -> tuple[str, ...]:
        """An attribute that is a list with commas: ``locked="traffic, names"``."""
        words = (word.strip() for word in self.attributes.get(key, "").split(","))
        return tuple(" ".join(word.split()) for word in words if word)

    def flag(self, key: str) -> bool:
        """An attribute that is yes or no."""
        value = self.attributes.get(key, "no")
        if value not in ("yes", "no"):
            raise InputError(f"bad {key}", place=self.place, found=value, expected="yes or no")
        return value == "yes"

    def condition(self, key: str) -> Expression | None:
        """An attribute that is an expression."""
        text = self.attributes.get(key)
        return None if text is None else parse_expression(text, self.place, self.names)

    def yaml(self, keys: tuple[str, ...], required: tuple[str, ...] = ()) -> Table:
        """The body as a YAML mapping."""
        return parse_yaml(self.body, self.inside).table(f"{self.kind} block", keys, required)
