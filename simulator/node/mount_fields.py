"""What ``--mount`` says, field by field (docker/cli ``opts/mount.go``)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from typing import Any

from simulator.errors import InputError, Refused, nearest
from simulator.node.mounts import (
    BIND,
    PROPAGATION,
    TMPFS,
    VOLUME,
    Mount,
    argument,
    bad,
    checked,
    host_path,
    named,
    short,
)
from simulator.units import parse_bytes

_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


def parse_mount(text: str) -> Mount:
    """What ``--mount`` says: ``type=TYPE,source=SOURCE,target=TARGET,…``."""
    try:
        fields = next(csv.reader([short(text)], strict=True), [])
    except csv.Error:
        fields = []
    found: dict[str, Any] = {"type": VOLUME}
    given: set[str] = set()
    for one in fields:
        key, equals, value = one.partition("=")
        if not equals and key not in _SWITCHES:
            raise argument(text, f"invalid field '{one}' must be a key=value pair")
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            hint = f"; did you mean '{near}'?" if near else ""
            raise argument(text, f"unexpected key '{key}' in '{one}'{hint}")
        given.add(key.partition("-")[0] if "-" in key else "")
        _KEYS[key](found, key, value if equals else "true", text)
    return _long(found, given, text)


def _long(found: dict[str, Any], given: set[str], text: str) -> Mount:
    kind = found["type"]
    if not found.get("target"):
        raise argument(text, "target is required")
    for other in (VOLUME, BIND, TMPFS):
        if other in given and kind != other:
            raise argument(text, f"cannot mix '{other}-*' options with mount type '{kind}'")
    if found.pop("driver", "") not in ("", "local"):
        raise argument(text, "only the volume driver 'local' is modelled")
    if kind in ("image", "npipe", "cluster"):
        raise Refused(f"mounts of type '{kind}' are not modelled; there are volume, bind and tmpfs")
    if kind == BIND:
        found.setdefault("propagation", "rprivate")
    found["labels"] = tuple(found.get("labels", {}).items())
    made = Mount(mode="z" if kind == VOLUME else "", **found)
    if kind not in (VOLUME, BIND, TMPFS):
        raise bad(made, "mount type unknown")
    return named(checked(made))


def _set(name: str) -> Callable[[dict[str, Any], str, str, str], None]:
    def put(found: dict[str, Any], key: str, value: str, text: str) -> None:
        found[name] = value.lower() if name == "type" else value

    return put


def _set_truth(name: str, turned: bool = False) -> Callable[[dict[str, Any], str, str, str], None]:
    def put(found: dict[str, Any], key: str, value: str, text: str) -> None:
        if value not in (*_TRUE, *_FALSE):
            raise argument(text, f"invalid value for {key}: {value}")
        found[name] = (value in _TRUE) != turned

    return put


def _set_source(found: dict[str, Any], key: str, value: str, text: str) -> None:
    found["source"] = host_path(value)


def _set_propagation(found: dict[str, Any], key: str, value: str, text: str) -> None:
    if value not in PROPAGATION:
        raise Refused(f'invalid mount config for type "bind": invalid propagation mode: {value}')
    found["propagation"] = value


def _set_size(found: dict[str, Any], key: str, value: str, text: str) -> None:
    try:
        found["size_bytes"] = parse_bytes(value) or None
    except InputError:
        raise argument(text, f"invalid value for {key}: {value}") from None


def _set_mode(found: dict[str, Any], key: str, value: str, text: str) -> None:
    if not re.fullmatch("[0-7]{1,5}", value):
        raise argument(text, f"invalid value for {key}: {value}")
    found["tmpfs_mode"] = int(value, 8)


def _set_label(found: dict[str, Any], key: str, value: str, text: str) -> None:
    name, _, said = value.partition("=")
    found.setdefault("labels", {})[name] = said


def _refuse_option(found: dict[str, Any], key: str, value: str, text: str) -> None:
    raise argument(text, f"{key} is not modelled: the driver 'local' keeps volumes on the disk")


def _nothing(found: dict[str, Any], key: str, value: str, text: str) -> None:
    """Changes nothing on Linux."""


_KEYS: dict[str, Callable[[dict[str, Any], str, str, str], None]] = {
    "type": _set("type"),
    "source": _set_source,
    "src": _set_source,
    "target": _set("target"),
    "dst": _set("target"),
    "destination": _set("target"),
    "readonly": _set_truth("read_only"),
    "ro": _set_truth("read_only"),
    "consistency": _nothing,
    "bind-propagation": _set_propagation,
    "bind-nonrecursive": _nothing,
    "bind-recursive": _nothing,
    "bind-create-src": _set_truth("creates"),
    "volume-nocopy": _set_truth("copies", turned=True),
    "volume-label": _set_label,
    "volume-driver": _set("driver"),
    "volume-opt": _refuse_option,
    "volume-subpath": _set("subpath"),
    "tmpfs-size": _set_size,
    "tmpfs-mode": _set_mode,
}
_SWITCHES = ("readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src")
