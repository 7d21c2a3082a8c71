"""The tokens of a shell script: words with their quotes, operators, redirections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_SCRIPT = 200_000
"""Characters of a script that are read; the rest is ignored."""
MAX_NESTING = 40
_REDIRECT = re.compile(r"\d*(?:>>|>\||>&|<&|<<<|<<-?|<>|>|<)|&>>?")
_JOIN = re.compile(r"&&|\|\||;;&?|;&|\|&|[;|&\n()]")
_SPACE = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_PLAIN = re.compile(r"[^\s;&|()<>\"'\\`$]+")


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: word, join, redirect, end."""

    kind: str
    text: str


_END = Token("end", "")


@dataclass(slots=True)
class Scanner:
    """Reads tokens one by one, with one token of look-ahead."""

    text: str
    documents: dict[str, str] = field(default_factory=dict)
    at: int = 0
    _next: Token | None = None
    _pending: int = 0
    """Where the text of the next here-document of this line begins; 0 when not known yet."""

    def __post_init__(self) -> None:
        self.text = self.text[:MAX_SCRIPT]

    def peek(self) -> Token:
        """The next token, left where it is."""
        if self._next is None:
            self._next = self._read()
        return self._next

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self._next = None
        return token

    def _read(self) -> Token:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        if self.at >= len(self.text):
            return _END
        if self.text[self.at] == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            return self._read() if end >= 0 else _END
        if self.text[self.at : self.at + 2] in ("<(", ">("):
            start, self.at = self.at, _balanced(self.text, self.at + 1, "(", ")", 0)
            return Token("word", self.text[start : self.at])
        for kind, pattern in (("redirect", _REDIRECT), ("join", _JOIN)):
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                if match.group() == "\n" and self._pending:
                    self.at, self._pending = max(self.at, self._pending), 0
                joined = ";;" if match.group().startswith(";") and len(match.group()) > 1 else ""
                return Token(kind, joined or match.group())
        return self._word()

    def _word(self) -> Token:
        start = self.at
        while self.at < len(self.text):
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                self.at = plain.end()
                continue
            if self.text[self.at] == "(" and self.text[start : self.at].endswith("="):
                self.at = _balanced(self.text, self.at, "(", ")", 0)
            elif self.text[self.at] in "\"'\\`$":
                self.at = skip(self.text, self.at)
            else:
                break
        if self.at == start:
            self.at += 1
        return Token("word", self.text[start : self.at])

    def document(self, name: str) -> str:
        """The text of a here-document: given, or the lines below this one."""
        bare = re.sub(r"[\"'\\]", "", name)
        if bare in self.documents:
            return self.documents[bare]
        begin = self._pending or self.text.find("\n", self.at) + 1
        if begin <= 0:
            return ""
        lines = []
        at = begin
        while at < len(self.text):
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            line = self.text[at:end]
            at = end + 1
            if line.lstrip("\t") == bare or line == bare:
                break
            lines.append(line)
        self._pending = min(at, len(self.text))
        return "".join(line + "\n" for line in lines)


def skip(text: str, at: int, depth: int = 0) -> int:
    """The end of what begins at a quote, a backslash, a dollar sign or a backtick."""
    character = text[at]
    if character == "\\":
        return min(len(text), at + 2)
    if character == "'":
        end = text.find("'", at + 1)
        return len(text) if end < 0 else end + 1
    if character == '"':
        return _double(text, at + 1, depth)
    if character == "`":
        at += 1
        while at < len(text) and text[at] != "`":
            at += 2 if text[at] == "\\" else 1
        return min(len(text), at + 1)
    following = text[at + 1 : at + 2]
    if following == "(":
        return _balanced(text, at + 1, "(", ")", depth)
    if following == "{":
        return _balanced(text, at + 1, "{", "}", depth)
    if following == "'":
        return skip(text, at + 1, depth)
    return at + 1


def _double(text: str, at: int, depth: int) -> int:
    while at < len(text) and text[at] != '"':
        literal = text[at] not in "\\`$" or text[at : at + 2] == "$'" or depth >= MAX_NESTING
        at = at + 1 if literal else skip(text, at, depth + 1)
    return min(len(text), at + 1)


def _balanced(text: str, at: int, opens: str, closes: str, depth: int) -> int:
    level = 0
    while at < len(text):
        character = text[at]
        if character == opens:
            level += 1
        elif character == closes:
            level -= 1
            if level == 0:
                return at + 1
        elif depth < MAX_NESTING and (
            character in "\"'\\`" or (character == "$" and text[at + 1 : at + 2] in ("(", "{"))
        ):
            at = skip(text, at, depth + 1)
            continue
        at += 1
    return len(text)
