"""Files to documents: YAML with several documents, JSON, lists of objects.

The usual way is fast and forgets places; where something is wrong, the text is read again to say
where. YAML is read as kubectl reads it (1.1: ``yes`` and ``on`` are true, ``0755`` is octal).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from simulator.errors import InputError, Place, printable

MOST_BYTES = 100 << 20
MOST_DOCUMENTS = 100_000
MOST_NODES = 10_000_000
MOST_ALIASED = 1_000_000
"""Values that stand for others: a few lines of aliases can mean more than any file holds."""
MOST_DEPTH = 100
Path = tuple[str | int, ...]


class Document(msgspec.Struct, frozen=True):
    """One object of a file, and where it stands."""

    data: dict[str, Any]
    file: str
    index: int
    """Which of the file's documents it is, or is in."""
    inside: Path = ()
    """Where in that document, for entries of a List."""


def read(text: str, file: str) -> list[Document]:
    """All objects of a file, those of Lists one by one; InputError for what is none."""
    if len(text) > MOST_BYTES:
        raise InputError(
            "too large a file", place=Place(file), found=f"{len(text):,} bytes",
            expected=f"at most {MOST_BYTES:,}",
        )  # fmt: skip
    found = []
    for index, data in enumerate(_documents(text.removeprefix("\ufeff"), file)):
        if index >= MOST_DOCUMENTS:
            raise InputError(
                "too many documents", place=Place(file), expected=f"at most {MOST_DOCUMENTS:,}"
            )
        if data is None:
            continue
        if not isinstance(data, dict):
            raise InputError(
                "error parsing: no object", place=Place(file), found=printable(str(data), 60)
            )
        found += list(_flat(data, file, index, ()))
    return found


def read_values(text: str, file: str) -> list[Any]:
    """The documents of a text as they are, objects or not; InputError for what is no YAML."""
    if len(text) > MOST_BYTES:
        raise InputError("too large a file", place=Place(file), expected=f"at most {MOST_BYTES:,}")
    return list(_documents(text.removeprefix("\ufeff"), file))


def _flat(data: dict[str, Any], file: str, index: int, inside: Path) -> Iterator[Document]:
    items = data.get("items")
    if str(data.get("kind", "")).endswith("List") and isinstance(items, list):
        for number, item in enumerate(items):
            if isinstance(item, dict):
                yield from _flat(item, file, index, (*inside, "items", number))
        return
    yield Document(data, file, index, inside)


def _documents(text: str, file: str) -> Iterator[Any]:
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            yield from _json(text)
            return
        except (ValueError, RecursionError):
            pass  # flow style of YAML begins so, too
    yield from _yaml(text, file)


def _json(text: str) -> list[Any]:
    decoder, at, found = json.JSONDecoder(object_pairs_hook=_once), 0, []
    text = text.rstrip()
    while at < len(text):
        while text[at].isspace():
            at += 1
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Fields of a JSON object; where one is there twice, the reader of YAML says where."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is there twice")
    return found


def _yaml(text: str, file: str) -> Iterator[Any]:
    import yaml

    try:
        yield from _Reader(text).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        why = printable(str(error.problem or error.context), 200)[1:-1]
        raise InputError(f"error converting YAML to JSON: {why}", place=place) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = printable(str(error), 100)[1:-1]
        raise InputError(f"error converting YAML to JSON: {why}", place=Place(file)) from None


class _Reader:
    """Builds values from YAML's events, within bounds; notes places where somebody wants them."""

    def __init__(self, text: str, places: dict[Path, tuple[int, int]] | None = None) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._yaml = yaml
        self._events = yaml.parse(text, Loader=loader)
        self._resolver = yaml.SafeLoader("")
        self._scalars: dict[str, Any] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = self._aliased = 0
        self._places = places

    def documents(self) -> Iterator[Any]:
        for event in self._events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                self._anchors = {}
                yield self._value(next(self._events), (), 0)

    def _value(self, event: Any, path: Path, depth: int) -> Any:
        before = self._nodes
        self._count(event, 1, depth)
        if self._places is not None:
            mark = event.start_mark
            self._places[path] = mark.line + 1, mark.column + 1
        kind = type(event).__name__
        if kind == "AliasEvent":
            known = self._anchors.get(event.anchor)
            if known is None:
                self._fail(event, f"unknown anchor '{event.anchor}' referenced")
            assert known is not None
            self._count(event, known[1], depth)
            self._aliased += known[1]
            if self._aliased > MOST_ALIASED:
                self._fail(event, f"aliases stand for too many values, at most {MOST_ALIASED:,}")
            return known[0]
        if kind == "ScalarEvent":
            value = self._scalar(event)
        elif kind == "MappingStartEvent":
            value = self._mapping(path, depth)
        else:
            value = self._sequence(path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, self._nodes - before
        return value

    def _count(self, event: Any, nodes: int, depth: int) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            self._fail(event, f"too many values, at most {MOST_NODES:,}")
        if depth > MOST_DEPTH:
            self._fail(event, f"nested too deep, at most {MOST_DEPTH}")

    def _fail(self, event: Any, problem: str) -> None:
        raise self._yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while True:
            event = next(self._events)
            if type(event).__name__ == "MappingEndEvent":
                return {**merged, **found} if merged else found
            key = self._value(event, (*path, "\0"), depth + 1)
            if isinstance(key, dict | list):
                self._fail(event, "a key of a mapping is no text")
            word = _key(key)
            following = next(self._events)
            if word == "<<" and not getattr(event, "style", ""):
                for one in self._merged(self._value(following, (*path, word), depth + 1)):
                    merged = {**one, **merged}
                continue
            if word in found:
                self._fail(event, f'key "{word}" already set in map')
            found[word] = self._value(following, (*path, word), depth + 1)

    def _merged(self, value: Any) -> list[dict[str, Any]]:
        parts = value if isinstance(value, list) else [value]
        return [one for one in parts if isinstance(one, dict)]

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            event = next(self._events)
            if type(event).__name__ == "SequenceEndEvent":
                return found
            found.append(self._value(event, (*path, len(found)), depth + 1))

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.style or not event.implicit[0]:
            return text if event.tag in (None, "!", "tag:yaml.org,2002:str") else self._plain(text)
        return self._plain(text)

    def _plain(self, text: str) -> Any:
        known = self._scalars.get(text, self)
        if known is not self:
            return known
        value = _resolved(self._resolver, self._yaml, text)
        if len(self._scalars) < 10_000:
            self._scalars[text] = value
        return value


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _resolved(resolver: Any, yaml: Any, text: str) -> Any:
    """A plain word as YAML 1.1 takes it; days and base 60 stay text, as JSON has neither."""
    tag = resolver.resolve(yaml.ScalarNode, text, (True, False)).rpartition(":")[2]
    if tag in ("str", "timestamp") or ":" in text:
        return True if text in ("y", "Y") else False if text in ("n", "N") else text
    if tag == "null":
        return None
    node = yaml.ScalarNode(f"tag:yaml.org,2002:{tag}", text)
    try:
        if tag == "bool":
            return resolver.construct_yaml_bool(node)
        if tag == "int":
            return resolver.construct_yaml_int(node)
        if tag == "float":
            return resolver.construct_yaml_float(node)
    except ValueError:
        return text
    return text


def place_of(text: str, document: Document, path: Path) -> Place:
    """Where a field of a document stands: the text is read once more for it."""
    places: dict[Path, tuple[int, int]] = {}
    try:
        for index, _ in enumerate(_Reader(text.removeprefix("\ufeff"), places).documents()):
            if index == document.index:
                break
            places.clear()
    except Exception:  # the text was read before, so places are all that can be missing
        return Place(document.file)
    wanted = (*document.inside, *path)
    while wanted and wanted not in places:
        wanted = wanted[:-1]
    line, column = places.get(wanted, (1, 1))
    return Place(document.file, line, column)
