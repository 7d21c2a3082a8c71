"""The YAML of a scenario before it is checked: files with what they include, and settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Place, printable
from simulator.files import inside, read_text
from simulator.yaml_nodes import TAG, Bounds, Node, compose, is_scalar

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 10_000
MAX_FILES = 20
SETTING = "--set"
BOUNDS = Bounds(MAX_NODES, MAX_DEPTH)


def place_of(node: Node) -> Place:
    """Where a node starts."""
    mark = node.start_mark
    if mark.name.startswith(SETTING):
        return Place(mark.name)
    return Place(mark.name, mark.line + 1, mark.column + 1)


def read_file(path: Path, name: str) -> Node:
    """The top mapping of a file with its includes merged in; InputError with a place."""
    return _Files(path.parent).read(path.name, name, ())


class _Files:
    """Reads a file and what it includes, all from one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read_so_far = 0

    def read(self, file: str, name: str, chain: tuple[str, ...], place: Place | None = None) -> Any:
        """The merged top mapping of a file."""
        path = inside(self.folder, file, place=place)
        key = str(path)
        self.read_so_far += 1
        if key in chain:
            names = [Path(one).name for one in (*chain[chain.index(key) :], key)]
            raise InputError("cyclic include", place=place, found=" -> ".join(names))
        if self.read_so_far > MAX_FILES:
            raise InputError(
                "too many included files", place=place, expected=f"at most {MAX_FILES}"
            )
        root = self._root(path, name, place)
        for one in _includes(root):
            shown = f"{name.rpartition('/')[0]}/{one.value}" if "/" in name else one.value
            included = self.read(one.value, shown, (*chain, key), place_of(one))
            _merge(root, included)
        return root

    def _root(self, path: Path, name: str, place: Place | None) -> Node:
        try:
            text = read_text(path, limit_bytes=MAX_BYTES, what="scenario")
        except InputError as error:
            raise (error.at(place) if place else error.at(Place(name))) from None
        return read_text_of(text, name)


def read_text_of(text: str, name: str) -> Node:
    """The top mapping of a text; ``name``: of its file."""
    root = compose(text, Place(name), BOUNDS)
    if root is None:
        raise InputError("this scenario is empty", place=Place(name), expected="'format: 1'")
    if root.id != "mapping":
        raise InputError(
            "a scenario is a mapping", place=place_of(root), expected="lines like 'format: 1'"
        )
    return root


def _includes(root: Node) -> list[Node]:
    """The values of ``include``, which is taken out of the mapping."""
    for index, (key, value) in enumerate(root.value):
        if key.value == "include":
            del root.value[index]
            items = value.value if value.id == "sequence" else [value]
            for one in items:
                if not is_scalar(one) or not one.value:
                    raise InputError("include: expected a file name", place=place_of(one))
            return list(items)
    return []


def _merge(into: Node, other: Node) -> None:
    """Add an included file: lists and mappings grow, single values of the including file win."""
    own = {key.value: value for key, value in into.value if is_scalar(key)}
    for key, value in other.value:
        mine = own.get(key.value) if is_scalar(key) else None
        if mine is None:
            into.value.append((key, value))
        elif mine.id == value.id and mine.id in ("sequence", "mapping"):
            mine.value[:0] = value.value


@dataclass(frozen=True, slots=True)
class Setting:
    """One ``--set key.path=value``."""

    path: tuple[str, ...]
    value: str
    text: str

    @property
    def place(self) -> Place:
        """What errors point at."""
        return Place(f"{SETTING} {printable(self.text)[1:-1]}")

    @classmethod
    def parse(cls, text: str) -> Setting:
        """Read ``hosts.0.cores=8``."""
        key, equals, value = text.partition("=")
        parts = tuple(key.strip().split("."))
        if not equals or not all(parts) or len(parts) > MAX_DEPTH:
            raise InputError("bad --set", found=text, expected="key.path=value")
        if parts[0] == "calibration" and len(parts) > 2:
            parts = (parts[0], ".".join(parts[1:]))  # names of constants have dots in them
        return cls(parts, value, text)


def apply(root: Node, setting: Setting) -> None:
    """Change one value of the tree; a last key that is not there is added, and checked later."""
    node: Any = root
    for index, part in enumerate(setting.path[:-1]):
        found = _child(node, part)
        if found is None and node.id == "mapping":
            found = _empty(node, part)
            _put(node, part, found)
        if found is None:
            raise _nothing(setting, index, node)
        node = found
    if node.id == "sequence" and _child(node, setting.path[-1]) is None:
        raise _nothing(setting, len(setting.path) - 1, node)
    if is_scalar(node):
        raise _nothing(setting, len(setting.path) - 1, node)
    value = compose(setting.value, setting.place, BOUNDS)
    _put(node, setting.path[-1], value if value is not None else _scalar(setting.value, node))


def _nothing(setting: Setting, index: int, node: Any) -> InputError:
    known = ", ".join(_names(node))
    return InputError(
        f"nothing called '{'.'.join(setting.path[: index + 1])}' here",
        place=setting.place,
        expected=f"one of: {known}" if known else None,
    )


def names(root: Node, key: str) -> tuple[str, ...]:
    """What stands below one key of the whole; nothing where it is not there."""
    below: Any = _child(root, key)
    return () if below is None else tuple(_names(below))


def _names(node: Any) -> Iterator[str]:
    if node.id == "mapping":
        yield from (str(key.value) for key, _ in node.value)
    elif node.id == "sequence":
        for index, one in enumerate(node.value):
            yield _name_of(one) or str(index)


def _name_of(node: Any) -> str | None:
    """The ``name`` of a mapping in a list, by which ``--set`` can call it."""
    if node.id != "mapping":
        return None
    return next((str(v.value) for k, v in node.value if k.value == "name" and is_scalar(v)), None)


def _child(node: Any, part: str) -> Any:
    if node.id == "mapping":
        return next((value for key, value in node.value if key.value == part), None)
    if node.id == "sequence":
        if part.isascii() and part.isdigit() and len(part) < 6:
            return node.value[int(part)] if int(part) < len(node.value) else None
        return next((one for one in node.value if _name_of(one) == part), None)
    return None


def _put(node: Any, part: str, value: Any) -> None:
    if node.id == "mapping":
        for index, (key, _) in enumerate(node.value):
            if key.value == part:
                node.value[index] = (key, value)
                return
        node.value.append((_scalar(part, value), value))
        return
    index = node.value.index(_child(node, part))
    node.value[index] = value


def _scalar(text: str, like: Any) -> Any:
    from yaml.nodes import ScalarNode

    return ScalarNode(TAG + "str", text, like.start_mark, like.end_mark)


def _empty(like: Any, part: str) -> Any:
    from yaml.nodes import MappingNode

    return MappingNode(TAG + "map", [], like.start_mark, like.end_mark)
