"""One mount as data, what a daemon refuses of it, and how people write names and paths of it.

Source of what is refused, and how: moby ``volume/mounts/linux_parser.go`` and ``validate.go``.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace

from simulator.errors import InputError, Refused

VOLUME, BIND, TMPFS = "volume", "bind", "tmpfs"
HOME = "/root"
"""Where relative paths of the host begin: the folder that its person works in."""
MAX_WORDS = 4096
PROPAGATION = ("private", "rprivate", "slave", "rslave", "shared", "rshared")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_HERE = re.compile(r"^(\$\(pwd\)|\$\{?PWD\}?|\$\{?HOME\}?|~)(?=/|$)")


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


def checked(made: Mount) -> Mount:
    """The mount with clean paths; Refused for what no daemon takes."""
    target = made.target
    if posixpath.normpath(target) in ("/", "//"):
        raise bad(made, "invalid specification: destination can't be '/'")
    if not target.startswith("/"):
        raise bad(made, f"invalid mount path: '{target}' mount path must be absolute")
    if made.type == BIND and not made.source:
        raise bad(made, "field Source must not be empty")
    if made.type == BIND and not made.source.startswith("/"):
        raise bad(made, f"invalid mount path: '{made.source}' mount path must be absolute")
    if made.type == TMPFS and made.source:
        raise bad(made, "field Source must not be specified")
    if made.type == VOLUME:
        _check_volume(made)
    return replace(made, target=posixpath.normpath("/" + target.lstrip("/")))


def _check_volume(made: Mount) -> None:
    if made.subpath and not made.source:
        raise bad(made, "must not set Subpath when using anonymous volumes")
    if made.subpath.startswith("/") or ".." in made.subpath.split("/"):
        raise bad(made, "subpath must be a relative path within the volume")
    if made.read_only and not made.source:
        raise bad(made, "must not set ReadOnly mode when using anonymous volumes")


def named(made: Mount) -> Mount:
    """The mount, if its volume may be called so."""
    if made.type == VOLUME and made.source:
        check_volume_name(made.source)
    return made


def bad(made: Mount, problem: str) -> Refused:
    """A mount that no daemon takes."""
    return Refused(f'invalid mount config for type "{made.type}": {problem}')


def argument(text: str, problem: str) -> InputError:
    """Words of ``--mount`` that the client does not take."""
    return InputError(f'invalid argument {quoted(text)} for "--mount" flag: {problem}')


def quoted(text: str) -> str:
    """Words as they were typed."""
    return f'"{text}"'


def short(text: str) -> str:
    """The words, if they are printable and not too many."""
    if len(text) > MAX_WORDS or not text.isprintable():
        raise InputError("not a mount", found=text[:80], expected="printable text")
    return text
