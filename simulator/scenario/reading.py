"""From YAML nodes to frozen structs, by their annotations; every error has the node's place."""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Union

import msgspec

from simulator.errors import InputError, Place, nearest, printable
from simulator.scenario.nodes import MAX_DEPTH, MAX_NODES, place_of
from simulator.yaml_nodes import PLAIN_TAGS, is_scalar

Path = tuple[str | int, ...]
_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"


@dataclass(frozen=True, slots=True)
class Text:
    """Marks an annotated field whose text is read by a parser that raises InputError."""

    parse: Callable[[str], Any]


@dataclass(slots=True)
class Reader:
    """Reads one tree; remembers where every value stood."""

    places: dict[Path, Place] = field(default_factory=dict)
    count: int = 0

    def read(self, node: Any, kind: Any, path: Path = ()) -> Any:
        """The value of a node as ``kind``; InputError with place, found, expected, nearest."""
        self._enter(node, path)
        parser = _parser(kind)
        kind = _bare(kind)
        origin = typing.get_origin(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._struct(node, kind, path)
        if origin is tuple:
            return self._list(node, typing.get_args(kind)[0], path)
        if origin is dict:
            return self._mapping(node, typing.get_args(kind)[1], path)
        return self._scalar(node, kind, parser, path)

    def _struct(self, node: Any, kind: type[msgspec.Struct], path: Path) -> Any:
        shorthand = getattr(kind, "from_text", None)
        if is_scalar(node) and shorthand is not None and node.tag != _NULL:
            self._offsets(node, kind, path)
            try:
                return shorthand(node.value)
            except InputError as error:
                raise self._placed(error, path, node) from None
        pairs = self._pairs(node, path)
        fields = _fields(kind)
        values: dict[str, Any] = {}
        rest = getattr(kind, "rest", None)
        for name, (key, value) in pairs.items():
            if name not in fields and rest is not None:
                values.setdefault(rest, {})[name] = self._plain(value, (*path, name))
                continue
            if name not in fields:
                raise InputError(
                    f"{_dotted(path)}unknown key",
                    place=place_of(key),
                    found=name,
                    expected=f"one of: {', '.join(sorted(fields))}",
                    nearest=nearest(name, fields),
                )
            hint = fields[name]
            values[hint.name] = self.read(value, _hints(kind)[hint.name], (*path, name))
        for name, one in fields.items():
            if one.required and one.name not in values:
                raise self._error(path, node, f"the key '{name}' is missing")
        try:
            return kind(**values)
        except InputError as error:
            raise self._placed(error, path, node) from None

    def _offsets(self, node: Any, kind: type, path: Path) -> None:
        """Places of the parts of a short form, as far as it stands on one line."""
        offsets = getattr(kind, "offsets", None)
        if offsets is None or node.start_mark.line != node.end_mark.line:
            return
        start = place_of(node)
        quote = 1 if node.style in ("'", '"') else 0
        for name, offset in offsets(node.value).items():
            column = (start.column or 1) + offset + quote
            self.places[(*path, name)] = Place(start.file, start.line, column)

    def _plain(self, node: Any, path: Path) -> Any:
        """Plain data for a reader of its own: text, lists and mappings of text."""
        if is_scalar(node):
            return self.read(node, str, path)
        self._enter(node, path)
        if node.id == "sequence":
            return [self._plain(one, (*path, i)) for i, one in enumerate(node.value)]
        pairs = self._pairs(node, path)
        return {name: self._plain(value, (*path, name)) for name, (_, value) in pairs.items()}

    def _enter(self, node: Any, path: Path) -> None:
        """Count a node and note its place; limits hold where aliases repeat nodes, too."""
        self.count += 1
        if self.count > MAX_NODES:
            raise self._error(path, node, "too many values: aliases repeat them", f"{MAX_NODES:,}")
        if len(path) > MAX_DEPTH:
            raise self._error(path, node, "nested too deep", f"at most {MAX_DEPTH}")
        if node.tag not in PLAIN_TAGS:
            raise self._error(path, node, f"the tag {printable(node.tag)} is not allowed here")
        self.places[path] = place_of(node)

    def _pairs(self, node: Any, path: Path) -> dict[str, tuple[Any, Any]]:
        if node.id != "mapping":
            raise self._error(path, node, "wrong type", "a mapping (key: value)")
        pairs: dict[str, tuple[Any, Any]] = {}
        for key, value in node.value:
            if not is_scalar(key):
                raise self._error(path, key, "a key must be a single word")
            if key.value in pairs:
                first = place_of(pairs[key.value][0])
                raise InputError(
                    f"{_dotted(path)}the key '{key.value}' is here twice",
                    place=place_of(key),
                    expected=f"one of them to go (the first is in line {first.line})",
                )
            pairs[key.value] = (key, value)
        return pairs

    def _list(self, node: Any, kind: Any, path: Path) -> tuple[Any, ...]:
        if node.id == "scalar" and node.tag == _NULL:
            return ()
        if node.id != "sequence":
            raise self._error(path, node, "wrong type", "a list (lines that start with '- ')")
        return tuple(self.read(one, kind, (*path, i)) for i, one in enumerate(node.value))

    def _mapping(self, node: Any, kind: Any, path: Path) -> dict[str, Any]:
        if node.id == "scalar" and node.tag == _NULL:
            return {}
        pairs = self._pairs(node, path)
        return {name: self.read(value, kind, (*path, name)) for name, (_, value) in pairs.items()}

    def _scalar(self, node: Any, kind: Any, parser: Text | None, path: Path) -> Any:
        wanted = kind.__name__ if isinstance(kind, type) else str(kind)
        if not is_scalar(node):
            raise self._error(path, node, "wrong type", f"one value ({_NAMES.get(wanted, wanted)})")
        if node.tag == _NULL:
            raise self._error(path, node, "no value", _NAMES.get(wanted, wanted))
        try:
            if parser is not None:
                return parser.parse(node.value)
            return _READERS[kind](node)
        except InputError as error:
            raise self._placed(error, path, node) from None

    def _placed(self, error: InputError, path: Path, node: Any) -> InputError:
        return InputError(
            _dotted(path) + error.problem,
            place=place_of(node),
            found=error.found,
            expected=error.expected,
            nearest=error.nearest,
        )

    def _error(
        self, path: Path, node: Any, problem: str, expected: str | None = None
    ) -> InputError:
        found = node.value if is_scalar(node) else None
        return InputError(_dotted(path) + problem, place=place_of(node), found=found,
                          expected=expected)  # fmt: skip


def _dotted(path: Path) -> str:
    """``hosts[0].cores: `` before a problem."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return f"{printable(text)[1:-1]}: " if text else ""


@cache
def _fields(kind: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """The fields of a part, by their names in files."""
    return {one.encode_name: one for one in msgspec.structs.fields(kind)}


_HINTS: dict[type, Mapping[str, Any]] = {}


def _hints(kind: type) -> Mapping[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind, include_extras=True)
    return _HINTS[kind]


def _parser(kind: Any) -> Text | None:
    """The parser in the annotations of a field, also inside ``X | None``."""
    for one in (kind, *typing.get_args(kind)):
        for extra in getattr(one, "__metadata__", ()):
            if isinstance(extra, Text):
                return extra
    return None


def _bare(kind: Any) -> Any:
    """A kind without annotations and without ``| None``."""
    if typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) in (Union, types.UnionType):
        kinds = [one for one in typing.get_args(kind) if one is not type(None)]
        return _bare(kinds[0])
    return kind


def _integer(node: Any) -> int:
    text = node.value.replace("_", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise InputError("wrong type", found=node.value, expected="a whole number")
    return int(text)


def _number(node: Any) -> float:
    try:
        value = float(node.value.replace("_", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError("wrong type", found=node.value, expected="a number")
    return value


def _boolean(node: Any) -> bool:
    if node.tag != _BOOL:
        raise InputError("wrong type", found=node.value, expected="true or false")
    return str(node.value).lower() in ("true", "yes", "on")


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: lambda node: str(node.value),
    int: _integer,
    float: _number,
    bool: _boolean,
}
_NAMES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}
