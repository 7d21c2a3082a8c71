"""Reading words: quotes, escapes, ``$`` in all its forms, and the text of here-documents."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.errors import InputError
from simulator.programs.shell.syntax import (
    Arithmetic,
    Parameter,
    Part,
    Sequence,
    Substitution,
    Text,
    Word,
)

MAX_CHARACTERS = 65_536
MAX_DEPTH = 40
BLANKS = " \t\r"
BREAKS = BLANKS + "\n;&|<>()"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = "@*#?$!-0123456789"
_OPERATOR = re.compile(r":[-=?+]|##?|%%?|//?|[-=?+:]")


class SyntaxProblem(InputError):
    """A script that cannot be read: the sentence is the shell's own."""


class Unfinished(SyntaxProblem):
    """More lines may make it whole."""


class Scanner:
    """A place in a text, and what can be read from there."""

    def __init__(self, text: str, script: Callable[[Scanner, str], Sequence]) -> None:
        """``script`` reads commands up to a closing mark."""
        if len(text) > MAX_CHARACTERS:
            raise SyntaxProblem("script too long", expected=f"at most {MAX_CHARACTERS} characters")
        self.text = text
        self.at = 0
        self.depth = 0
        self._script = script

    @property
    def line(self) -> int:
        """The number of the line, from 1."""
        return self.text.count("\n", 0, self.at) + 1

    def peek(self, count: int = 1) -> str:
        """The next characters."""
        return self.text[self.at : self.at + count]

    def blanks(self) -> None:
        """Skip blanks, continued lines and a comment."""
        text = self.text
        while self.at < len(text):
            if text[self.at] in BLANKS:
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif text[self.at] == "#":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            else:
                return

    def deeper(self) -> None:
        """One level further down; too many are refused."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxProblem("nested too deep", expected=f"at most {MAX_DEPTH} levels")

    # --- words ----------------------------------------------------------------------------------

    def word(self, ends: str = BREAKS) -> Word:
        """A word up to one of ``ends``."""
        parts: list[Part] = []
        while self.at < len(self.text) and self.text[self.at] not in ends:
            self._part(parts)
        return Word(tuple(_merged(parts)))

    def _part(self, parts: list[Part]) -> None:
        char = self.text[self.at]
        if char == "\\":
            following = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            if not following:
                raise Unfinished("unexpected end of file after a backslash")
            if following != "\n":
                parts.append(Text(following, True))
        elif char == "'":
            end = self.text.find("'", self.at + 1)
            if end < 0:
                raise Unfinished("Unterminated quoted string")
            parts.append(Text(self.text[self.at + 1 : end], True))
            self.at = end + 1
        elif char == '"':
            self.at += 1
            parts += self.quoted('"')
            self.at += 1
        elif char in "$`":
            parts.append(self._dollar(False) if char == "$" else self._backquoted(False))
        else:
            parts.append(Text(char))
            self.at += 1

    def quoted(self, end: str) -> list[Part]:
        """What stands between double quotes, or in a here-document (``end`` is empty)."""
        parts: list[Part] = []
        while self.peek() != end:
            char = self.peek()
            if not char:
                raise Unfinished("Unterminated quoted string")
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", "\\", end, "\n"):
                escaped = self.text[self.at + 1 : self.at + 2]
                parts += [Text(escaped, True)] if escaped not in ("\n", "") else []
                self.at += 2
            elif char == "$":
                parts.append(self._dollar(True))
            elif char == "`":
                parts.append(self._backquoted(True))
            else:
                parts.append(Text(char, True))
                self.at += 1
        return _merged(parts) or [Text("", True)]

    # --- $ --------------------------------------------------------------------------------------

    def _dollar(self, quoted: bool) -> Part:
        if self.peek(3) == "$((":
            return self._arithmetic(quoted)
        if self.peek(2) == "$(":
            self.at += 2
            return Substitution(self._inner(")"), quoted)
        if self.peek(2) == "${":
            return self._braced(quoted)
        found = _NAME.match(self.text, self.at + 1)
        if found is not None:
            self.at = found.end()
            return Parameter(found.group(), quoted=quoted)
        following = self.text[self.at + 1 : self.at + 2]
        if following and following in _SPECIAL:
            self.at += 2
            return Parameter(following, quoted=quoted)
        self.at += 1
        return Text("$", True)

    def _inner(self, end: str) -> Sequence:
        self.deeper()
        body = self._script(self, end)
        if self.peek() != end:
            raise Unfinished(f'end of file unexpected (expecting "{end}")')
        self.at += 1
        self.depth -= 1
        return body

    def _arithmetic(self, quoted: bool) -> Part:
        self.at += 3
        depth, start = 0, self.at
        while not (depth == 0 and self.peek(2) == "))"):
            char = self.peek()
            if not char:
                raise Unfinished("missing '))'")
            depth += (char == "(") - (char == ")")
            self.at += 1
        inner = Scanner(self.text[start : self.at], self._script)
        inner.depth = self.depth
        inner.deeper()
        self.at += 2
        return Arithmetic(inner.rest(), quoted)

    def rest(self) -> Word:
        """All that is left, as if it stood in a here-document."""
        parts: list[Part] = []
        while self.at < len(self.text):
            char = self.peek()
            if char == "$":
                parts.append(self._dollar(True))
            elif char == "`":
                parts.append(self._backquoted(True))
            elif char == "\\" and self.peek(2)[1:] in ("$", "`", "\\", "\n"):
                parts += [Text(self.peek(2)[1], True)] if self.peek(2)[1] != "\n" else []
                self.at += 2
            else:
                parts.append(Text(char, True))
                self.at += 1
        return Word(tuple(_merged(parts)))

    def _backquoted(self, quoted: bool) -> Part:
        self.at += 1
        taken: list[str] = []
        while self.peek() != "`":
            if not self.peek():
                raise Unfinished("EOF in backquote substitution")
            if self.peek() == "\\" and self.peek(2)[1:] in ("`", "\\", "$"):
                self.at += 1
            taken.append(self.peek())
            self.at += 1
        self.at += 1
        inner = Scanner("".join(taken), self._script)
        inner.depth = self.depth
        inner.deeper()
        return Substitution(self._script(inner, ""), quoted)

    def _braced(self, quoted: bool) -> Part:
        self.at += 2
        length = self.peek() == "#" and self.peek(2)[1:] not in ("}", "")
        self.at += length
        found = _NAME.match(self.text, self.at)
        if found is None and self.peek() not in _SPECIAL:
            raise SyntaxProblem("Bad substitution")
        name = found.group() if found is not None else self.peek()
        self.at += len(name)
        if not name:
            raise Unfinished("Missing '}'")
        operator = _OPERATOR.match(self.text, self.at)
        if length or operator is None:
            if self.peek() != "}":
                raise (Unfinished if not self.peek() else SyntaxProblem)("Bad substitution")
            self.at += 1
            return Parameter(name, "length" if length else "", None, quoted)
        self.at = operator.end()
        self.deeper()
        word = self._until_brace(quoted)
        self.depth -= 1
        return Parameter(name, operator.group(), word, quoted)

    def _until_brace(self, quoted: bool) -> Word:
        parts: list[Part] = []
        while self.peek() != "}":
            char = self.peek()
            if not char:
                raise Unfinished("Missing '}'")
            if quoted and char == "'":
                parts.append(Text(char, True))
                self.at += 1
            else:
                before = len(parts)
                self._part(parts)
                if quoted:
                    parts[before:] = [_as_quoted(one) for one in parts[before:]]
        self.at += 1
        return Word(tuple(_merged(parts)))


def _as_quoted(part: Part) -> Part:
    if isinstance(part, Text):
        return Text(part.text, True)
    if isinstance(part, Parameter):
        return Parameter(part.name, part.operator, part.word, True)
    if isinstance(part, Substitution):
        return Substitution(part.script, True)
    return Arithmetic(part.word, True)


def _merged(parts: list[Part]) -> list[Part]:
    """Neighbouring characters as one text."""
    merged: list[Part] = []
    run: list[str] = []
    quoted = False
    for part in parts:
        if isinstance(part, Text):
            if run and part.quoted != quoted:
                merged.append(Text("".join(run), quoted))
                run = []
            run.append(part.text)
            quoted = part.quoted
        else:
            if run:
                merged.append(Text("".join(run), quoted))
                run = []
            merged.append(part)
    if run:
        merged.append(Text("".join(run), quoted))
    return merged
