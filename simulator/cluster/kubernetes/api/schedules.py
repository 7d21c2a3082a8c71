"""The schedule language of CronJobs: five fields, or a word as ``@hourly`` or ``@every 1h30m``.

upstream: robfig/cron v3, ``ParseStandard``. Times are seconds of the simulation, read in UTC.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from simulator.errors import InputError
from simulator.units import EPOCH

MACROS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    ("minute", 0, 59, ()), ("hour", 0, 23, ()), ("day of month", 1, 31, ()),
    ("month", 1, 12, MONTHS), ("day of week", 0, 6, DAYS),
)  # fmt: skip
LONGEST = 256
YEARS = 5
"""How far ahead a time is looked for (``SpecSchedule.Next``)."""
_EVERY = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)


class Schedule(msgspec.Struct, frozen=True):
    """The minutes at which something is due."""

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = True
    any_weekday: bool = True
    every_s: int = 0
    """``@every``: seconds; 0 where the fields count."""

    def after(self, time: float) -> float | None:
        """The first instant after ``time`` at which it is due; None: there is none."""
        if self.every_s:
            return float(int(time) + self.every_s)
        start = EPOCH + timedelta(seconds=int(time // 1))
        now = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
        found = self._search(now, now.year + YEARS)
        return None if found is None else (found - EPOCH).total_seconds()

    def _search(self, now: datetime, last: int) -> datetime | None:
        while now.year <= last:
            if now.month not in self.months:
                first = now.replace(day=1, hour=0, minute=0)
                now = (first + timedelta(days=32)).replace(day=1)
            elif not self._day(now):
                now = now.replace(hour=0, minute=0) + timedelta(days=1)
            elif now.hour not in self.hours:
                now = now.replace(minute=0) + timedelta(hours=1)
            elif now.minute not in self.minutes:
                now += timedelta(minutes=1)
            else:
                return now
        return None

    def _day(self, now: datetime) -> bool:
        """Both fields where one says ``*``; else one of the two is enough."""
        day, weekday = now.day in self.days, now.isoweekday() % 7 in self.weekdays
        return (day and weekday) if self.any_day or self.any_weekday else (day or weekday)


@lru_cache(maxsize=1024)
def parse(text: str) -> Schedule:
    """A schedule of its text; InputError says what is wrong."""
    if len(text) > LONGEST:
        raise InputError("schedule", found=f"{len(text)} characters", expected=f"<= {LONGEST}")
    if text.startswith("@every "):
        return Schedule(every_s=_every(text.removeprefix("@every ").strip()))
    words = MACROS.get(text, text).split()
    if text.startswith("@") and text not in MACROS:
        raise InputError("schedule", found=text, expected="@hourly, @daily … or five fields")
    if len(words) != len(FIELDS):
        raise InputError(
            f"expected exactly 5 fields, found {len(words)}: {words}",
            expected="minute hour day month weekday",
        )
    minutes, hours, days, months, weekdays = (
        _field(word, *field) for word, field in zip(words, FIELDS, strict=True)
    )
    return Schedule(minutes, hours, days, months, weekdays, _star(words[2]), _star(words[4]))


def _every(text: str) -> int:
    found = _EVERY.fullmatch(text)
    seconds = 0
    if found is not None and text:
        hours, minutes, rest = (int(one or 0) for one in found.groups())
        seconds = hours * 3600 + minutes * 60 + rest
    if not 0 < seconds < 10**9:
        raise InputError("schedule", found=f"@every {text}", expected="as @every 1h30m")
    return seconds


def _star(word: str) -> bool:
    return any(one.partition("/")[0] in ("*", "?") for one in word.split(","))


def _field(word: str, title: str, low: int, high: int, names: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for part in word.split(","):
        found.update(_part(part, title, low, high, names))
    return frozenset(found)


def _part(part: str, title: str, low: int, high: int, names: tuple[str, ...]) -> range:
    span, slash, step = part.partition("/")
    start, dash, end = span.partition("-")
    if span in ("*", "?"):
        first, last = low, high
    else:
        first = _number(start, title, low, names)
        last = _number(end, title, low, names) if dash else first
        if slash and not dash:
            last = high
    if slash and not (step.isdigit() and 0 < int(step[:6]) <= 10**5):
        raise InputError(title, found=part, expected="a step of at least 1 after the slash")
    if first < low or last > high or first > last:
        raise InputError(title, found=part, expected=f"{low} to {high}, the smaller first")
    return range(first, last + 1, int(step) if slash else 1)


def _number(word: str, title: str, low: int, names: tuple[str, ...]) -> int:
    if word.lower() in names:
        return names.index(word.lower()) + low
    if not word.isdigit() or len(word) > 4 or not word.isascii():
        raise InputError(title, found=word, expected="a number, a range, a step or *")
    return int(word)
