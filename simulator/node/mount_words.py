"""What ``-v``, ``--tmpfs`` and ``--volumes-from`` say, in Docker's words.

Source: moby ``volume/mounts/linux_parser.go``. The long form, ``--mount``, is in
``mount_fields.py``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from simulator.errors import InputError, Refused
from simulator.node.mount_fields import parse_mount
from simulator.node.mounts import (
    BIND,
    HOME,
    PROPAGATION,
    TMPFS,
    VOLUME,
    Mount,
    bad,
    check_volume_name,
    checked,
    host_path,
    named,
    quoted,
    short,
)
from simulator.units import parse_bytes

__all__ = [
    "BIND", "HOME", "TMPFS", "VOLUME", "Mount", "check_volume_name", "host_path", "parse_mount",
    "parse_tmpfs", "parse_volume", "parse_volumes_from",
]  # fmt: skip
_RW, _LABELS, _COPY = ("rw", "ro"), ("z", "Z"), ("nocopy", "copy")
_CONSISTENCY = ("consistent", "cached", "delegated", "default")


def parse_volume(text: str) -> Mount:
    """What ``-v`` says: ``[SOURCE:]TARGET[:MODE]``."""
    parts = short(text).split(":")
    if not parts[0] or len(parts) > 3 or (len(parts) == 2 and _mode(parts[1]) is not None):
        raise Refused(f"invalid volume specification: '{text}'")
    mode = parts[2] if len(parts) == 3 else ""
    modes = _mode(mode)
    if modes is None:
        raise Refused(f"invalid mode: {mode}")
    source = host_path(parts[0]) if len(parts) > 1 else ""
    kind = BIND if source.startswith("/") else VOLUME
    propagation = next((one for one in modes if one in PROPAGATION), "")
    made = Mount(
        kind,
        parts[1] if len(parts) > 1 else parts[0],
        source,
        read_only="ro" in modes,
        mode=mode,
        copies="nocopy" not in modes,
        creates=True,
        propagation=propagation or ("rprivate" if kind == BIND else ""),
    )
    try:
        if propagation and kind == VOLUME:
            raise bad(made, "field BindOptions must not be specified")
        made = checked(made)
    except Refused as problem:
        raise Refused(f"invalid volume specification: '{text}': {problem}") from None
    return named(made)


def _mode(text: str) -> tuple[str, ...] | None:
    """The words of a mode; None for one that is none, or says something twice."""
    words = tuple(text.split(",")) if text else ()
    for known in (_RW, _LABELS, PROPAGATION, _COPY, _CONSISTENCY):
        if sum(word in known for word in words) > 1:
            return None
    every = {*_RW, *_LABELS, *PROPAGATION, *_COPY, *_CONSISTENCY}
    return words if all(word in every for word in words) else None


def parse_tmpfs(text: str) -> Mount:
    """What ``--tmpfs`` says: ``TARGET[:OPTION,…]`` with the options of mount(8)."""
    target, _, options = short(text).partition(":")
    made = Mount(TMPFS, target, mode=options, in_list=False)
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        if key == "size" and value:
            made = replace(made, size_bytes=_tmpfs_size(value, text))
        elif key == "mode" and value:
            made = replace(made, tmpfs_mode=octal(value, text))
        elif key in ("ro", "rw"):
            made = replace(made, read_only=key == "ro")
        elif key not in _TMPFS_WORDS:
            raise Refused(f"invalid tmpfs option {quoted(option)}")
    return checked(made)


_TMPFS_WORDS = (
    "exec", "noexec", "suid", "nosuid", "dev", "nodev", "sync", "async", "atime", "noatime",
    "relatime", "strictatime", "nr_inodes", "nr_blocks", "uid", "gid", "defaults",
)  # fmt: skip


def _tmpfs_size(value: str, text: str) -> int | None:
    try:
        return parse_bytes(value) or None
    except InputError:
        raise Refused(f"invalid tmpfs option {quoted(text)}") from None


def octal(value: str, text: str) -> int:
    if not re.fullmatch("[0-7]{1,5}", value):
        raise InputError("invalid argument for a mode", found=text, expected="octal, as 1770")
    return int(value, 8)


def parse_volumes_from(text: str) -> tuple[str, bool]:
    """The container whose mounts are taken over, and whether only for reading."""
    name, _, mode = short(text).partition(":")
    words = _mode(mode)
    if not name:
        raise Refused("volumes-from specification cannot be an empty string")
    if words is None or any(word in (*PROPAGATION, *_COPY) for word in words):
        raise Refused(f"invalid mode: {mode}")
    return name, "ro" in words
