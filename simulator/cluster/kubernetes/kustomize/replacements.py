"""Values of one object written to fields of others (kustomize, ``replacements``)."""

from __future__ import annotations

import re
from typing import Any

from simulator.cluster.kubernetes.api.reading import read_values
from simulator.cluster.kubernetes.kustomize.files import Folder, own
from simulator.cluster.kubernetes.kustomize.patches import selects
from simulator.cluster.kubernetes.kustomize.resources import Resource, Resources
from simulator.cluster.kubernetes.kustomize.spec import (
    BuildError,
    FieldOptions,
    Goal,
    Replacement,
    Selector,
    Source,
    convert,
)

_NUMBER = re.compile(r"-?[0-9]{1,18}")
MOST = 1_000_000
"""Fields that all replacements of a build may write."""


def replace_all(known: Resources, listed: list[Replacement], folder: Folder) -> None:
    """Each replacement in turn."""
    written = [0]
    for one in listed:
        for each in _loaded(one, folder):
            _replace(known, each, written)


def _loaded(one: Replacement, folder: Folder) -> list[Replacement]:
    """The replacement itself, or those of its file."""
    if not one.path:
        return [one]
    found: list[Replacement] = []
    for value in read_values(folder.text_of(one.path), one.path):
        many = value if isinstance(value, list) else [value]
        found += [convert(own(each), Replacement, f"invalid {one.path}") for each in many]
    if any(each.path for each in found):
        raise BuildError(f"{one.path}: a replacement in a file names no other file")
    return found


def _replace(known: Resources, one: Replacement, written: list[int]) -> None:
    if (one.source is None and one.source_value is None) or one.targets is None:
        raise BuildError("replacements must specify a source and at least one target")
    if one.source is not None and one.source_value is not None:
        raise BuildError("value and resource selectors are mutually exclusive")
    value = one.source_value if one.source is None else _value(known, one.source)
    for goal in one.targets:
        if goal.select is None:
            raise BuildError("target must specify resources to select")
        for resource in known:
            if selects(goal.select, resource) and not _rejected(goal, resource):
                _write(resource, goal, value, written)


def _rejected(goal: Goal, one: Resource) -> bool:
    return any(selects(each, one) for each in goal.reject)


def _value(known: Resources, source: Source) -> Any:
    wanted = Selector(
        re.escape(source.group), re.escape(source.version), re.escape(source.kind),
        re.escape(source.name), re.escape(source.namespace),
    )  # fmt: skip
    found = [one for one in known if selects(wanted, one)]
    said = ".".join(filter(None, (source.kind or "[noKind]", source.version, source.group)))
    shown = f"{said}/{source.name or '[noName]'}.{source.namespace or '[noNs]'}"
    if len(found) > 1:
        raise BuildError(f"multiple matches for selector {shown}:{source.field_path}")
    if not found:
        raise BuildError(f"nothing selected by {shown}:{source.field_path}")
    there = _fields(found[0].data, path_of(source.field_path), None)
    if not there or there[0][0][there[0][1]] in (None, "", {}, []):
        raise BuildError(
            f"fieldPath `{source.field_path}` is missing for replacement source {shown}"
        )
    holder, key = there[0]
    return _part(holder[key], source.options)


def _part(value: Any, options: FieldOptions) -> Any:
    if not options.delimiter:
        return value
    if isinstance(value, dict | list):
        raise BuildError("delimiter option can only be used with scalar nodes")
    parts = _text(value).split(options.delimiter)
    if not 0 <= options.index < len(parts):
        raise BuildError(f"options.index {options.index} is out of bounds for value {_text(value)}")
    return parts[options.index]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _write(one: Resource, goal: Goal, value: Any, written: list[int]) -> None:
    remembered = False
    for path in goal.field_paths or ["metadata.name"]:
        made: Any = value if goal.options.create else None
        found = _fields(one.data, path_of(path), made)
        if not found:
            word = "find or create" if goal.options.create else "find"
            raise BuildError(f'unable to {word} field "{path}" in replacement target')
        written[0] += len(found)
        if written[0] > MOST:
            raise BuildError(f"replacements write too many fields, at most {MOST:,}")
        if path.startswith("metadata.name") and not remembered:
            one.remember()
            remembered = True
        for holder, key in found:
            holder[key] = _new(holder[key], value, goal.options)


def _new(there: Any, value: Any, options: FieldOptions) -> Any:
    """A field's next value: all of it, or one of its parts."""
    if not options.delimiter:
        if isinstance(there, str) and not isinstance(value, dict | list):
            return _text(value)
        if isinstance(there, int) and isinstance(value, str):
            return int(value) if _NUMBER.fullmatch(value) else value
        return own(value)
    if isinstance(there, dict | list):
        raise BuildError("delimiter option can only be used with scalar nodes")
    parts = _text(there).split(options.delimiter)
    if options.index < 0:
        parts.insert(0, _text(value))
    elif options.index >= len(parts):
        parts.append(_text(value))
    else:
        parts[options.index] = _text(value)
    return options.delimiter.join(parts)


def path_of(path: str) -> list[str]:
    """``spec.containers.[name=web].image`` as words; ``\\.`` and ``[a.b]`` keep their dots."""
    words, now, depth, at = [], "", 0, 0
    while at < len(path):
        char = path[at]
        if char == "\\" and path[at + 1 : at + 2] == ".":
            now, at = f"{now}.", at + 1
        elif char == "." and not depth:
            words.append(now)
            now = ""
        else:
            depth += (char == "[") - (char == "]")
            now += char
        at += 1
    return [one for one in (*words, now) if one]


def _fields(node: Any, path: list[str], made: Any) -> list[tuple[Any, Any]]:
    """Who holds what stands at a path, and under which key; ``made``: missing fields are made."""
    if not path:
        return []
    keys = _keys(node, path, made)
    if len(path) == 1:
        return [(node, key) for key in keys]
    return [found for key in keys for found in _fields(node[key], path[1:], made)]


def _keys(node: Any, path: list[str], made: Any) -> list[Any]:
    word = path[0]
    if isinstance(node, list):
        return _entries(node, word)
    if not isinstance(node, dict):
        return []
    word = word[1:-1] if word[:1] == "[" and word[-1:] == "]" and "=" not in word else word
    if word == "*":
        return list(node)
    if node.get(word) is None:
        if made is None:
            return [word] if word in node and len(path) == 1 else []
        node[word] = None if len(path) == 1 else {}
    return [word]


def _entries(node: list[Any], word: str) -> list[int]:
    if word == "*":
        return list(range(len(node)))
    if word.isdigit():
        return _index(node, word)
    if word[:1] == "[" and word[-1:] == "]":
        key, equals, value = word[1:-1].partition("=")
        if not equals:
            return _index(node, key)
        return [
            at for at, one in enumerate(node)
            if (_text(one.get(key)) == value if isinstance(one, dict) and key else
                not key and _text(one) == value)
        ]  # fmt: skip
    return []


def _index(node: list[Any], word: str) -> list[int]:
    right = word.isascii() and word.isdigit() and len(word) < 10
    return [int(word)] if right and int(word) < len(node) else []
