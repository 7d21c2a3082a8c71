"""Which flags an instruction takes, and what their values may be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from simulator.dockerfile.model import Flag
from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place, nearest

TEXT, BOOL, LIST = "text", "bool", "list"
"""Kinds: one value; yes or no, given without a value or as true or false; may be repeated."""

_COPIES = {
    "chown": TEXT,
    "chmod": TEXT,
    "link": BOOL,
    "exclude": LIST,
}
FLAGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "FROM": {"platform": TEXT},
        "RUN": {"mount": LIST, "network": TEXT, "security": TEXT, "device": LIST},
        "COPY": {**_COPIES, "from": TEXT, "parents": BOOL},
        "ADD": {**_COPIES, "keep-git-dir": BOOL, "checksum": TEXT, "unpack": BOOL},
        "HEALTHCHECK": {
            "interval": TEXT,
            "timeout": TEXT,
            "start-period": TEXT,
            "start-interval": TEXT,
            "retries": TEXT,
        },
    }
)
"""Flags by instruction; instructions that are missing take none."""

_CHOICES = {
    "network": ("default", "none", "host"),
    "security": ("sandbox", "insecure"),
}


def check_flags(instruction: str, flags: tuple[Flag, ...], file: str) -> None:
    """Refuse flags that are unknown, doubled, without a value, or with a wrong one."""
    known = FLAGS.get(instruction, {})
    seen: set[str] = set()
    for flag in flags:
        place = Place(file, flag.line or None, flag.column)
        kind = known.get(flag.name)
        if kind is None:
            raise _unknown(instruction, flag, known, place)
        if flag.name in seen and kind != LIST:
            raise InputError(f"duplicate flag specified: --{flag.name}", place=place)
        seen.add(flag.name)
        _check_value(flag, kind, place)


def _unknown(instruction: str, flag: Flag, known: Mapping[str, str], place: Place) -> InputError:
    close = nearest(flag.name, known)
    takes = ", ".join(f"--{name}" for name in sorted(known))
    return InputError(
        f"unknown flag: --{shown(flag.name)}",
        place=place,
        expected=f"{instruction} with {takes}" if takes else f"{instruction} without flags",
        nearest=f"--{close}" if close else None,
    )


def _check_value(flag: Flag, kind: str, place: Place) -> None:
    if kind == BOOL:
        if flag.value is not None and flag.value.lower() not in ("true", "false"):
            raise InputError(
                f"expecting boolean value for flag --{flag.name}",
                place=place,
                found=flag.value,
                expected="true or false",
            )
        return
    if not flag.value and (flag.value is None or flag.name in _CHOICES):
        raise InputError(f"missing a value on flag: --{flag.name}", place=place)
    choices = _CHOICES.get(flag.name)
    if choices and flag.value not in choices:
        raise InputError(
            f"unsupported {flag.name} mode",
            place=place,
            found=flag.value,
            expected="one of: " + ", ".join(choices),
            nearest=nearest(flag.value or "", choices),
        )
