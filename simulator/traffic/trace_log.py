"""Access logs in the common and combined formats of web servers, counted by the second.

Formats: ``%h %l %u %t "%r" %>s %b`` and the same with referrer and user agent
(https://httpd.apache.org/docs/2.4/logs.html). Only the time is used. Lines are written when a
request ends, so they need not be in order.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

from simulator.errors import InputError, Place, printable
from simulator.traffic.replay import Trace
from simulator.units import MAX_DURATION_S

TOLERATED_SHARE = 0.05
"""Share of malformed lines that is only counted: logs hold what broken clients sent."""

_LINE = re.compile(
    r"\S+ \S+ [^\[]*\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\] "
    r'"(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)',
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WANTED = 'a line such as: 10.0.0.1 - - [01/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 512'
_SNIFFED_LINES = 20


def looks_like_log(lines: list[str], name: str) -> bool:
    """Whether a file is an access log: one of its first lines is, or its name says so."""
    stem = name.lower().removesuffix(".gz")
    first = [line for line in lines[: 5 * _SNIFFED_LINES] if line.strip()][:_SNIFFED_LINES]
    return any(_LINE.match(line) for line in first) or (stem.endswith(".log") and bool(first))


def parse_log(lines: list[str], name: str) -> Trace:
    """Requests by the second from the first on; raises InputError when over 5 % are malformed."""
    seconds: Counter[int] = Counter()
    days: dict[tuple[str, str, str, str], int | None] = {}
    bad: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        second = _second(line, days)
        if second is None:
            bad.append(number)
        else:
            seconds[second] += 1
    read = len(bad) + seconds.total()
    if len(bad) > TOLERATED_SHARE * read:
        raise _malformed(name, lines, bad, read)
    return _trace(name, seconds, len(bad))


def _trace(name: str, seconds: Counter[int], skipped: int) -> Trace:
    if not seconds:
        raise InputError("no requests in this file", place=Place(name), expected=_WANTED)
    times = sorted(seconds)
    if times[-1] - times[0] > MAX_DURATION_S:
        raise InputError("log too long", place=Place(name), expected="at most 100 years")
    begins = tuple(float(time - times[0]) for time in times)
    return Trace(name, begins, tuple(seconds[time] for time in times), 1.0, skipped)


def _second(line: str, days: dict[tuple[str, str, str, str], int | None]) -> int | None:
    """Seconds since 1970 of one line; None when it is malformed. Days are looked up once."""
    match = _LINE.match(line)
    if match is None:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    key = (day, month, year, zone)
    if key not in days:
        days[key] = _midnight(day, month, year, zone)
    midnight = days[key]
    if midnight is None or hour > "23" or minute > "59" or second > "60":
        return None
    return midnight + int(hour) * 3600 + int(minute) * 60 + int(second)


def _midnight(day: str, month: str, year: str, zone: str) -> int | None:
    """Seconds since 1970 at which a day began in its zone; None when there is no such day."""
    try:
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        place = timezone(-offset if zone[0] == "-" else offset)
        start = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=place)
        return int((start - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


def _malformed(name: str, lines: list[str], bad: list[int], read: int) -> InputError:
    first = bad[0]
    share = f"{len(bad):,} of {read:,} lines are not in the common or combined log format"
    return InputError(
        f"{share}, the first being {printable(lines[first - 1])}",
        place=Place(name, first, 1),
        expected=f"at most {TOLERATED_SHARE:.0%} unlike {_WANTED}",
    )
