"""What ``-v``, ``--mount``, ``--tmpfs`` and ``--volumes-from`` say, in Docker's words.

Sources: docker/cli ``opts/mount.go`` (fields of --mount), moby ``volume/mounts/linux_parser.go``
and ``validate.go`` (what a daemon takes).
"""

from __future__ import annotations

import csv
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.errors import InputError, Refused, nearest
from simulator.units import parse_bytes

VOLUME, BIND, TMPFS = "volume", "bind", "tmpfs"
HOME = "/root"
"""Where relative paths of the host begin: the folder that its person works in."""
MAX_WORDS = 4096
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_HERE = re.compile(r"^(\$\(pwd\)|\$\{?PWD\}?|\$\{?HOME\}?|~)(?=/|$)")
_RW, _LABELS, _COPY = ("rw", "ro"), ("z", "Z"), ("nocopy", "copy")
_CONSISTENCY = ("consistent", "cached", "delegated", "default")
_PROPAGATION = ("private", "rprivate", "slave", "rslave", "shared", "rshared")
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount as it was asked for. ``source``: a volume, a path of the host, or nothing."""

    type: str
    target: str
    source: str = ""
    read_only: bool = False
    mode: str = ""
    """What stood after the second colon of ``-v``."""
    copies: bool = True
    """Whether a new volume gets what the image has there."""
    creates: bool = False
    """Whether a path of the host that is not there is made, as ``-v`` does."""
    propagation: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    subpath: str = ""
    size_bytes: int | None = None
    """Of a tmpfs; None: half of the memory."""
    tmpfs_mode: int = 0o1777
    in_list: bool = field(default=True)
    """Whether it is among ``Mounts`` of ``docker inspect``; ``--tmpfs`` is not."""


def check_volume_name(name: str, doing: str = "create") -> None:
    """Refuse a name that the driver for local volumes does not take."""
    if len(name) == 1:
        raise Refused(
            f"{doing} {name}: volume name is too short, names should be at least two "
            "alphanumeric characters"
        )
    if not _NAME.fullmatch(name) or len(name) > 255:
        raise Refused(
            f'{doing} {name}: "{name}" includes invalid characters for a local volume name, only '
            '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, '
            "use absolute path"
        )


def host_path(text: str) -> str:
    """A path as a shell and the client make it absolute: ``./src``, ``~/src``, ``$PWD``."""
    text = _HERE.sub(HOME, text)
    if text in (".", "..") or text.startswith(("./", "../")):
        text = posixpath.join(HOME, text)
    return posixpath.normpath(text) if text.startswith("/") else text


def parse_volume(text: str) -> Mount:
    """What ``-v`` says: ``[SOURCE:]TARGET[:MODE]``."""
    parts = _short(text).split(":")
    if not parts[0] or len(parts) > 3 or (len(parts) == 2 and _mode(parts[1]) is not None):
        raise Refused(f"invalid volume specification: '{text}'")
    mode = parts[2] if len(parts) == 3 else ""
    modes = _mode(mode)
    if modes is None:
        raise Refused(f"invalid mode: {mode}")
    source = host_path(parts[0]) if len(parts) > 1 else ""
    kind = BIND if source.startswith("/") else VOLUME
    propagation = next((one for one in modes if one in _PROPAGATION), "")
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
            raise _bad(made, "field BindOptions must not be specified")
        made = _checked(made)
    except Refused as problem:
        raise Refused(f"invalid volume specification: '{text}': {problem}") from None
    return _named(made)


def _mode(text: str) -> tuple[str, ...] | None:
    """The words of a mode; None for one that is none, or says something twice."""
    words = tuple(text.split(",")) if text else ()
    for known in (_RW, _LABELS, _PROPAGATION, _COPY, _CONSISTENCY):
        if sum(word in known for word in words) > 1:
            return None
    every = {*_RW, *_LABELS, *_PROPAGATION, *_COPY, *_CONSISTENCY}
    return words if all(word in every for word in words) else None


def parse_tmpfs(text: str) -> Mount:
    """What ``--tmpfs`` says: ``TARGET[:OPTION,…]`` with the options of mount(8)."""
    target, _, options = _short(text).partition(":")
    made = Mount(TMPFS, target, mode=options, in_list=False)
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        if key == "size" and value:
            made = replace(made, size_bytes=_tmpfs_size(value, text))
        elif key == "mode" and value:
            made = replace(made, tmpfs_mode=_octal(value, text))
        elif key in ("ro", "rw"):
            made = replace(made, read_only=key == "ro")
        elif key not in _TMPFS_WORDS:
            raise Refused(f"invalid tmpfs option {_quoted(option)}")
    return _checked(made)


_TMPFS_WORDS = (
    "exec", "noexec", "suid", "nosuid", "dev", "nodev", "sync", "async", "atime", "noatime",
    "relatime", "strictatime", "nr_inodes", "nr_blocks", "uid", "gid", "defaults",
)  # fmt: skip


def _tmpfs_size(value: str, text: str) -> int | None:
    try:
        return parse_bytes(value) or None
    except InputError:
        raise Refused(f"invalid tmpfs option {_quoted(text)}") from None


def _octal(value: str, text: str) -> int:
    if not re.fullmatch("[0-7]{1,5}", value):
        raise InputError("invalid argument for a mode", found=text, expected="octal, as 1770")
    return int(value, 8)


# --- the long form --------------------------------------------------------------------------------


def parse_mount(text: str) -> Mount:
    """What ``--mount`` says: ``type=TYPE,source=SOURCE,target=TARGET,…``."""
    try:
        fields = next(csv.reader([_short(text)], strict=True), [])
    except csv.Error:
        fields = []
    found: dict[str, Any] = {"type": VOLUME}
    given: set[str] = set()
    for one in fields:
        key, equals, value = one.partition("=")
        if not equals and key not in _SWITCHES:
            raise _argument(text, f"invalid field '{one}' must be a key=value pair")
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            hint = f"; did you mean '{near}'?" if near else ""
            raise _argument(text, f"unexpected key '{key}' in '{one}'{hint}")
        given.add(key.partition("-")[0] if "-" in key else "")
        _KEYS[key](found, key, value if equals else "true", text)
    return _long(found, given, text)


def _long(found: dict[str, Any], given: set[str], text: str) -> Mount:
    kind = found["type"]
    if not found.get("target"):
        raise _argument(text, "target is required")
    for other in (VOLUME, BIND, TMPFS):
        if other in given and kind != other:
            raise _argument(text, f"cannot mix '{other}-*' options with mount type '{kind}'")
    if found.pop("driver", "") not in ("", "local"):
        raise _argument(text, "only the volume driver 'local' is modelled")
    if kind in ("image", "npipe", "cluster"):
        raise Refused(f"mounts of type '{kind}' are not modelled; there are volume, bind and tmpfs")
    if kind == BIND:
        found.setdefault("propagation", "rprivate")
    found["labels"] = tuple(found.get("labels", {}).items())
    made = Mount(mode="z" if kind == VOLUME else "", **found)
    if kind not in (VOLUME, BIND, TMPFS):
        raise _bad(made, "mount type unknown")
    return _named(_checked(made))


def _set(name: str) -> Callable[[dict[str, Any], str, str, str], None]:
    def put(found: dict[str, Any], key: str, value: str, text: str) -> None:
        found[name] = value.lower() if name == "type" else value

    return put


def _set_truth(name: str, turned: bool = False) -> Callable[[dict[str, Any], str, str, str], None]:
    def put(found: dict[str, Any], key: str, value: str, text: str) -> None:
        if value not in (*_TRUE, *_FALSE):
            raise _argument(text, f"invalid value for {key}: {value}")
        found[name] = (value in _TRUE) != turned

    return put


def _set_source(found: dict[str, Any], key: str, value: str, text: str) -> None:
    found["source"] = host_path(value)


def _set_propagation(found: dict[str, Any], key: str, value: str, text: str) -> None:
    if value not in _PROPAGATION:
        raise Refused(f'invalid mount config for type "bind": invalid propagation mode: {value}')
    found["propagation"] = value


def _set_size(found: dict[str, Any], key: str, value: str, text: str) -> None:
    try:
        found["size_bytes"] = parse_bytes(value) or None
    except InputError:
        raise _argument(text, f"invalid value for {key}: {value}") from None


def _set_mode(found: dict[str, Any], key: str, value: str, text: str) -> None:
    if not re.fullmatch("[0-7]{1,5}", value):
        raise _argument(text, f"invalid value for {key}: {value}")
    found["tmpfs_mode"] = int(value, 8)


def _set_label(found: dict[str, Any], key: str, value: str, text: str) -> None:
    name, _, said = value.partition("=")
    found.setdefault("labels", {})[name] = said


def _refuse_option(found: dict[str, Any], key: str, value: str, text: str) -> None:
    raise _argument(text, f"{key} is not modelled: the driver 'local' keeps volumes on the disk")


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


# --- what a daemon takes --------------------------------------------------------------------------


def _checked(made: Mount) -> Mount:
    """The mount with clean paths; Refused for what no daemon takes."""
    target = made.target
    if posixpath.normpath(target) in ("/", "//"):
        raise _bad(made, "invalid specification: destination can't be '/'")
    if not target.startswith("/"):
        raise _bad(made, f"invalid mount path: '{target}' mount path must be absolute")
    if made.type == BIND and not made.source:
        raise _bad(made, "field Source must not be empty")
    if made.type == BIND and not made.source.startswith("/"):
        raise _bad(made, f"invalid mount path: '{made.source}' mount path must be absolute")
    if made.type == TMPFS and made.source:
        raise _bad(made, "field Source must not be specified")
    if made.type == VOLUME:
        _check_volume(made)
    return replace(made, target=posixpath.normpath("/" + target.lstrip("/")))


def _check_volume(made: Mount) -> None:
    if made.subpath and not made.source:
        raise _bad(made, "must not set Subpath when using anonymous volumes")
    if made.subpath.startswith("/") or ".." in made.subpath.split("/"):
        raise _bad(made, "subpath must be a relative path within the volume")
    if made.read_only and not made.source:
        raise _bad(made, "must not set ReadOnly mode when using anonymous volumes")


def _named(made: Mount) -> Mount:
    if made.type == VOLUME and made.source:
        check_volume_name(made.source)
    return made


def _bad(made: Mount, problem: str) -> Refused:
    return Refused(f'invalid mount config for type "{made.type}": {problem}')


def _argument(text: str, problem: str) -> InputError:
    return InputError(f'invalid argument {_quoted(text)} for "--mount" flag: {problem}')


def _quoted(text: str) -> str:
    return f'"{text}"'


def _short(text: str) -> str:
    if len(text) > MAX_WORDS or not text.isprintable():
        raise InputError("not a mount", found=text[:80], expected="printable text")
    return text


def parse_volumes_from(text: str) -> tuple[str, bool]:
    """The container whose mounts are taken over, and whether only for reading."""
    name, _, mode = _short(text).partition(":")
    words = _mode(mode)
    if not name:
        raise Refused("volumes-from specification cannot be an empty string")
    if words is None or any(word in (*_PROPAGATION, *_COPY) for word in words):
        raise Refused(f"invalid mode: {mode}")
    return name, "ro" in words
