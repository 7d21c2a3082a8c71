"""Who manages which fields of an object: kept with each write of a person, asked by apply.

Source: server-side apply (KEP-555; apimachinery, ``managedfields``; structured-merge-diff,
``merge/update.go``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import ApiError
from simulator.cluster.kubernetes.api.fields import type_of_kind
from simulator.cluster.kubernetes.data import as_data
from simulator.cluster.kubernetes.objects.meta import Managed, Object
from simulator.cluster.kubernetes.patching.fieldsets import (
    Path,
    above,
    fields,
    text_of,
    without,
)

Some = TypeVar("Some", bound=Object)
APPLY, UPDATE = "Apply", "Update"
NOTE: Path = (
    "f:metadata", "f:annotations", "f:kubectl.kubernetes.io/last-applied-configuration"
)  # fmt: skip
UNKNOWN = "unknown"
"""Whoever does not say who it is."""


def known_fields(one: Object) -> dict[Path, Any]:
    """The fields of an object that somebody may manage, with their values."""
    return fields(as_data(one), type_of_kind(one.api_version, one.kind))


def updated(
    before: Object | None, after: Some, manager: str, now: float, subresource: str = ""
) -> Some:
    """The object with its writer as the manager of all that the write has changed."""
    new = known_fields(after)
    old = {} if before is None else known_fields(before)
    changed = [path for path, value in new.items() if path not in old or old[path] != value]
    taken = set(changed)
    own = Managed(manager or UNKNOWN, UPDATE, after.api_version, now, (), subresource)
    entries, mine = [], dict.fromkeys(changed)
    for each in () if before is None else before.meta.managed:
        if each.who == own.who:
            mine = dict.fromkeys(path for path in (*each.paths, *changed) if path in new)
            continue
        left = tuple(path for path in each.paths if path not in taken and path in new)
        entries.append(each if left == each.paths else replace(each, paths=left))
    if mine:
        entries.append(replace(own, paths=tuple(mine)))
    return _with(after, entries)


def scaled(before: Object, after: Some, manager: str, now: float) -> Some:
    """The same where only the number of replicas was written."""
    return updated(before, after, manager, now, "scale") if before.meta.managed else after


def _with(one: Some, entries: Iterable[Managed]) -> Some:
    kept = tuple(each for each in entries if each.paths)
    return replace(one, meta=replace(one.meta, managed=kept))


def applied(one: Some, before: Object | None, config: Iterable[Path], manager: str,
            now: float) -> Some:  # fmt: skip
    """The object with a manager that has applied these fields, and no others."""
    wanted = tuple(config)
    taken, mine = set(wanted), Managed(manager, APPLY, one.api_version, now, wanted)
    there = known_fields(one)
    live = {} if before is None else known_fields(before)
    entries = []
    for each in () if before is None else before.meta.managed:
        if each.who == mine.who:
            if each.paths == wanted:
                mine = each
            continue
        left = tuple(
            path for path in each.paths
            if path in there and (path not in taken or there[path] == live.get(path))
        )  # fmt: skip
        entries.append(each if left == each.paths else replace(each, paths=left))
    return _with(one, [*entries, mine])


def migrated(live: Some, manager: str) -> Some:
    """The object with what client-side apply managed as applied by a manager of the server's
    (``csaupgrade``): from now on it goes when it is applied no more."""
    old = [
        each for each in live.meta.managed if each.operation == UPDATE and NOTE in each.paths
    ]  # fmt: skip
    if not old:
        return live
    paths: dict[Path, None] = {}
    entries = []
    for each in live.meta.managed:
        if each in old or each.who == (manager, APPLY, ""):
            paths |= dict.fromkeys(path for path in each.paths if path != NOTE)
        else:
            entries.append(each)
    mine = Managed(manager, APPLY, live.api_version, old[0].time, tuple(paths))
    return _with(live, [*entries, mine])


def pruned(live: Object, config: dict[Path, Any], manager: str) -> dict[str, Any]:
    """The live document without what this manager applied before, applies no more, and nobody
    else manages."""
    data = {key: one for key, one in as_data(live).items() if key != "status"}
    before: set[Path] = set()
    others: list[Path] = []
    for each in live.meta.managed:
        if each.manager == manager and each.operation == APPLY:
            before = above(each.paths)
        else:
            others += each.paths
    gone = before - above(config) - above(others)
    return data if not gone else _cut(data, gone, live)


def _cut(data: dict[str, Any], gone: set[Path], live: Object) -> dict[str, Any]:
    left: dict[str, Any] = without(data, gone, (), type_of_kind(live.api_version, live.kind))
    return left


def conflicts(live: Object, config: dict[Path, Any], manager: str) -> list[tuple[Managed, Path]]:
    """Fields that others manage and to which an apply would give another value."""
    values = known_fields(live)
    found = []
    for each in live.meta.managed:
        if each.manager == manager and each.operation == APPLY:
            continue
        found += [
            (each, path) for path in each.paths
            if path in config and config[path] is not None and config[path] != values.get(path)
        ]  # fmt: skip
    return sorted(found, key=lambda one: (one[0].manager, one[1]))


def refuse(found: list[tuple[Managed, Path]]) -> None:
    """ApiError where there are conflicts, as ``managedfields/internal/conflict.go`` words it."""
    if not found:
        return
    if len(found) == 1:
        who, path = found[0]
        said = f"1 conflict: conflict with {_titled(who)}: {text_of(path)}"
    else:
        lines = []
        for who in dict.fromkeys(one for one, _ in found):
            lines.append(f"conflicts with {_titled(who)}:")
            lines += [f"- {text_of(path)}" for one, path in found if one is who]
        said = f"{len(found)} conflicts: " + "\n".join(lines)
    raise ApiError(409, "Conflict", f"Apply failed with {said}")


def _titled(who: Managed) -> str:
    if who.operation == APPLY:
        return f'"{who.manager}"'
    part = f' with subresource "{who.subresource}"' if who.subresource else ""
    return f'"{who.manager}"{part} using {who.api_version}'
