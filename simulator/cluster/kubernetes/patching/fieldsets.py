"""Sets of fields: which fields a document has, as server-side apply names them.

A path is a tuple of steps: ``f:NAME`` a field, ``k:{...}`` an entry of a list that is told apart by
keys, ``v:VALUE`` an entry of a set. Lists that the API's description calls neither are one value.
Source: structured-merge-diff, ``fieldpath`` and ``typed.ToFieldSet``; KEP-555.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from simulator.cluster.kubernetes.api.fields import Field, fields_of
from simulator.cluster.kubernetes.api.times import stamp
from simulator.cluster.kubernetes.objects.meta import Managed

Path: TypeAlias = tuple[str, ...]
_NEVER = frozenset({
    "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink",
    "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "generateName",
})  # fmt: skip
"""Of an object's metadata: fields that nobody manages."""


def fields(data: Mapping[str, Any], type_: str | None) -> dict[Path, Any]:
    """The leaves of a document with their values; entries of lists are among them (as None)."""
    meta = {key: one for key, one in (data.get("metadata") or {}).items() if key not in _NEVER}
    body = {key: one for key, one in data.items() if key not in ("apiVersion", "kind", "status")}
    body["metadata"] = meta
    return dict(_inside((), body, type_))


def _inside(at: Path, value: Any, type_: str | None) -> Iterator[tuple[Path, Any]]:
    known = fields_of(type_) if type_ else None
    for key, one in value.items():
        if one is not None:
            field = None if known is None else known.get(key)
            yield from _field((*at, f"f:{key}"), one, field)


def _field(at: Path, value: Any, field: Field | None) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value and not _atomic(field):
        inner = None
        if field is not None and field.type not in ("any", "{string}"):
            inner = field.inner if field.type[0] in "[{" else field.type
        yield from _inside(at, value, inner)
    elif isinstance(value, list) and field is not None and (keys := keys_of(field)):
        for one in value:
            if isinstance(one, dict):
                step = (*at, "k:" + entry(one, keys))
                yield step, None
                yield from _inside(step, one, field.inner)
    elif isinstance(value, list) and field is not None and field.strategy.startswith("merge"):
        for one in value:
            yield (*at, "v:" + json.dumps(one)), one
    else:
        yield at, value


def _atomic(field: Field | None) -> bool:
    """Maps that are one value: selectors and the like (``x-kubernetes-map-type: atomic``)."""
    return field is not None and field.type.rpartition(".")[2] in ATOMIC


ATOMIC = frozenset({
    "LabelSelector", "NodeSelector", "NodeSelectorTerm", "LocalObjectReference", "ObjectReference",
    "SecretKeySelector", "ConfigMapKeySelector", "ObjectFieldSelector", "ResourceFieldSelector",
    "TypedLocalObjectReference", "SecretReference", "ServiceBackendPort", "ScopeSelector",
})  # fmt: skip


def keys_of(field: Field) -> tuple[str, ...]:
    """What tells the entries of a list of objects apart; nothing where it is one value."""
    if field.map_keys:
        return field.map_keys
    merged = field.strategy.startswith("merge") and field.merge_key
    return (field.merge_key,) if merged else ()


def entry(one: Mapping[str, Any], keys: Iterable[str]) -> str:
    """The keys of an entry as JSON; a port without a protocol is TCP's."""
    said = {key: one.get(key, "TCP" if key == "protocol" else None) for key in keys}
    found = {key: value for key, value in sorted(said.items()) if value is not None}
    return json.dumps(found, separators=(",", ":"))


def above(paths: Iterable[Path]) -> set[Path]:
    """Paths with all that they lie in."""
    return {path[:count] for path in paths for count in range(1, len(path) + 1)}


def text_of(path: Path) -> str:
    """A path as messages name it: ``.spec.containers[name="web"].image``."""
    words = []
    for step in path:
        if step.startswith("f:"):
            words.append("." + step[2:])
        elif step.startswith("k:"):
            keys = json.loads(step[2:]).items()
            words.append("[" + ",".join(f"{key}={json.dumps(one)}" for key, one in keys) + "]")
        else:
            words.append(f"[={step[2:]}]")
    return "".join(words)


def as_tree(paths: Iterable[Path]) -> dict[str, Any]:
    """Paths as ``fieldsV1`` writes them: a tree in which an entry of a list itself is ``.``."""
    root: dict[str, Any] = {}
    for path in sorted(paths):
        at = root
        for step in path:
            at = at.setdefault(step, {})
        if path[-1].startswith("k:"):
            at["."] = {}
    return root


def managed_data(entries: Iterable[Managed]) -> list[dict[str, Any]]:
    """``metadata.managedFields`` as the API writes it."""
    return [
        {
            "apiVersion": one.api_version, "fieldsType": "FieldsV1", "fieldsV1": as_tree(one.paths),
            "manager": one.manager, "operation": one.operation, "time": stamp(one.time),
            **({"subresource": one.subresource} if one.subresource else {}),
        }
        for one in entries
    ]  # fmt: skip


def without(value: Any, gone: set[Path], at: Path, type_: str | None) -> Any:
    """A document without the fields of some paths, and all that is in them."""
    known = fields_of(type_) if type_ else None
    result = {}
    for key, one in value.items():
        path, field = (*at, f"f:{key}"), None if known is None else known.get(key)
        if path not in gone:
            result[key] = _left(one, gone, path, field)
    return result


def _left(value: Any, gone: set[Path], at: Path, field: Field | None) -> Any:
    inner = None
    if field is not None and field.type not in ("any", "{string}"):
        inner = field.inner if field.type[0] in "[{" else field.type
    if isinstance(value, dict):
        return without(value, gone, at, inner)
    if not isinstance(value, list) or field is None:
        return value
    keys, found = keys_of(field), []
    for one in value:
        if isinstance(one, dict) and keys:
            step = (*at, "k:" + entry(one, keys))
            if step not in gone:
                found.append(without(one, gone, step, inner))
        elif keys or (*at, "v:" + json.dumps(one)) not in gone:
            found.append(one)
    return found
