"""What a Compose file says, as mappings and lists that know where each of their parts stands.

Scalars are read as Compose reads them (YAML 1.2, with the octal numbers of 1.1): ``yes`` and
``22:22`` are words. Merge keys (``<<``) and aliases are carried out; what they make is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from simulator.errors import InputError, Place
from simulator.yaml_nodes import Bounds, Node, compose, place_at

MOST_NODES = 50_000
"""Values of one file, those that aliases repeat included."""
BOUNDS = Bounds(MOST_NODES, 60)
_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*|0o?[0-7]+|0x[0-9a-fA-F]+|0b[01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NULL = ("", "~", "null", "Null", "NULL")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


class Map(dict[str, Any]):
    """A mapping, with the place of each of its keys."""

    def __init__(self, values: Any = (), places: dict[str, Place] | None = None) -> None:
        super().__init__(values)
        self.places: dict[str, Place] = dict(places or {})


class Seq(list[Any]):
    """A list, with the place of each of its items."""

    def __init__(self, values: Any = (), places: list[Place] | None = None) -> None:
        super().__init__(values)
        self.places: list[Place] = list(places or [])


@dataclass(frozen=True, slots=True)
class Override:
    """``!override``: this value replaces what other files said, nothing is merged."""

    value: Any


class Reset:
    """``!reset``: what other files said of this is dropped."""


RESET = Reset()


def place_of(tree: Any, path: tuple[str | int, ...]) -> Place | None:
    """Where a path begins in a tree, or the nearest part of it that has a place."""
    found: Place | None = None
    for part in path:
        if isinstance(tree, Map) and part in tree:
            found = tree.places.get(str(part), found)
            tree = tree[str(part)]
        elif isinstance(tree, Seq) and isinstance(part, int) and part < len(tree):
            found = tree.places[part] if part < len(tree.places) else found
            tree = tree[part]
        else:
            break
    return found


def copied(value: Any) -> Any:
    """The same again, so that one can be changed without the other."""
    if isinstance(value, Map):
        return Map({key: copied(one) for key, one in value.items()}, value.places)
    if isinstance(value, Seq):
        return Seq([copied(one) for one in value], value.places)
    return Override(copied(value.value)) if isinstance(value, Override) else value


def plain(value: Any) -> Any:
    """Without places: what a command carries and a listing shows."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def load(text: str, file: str) -> Map:
    """The tree of one file; InputError with a place for what is no Compose file at all."""
    origin = Place(file, 1, 1)
    node = compose(text, origin, BOUNDS)
    if node is None:
        raise InputError("empty compose file", place=origin)
    found = _Reading(origin).value(node, ())
    if not isinstance(found, Map):
        raise InputError("top-level object must be a mapping", place=origin)
    return found


class _Reading:
    """One file being read; counts what it makes."""

    def __init__(self, origin: Place) -> None:
        self.origin = origin
        self.made = 0
        self._open: set[int] = set()
        """Nodes that are being read, to find those that hold themselves."""

    def value(self, node: Node, path: tuple[str, ...]) -> Any:
        """What a node says."""
        place = place_at(node.start_mark, self.origin)
        self.made += 1
        if self.made > MOST_NODES:
            raise InputError(
                f"compose file exceeds maximum node visit limit ({MOST_NODES})", place=place
            )
        if node.tag == "!reset":
            return RESET
        if id(node) in self._open:
            raise InputError(f"cycle detected at path: {'.'.join(path)}", place=place)
        self._open.add(id(node))
        try:
            found = self._read(node, path)
        finally:
            self._open.discard(id(node))
        return Override(found) if node.tag == "!override" else found

    def _read(self, node: Node, path: tuple[str, ...]) -> Any:
        if node.id == "scalar":
            return _scalar(node)
        if node.id == "sequence":
            places = [place_at(one.start_mark, self.origin) for one in node.value]
            values = [self.value(one, (*path, str(at))) for at, one in enumerate(node.value)]
            return Seq(values, places)
        return self._mapping(node, path)

    def _mapping(self, node: Node, path: tuple[str, ...]) -> Map:
        made, merged = Map(), []
        for key_node, value_node in node.value:
            place = place_at(key_node.start_mark, self.origin)
            if key_node.id == "scalar" and key_node.value == "<<" and not key_node.style:
                merged.append((value_node, place))
                continue
            key = self._key(key_node, path, place)
            if key in made:
                first = made.places[key].line
                raise InputError(
                    f'mapping key "{key}" already defined at line {first}', place=place
                )
            made[key] = self.value(value_node, (*path, key))
            made.places[key] = place
        for value_node, place in merged:
            self._merge(made, value_node, path, place)
        return made

    def _key(self, node: Node, path: tuple[str, ...], place: Place) -> str:
        key = _scalar(node) if node.id == "scalar" else None
        if not isinstance(key, str):
            where = f"in {'.'.join(path)}" if path else "at top level"
            raise InputError(f"non-string key {where}: {node.value!s:.40}", place=place)
        return key

    def _merge(self, made: Map, node: Node, path: tuple[str, ...], place: Place) -> None:
        """``<<``: keys that are not there yet, of a mapping or of several in turn."""
        for one in node.value if node.id == "sequence" else [node]:
            found = self.value(one, path)
            if not isinstance(found, Map):
                raise InputError("map merge requires map or sequence of maps as the value",
                                 place=place)  # fmt: skip
            for key, value in found.items():
                if key not in made:
                    made[key] = value
                    made.places[key] = found.places[key]


def _scalar(node: Node) -> Any:
    text, tag = node.value, node.tag.removeprefix(_TAG)
    if node.style in ("'", '"', "|", ">") or (tag == "str" and not _is_plain(node)):
        return text
    if tag in ("int", "float", "bool", "null", "str", "timestamp") or tag.startswith("!"):
        return _resolved(text)
    return _resolved(text) if tag in ("value", "merge") else text


def _is_plain(node: Node) -> bool:
    """Whether nobody stated its type: the composer gives an explicit ``!!str`` no style of its own,
    yet one that looks like something else shows it."""
    return not isinstance(_resolved(node.value), (int, float, bool, type(None)))


def _resolved(text: str) -> Any:
    """A plain word as a value."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if len(text) > 40:
        return text
    if _INT.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _integer(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if digits.startswith(("0x", "0o", "0b")):
        return sign * int(digits, 0)
    return sign * (int(digits, 8) if len(digits) > 1 and digits[0] == "0" else int(digits))
