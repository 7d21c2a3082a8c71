"""What the words of a script become: variables, substitutions, arithmetic, quotes, fields.

What cannot be known is kept as ``UNKNOWN`` inside the word, so that a command can tell an
unknown name from an empty one.
"""

from __future__ import annotations

import ast
import fnmatch
import operator
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol

from simulator.image.builder.scanning import skip

UNKNOWN = "\ue000"
"""Stands for text that the model does not know; a character of nobody's alphabet."""
MAX_WORD, MAX_WORDS = 4096, 1000
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACE = re.compile(r"([^{}]*)\{([^{}]*,[^{}]*|\w+\.\.\w+)\}(.*)", re.DOTALL)
_PARAMETER = re.compile(
    r"(#?)([A-Za-z_]\w*|[0-9@*#?$!-])(:?[-+=?]|##?|%%?|//?|\^\^?|,,?|:|\[[^]]*\])?(.*)", re.DOTALL
)


class Variables(Protocol):
    """What a word is expanded with."""

    def value(self, name: str) -> str | None:
        """The value of a variable: None when it is not set, UNKNOWN inside what is not known."""

    def assign(self, name: str, value: str) -> None:
        """``${NAME:=value}``."""

    def output(self, script: str) -> str:
        """What a script prints, without its last line ends."""


def known(word: str) -> bool:
    """True when all of a word is known."""
    return UNKNOWN not in word


def shown(word: str) -> str:
    """A word for people: what is not known is an ellipsis."""
    return word.replace(UNKNOWN, "…")


class Expansion:
    """Expands words with the variables of one moment."""

    def __init__(self, variables: Variables, *, braces: bool = False) -> None:
        self.variables = variables
        self.braces = braces

    def fields(self, word: str) -> list[str]:
        """The words that one written word becomes: none, one, or several."""
        if word.startswith(("<(", ">(")):
            return ["/dev/fd/63"]
        if not any(character in word for character in "$`\"'\\{"):
            return [word]
        written = _braces(word) if self.braces else [word]
        return [one[:MAX_WORD] for each in written for one in self._fields(each)][:MAX_WORDS]

    def text(self, word: str) -> str:
        """A word that stays one word: of an assignment, a redirection, a ``case``."""
        return "".join(text for text, _ in self._pieces(word))[:MAX_WORD]

    def _fields(self, word: str) -> Iterator[str]:
        current: str | None = None
        for text, splits in self._pieces(word):
            if not splits:
                current = (current or "") + text
                continue
            parts = text.split()
            if not parts:
                if text and current is not None:
                    yield current
                    current = None
                continue
            if text[0].isspace() and current is not None:
                yield current
                current = None
            for part in parts[:-1]:
                yield (current or "") + part
                current = None
            current = (current or "") + parts[-1]
            if text[-1].isspace():
                yield current
                current = None
        if current is not None:
            yield current

    def _pieces(self, word: str) -> Iterator[tuple[str, bool]]:
        """Parts of a word, each with whether it is split at spaces."""
        at = 0
        while at < len(word):
            character = word[at]
            if character not in "\"'\\$`":
                end = at + 1
                while end < len(word) and word[end] not in "\"'\\$`":
                    end += 1
                yield word[at:end], False
            else:
                end = self._reach(word, at)[0]
                yield from self._piece(character, word[at:end])
            at = end

    def _piece(self, character: str, text: str) -> Iterator[tuple[str, bool]]:
        if character == "'":
            yield text[1:].removesuffix("'"), False
        elif character == "\\":
            yield text[1:].replace("\n", ""), False
        elif character == '"':
            yield self._quoted(text[1:].removesuffix('"')), False
        elif text.startswith("$'"):
            yield text[2:].removesuffix("'"), False
        else:
            yield from self._dollar(text)

    def _quoted(self, text: str) -> str:
        parts: list[str] = []
        at = 0
        while at < len(text):
            character = text[at]
            end = at + 1
            if character == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\", "\n"):
                end = at + 2
                parts.append(text[at + 1 : end].replace("\n", ""))
            elif character in "$`" and text[at : at + 2] not in ("$'", '$"'):
                end, name = self._reach(text, at)
                parts.extend(piece for piece, _ in self._dollar(name))
            else:
                parts.append(character)
            at = end
        return "".join(parts)

    def _reach(self, text: str, at: int) -> tuple[int, str]:
        end = skip(text, at)
        if end == at + 1 and text[at] == "$":
            match = _NAME.match(text, end)
            end = match.end() if match else end
        return end, text[at:end]

    def document(self, text: str) -> str:
        """A here-document whose delimiter is not quoted."""
        return self._quoted(text.replace('"', '\\"')) if "$" in text or "`" in text else text

    def _dollar(self, text: str) -> Iterator[tuple[str, bool]]:
        if text.startswith("$(("):
            yield self._arithmetic(text[3:].removesuffix("))")), False
        elif text.startswith("$("):
            yield self.variables.output(text[2:].removesuffix(")")), True
        elif text.startswith("`"):
            yield self.variables.output(text.strip("`").replace("\\`", "`")), True
        elif text.startswith("${"):
            yield self._parameter(text[2:].removesuffix("}")), True
        elif len(text) > 1:
            value = self.variables.value(text[1:])
            yield ("" if value is None else value), True
        else:
            yield text, False

    def _parameter(self, text: str) -> str:
        match = _PARAMETER.fullmatch(text)
        if match is None:
            return UNKNOWN
        counts, name, how, rest = match.groups()
        value = self.variables.value(name)
        if counts:
            return str(len(value or "")) if known(value or "") else UNKNOWN
        if how is None:
            return (value or "") if not rest else UNKNOWN
        if how[-1] in "-+=?":
            return self._default(name, value, how, rest)
        if value is None or not known(value):
            return "" if value is None else UNKNOWN
        return _changed(value, how, self.text(rest))

    def _default(self, name: str, value: str | None, how: str, rest: str) -> str:
        empty = value is None or (value == "" and how.startswith(":"))
        if how[-1] == "+":
            return "" if empty else self.text(rest)
        if not empty:
            return value or ""
        if how[-1] == "?":
            return ""
        text = self.text(rest)
        if how[-1] == "=":
            self.variables.assign(name, text)
        return text

    def _arithmetic(self, text: str) -> str:
        plain = re.sub(r"\$\{?(\w+)\}?", r"\1", text)
        filled = re.sub(r"[A-Za-z_]\w*", lambda m: self.variables.value(m[0]) or "0", plain)
        result = arithmetic(filled)
        return UNKNOWN if result is None else str(result)


_OPERATORS: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_MAX_NUMBER = 1 << 63


def arithmetic(text: str) -> int | None:
    """The value of ``1 + 2 * 3``; None for anything else, and for what overflows."""
    if len(text) > 200 or not re.fullmatch(r"[\d\s+\-*/%()]+", text) or "**" in text:
        return None
    try:
        tree = ast.parse(re.sub(r"\b0+(?=\d)", "", text).replace("/", "//").strip(), mode="eval")
        value = _evaluate(tree.body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None
    return value if abs(value) < _MAX_NUMBER else None


def _evaluate(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _evaluate(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    raise ValueError(node)


def _changed(value: str, how: str, pattern: str) -> str:
    """``${x#a} ${x%a} ${x/a/b} ${x:1:2}``; bash's ``^`` and ``,`` too."""
    if how in ("#", "##", "%", "%%"):
        return _trimmed(value, pattern, how)
    if how in ("/", "//"):
        old, _, new = pattern.partition("/")
        return value.replace(old, new) if how == "//" else value.replace(old, new, 1)
    if how in ("^^", ",,"):
        return value.upper() if how == "^^" else value.lower()
    if how == ":":
        parts = pattern.split(":")
        if all(re.fullmatch(r"\s*-?\d+\s*", part) for part in parts):
            start = int(parts[0])
            end = None if len(parts) < 2 else start + int(parts[1])
            return value[start:end]
    return UNKNOWN


def _trimmed(value: str, pattern: str, how: str) -> str:
    lengths = range(len(value) + 1) if how in ("#", "%") else range(len(value), -1, -1)
    for length in lengths:
        cut = value[:length] if how[0] == "#" else value[len(value) - length :]
        if fnmatch.fnmatchcase(cut, pattern):
            return value[length:] if how[0] == "#" else value[: len(value) - length]
    return value


def _braces(word: str, depth: int = 0) -> list[str]:
    """bash's ``{a,b}`` and ``{1..3}``; quotes and variables are left alone."""
    match = None if any(c in word for c in "$'\"") or depth > 4 else _BRACE.fullmatch(word)
    if match is None:
        return [word]
    before, inner, after = match.groups()
    items = inner.split(",")
    first, dots, last = inner.partition("..")
    if dots and first.isascii() and first.isdigit() and last.isascii() and last.isdigit():
        low, high = int(first[:6]), int(last[:6])
        items = [str(number) for number in range(low, min(high, low + MAX_WORDS) + 1)]
    rests = _braces(after, depth + 1)
    return list(islice((before + item + rest for item in items for rest in rests), MAX_WORDS))
