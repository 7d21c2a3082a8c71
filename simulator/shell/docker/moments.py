"""Points in time as ``--since`` and ``--until`` take them: 10m (ago), a date, seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.errors import InputError
from simulator.shell.grammar import Kind
from simulator.units import EPOCH, parse_duration

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, as seconds before now or as a simulated time."""

    ago: bool
    seconds: float

    def at(self, now: float) -> float:
        """The simulated time that is meant."""
        return now - self.seconds if self.ago else self.seconds


def parse_moment(text: str) -> Moment:
    """Read ``30s``, ``2026-01-01T00:00:05`` or seconds since 1970 as Docker's client does."""
    if _DATE.fullmatch(text) is not None:
        return Moment(False, _seconds(text))
    if re.fullmatch(r"\d{9,10}(\.\d{1,9})?", text):
        start = EPOCH.timestamp()
        return Moment(False, float(text) - start)
    if re.fullmatch(r"\d+", text):
        return Moment(True, float(text))
    try:
        return Moment(True, parse_duration(text))
    except InputError:
        raise InputError(
            "bad time", found=text, expected="30s (ago), 2026-01-01T00:00:05 or seconds since 1970"
        ) from None


def _seconds(text: str) -> float:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    digits = re.match(r"\d*", fraction)
    zone = fraction[digits.end() :] if digits is not None else ""
    try:
        found = datetime.fromisoformat(whole + zone)
    except ValueError:
        raise InputError("bad time", found=text, expected="2026-01-01T00:00:05") from None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    part = float(f"0.{digits[0]}") if digits is not None and digits[0] else 0.0
    return (found - EPOCH).total_seconds() + part


MOMENT = Kind("time", parse_moment)
