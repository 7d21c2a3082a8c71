r"""Path patterns of `.dockerignore`: ``*`` ``?`` ``[a-z]`` within a name, ``**`` across names.

A pattern becomes one regular expression that matches the path itself or any directory above it.
It cannot run away: a name takes the text between two stars at its first possible place, a run of
names after ``**`` takes its first possible depth, and neither is ever tried again (atomic groups).
First places suffice, since whatever follows has then the most room left.
"""

from __future__ import annotations

import posixpath
import re

from simulator.errors import InputError

MAX_PATTERN = 4_096
MAX_INNER_STARS = 3
"""Most ``**`` within names, such as ``a**b``; each doubles the ways to read a pattern."""

_END = r"(?=/|\Z)"
_TOKEN = re.compile(
    r"(?P<stars>\*+) | (?P<any>\?) | \\(?P<escaped>.)"
    r"| \[(?P<set>\^?\]?(?:\\.|[^\]\\])*)\] | (?P<bad>[\[\\]) | (?P<plain>[^*?\\\[]+)",
    re.VERBOSE | re.DOTALL,
)
_INNER = re.compile(r"(?<=[^/*])\*\*+/?(?=[^*])|(?<![^/])\*\*+(?=[^/*])")


def clean(pattern: str) -> str:
    """The pattern without ``./``, ``a/../``, doubled and trailing slashes, or a leading slash."""
    cleaned = posixpath.normpath(pattern).lstrip("/")
    return cleaned or "/"


def compile_glob(pattern: str) -> re.Pattern[str]:
    """One cleaned pattern as an expression for ``match``. Raises InputError if malformed."""
    if len(pattern) > MAX_PATTERN:
        raise InputError("the pattern is too long", expected=f"at most {MAX_PATTERN} characters")
    readings = _readings(pattern)
    expression = "|".join(f"(?:{_path(reading.split('/'))})" for reading in readings)
    try:
        return re.compile(expression, re.DOTALL)
    except (re.error, RecursionError, OverflowError):
        raise _malformed(pattern) from None


def _malformed(pattern: str) -> InputError:
    return InputError("syntax error in pattern", found=pattern)


def _readings(pattern: str) -> list[str]:
    """The ways to read ``**`` inside names: ``a**b`` is ``ab`` or ``a*``, any names, then b.

    At the start, ``**.py`` is any name that ends in .py, as long as the rest is plain.
    """
    if re.fullmatch(r"\*\*+[^/*?\[\\][^*?\[\\]*", pattern):
        return ["**/*" + pattern.lstrip("*")]
    readings = [""]
    at = 0
    inner = list(_INNER.finditer(pattern))
    if len(inner) > MAX_INNER_STARS:
        raise InputError("too many ** inside names", found=pattern, expected=str(MAX_INNER_STARS))
    for match in inner:
        before = pattern[at : match.start()]
        at = match.end()
        starts_name = match.start() == 0 or pattern[match.start() - 1] == "/"
        ways = ["**/"] if starts_name else ["", "*/**/"]
        readings = [done + before + way for done in readings for way in ways]
    return [done + pattern[at:] for done in readings]


def _path(names: list[str]) -> str:
    """Names between slashes; ``**`` stands for any number of them."""
    runs: list[list[str]] = [[]]
    for name in names:
        if len(name) > 1 and not name.strip("*"):
            runs.append([])
        else:
            runs[-1].append(_name(name))
    parts = ["/".join(run) for run in runs if run]
    if not parts:
        return ""
    first, *deeper = parts
    expression = first if runs[0] else _deep(first)
    expression += "".join("/" + _deep(part) for part in deeper)
    # A ** at the end takes whatever is below, yet at least one name.
    return expression if runs[-1] else expression + "/"


def _deep(part: str) -> str:
    """Names at the first depth where they fit."""
    return f"(?>(?:[^/]*/)*?{part})"


def _name(name: str) -> str:
    """One name as an atomic group that ends where the name ends."""
    segments: list[str] = [""]
    for match in _TOKEN.finditer(name):
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        if kind == "stars":
            segments.append("")
        elif kind == "any":
            segments[-1] += "[^/]"
        elif kind == "set":
            segments[-1] += _set(text, name)
        elif kind == "bad":
            raise _malformed(name)
        else:
            segments[-1] += re.escape(text)
    first, *middle = segments
    if not middle:
        return f"(?>{first}{_END})"
    last = middle.pop()
    atoms = "".join(f"(?>[^/]*?{segment})" for segment in middle)
    return f"(?>{first}{atoms}[^/]*{last}{_END})"


_RANGE = re.compile(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", re.DOTALL)


def _set(text: str, name: str) -> str:
    """A set such as ``[a-z]`` or ``[^a]``; it never takes a slash."""
    negated = text.startswith("^")
    body = text[negated:]
    if not body or body.startswith("]"):
        raise _malformed(name)
    items: list[str] = []
    for low, high in _RANGE.findall(body):
        low, high = low[-1], (high or low)[-1]
        if high < low:
            raise _malformed(name)
        items.append(re.escape(low) + "-" + re.escape(high))
    return f"(?!/)[{'^' if negated else ''}{''.join(items)}]"
