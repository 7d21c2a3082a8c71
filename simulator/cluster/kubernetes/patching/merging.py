"""How objects are merged: by the rules of their types, field by field.

Lists are replaced whole, or merged by a key, as the API's description says of each. Sources:
``strategicpatch`` of apimachinery, RFC 7386 for kinds that nobody describes.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from simulator.cluster.kubernetes.api.fields import Field, fields_of

PATCH = "$patch"
_SPECIAL = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys")


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: maps are merged, null takes away, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def strategic(target: Any, patch: Any, type_: str | None, *, first: bool = False) -> Any:
    """A strategic merge patch on an object of a type (None: a type that nobody describes).

    ``first``: entries of a patch come before the others of their list, as kustomize has them.
    """
    if not isinstance(patch, dict):
        return patch
    if patch.get(PATCH) == "replace":
        return {key: value for key, value in patch.items() if key != PATCH}
    if patch.get(PATCH) == "delete":
        return {}
    result = dict(target) if isinstance(target, dict) else {}
    known = fields_of(type_) if type_ else None
    kept = patch.get("$retainKeys")
    if kept is not None:
        result = {key: value for key, value in result.items() if key in kept}
    for key, value in patch.items():
        if key == PATCH or key.startswith(_SPECIAL):
            continue
        field = None if known is None else known.get(key)
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _field(result.get(key), value, field, first)
    for key, gone in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            result[name] = [one for one in result.get(name, ()) if one not in gone]
    return result


def _field(target: Any, value: Any, field: Field | None, first: bool) -> Any:
    if isinstance(value, list):
        if field is None or not field.strategy.startswith("merge") or target is None:
            return [one for one in value if not _is_order(one)]
        return _list(list(target), value, field, first)
    if isinstance(value, dict):
        return strategic(target, value, inner_type(field), first=first)
    return value


def _is_order(one: Any) -> bool:
    return isinstance(one, dict) and one.get(PATCH) in ("delete", "replace", "merge")


def inner_type(field: Field | None) -> str | None:
    """The type of what is in a field: of its entries, or of itself."""
    if field is None or field.type in ("any", "{string}"):
        return None
    return field.inner if field.type[0] in "[{" else field.type


def _list(target: list[Any], patch: list[Any], field: Field, first: bool) -> list[Any]:
    key = field.merge_key
    if not key:
        fresh = [one for one in patch if one not in target]
        return [*fresh, *target] if first else [*target, *fresh]
    if any(isinstance(one, dict) and one.get(PATCH) == "replace" for one in patch):
        return [one for one in patch if not _is_order(one)]
    named: list[Any] = []
    for one in patch:
        if not isinstance(one, dict):
            continue
        value = one.get(key)
        at = _at(target, key, value)
        if one.get(PATCH) == "delete":
            target = [each for each in target if _entry(each, key) != value]
            continue
        if at is None:
            target.append(strategic({}, one, field.inner, first=first))
        else:
            target[at] = strategic(target[at], one, field.inner, first=first)
        named.append(value)
    if not first:
        return target
    ahead = [target[at] for value in named if (at := _at(target, key, value)) is not None]
    return [*ahead, *(one for one in target if _entry(one, key) not in named)]


def _entry(one: Any, key: str) -> Any:
    return one.get(key) if isinstance(one, dict) else None


def _at(entries: list[Any], key: str, value: Any) -> int | None:
    for index, one in enumerate(entries):
        if isinstance(one, dict) and one.get(key) == value:
            return index
    return None


# --- apply ----------------------------------------------------------------------------------------


def three_way(last: Any, new: Any, live: Any, type_: str | None, *, server: bool = False) -> Any:
    """What ``apply`` makes: of what was applied last, what is applied now, and what there is.

    What is in ``new`` is so; what was in ``last`` and is not in ``new`` goes; what others wrote
    stays. ``server``: lists are told apart by the keys of server-side apply.
    """
    if not isinstance(new, dict) or not isinstance(live, dict):
        return new
    before = last if isinstance(last, dict) else {}
    known = fields_of(type_) if type_ else None
    result = dict(live)
    for key in before:
        if key not in new:
            result.pop(key, None)
    for key, value in new.items():
        field = None if known is None else known.get(key)
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _three(before.get(key), value, result.get(key), field, server)
    return result


def _three(last: Any, new: Any, live: Any, field: Field | None, server: bool) -> Any:
    if isinstance(new, dict):
        return three_way(last, new, live, inner_type(field), server=server)
    if isinstance(new, list) and field is not None and isinstance(live, list):
        keys = field.map_keys if server and field.map_keys else (field.merge_key,)
        if field.strategy.startswith("merge") or (server and field.map_keys):
            if keys == ("",):
                return _primitives(last, new, live)
            return _three_lists(last, new, live, field, keys, server)
    return new


def _primitives(last: Any, new: list[Any], live: list[Any]) -> list[Any]:
    gone = [one for one in last or () if one not in new]
    kept = [one for one in live if one not in gone]
    return [*kept, *(one for one in new if one not in kept)]


def _three_lists(
    last: Any, new: list[Any], live: list[Any], field: Field, keys: tuple[str, ...], server: bool
) -> list[Any]:
    before = {_key(one, keys): one for one in last or () if isinstance(one, dict)}
    there = {_key(one, keys): one for one in live if isinstance(one, dict)}
    wanted: dict[Any, Any] = {}
    for one in new:
        key = _key(one, keys)
        base = wanted.get(key, there.get(key))
        wanted[key] = (
            one
            if base is None
            else three_way(before.get(key), one, base, field.inner, server=server)
        )
    others = [one for key, one in there.items() if key not in wanted and key not in before]
    return [*wanted.values(), *others]


def _key(one: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(one.get(key, "TCP" if key == "protocol" else None) for key in keys)


# --- JSON patches ---------------------------------------------------------------------------------


class PatchProblem(Exception):
    """A JSON patch that cannot be carried out."""


def json_patch(target: Any, operations: list[dict[str, Any]]) -> Any:
    """RFC 6902; nothing is changed where one operation fails (PatchProblem)."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise PatchProblem("a JSON patch is a list of operations")
    result = copy.deepcopy(target)
    copies = 0
    for one in operations:
        if one.get("op") == "copy":
            copies += _size(result)
            if copies > MOST_COPIED:
                raise PatchProblem(f"copies too much, at most {MOST_COPIED:,} values")
        result = _operation(result, one)
    return result


MOST_COPIED = 1_000_000
"""Values that the copies of a patch may have: each can double what the one before it left."""


def _size(value: Any) -> int:
    """How many values something is, with all that is in it."""
    if isinstance(value, dict):
        return 1 + sum(_size(one) for one in value.values())
    return 1 + sum(_size(one) for one in value) if isinstance(value, list) else 1


def _operation(target: Any, one: dict[str, Any]) -> Any:
    name, path = one.get("op"), _pointer(one.get("path"))
    if name in ("move", "copy"):
        source = _pointer(one.get("from"))
        value = copy.deepcopy(_get(target, source))
        if name == "move":
            target = _remove(target, source)
        return _add(target, path, value)
    if name == "add":
        return _add(target, path, one.get("value"))
    if name == "remove":
        return _remove(target, path)
    if name == "replace":
        _get(target, path)
        return _add(target, path, one.get("value"), replace=True)
    if name == "test":
        if _get(target, path) != one.get("value"):
            raise PatchProblem(f"testing path {one.get('path')} failed")
        return target
    raise PatchProblem(f"Unexpected kind: {name}")


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchProblem(f"add operation does not apply: doc is missing path: {text}")
    return [one.replace("~1", "/").replace("~0", "~") for one in text.split("/")[1:]]


def _get(target: Any, path: list[str]) -> Any:
    for word in path:
        if isinstance(target, dict) and word in target:
            target = target[word]
        elif isinstance(target, list) and _index(word) < len(target):
            target = target[_index(word)]
        else:
            raise PatchProblem(f"doc is missing key: /{'/'.join(path)}: missing value")
    return target


def _add(target: Any, path: list[str], value: Any, *, replace: bool = False) -> Any:
    if not path:
        return value
    parent, word = _get(target, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[word] = value
    elif isinstance(parent, list):
        at = len(parent) if word == "-" else _index(word)
        if at > len(parent):
            raise PatchProblem(f"Unable to access invalid index: {word}")
        parent[at : at + replace] = [value]
    else:
        raise PatchProblem(f"doc is missing path: /{'/'.join(path)}")
    return target


def _index(word: str) -> int:
    """A place in a list; one that no list has, where the word is no number."""
    right = word.isascii() and word.isdigit() and len(word) < 10
    return int(word) if right else NOWHERE


NOWHERE = 1 << 40


def _remove(target: Any, path: list[str]) -> Any:
    if not path:
        raise PatchProblem("remove operation does not apply: the whole document cannot go")
    _get(target, path)
    parent = _get(target, path[:-1])
    if isinstance(parent, list):
        del parent[int(path[-1])]
    else:
        del parent[path[-1]]
    return target
