"""Signals that STOPSIGNAL may name."""

from __future__ import annotations

import re
from functools import lru_cache

from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place, nearest

_NAMES = [
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
    "STKFLT",
    "CHLD",
    "CONT",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "URG",
    "XCPU",
    "XFSZ",
    "VTALRM",
    "PROF",
    "WINCH",
    "IO",
    "PWR",
    "SYS",
]
NUMBERS = {name: number for number, name in enumerate(_NAMES, 1)} | {"IOT": 6, "POLL": 29}
"""Linux on x86 and ARM (signal(7)); without the SIG in front."""
_REALTIME = re.compile(r"RTM(?:IN(?:\+(\d{1,2}))?|AX(?:-(\d{1,2}))?)", re.ASCII)
_FIRST_REALTIME, _LAST = 34, 64


def parse_signal(text: str, *, place: Place | None = None) -> int:
    """The number of a signal given as ``SIGTERM``, ``term``, ``15`` or ``RTMIN+3``.

    Raises InputError in the builder's words for anything else.
    """
    name = text.upper().removeprefix("SIG")
    if name in NUMBERS:
        return NUMBERS[name]
    number = _realtime(name)
    if number is None and name.isascii() and name.isdigit() and len(name) <= 3:
        number = int(name)
    if number is not None and 1 <= number <= _LAST:
        return number
    raise InputError(
        f"invalid signal: {shown(text)}",
        place=place,
        expected="a name such as SIGTERM, or a number from 1 to 64",
        nearest=nearest("SIG" + name, [f"SIG{known}" for known in NUMBERS]),
    )


@lru_cache(maxsize=256)
def signal_name(text: str) -> str:
    """The name of a signal without the SIG in front; a real-time signal stays a number."""
    number = parse_signal(text)
    return next((name for name, known in NUMBERS.items() if known == number), str(number))


def _realtime(name: str) -> int | None:
    match = _REALTIME.fullmatch(name)
    if match is None:
        return None
    if name.startswith("RTMIN"):
        return _FIRST_REALTIME + int(match[1] or 0)
    number = _LAST - int(match[2] or 0)
    return number if number >= _FIRST_REALTIME else None
