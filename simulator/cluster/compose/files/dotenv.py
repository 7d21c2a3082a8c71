"""``.env`` files and env files: names and values, a line each.

``NAME=value``, ``export NAME=value``, ``NAME: value``; values in single quotes are taken as they
are, in double quotes with escapes and variables, without quotes up to `` #``. A name alone is taken
from around, if it is there. Source: compose-go, ``dotenv``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.cluster.compose.files.interpolation import TemplateError, Variables, substitute
from simulator.errors import InputError, Place, printable

MOST_BYTES = 1 << 20
_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=:#'\"]+)[ \t]*([=:]?)[ \t]*")
_NAME = re.compile(r"[A-Za-z0-9_.\[\]-]+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$$", "'": "'"}


def parse(text: str, file: str, around: Mapping[str, str]) -> dict[str, str | None]:
    """The variables of a file in their order; None for a name that has no value anywhere.

    ``around``: what is known already, for variables in values. InputError with a place.
    """
    found: dict[str, str | None] = {}
    position, line = 0, 1
    while position < len(text):
        end = _end_of_line(text, position)
        if not text[position:end].strip() or text[position:end].lstrip().startswith("#"):
            position, line = end + 1, line + 1
            continue
        match = _LINE.match(text, position)
        if match is None or not _NAME.fullmatch(match[1]):
            raise _bad(text[position:end], file, line)
        name = match[1]
        if not match[2]:
            if text[match.end() : end].strip():
                raise _bad(text[position:end], file, line)
            found[name] = around.get(name)
            position, line = end + 1, line + 1
            continue
        value, after = _value(text, match.end(), file, line, around, found)
        found[name] = value
        line += text.count("\n", position, after) + 1
        position = _end_of_line(text, after) + 1
    return found


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _bad(words: str, file: str, line: int) -> InputError:
    name = words.strip().partition("=")[0]
    odd = next((one for one in name if not _NAME.fullmatch(one)), name[:1])
    return InputError(
        f"failed to read {file}: line {line}: unexpected character {printable(odd)} in variable "
        f"name {printable(name)}",
        place=Place(file, line, 1),
    )


def _value(
    text: str, at: int, file: str, line: int, around: Mapping[str, str],
    found: Mapping[str, str | None],
) -> tuple[str, int]:  # fmt: skip
    """A value, and the position behind it."""
    quote = text[at : at + 1]
    if quote in ("'", '"') and quote:
        body, after = _quoted(text, at, file, line)
        return (body if quote == "'" else _expanded(body, file, line, around, found)), after
    end = _end_of_line(text, at)
    words = re.split(r"(?:^|\s)#", text[at:end], maxsplit=1)[0].strip()
    return _expanded(words, file, line, around, found), end


def _quoted(text: str, at: int, file: str, line: int) -> tuple[str, int]:
    parts: list[str] = []
    quote, position = text[at], at + 1
    while position < len(text):
        char = text[position]
        if char == quote:
            return "".join(parts), position + 1
        if char == "\\" and quote == '"' and position + 1 < len(text):
            after = text[position + 1]
            parts.append(_ESCAPES.get(after, "\\" + after))
            position += 2
        elif char == "\\" and text[position + 1 : position + 2] == quote:
            parts.append(quote)
            position += 2
        else:
            parts.append(char)
            position += 1
    raise InputError(
        f"failed to read {file}: line {line}: unterminated quoted value "
        f"{printable(text[at : at + 40])}",
        place=Place(file, line, 1),
    )


def _expanded(
    words: str, file: str, line: int, around: Mapping[str, str],
    found: Mapping[str, str | None],
) -> str:  # fmt: skip
    if "$" not in words:
        return words
    known = {name: value for name, value in found.items() if value is not None}
    try:
        return substitute(words, Variables(known | dict(around)))
    except TemplateError as error:
        raise InputError(
            f"failed to read {file}: line {line}: {error}", place=Place(file, line, 1)
        ) from None
