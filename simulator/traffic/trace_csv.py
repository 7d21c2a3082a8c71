"""Counts over time as CSV: ``timestamp,count`` rows, or one column of exact timestamps."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from simulator.errors import InputError, Place
from simulator.traffic.replay import MAX_ARRIVALS, Trace
from simulator.units import MAX_DURATION_S

MAX_COUNT = 10**9
_LATEST_EPOCH_S = 1e11
_EARLIEST_EPOCH_S = 1e8
_TIME_NAMES = ("timestamp", "time", "datetime", "date", "ts", "t", "second", "minute")
_COUNT_NAMES = ("count", "requests", "value", "invocations", "hits", "n", "invocation_count")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WANTED_TIME = "seconds, or a date and time such as 2024-05-01T12:00:00Z"


class _Layout(NamedTuple):
    """How rows are cut: the delimiter, the column of times, the column of counts if any."""

    delimiter: str
    times: int
    counts: int | None


class _Field(NamedTuple):
    text: str
    place: Place


def parse_csv(lines: list[str], name: str) -> Trace:
    """The trace in lines of CSV; blank lines and lines that begin with # do not count.

    Times are seconds since 1970, ISO 8601 (UTC where no offset is given), or plain seconds from
    the start; the first two kinds begin at 0 with the first row. Delimiters: comma, semicolon, tab.
    """
    layout: _Layout | None = None
    times: list[float] = []
    counts: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if layout is None:
            fields = _split(line, _delimiter(line), name, number)
            layout, is_header = _layout(line, fields)
            if is_header:
                continue
        fields = _split(line, layout.delimiter, name, number)
        times.append(_time(_pick(fields, layout.times, "timestamp")))
        counts.append(1 if layout.counts is None else _count(_pick(fields, layout.counts, "count")))
        _check_order(times, fields[layout.times], exact=layout.counts is None)
    if layout is None or not times:
        wanted = "rows of timestamp,count"
        raise InputError("no requests in this file", place=Place(name), expected=wanted)
    return _trace(name, times, counts, exact=layout.counts is None)


def _trace(name: str, times: list[float], counts: list[int], *, exact: bool) -> Trace:
    if not 0 < sum(counts) <= MAX_ARRIVALS:
        wanted = f"1 to {MAX_ARRIVALS:,} requests"
        raise InputError("bad sum of counts", place=Place(name), found=sum(counts), expected=wanted)
    first = times[0] if times[0] >= _EARLIEST_EPOCH_S else 0.0
    begins = tuple(time - first for time in times)
    gaps = np.diff(begins)
    bin_s = 0.0 if exact else float(np.median(gaps)) if len(gaps) else 1.0
    return Trace(name, begins, tuple(counts), bin_s)


def _delimiter(line: str) -> str:
    return next((mark for mark in (",", ";", "\t") if mark in line), ",")


def _split(line: str, delimiter: str, name: str, number: int) -> list[_Field]:
    """Fields without their quotes and blanks, each with the place where it begins."""
    fields, column = [], 1
    for part in line.split(delimiter):
        start = column + len(part) - len(part.lstrip())
        fields.append(_Field(part.strip().strip('"').strip(), Place(name, number, start)))
        column += len(part) + 1
    return fields


def _layout(line: str, fields: list[_Field]) -> tuple[_Layout, bool]:
    """Where times and counts are, and whether this first line is a header.

    A header holds no number and no date at all, so a slip in the first row is still an error.
    """
    delimiter = _delimiter(line)
    names = [field.text.lower() for field in fields]
    is_header = not any(_NUMBER.match(name) for name in names)
    time = next((names.index(name) for name in _TIME_NAMES if name in names), 0)
    count = next((names.index(name) for name in _COUNT_NAMES if name in names), None)
    if count is None and len(fields) > 1:
        count = 1 if time == 0 else 0
    return _Layout(delimiter, time, count), is_header


def _pick(fields: list[_Field], column: int, what: str) -> _Field:
    if column < len(fields) and fields[column].text:
        return fields[column]
    place = fields[min(column, len(fields) - 1)].place
    raise InputError(f"{what} missing", place=place, expected="timestamp,count")


def _time(field: _Field) -> float:
    """Seconds of a number or an ISO 8601 date and time."""
    if _NUMBER.fullmatch(field.text):
        value = float(field.text)
        if value < 0:
            raise InputError("time before 0", place=field.place, found=field.text)
        if value > _LATEST_EPOCH_S:
            raise InputError(
                "time out of range",
                place=field.place,
                found=field.text,
                expected="seconds (not milliseconds)",
            )
        return value
    try:
        stamp = datetime.fromisoformat(field.text)
        value = (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        value = math.nan
    if not _EARLIEST_EPOCH_S <= value <= _LATEST_EPOCH_S:
        raise InputError("bad time", place=field.place, found=field.text, expected=_WANTED_TIME)
    return value


def _count(field: _Field) -> int:
    """A whole number of requests, also when written ``47.0``."""
    value = float(field.text) if _NUMBER.fullmatch(field.text) else math.nan
    if value < 0:
        raise InputError("negative count", place=field.place, found=field.text)
    if value > MAX_COUNT:
        wanted = f"at most {MAX_COUNT:,} in a row"
        raise InputError("count too large", place=field.place, found=field.text, expected=wanted)
    if value != value or value != int(value):
        raise InputError(
            "bad count", place=field.place, found=field.text, expected="a whole number"
        )
    return int(value)


def _check_order(times: list[float], field: _Field, *, exact: bool) -> None:
    """Times rise (two exact ones may be equal) and stay within what can be simulated."""
    if len(times) < 2:
        return
    before, now = times[-2:]
    if now < before or (now == before and not exact):
        problem = "time goes back" if now < before else "time repeated"
        raise InputError(problem, place=field.place, found=field.text, expected="rising times")
    if now - times[0] > MAX_DURATION_S:
        raise InputError("trace too long", place=field.place, expected="at most 100 years")
