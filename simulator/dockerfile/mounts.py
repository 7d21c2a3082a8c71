"""Mounts of a RUN: ``--mount=type=cache,target=/root/.cache`` and its kin."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.dockerfile.model import Instruction
from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place, nearest

TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
SHARING = ("shared", "private", "locked")
_ALIASES = {
    "src": "source",
    "dst": "target",
    "destination": "target",
    "ro": "readonly",
    "rw": "readwrite",
}
KEYS = (
    "type",
    "target",
    "source",
    "from",
    "id",
    "sharing",
    "required",
    "readonly",
    "readwrite",
    "mode",
    "uid",
    "gid",
    "size",
    "env",
    "dst",
    "destination",
    "src",
    "ro",
    "rw",
)
_OWNED = ("cache", "secret", "ssh")
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?", re.IGNORECASE | re.ASCII)
_TRUE = ("1", "t", "true")
_FALSE = ("0", "f", "false")


@dataclass(frozen=True, slots=True)
class Mount:
    """What a RUN sees beside its file system; nothing of it stays in the layer.

    ``source`` is a path in the context, the stage or image ``from_``; ``id`` names the cache or
    the secret; ``mode`` is the permission bits, ``size_bytes`` the limit of a tmpfs; ``env`` the
    variable that holds a secret. An empty target means the working directory.
    """

    type: str = "bind"
    target: str = ""
    source: str = ""
    from_: str = ""
    id: str = ""
    sharing: str = ""
    required: bool = False
    readonly: bool = False
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    size_bytes: int | None = None
    env: str | None = None


def read_mounts(
    instruction: Instruction,
    file: str = "Dockerfile",
    expand: Callable[[str], str] | None = None,
) -> tuple[Mount, ...]:
    """All mounts of a RUN. Without ``expand``, values with a variable are taken as they stand."""
    return tuple(
        parse_mount(flag.value or "", Place(file, flag.line or None, flag.column), expand=expand)
        for flag in instruction.flags
        if flag.name == "mount"
    )


def parse_mount(
    value: str, place: Place | None = None, *, expand: Callable[[str], str] | None = None
) -> Mount:
    """Read the value of one ``--mount``. Raises InputError that names the bad key or value."""
    fields = _Fields(place, expand)
    for field in _csv(value, place):
        fields.take(field)
    return fields.mount()


def _csv(value: str, place: Place | None) -> list[str]:
    try:
        rows = list(csv.reader([value], strict=True))
    except csv.Error:
        rows = []
    if not rows or not rows[0]:
        raise InputError(
            "failed to parse csv mounts",
            place=place,
            found=value,
            expected="type=cache,target=/path",
        )
    return rows[0]


class _Fields:
    """Collects the ``key=value`` fields of one mount and checks that they agree."""

    def __init__(self, place: Place | None, expand: Callable[[str], str] | None) -> None:
        self.place = place
        self.expand = expand
        self.values: dict[str, str] = {}
        self.unexpanded = False

    def take(self, field: str) -> None:
        """One field."""
        key, equals, value = field.partition("=")
        key = key.lower()
        name = _ALIASES.get(key, key)
        if key not in KEYS:
            problem = f"unexpected key '{shown(key)}' in '{shown(field)}'"
            raise self._error(problem, near=(key, KEYS))
        if not equals:
            if name not in ("readonly", "readwrite", "required"):
                raise self._error(f"invalid field '{shown(field)}' must be a key=value pair")
            value = "true"
        if self.expand is not None:
            value = self.expand(value)
        elif name == "from" and re.search(r"\$.", value):
            raise self._error(
                "'from' doesn't support variable expansion, define alias stage instead",
                found=value,
            )
        self.values[name] = value

    def mount(self) -> Mount:
        """The mount, with the defaults of its type."""
        kind = self._choice("type", "bind", TYPES, "mount type")
        self._check_type(kind)
        readonly = self._bool("readonly", kind not in ("cache", "tmpfs"))
        if "readwrite" in self.values:
            readonly = not self._bool("readwrite", True)
        get = self.values.get
        return Mount(
            type=kind,
            target=get("target", ""),
            source=get("source", ""),
            from_=get("from", ""),
            id=get("id", ""),
            sharing=self._choice("sharing", "", SHARING, "sharing value"),
            required=self._bool("required", False),
            readonly=readonly,
            mode=self._number("mode", 8),
            uid=self._number("uid", 10),
            gid=self._number("gid", 10),
            size_bytes=self._size(),
            env=get("env"),
        )

    def _check_type(self, kind: str) -> None:
        values = self.values
        if self._open(kind):
            return
        for key, kinds in (
            ("required", ("secret", "ssh")),
            ("size", ("tmpfs",)),
            ("env", ("secret",)),
        ):
            if key in values and kind not in kinds:
                raise self._error(f"unexpected key '{key}' for mount type '{shown(kind)}'")
        for key in ("mode", "uid", "gid"):
            if key in values and kind not in _OWNED:
                raise self._error(f'{key} not allowed for "{shown(kind)}" type mounts')
        if kind == "secret":
            self._check_secret()
        if values.get("sharing") and kind != "cache":
            raise self._error(f"invalid cache sharing set for {kind} mount")

    def _check_secret(self) -> None:
        values = self.values
        if values.get("from"):
            raise self._error("secret mount should not have a from")
        if values.get("sharing"):
            raise self._error("secret mount should not define sharing")
        if not (values.get("source") or values.get("target") or values.get("id")):
            raise self._error("invalid secret mount. one of source, target required")
        if values.get("source") and values.get("id"):
            raise self._error("both source and id can't be set")

    def _open(self, value: str | None) -> bool:
        """Whether a value still holds a variable, so that nothing can be said about it."""
        return self.expand is None and value is not None and "$" in value

    def _choice(self, key: str, default: str, choices: tuple[str, ...], what: str) -> str:
        value = self.values.get(key, default)
        if self._open(value) or value.lower() in choices or (value == default and not default):
            return value if self._open(value) else value.lower()
        raise self._error(f'unsupported {what} "{shown(value)}"', near=(value, choices))

    def _bool(self, key: str, default: bool) -> bool:
        value = self.values.get(key)
        if value is None or self._open(value):
            return default
        if value.lower() in _TRUE + _FALSE:
            return value.lower() in _TRUE
        raise self._error(f"invalid value for {key}: {shown(value)}", expected="true or false")

    def _number(self, key: str, base: int) -> int | None:
        value = self.values.get(key)
        if value is None or self._open(value):
            return None
        digits = "01234567" if base == 8 else "0123456789"
        if value and len(value) <= 11 and not value.strip(digits) and int(value, base) < 1 << 32:
            return int(value, base)
        kind = "octal digits" if base == 8 else "a number"
        raise self._error(f"invalid value {shown(value)} for {key}", expected=kind)

    def _size(self) -> int | None:
        value = self.values.get("size")
        if value is None or self._open(value):
            return None
        match = _SIZE.fullmatch(value) if len(value) <= 24 else None
        if match is None:
            raise self._error(
                f"invalid value for size: {shown(value)}", expected="a size such as 64m"
            )
        return int(float(match[1]) * 1024 ** " kmgtp".index(match[2].lower() or " "))

    def _error(
        self,
        problem: str,
        *,
        found: str | None = None,
        expected: str | None = None,
        near: tuple[str, tuple[str, ...]] | None = None,
    ) -> InputError:
        if near is not None:
            expected = "one of: " + ", ".join(near[1])
        return InputError(
            problem,
            place=self.place,
            found=found,
            expected=expected,
            nearest=nearest(*near) if near else None,
        )
