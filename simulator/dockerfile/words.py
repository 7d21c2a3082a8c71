r"""Splitting arguments: words, flags, names and values, JSON arrays.

Quotes and escapes stay in the words; they go away only when a word is expanded, because until
then ``"$A"`` and ``'$A'`` mean different things.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)
"""White space by Unicode's own property, which is what Go's unicode.IsSpace asks."""
SPACE_CLASS = r"\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_BLANKS = re.compile(r"[\t\v\f\r ]+")


class NotStrings(ValueError):
    """A JSON array that holds something else than strings."""


@lru_cache(maxsize=4)
def _word_pattern(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    plain = rf"""[^{SPACE_CLASS}'"{e}]+"""
    double = rf"""\"(?:{e}.|[^"{e}])*(?:"|{e}?\Z)"""
    return re.compile(rf"""(?:{plain}|{e}.|'[^']*(?:'|\Z)|{double}|{e}\Z)+""", re.DOTALL)


def shown(text: str, limit: int = 60) -> str:
    """A hostile text for a message: one line, no control characters, not too long."""
    clean = "".join(c if c.isprintable() else "?" for c in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def split_words(text: str, escape: str = "\\") -> list[str]:
    """Words between white space; quotes and escapes hold a word together and are kept.

    >>> split_words("foo bar 'abc xyz'")
    ['foo', 'bar', "'abc xyz'"]
    """
    words = [match[0] for match in _word_pattern(escape).finditer(text)]
    if words and words[-1].endswith(escape) and text.endswith(escape):
        words[-1] = _without_lone_escape(words[-1], escape)
    return [word for word in words if word]


def _without_lone_escape(word: str, escape: str) -> str:
    """An escape character with nothing behind it escapes nothing and is dropped."""
    run = len(word) - len(word.rstrip(escape))
    return word[:-1] if run % 2 else word


def split_blanks(text: str) -> list[str]:
    """Words between blanks, without any regard to quotes: FROM, EXPOSE, COPY, ADD, VOLUME."""
    return _BLANKS.split(text) if text else []


def first_blank_split(text: str) -> tuple[str, str] | None:
    """The text before and after the first run of blanks, or None when there is none."""
    parts = _BLANKS.split(text, maxsplit=1)
    return (parts[0], parts[1]) if len(parts) == 2 else None


def json_array(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON array, or None when the text is not one (then it is shell form).

    Raises NotStrings when it is an array of other things, which no instruction takes.
    """
    if not text.lstrip(SPACES).startswith("["):
        return None
    try:
        items = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in items):
        raise NotStrings
    return tuple(_scalar(item) for item in items)


def _no_constant(name: str) -> float:
    """Python reads NaN and Infinity, which are no JSON."""
    raise ValueError(name)


def _scalar(text: str) -> str:
    r"""Replace halves of surrogate pairs, which ``\ud800`` can make and no file can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def split_flags(text: str) -> tuple[list[tuple[str, int]], int]:
    """The ``--flags`` at the start as (text without quotes, offset), and where the rest begins."""
    flags: list[tuple[str, int]] = []
    at = 0
    while True:
        at = _skip_spaces(text, at)
        if not text.startswith("--", at):
            return flags, at
        word, end = _flag_word(text, at)
        if word == "--":
            return flags, _skip_spaces(text, end)
        flags.append((word, at))
        at = end


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at] in SPACES:
        at += 1
    return at


_FLAG_PART = re.compile(
    rf"""([^{SPACE_CLASS}'"\\]+)|\\(.?)|'((?:\\.|[^'\\])*)(?:'|\\?\Z)|"((?:\\.|[^"\\])*)(?:"|\\?\Z)""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _flag_word(text: str, at: int) -> tuple[str, int]:
    """One flag with its quotes and backslashes removed, and where it ends."""
    parts: list[str] = []
    for match in _adjacent(text, at):
        plain, escaped, single, double = match.groups()
        parts.append(plain or escaped or _ESCAPED.sub(r"\1", single or double or ""))
        at = match.end()
    return "".join(parts), at


def _adjacent(text: str, at: int) -> Iterator[re.Match[str]]:
    while at < len(text):
        match = _FLAG_PART.match(text, at)
        if match is None:
            return
        yield match
        at = match.end()
