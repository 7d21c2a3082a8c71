"""One service of a stack file over another of the same name.

Mappings are joined key by key, lists are put behind each other, what is a choice is replaced; ports
are told apart by what they are published at, volumes by where they are seen, secrets and configs by
their source. (docker/cli, ``cli/compose/loader/merge.go``.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_KEY = {
    "ports": "published", "volumes": "target", "secrets": "source", "configs": "source",
}  # fmt: skip
_REPLACED = ("command", "entrypoint")


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The second over the first."""
    found = dict(base)
    for key, value in over.items():
        found[key] = _service_key(key, found[key], value) if key in found else value
    return found


def _service_key(key: str, old: Any, new: Any) -> Any:
    if key in _BY_KEY:
        return _by_key(old, new, _BY_KEY[key])
    if key in _REPLACED:
        return new
    if key == "logging":
        return _logging(old, new)
    if key in ("ulimits", "networks"):
        return {**old, **new}
    return _joined(old, new)


def _by_key(old: list[Any], new: list[Any], key: str) -> list[Any]:
    found = {one.get(key): one for one in (*old, *new)}
    return [found[name] for name in sorted(found, key=lambda one: (one is not None, one or 0))]


def _logging(old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
    if old.get("driver") and new.get("driver") and old["driver"] != new["driver"]:
        return new
    return _joined(old, new)


def _joined(old: Any, new: Any) -> Any:
    if new is None or new in ("", 0, False):  # what says nothing replaces nothing
        return old
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        found = dict(old)
        for key, value in new.items():
            found[key] = _joined(found[key], value) if key in found else value
        return found
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *new]
    return new
