r"""Shell patterns of ``${name#pattern}``: ``*`` any text, ``?`` one character, ``\`` the next one.

A pattern is cut at its stars into segments. Placing each segment at its first possible position
gives the shortest match, placing the last one at its last position the longest; no search ever
backtracks over more than one segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.dockerfile.words import shown
from simulator.errors import InputError

MAX_PATTERN = 256
MAX_COST = 500_000
"""Characters of a pattern times those of a text: with question marks, that is the price."""

_TOKEN = re.compile(r"\\(.?)|(\*)|(\?)|([^\\*?]+)", re.DOTALL)
_ANY, _STAR = object(), object()
Token = str | object


@dataclass(frozen=True, slots=True)
class Pattern:
    """Segments between stars; an empty first or last segment means a star at that end."""

    segments: tuple[re.Pattern[str], ...]
    open_end: bool

    def match_at(self, text: str, start: int, *, longest: bool) -> int | None:
        """Where a match that begins at ``start`` ends, or None."""
        first = self.segments[0].match(text, start)
        if first is None:
            return None
        at = first.end()
        middle = self.segments[1:] if self.open_end or not longest else self.segments[1:-1]
        for segment in middle:
            found = segment.search(text, at)
            if found is None:
                return None
            at = found.end()
        if longest and self.open_end:
            return len(text)
        if not longest or len(self.segments) == 1:
            return at
        return self._last(text, at)

    def _last(self, text: str, at: int) -> int | None:
        """End of the last segment at its last possible position."""
        segment = self.segments[-1]
        best = segment.search(text, at)
        while best is not None:
            later = segment.search(text, best.start() + 1)
            if later is None:
                return best.end()
            best = later
        return None


def strip_prefix(value: str, pattern: str, *, longest: bool) -> str:
    """``${value#pattern}``; ``##`` with ``longest``."""
    end = _compile(_tokens(pattern, value)).match_at(value, 0, longest=longest)
    return value if end is None else value[end:]


def strip_suffix(value: str, pattern: str, *, longest: bool) -> str:
    """``${value%pattern}``; ``%%`` with ``longest``. The prefix rule, read backwards."""
    backwards = value[::-1]
    end = _compile(_tokens(pattern, value)[::-1]).match_at(backwards, 0, longest=longest)
    return value if end is None else value[: len(value) - end]


def replace(value: str, pattern: str, new: str, *, every: bool, limit: int) -> str:
    """``${value/pattern/new}``, and ``//`` with ``every``; matches are leftmost and longest."""
    parts: list[str] = []
    size = at = 0
    for start, end in _matches(value, _compile(_tokens(pattern, value))):
        parts += (value[at:start], new)
        size += start - at + len(new)
        at = end
        if size > limit:
            raise InputError(
                "the replaced text grows too long", expected=f"at most {limit} characters"
            )
        if not every:
            break
    return "".join((*parts, value[at:]))


def _matches(value: str, pattern: Pattern) -> Iterator[tuple[int, int]]:
    """Matches from left to right; no empty one directly behind another match."""
    at, last_end = 0, -1
    while at <= len(value):
        start = _first_possible(value, pattern, at)
        if start is None:
            return
        end = pattern.match_at(value, start, longest=True)
        if end is None:
            # Stars only widen: when the rest is missing here, it is missing further right too.
            return
        if end > start or start != last_end:
            yield start, end
            last_end = end
        at = end if end > start else start + 1


def _first_possible(value: str, pattern: Pattern, at: int) -> int | None:
    found = pattern.segments[0].search(value, at)
    return None if found is None else found.start()


def _tokens(pattern: str, value: str) -> list[Token]:
    if len(pattern) > MAX_PATTERN or len(pattern) * len(value) > MAX_COST:
        raise InputError(
            "the pattern is too long",
            found=f"{len(pattern)} characters for {len(value)}",
            expected=f"at most {MAX_PATTERN}, and less for a long value",
        )
    tokens: list[Token] = []
    for match in _TOKEN.finditer(pattern):
        escaped, star, question, plain = match.groups()
        if star:
            tokens.append(_STAR)
        elif question:
            tokens.append(_ANY)
        elif plain:
            tokens.extend(plain)
        else:
            tokens.append(_literal(pattern, escaped))
    return tokens


def _literal(pattern: str, character: str) -> str:
    # } and / must be escaped inside ${}, though they mean nothing in a pattern.
    if character not in ("}", "/", "*", "?", "\\"):
        raise InputError(
            f"invalid pattern ({shown(pattern)}) in substitution: "
            f"invalid escape '\\{shown(character)}'",
            expected="a backslash only before * ? \\ } /",
        )
    return character


def _compile(tokens: list[Token]) -> Pattern:
    segments: list[list[str]] = [[]]
    for token in tokens:
        if token is _STAR:
            segments.append([])
        else:
            segments[-1].append("." if token is _ANY else re.escape(str(token)))
    open_end = len(segments) > 1 and not segments[-1]
    # Stars in a row, and a star at the end, add no segment.
    kept = [segments[0], *(s for s in segments[1:] if s)]
    return Pattern(tuple(re.compile("".join(s), re.DOTALL) for s in kept), open_end)
