"""YAML inside a lesson (front matter and block bodies) as plain values that know their lines.

Only mappings, lists and scalars; no tags, no anchors, no aliases, so that nothing can expand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.course.yaml_words import in_words
from simulator.errors import InputError, Place, printable, refuse_control_codes, unknown
from simulator.look.expressions.quantities import without_units
from simulator.yaml_nodes import PLAIN_TAGS, TAG, Bounds, compose, is_scalar, place_at

BOUNDS = Bounds(nodes=5000, depth=9, aliases=False)

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Node:
    """One YAML value with its place: a scalar's text, a list of nodes, or a mapping to nodes."""

    place: Place
    value: str | list[Node] | dict[str, Node]
    quoted: bool = False
    keys: Mapping[str, Place] = field(default_factory=dict)

    def text(self, what: str) -> str:
        """A scalar as text."""
        if not isinstance(self.value, str):
            raise InputError(f"{what} must be a text", place=self.place, found=self._kind())
        refuse_control_codes(self.value, self.place)
        return self.value

    def number(self, what: str, low: float = 0.0, high: float = 1e9) -> float:
        """A scalar as a number within bounds."""
        text = self.text(what)
        if not _NUMBER.match(text):
            raise InputError(f"{what} must be a number", place=self.place, found=text)
        value = float(text)
        if not low <= value <= high:
            raise InputError(
                f"{what} out of range", place=self.place, found=text,
                expected=f"{low:g} to {high:g}",
            )  # fmt: skip
        return value

    def amount(self, what: str) -> float:
        """A scalar as a number that may have a unit: ``200 ms``, ``64 MiB``."""
        plain = without_units(self.text(what))
        return Node(self.place, plain).number(what, -1e15, 1e15)

    def integer(self, what: str, low: int = 0, high: int = 10**9) -> int:
        """A scalar as a whole number within bounds."""
        value = self.number(what, low, high)
        if value != int(value):
            raise InputError(f"{what} must be a whole number", place=self.place, found=f"{value:g}")
        return int(value)

    def items(self, what: str) -> list[Node]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise InputError(f"{what} must be a list", place=self.place, found=self._kind())
        return self.value

    def texts(self, what: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text(what) for item in self.items(what))

    def table(self, what: str, keys: Iterable[str], required: Iterable[str] = ()) -> Table:
        """A mapping with only these keys, the required ones present."""
        if not isinstance(self.value, dict):
            raise InputError(
                f"{what} must be a mapping of keys", place=self.place, found=self._kind()
            )
        allowed = list(keys)
        for key in self.value:
            if allowed and key not in allowed:
                raise unknown(f"key in {what}", key, allowed, self.keys.get(key, self.place))
        for key in required:
            if key not in self.value:
                raise InputError(f"{what} needs the key '{key}'", place=self.place)
        return Table(self.place, what, self.value)

    def _kind(self) -> str:
        if isinstance(self.value, str):
            return printable(self.value) if self.value else "nothing"
        return "a list" if isinstance(self.value, list) else "a mapping"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping whose keys have been checked."""

    place: Place
    what: str
    nodes: Mapping[str, Node]

    def get(self, key: str) -> Node | None:
        """The node of a key, None when it is absent."""
        return self.nodes.get(key)

    def __getitem__(self, key: str) -> Node:
        node = self.nodes.get(key)
        if node is None:
            raise InputError(f"{self.what} needs the key '{key}'", place=self.place)
        return node

    def text(self, key: str, default: str = "") -> str:
        """The text of a key."""
        node = self.get(key)
        return default if node is None else " ".join(node.text(f"'{key}'").split())


def parse_yaml(text: str, place: Place) -> Node:
    """The YAML ``text`` whose first line stands at ``place``."""
    try:
        root = compose(text, place, BOUNDS)
    except InputError as error:
        raise in_words(error, text, place) from None
    return Node(place, {}) if root is None else _node(root, place)


def _node(raw: Any, origin: Place) -> Node:
    """PyYAML's node as ours."""
    place = place_at(raw.start_mark, origin)
    if is_scalar(raw):
        text = "" if raw.tag == f"{TAG}null" and not raw.style else raw.value
        return Node(place, text, quoted=raw.style is not None)
    if raw.tag not in PLAIN_TAGS:
        raise InputError("tags are not allowed", place=place, found=str(raw.tag))
    if raw.id == "sequence":
        return Node(place, [_node(item, origin) for item in raw.value])
    values: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    for key, value in raw.value:
        where = place_at(key.start_mark, origin)
        if not is_scalar(key):
            raise InputError("a key must be a word", place=where)
        if key.value in values:
            raise InputError("this key stands twice", place=where, found=key.value)
        values[key.value] = _node(value, origin)
        keys[key.value] = where
    return Node(place, values, keys=keys)
