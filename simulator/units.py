"""Units as people type and read them: durations, byte sizes, rates, CPUs, percentages.

Every ``parse_*`` takes text and raises :class:`InputError` (found, expected, nearest unit); a
caller who knows where the text stood adds the place with ``error.at(place)``. Every ``format_*``
gives the text that the Docker command line prints, by the rules of its ``go-units`` library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from simulator.errors import InputError, nearest

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Simulated time 0 as a date: tools print dates, and a fixed one keeps output the same."""
LEAST = 1e-9
"""What is smaller and not 0 means nothing here: a nanosecond, a request in thirty years."""
MAX_DURATION_S = 200 * 365 * 86400.0
MAX_RATE_PER_S = 1e8
MAX_CPUS = 1e6
MAX_BYTES = 2**63 - 1

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_VALUE = re.compile(rf"({_NUMBER})\s?(\S*)", re.ASCII)
_PART = re.compile(rf"({_NUMBER})([^\d.]+)", re.ASCII)
_MAX_CHARACTERS = 64

_SECONDS: Mapping[str, float] = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,  # micro sign
    "μs": 1e-6,  # Greek mu: both are typed
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 7 * 86400.0,
}
_PER: Mapping[str, float] = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
}
_SI: Mapping[str, float] = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_POWERS = "kmgtp"
_DECIMAL_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")


def parse_number(text: str, what: str = "number", *, maximum: float = 1e15) -> float:
    """A plain finite number from 0 to ``maximum``."""
    value, unit = _value(text, what, "a number, for example 2.5")
    if unit:
        raise InputError(f"bad {what}", found=text, expected="a number without a unit")
    return _bounded(value, text, what, maximum)


def parse_duration(text: str) -> float:
    """Seconds of ``10ms``, ``1.5s``, ``2m``, ``1h``, ``1m30s``; a bare number is seconds."""
    wanted = "a duration, for example 10ms, 1.5s, 2m, 1h or 1m30s"
    value, unit = _value(text, "duration", wanted)
    if not unit:
        return _bounded(value, text, "duration", MAX_DURATION_S, "200 years")
    total, position, word = 0.0, 0, text.strip().replace(" ", "")
    while position < len(word):
        part = _PART.match(word, position)
        if part is None:
            raise InputError("bad duration", found=text, expected=wanted)
        total += float(part[1]) * _unit(part[2], _SECONDS, text, "duration", wanted)
        position = part.end()
    return _bounded(total, text, "duration", MAX_DURATION_S, "200 years")


def parse_bytes(text: str, *, decimal: bool = False) -> int:
    """Bytes of ``64m``, ``1g``, ``512MiB``, ``1.5GB``, ``4096``, by Docker's two rules.

    Memory (the default): every unit is a power of 1024, also ``MB``. ``decimal``: every unit is
    a power of 1000, also ``MiB``, as Docker reads image and disk sizes. Letters in any case.
    """
    wanted = "a size in bytes, for example 64m, 1.5g or 512MiB"
    value, unit = _value(text, "size", wanted)
    suffix = unit.lower()
    if suffix in ("", "b"):
        return int(_bounded(value, text, "size", MAX_BYTES, "8 EiB"))
    if suffix[0] not in _POWERS or suffix[1:] not in ("", "b", "ib"):
        valid = [p + end for p in ("k", "M", "G", "T", "P") for end in ("", "B", "iB")]
        raise InputError("bad size", found=text, expected=wanted, nearest=nearest(unit, valid))
    factor = (1000 if decimal else 1024) ** (_POWERS.index(suffix[0]) + 1)
    return int(_bounded(value * factor, text, "size", MAX_BYTES, "8 EiB"))


def parse_rate(text: str) -> float:
    """Rate per second of ``100``, ``100/s``, ``6k/min``, ``100rps``."""
    wanted = "a rate, for example 100, 100/s or 6k/min"
    value, unit = _value(text, "rate", wanted)
    if unit.endswith("rps"):
        unit = unit[:-3] + "/s"
    prefix, slash, period = unit.partition("/")
    prefix = prefix.removesuffix("req").rstrip()
    factor = _unit(prefix, _SI, text, "rate", wanted)
    if slash:
        factor /= _unit(period, _PER, text, "rate", wanted)
    return _bounded(value * factor, text, "rate", MAX_RATE_PER_S)


def parse_cpus(text: str) -> float:
    """Cores of ``0.5``, ``2`` or ``500m`` (thousandths of a core)."""
    wanted = "a number of CPUs, for example 0.5, 2 or 500m"
    value, unit = _value(text, "number of CPUs", wanted)
    factor = _unit(unit, {"": 1.0, "m": 1e-3}, text, "number of CPUs", wanted)
    return _bounded(value * factor, text, "number of CPUs", MAX_CPUS)


def parse_percent(text: str, *, maximum: float = 1.0) -> float:
    """Fraction of ``5%`` or ``0.05``, from 0 to ``maximum``."""
    wanted = "a percentage, for example 5% or 0.05"
    value, unit = _value(text, "percentage", wanted)
    factor = _unit(unit, {"": 1.0, "%": 1e-2}, text, "percentage", wanted)
    return _bounded(value * factor, text, "percentage", maximum)


def format_bytes(size_bytes: float, digits: int = 3) -> str:
    """Powers of 1000 as ``docker images`` and ``docker ps --size`` print them: ``43.2MB``."""
    return _scaled(size_bytes, 1000.0, _DECIMAL_UNITS, digits)


def format_binary_bytes(size_bytes: float, digits: int = 4) -> str:
    """Powers of 1024 as ``docker stats`` prints memory: ``1.944GiB``."""
    return _scaled(size_bytes, 1024.0, _BINARY_UNITS, digits)


def format_si(value: float, digits: int = 3) -> str:
    """A count in short: ``950``, ``1.2k``, ``34M``."""
    return _scaled(value, 1000.0, ("", "k", "M", "G", "T", "P", "E"), digits)


def counted(count: float, noun: str) -> str:
    """A number of things: ``1 worker``, ``2 workers``."""
    return f"{count:g} {noun}{'' if count == 1 else 's'}"


def format_duration(seconds: float) -> str:
    """An age in words as ``docker ps`` prints it: ``2 minutes``, ``About an hour``."""
    whole, minutes, hours = int(seconds), int(seconds // 60), int(seconds / 3600 + 0.5)
    if whole < 1:
        return "Less than a second"
    if whole < 60:
        return f"{whole} seconds" if whole > 1 else "1 second"
    if minutes < 60:
        return f"{minutes} minutes" if minutes > 1 else "About a minute"
    if hours < 48:
        return f"{hours} hours" if hours > 1 else "About an hour"
    for below, unit, name in ((336, 24, "days"), (1440, 168, "weeks"), (17520, 720, "months")):
        if hours < below:
            return f"{hours // unit} {name}"
    return f"{int(seconds // 3600) // 8760} years"


def format_ago(seconds: float) -> str:
    """How long ago, as in the CREATED column: ``2 minutes ago``."""
    return f"{format_duration(seconds)} ago"


def format_span(seconds: float, digits: int = 3) -> str:
    """A duration in short, which :func:`parse_duration` reads back: ``12.5ms``, ``1m30s``."""
    if not math.isfinite(seconds):
        return "never"
    if seconds < 0:
        return "-" + format_span(-seconds, digits)
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms"), (60.0, 1.0, "s")):
        if float(f"{seconds:.{digits}g}") < limit:
            return f"{float(f'{seconds * factor:.{digits}g}'):g}{unit}" if seconds else "0s"
    whole = round(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if whole >= size:
            parts.append(f"{whole // size}{unit}")
            whole %= size
    return "".join(parts)


def _value(text: str, what: str, wanted: str) -> tuple[float, str]:
    """Number and unit of a text, the unit not yet checked."""
    word = text.strip()
    match = _VALUE.match(word) if len(word) <= _MAX_CHARACTERS else None
    if match is None:
        problem = f"{what} is negative" if re.match(r"-\s*[\d.]", word) else f"bad {what}"
        raise InputError(problem, found=text, expected=wanted)
    unit = word[match.start(2) :]
    return float(match[1]), unit


def _unit(unit: str, known: Mapping[str, float], text: str, what: str, wanted: str) -> float:
    factor = known.get(unit)
    if factor is None:
        valid = [name for name in known if name]
        folded = [name for name in valid if name.lower() == unit.lower()]
        near = folded[0] if folded else nearest(unit, valid) or _by_first_letter(unit, valid)
        raise InputError(f"unknown unit in {what}", found=text, expected=wanted, nearest=near)
    return factor


def _by_first_letter(unit: str, valid: list[str]) -> str | None:
    """``hours`` is far from ``h`` by spelling, yet that is what was meant."""
    return next((name for name in valid if unit.lower().startswith(name.lower())), None)


def _bounded(value: float, text: str, what: str, maximum: float, said: str = "") -> float:
    """The value; beyond the maximum (``said`` in words), or next to nothing, an InputError."""
    if 0.0 < value < LEAST:
        wanted = f"0, or at least {LEAST:g} of the unit without a prefix"
        raise InputError(f"{what} too small", found=text, expected=wanted)
    if not value <= maximum:
        wanted = f"at most {said or format(maximum, ',.16g')}"
        raise InputError(f"{what} too large", found=text, expected=wanted)
    return value


def _scaled(value: float, base: float, units: tuple[str, ...], digits: int) -> str:
    if value < 0:
        return "-" + _scaled(-value, base, units, digits)
    index = 0
    while value >= base and index < len(units) - 1:
        value /= base
        index += 1
    # 999,999 bytes would read 1e+03kB (the real tool's own quirk): the next unit says the same.
    if index < len(units) - 1 and float(f"{value:.{digits}g}") >= base:
        value /= base
        index += 1
    number = f"{value:.{digits}g}"
    return (f"{value:.0f}" if "e" in number else number) + units[index]
