"""Patterns of COPY sources, as Go's filepath.Match reads them: ``*``, ``?``, ``[a-z]``, ``\\x``."""

from __future__ import annotations

import re
from functools import lru_cache

from simulator.errors import InputError


def has_wildcard(path: str) -> bool:
    """True when a path is a pattern."""
    return any(character in path for character in "*?[")


@lru_cache(maxsize=1024)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression for a whole path; InputError when it is malformed.

    Between two stars the first match is taken for good (an atomic group), so that a pattern with
    many stars cannot take exponential time.
    """
    segments: list[list[str]] = [[""]]
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "/":
            segments.append([""])
        elif character == "*":
            segments[-1].append("")
        elif character == "?":
            segments[-1][-1] += "[^/]"
        elif character == "[":
            text, at = _character_class(pattern, at - 1)
            segments[-1][-1] += text
        elif character == "\\":
            if at >= len(pattern):
                raise _bad(pattern)
            segments[-1][-1] += re.escape(pattern[at])
            at += 1
        else:
            segments[-1][-1] += re.escape(character)
    return re.compile("/".join(_segment(parts) for parts in segments), re.DOTALL)


def _segment(parts: list[str]) -> str:
    """One path component: fixed parts with a star between any two."""
    first, *rest = parts
    if not rest:
        return first
    middle = "".join(f"(?>[^/]*?{part})" for part in rest[:-1] if part)
    return f"{first}{middle}[^/]*{rest[-1]}(?![^/])"


def _character_class(pattern: str, start: int) -> tuple[str, int]:
    end = start + 1
    negated = pattern[end : end + 1] == "^"
    if negated:
        end += 1
    parts: list[str] = []
    while True:
        low, end = _member(pattern, end)
        high = low
        if pattern[end : end + 1] == "-":
            high, end = _member(pattern, end + 1)
        if low > high:
            raise _bad(pattern)
        parts.append(f"{re.escape(low)}-{re.escape(high)}")
        if pattern[end : end + 1] == "]":
            return f"[{'^' if negated else ''}{''.join(parts)}]", end + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    if at >= len(pattern) or pattern[at] in "-]":
        raise _bad(pattern)
    if pattern[at] == "\\":
        at += 1
        if at >= len(pattern):
            raise _bad(pattern)
    if at + 1 >= len(pattern):
        raise _bad(pattern)
    return pattern[at], at + 1


def _bad(pattern: str) -> InputError:
    return InputError(
        "syntax error in pattern", found=pattern, expected="*, ?, [a-z] or \\ before one of them"
    )
