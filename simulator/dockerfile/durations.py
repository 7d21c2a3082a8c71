"""Durations as Go writes them: ``300ms``, ``1m30s``, ``1.5h``."""

from __future__ import annotations

import re

from simulator.errors import InputError, Place

_UNIT_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LONGEST = 60
_MOST_S = 2**63 / 1e9


def parse_duration(text: str, *, what: str = "duration", place: Place | None = None) -> float:
    """Seconds of a duration; "0" needs no unit. Raises InputError for anything else.

    >>> parse_duration("1m30s")
    90.0
    """
    sign, rest = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    parts = _PART.findall(rest) if len(rest) <= _LONGEST else []
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        raise InputError(
            f"invalid {what}",
            place=place,
            found=text,
            expected="a duration such as 30s, 1m30s or 500ms",
        )
    seconds = sum(float(number) * _UNIT_S[unit] for number, unit in parts)
    if seconds > _MOST_S:
        raise InputError(f"{what} is too long", place=place, found=text)
    return sign * seconds
