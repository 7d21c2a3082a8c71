"""From a logical line to keyword, flags and arguments, before any rule of an instruction applies.

This is as far as the shape of a Dockerfile goes without knowing whether it makes sense:
``HEALTHCHECK CONNECT TCP 7000`` has a tree, yet is no valid instruction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.dockerfile.model import Flag
from simulator.dockerfile.source import LogicalLine
from simulator.dockerfile.words import (
    SPACE_CLASS,
    SPACES,
    NotStrings,
    first_blank_split,
    json_array,
    shown,
    split_blanks,
    split_flags,
    split_words,
)
from simulator.errors import InputError

Pairs = tuple[tuple[str, str | None, str], ...]

COMMAND = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL"})
"""JSON array or one shell string."""
LISTS = frozenset({"ADD", "COPY", "VOLUME"})
"""JSON array or words."""
WORDS = frozenset({"FROM", "EXPOSE"})
PAIRS = frozenset({"ENV", "LABEL", "ARG"})
STRING = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
KEYWORDS = tuple(sorted(COMMAND | LISTS | WORDS | PAIRS | STRING | {"HEALTHCHECK", "ONBUILD"}))

MAX_WORDS = 10_000
MAX_DEPTH = 8
"""Deepest ONBUILD ONBUILD, which has a tree although it is no valid instruction."""
CHAINED = "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"

_SPACED_HEREDOC = re.compile(rf"(<<-?)[{SPACE_CLASS}]+")
_KEYWORD = re.compile(rf"[{SPACE_CLASS}]*([^{SPACE_CLASS}]+)[{SPACE_CLASS}]*")


@dataclass(frozen=True, slots=True)
class Node:
    """An instruction by shape; ``at`` and ``args_at`` are offsets in its logical line."""

    name: str
    written: str
    at: int
    flags: tuple[Flag, ...]
    args_at: int
    words: tuple[str, ...]
    pairs: Pairs
    form: str
    json: bool
    child: Node | None = None


def read_node(line: LogicalLine, file: str, start: int = 0, depth: int = 0) -> Node:
    """Take a logical line apart, from an offset on. Raises InputError for malformed arguments."""
    if depth > MAX_DEPTH:
        raise InputError(CHAINED, place=line.place(file, start))
    text = line.text
    match = _KEYWORD.match(text, start)
    if match is None:
        return Node("", "", start, (), start, (), (), "words", json=False)
    written, name = match[1], match[1].upper()
    found, length = (
        split_flags(text[match.end() :]) if text.startswith("--", match.end()) else ([], 0)
    )
    flags = tuple(_flag(word, line, file, match.end() + at) for word, at in found)
    args_at = match.end() + length
    args = text[args_at:].strip(SPACES)
    shape = _Shape(name, args, args_at, line, file)
    if name == "ONBUILD":
        child = read_node(line, file, args_at, depth + 1) if args else None
        return Node(name, written, match.start(1), flags, args_at, (), (), "words", False, child)
    words, pairs, form, is_json = shape.arguments()
    if len(words) > MAX_WORDS or len(flags) > MAX_WORDS:
        raise InputError(
            f"too many arguments of {name}",
            place=line.place(file, match.start(1)),
            expected=f"at most {MAX_WORDS}",
        )
    return Node(name, written, match.start(1), flags, args_at, words, pairs, form, is_json)


def _flag(word: str, line: LogicalLine, file: str, offset: int) -> Flag:
    name, equals, value = word[2:].partition("=")
    place = line.place(file, offset)
    return Flag(name, value if equals else None, place.column or 1, place.line or line.line)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The arguments of one instruction, read the way its kind asks for."""

    name: str
    args: str
    at: int
    line: LogicalLine
    file: str

    def arguments(self) -> tuple[tuple[str, ...], Pairs, str, bool]:
        """Words, pairs, form, and whether they were JSON."""
        name = self.name
        if name in COMMAND:
            return self._command(self.args)
        if name in LISTS:
            items = self._json(self.args)
            if items is not None:
                return items, (), "words", True
            return tuple(self._paths()), (), "words", False
        if name in PAIRS:
            return (), self._arg_pairs() if name == "ARG" else self._pairs(), "pairs", False
        if name == "HEALTHCHECK":
            return self._healthcheck()
        if name in STRING:
            return ((self.args,) if self.args else ()), (), "words", False
        return tuple(split_blanks(self.args)), (), "words", False

    def _paths(self) -> list[str]:
        """Words of ADD, COPY and VOLUME; the name of a here-document may hold quoted spaces."""
        if not self.line.heredocs:
            return split_blanks(self.args)
        return split_words(_SPACED_HEREDOC.sub(r"\1", self.args), self._escape())

    def _command(self, text: str) -> tuple[tuple[str, ...], Pairs, str, bool]:
        items = self._json(text)
        if items is not None:
            return items, (), "exec", True
        return ((text,) if text else ()), (), "shell", False

    def _healthcheck(self) -> tuple[tuple[str, ...], Pairs, str, bool]:
        match = _KEYWORD.match(self.args)
        if match is None:
            return (), (), "words", False
        words, pairs, form, is_json = self._command(self.args[match.end() :])
        return (match[1], *words), pairs, form, is_json

    def _json(self, text: str) -> tuple[str, ...] | None:
        try:
            return json_array(text)
        except NotStrings:
            raise self._error(
                "when using JSON array syntax, arrays must be comprised of strings only"
            ) from None

    def _pairs(self) -> Pairs:
        """``name=value ...``, or the old ``name value``, told apart by the first word."""
        words = split_words(self.args, self._escape())
        if not words:
            return ()
        if "=" not in words[0]:
            parts = first_blank_split(self.args)
            if parts is None:
                raise self._error(
                    f"{self.name} must have two arguments",
                    found=self.args,
                    expected=f"{self.name} name=value",
                )
            return ((parts[0], parts[1], ""),)
        return tuple(self._pair(word) for word in words)

    def _pair(self, word: str) -> tuple[str, str, str]:
        name, equals, value = word.partition("=")
        if not equals:
            raise self._error(
                f"Syntax error - can't find = in {go_quote(shown(word))}. "
                "Must be of the form: name=value",
            )
        return name, value, "="

    def _arg_pairs(self) -> Pairs:
        pairs: list[tuple[str, str | None, str]] = []
        for word in split_words(self.args, self._escape()):
            name, equals, value = word.partition("=")
            pairs.append((name, value if equals else None, equals))
        return tuple(pairs)

    def _escape(self) -> str:
        return self.line.escape

    def _error(self, problem: str, found: object = None, expected: str | None = None) -> InputError:
        place = self.line.place(self.file, min(self.at, max(len(self.line.text) - 1, 0)))
        return InputError(problem, place=place, found=found, expected=expected)


_GO_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def go_quote(text: str) -> str:
    r"""A string in double quotes as Go's ``%q`` writes it: ``\x00``, ``\u200b``, ``\U000e0001``."""
    return '"' + "".join(_GO_ESCAPES.get(c) or _go_character(c) for c in text) + '"'


def _go_character(character: str) -> str:
    # Of the spaces, Go prints only U+0020 as it is, exactly like str.isprintable.
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
