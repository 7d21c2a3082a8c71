"""Volumes of a service of a stack as ``--mount`` takes them.

Source: docker/cli, ``cli/compose/convert/volume.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.errors import InputError

_OF_TYPE = ("bind", "volume", "tmpfs", "image", "cluster")
NAMESPACE = "com.docker.stack.namespace"


def mounts_of(
    stack: str, service: Mapping[str, Any], volumes: Mapping[str, Any]
) -> tuple[str, ...]:
    """All of them, each as ``type=…,source=…,target=…``."""
    return tuple(_mount(stack, one, volumes) for one in service.get("volumes") or ())


def drivers_of(
    service: Mapping[str, Any], volumes: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """The plugins that a node must have for them."""
    found: dict[tuple[str, str], None] = {}
    for one in service.get("volumes") or ():
        driver = (volumes.get(one.get("source") or "") or {}).get("driver")
        if one.get("type") == "volume" and driver and driver != "local":
            found["Volume", str(driver)] = None
    return tuple(found)


def _mount(stack: str, one: Mapping[str, Any], volumes: Mapping[str, Any]) -> str:
    kind = str(one.get("type") or "volume")
    if kind not in ("volume", "bind", "tmpfs", "npipe", "cluster", "image"):
        raise InputError("volume type must be volume, bind, tmpfs, npipe, or cluster")
    if kind in ("npipe", "cluster", "image"):
        raise InputError(f"volumes of type {kind} are not modelled",
                         expected="volume, bind or tmpfs")  # fmt: skip
    for other in _OF_TYPE:
        if other != kind and one.get(other):
            raise InputError(f"{other} options are incompatible with type {kind}")
    fields: dict[str, Any] = {"type": kind}
    if kind == "volume":
        fields |= _volume(stack, one, volumes)
    elif kind == "tmpfs":
        if one.get("source"):
            raise InputError("invalid tmpfs source, source must be empty")
        if (one.get("tmpfs") or {}).get("size"):
            fields["tmpfs-size"] = one["tmpfs"]["size"]
    else:
        if not one.get("source"):
            raise InputError("invalid bind source, source cannot be empty")
        fields["source"] = one["source"]
        if (one.get("bind") or {}).get("propagation"):
            fields["bind-propagation"] = one["bind"]["propagation"]
    fields["target"] = one.get("target") or ""
    if one.get("read_only"):
        fields["readonly"] = "true"
    return ",".join(_quoted(f"{key}={value}") for key, value in fields.items())


def _volume(stack: str, one: Mapping[str, Any], volumes: Mapping[str, Any]) -> dict[str, Any]:
    source = one.get("source")
    if not source:
        return {}
    if source not in volumes:
        raise InputError(f'undefined volume "{source}"')
    known = volumes[source] or {}
    fields: dict[str, Any] = {"source": known.get("name") or f"{stack}_{source}"}
    if (one.get("volume") or {}).get("nocopy"):
        fields["volume-nocopy"] = "true"
    if (one.get("volume") or {}).get("subpath"):
        fields["volume-subpath"] = one["volume"]["subpath"]
    if not known.get("external"):
        fields["volume-label"] = f"{NAMESPACE}={stack}"
    return fields


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
