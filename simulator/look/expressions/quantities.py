"""Numbers with units in expressions: ``< 200 ms``, ``64 MiB``, ``5 %``, as plain numbers.

Seconds, bytes, requests a second, cores and shares are what measures give: a unit is a factor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.errors import InputError

UNITS: Mapping[str, float] = {
    "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600,
    "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
    "/s": 1, "core": 1, "cores": 1, "%": 0.01,
}  # fmt: skip
_UNCLEAR: Mapping[str, str] = {
    "m": "5 min, or 0.005 cores",
    "K": "KiB or kB", "M": "MiB or MB", "G": "GiB or GB",
    "KB": "kB or KiB", "mb": "MB or MiB", "gb": "GB or GiB", "sec": "s", "secs": "s",
}  # fmt: skip

_WORDS = "|".join(sorted((w for w in {*UNITS, *_UNCLEAR} if w.isalpha()), key=len, reverse=True))
_TOKEN = re.compile(
    r"""'[^']*' | "[^"]*"
    | (?<![\w.]) (?P<number> \d[\d_]* (?:\.\d+)? (?:[eE]-?\d+)?) \s*
      (?: (?P<word> """ + _WORDS + r""") (?![\w(])
        | (?P<rate> /s) (?!\w)
        | (?P<share> %) (?= \s* (?:$ | [),<>=!] | (?:and|or|if|else)\b)) )""",
    re.VERBOSE,
)  # fmt: skip


def without_units(source: str) -> str:
    """An expression with its quantities as plain numbers; InputError for an unclear unit."""
    return _TOKEN.sub(_plain, source)


def _plain(found: re.Match[str]) -> str:
    number = found["number"]
    if number is None:
        return found[0]
    unit = found["word"] or found["rate"] or found["share"]
    if unit not in UNITS:
        raise InputError("this unit is unclear", found=found[0], expected=_UNCLEAR[unit])
    value = float(number) * UNITS[unit]
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.12g}"
