"""Variables in a word: ``$NAME``, ``${NAME}`` and the operators inside braces, quotes, escapes.

The rules are those of BuildKit's own lexer, not of a shell: there is no ``${NAME=word}``, no
command substitution, and an unset variable is the empty text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.dockerfile.patterns import replace, strip_prefix, strip_suffix
from simulator.dockerfile.words import SPACES, shown
from simulator.errors import InputError, Place

MAX_VALUE = 131_072
"""Longest value: Linux takes no longer string in an environment (MAX_ARG_STRLEN, 128 KiB)."""
MAX_DEPTH = 50
"""Deepest ``${a:-${b:-...}}``."""
_SPECIAL = "@*#?-$!0"


@dataclass(frozen=True, slots=True)
class Expansion:
    """The text, the words it splits into, and which names were found and which were not."""

    text: str
    words: tuple[str, ...]
    used: tuple[str, ...]
    unused: tuple[str, ...]


def expand(
    word: str, env: Mapping[str, str], *, escape: str = "\\", place: Place | None = None
) -> str:
    """One word with its variables replaced and its quotes and escapes removed.

    Raises InputError, at ``place`` or at the column within the word.

    >>> expand('"$HOME"/bin', {"HOME": "/root"})
    '/root/bin'
    """
    return expand_fully(word, env, escape=escape, place=place).text


def expand_words(
    text: str, env: Mapping[str, str], *, escape: str = "\\", place: Place | None = None
) -> list[str]:
    """Like `expand`, then split at the white space that is in no quotes.

    >>> expand_words("a $B", {"B": "b c"})
    ['a', 'b', 'c']
    """
    return list(expand_fully(text, env, escape=escape, place=place).words)


def expand_heredoc(content: str, env: Mapping[str, str], *, place: Place | None = None) -> str:
    """The lines of a COPY or ADD here-document: variables and escapes, but quotes are text."""
    limit = MAX_VALUE + 4 * len(content)
    return expand_fully(content, env, quotes=False, place=place, limit=limit).text


def expand_fully(
    text: str,
    env: Mapping[str, str],
    *,
    escape: str = "\\",
    quotes: bool = True,
    place: Place | None = None,
    limit: int = MAX_VALUE,
) -> Expansion:
    """Expand a text and tell which variables it used. Raises InputError with a place."""
    lexer = _Lexer(text, env, escape, quotes, limit)
    try:
        value, words = lexer.until("", keep_escapes=False, depth=0)
        lexer.check_size(value)
    except InputError as error:
        raise error.at(place or Place("<word>", 1, lexer.at + 1)) from None
    return Expansion(value, tuple(words), tuple(lexer.used), tuple(lexer.unused))


class _Words:
    """Collects words while text arrives, quoted text apart from text that may be split."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.parts: list[str] = []

    def add(self, text: str) -> None:
        """Text as it is."""
        self.parts.append(text)

    def add_split(self, text: str) -> None:
        """Text whose white space ends words."""
        start = 0
        for at, character in enumerate(text):
            if character in SPACES:
                self.parts.append(text[start:at])
                self.finish()
                start = at + 1
        self.parts.append(text[start:])

    def finish(self) -> list[str]:
        """End the present word."""
        word = "".join(self.parts)
        if word:
            self.done.append(word)
        self.parts.clear()
        return self.done


class _Lexer:
    """One pass over the text; ``at`` is the next character."""

    def __init__(
        self, text: str, env: Mapping[str, str], escape: str, quotes: bool, limit: int
    ) -> None:
        self.text = text
        self.env = env
        self.escape = escape
        self.quotes = quotes
        self.limit = limit
        self.at = 0
        self.size = 0
        # Dictionaries keep the order in which names were met.
        self.used: dict[str, None] = {}
        self.unused: dict[str, None] = {}
        self.stops = frozenset(escape + "$" + ("'\"" if quotes else ""))

    def until(self, stop: str, *, keep_escapes: bool, depth: int) -> tuple[str, list[str]]:
        """Everything up to ``stop`` (a character, or "" for the end), and its words."""
        if depth > MAX_DEPTH:
            raise InputError("substitutions are nested too deep", expected=f"at most {MAX_DEPTH}")
        out: list[str] = []
        words = _Words()
        text = self.text
        while self.at < len(text):
            character = text[self.at]
            if character == stop:
                self.at += 1
                return "".join(out), words.finish()
            if character == "$":
                value = self._dollar(depth)
                words.add_split(value)
            elif character == self.escape:
                value = self._escaped(keep_escapes)
                words.add(value)
            elif self.quotes and character in "'\"":
                value = self._quoted(character, keep_escapes, depth)
                words.add(value)
            else:
                value = self._plain(stop)
                words.add_split(value)
            self._grow(value)
            out.append(value)
        if stop:
            raise InputError(f"syntax error: missing '{stop}'")
        return "".join(out), words.finish()

    def _plain(self, stop: str) -> str:
        start = self.at
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in self.stops or character == stop:
                break
            self.at += 1
        return self.text[start : self.at]

    def _escaped(self, keep: bool) -> str:
        taken = self.text[self.at : self.at + 2]
        self.at += len(taken)
        # An escape at the very end escapes nothing, and so vanishes.
        return taken if keep else taken[1:]

    def _quoted(self, quote: str, keep_escapes: bool, depth: int) -> str:
        self.at += 1
        if quote == "'":
            end = self.text.find("'", self.at)
            if end < 0:
                raise self._open_quote("single-quote")
            taken = self.text[self.at : end]
            self.at = end + 1
            return taken
        return self._double_quoted(keep_escapes, depth)

    def _double_quoted(self, keep_escapes: bool, depth: int) -> str:
        out: list[str] = []
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return "".join(out)
            if character == "$":
                out.append(self._dollar(depth))
                continue
            self.at += 1
            following = self.text[self.at : self.at + 1]
            if character == self.escape and following in ('"', "$", self.escape):
                out.append(character + following if keep_escapes else following)
                self.at += 1
            else:
                out.append(character)
        raise self._open_quote("double-quote")

    def _open_quote(self, kind: str) -> InputError:
        return InputError(f"unexpected end of statement while looking for matching {kind}")

    def _dollar(self, depth: int) -> str:
        self.at += 1
        if not self.text.startswith("{", self.at):
            name = self._name()
            return self._lookup(name)[0] if name else "$"
        self.at += 1
        following = self.text[self.at : self.at + 1]
        if not following:
            raise InputError("syntax error: missing '}'")
        if following in "{}:":
            raise InputError("syntax error: bad substitution")
        name = self._name()
        operator = self._next()
        if operator == "}":
            return self._lookup(name)[0]
        if operator == "/":
            return self._replaced(name, depth)
        colon = operator == ":"
        if colon:
            operator = self._next()
        return self._operated(name, operator, colon, depth)

    def _next(self) -> str:
        character = self.text[self.at : self.at + 1]
        self.at += len(character)
        return character

    def _operated(self, name: str, operator: str, colon: bool, depth: int) -> str:
        trims = operator in ("#", "%") and not colon
        if not operator or not (trims or operator in "+-?"):
            written = (":" if colon else "") + operator
            raise InputError(
                f"unsupported modifier ({shown(written)}) in substitution",
                expected="one of: - + ? :- :+ :? # ## % %% / //",
            )
        word, _ = self.until("}", keep_escapes=trims, depth=depth + 1)
        value, is_set = self._lookup(name)
        if trims:
            longest = word.startswith(operator)
            trim = strip_prefix if operator == "#" else strip_suffix
            return trim(value, word[1:] if longest else word, longest=longest)
        missing = not is_set or (colon and not value)
        if operator == "-":
            return word if missing else value
        if operator == "+":
            return "" if missing else word
        if missing:
            state = "empty" if is_set else "unset"
            raise InputError(
                f"{shown(name)}: {shown(word, 200) or f'is not allowed to be {state}'}"
            )
        return value

    def _replaced(self, name: str, depth: int) -> str:
        every = self.text.startswith("/", self.at)
        self.at += every
        try:
            pattern, _ = self.until("/", keep_escapes=True, depth=depth + 1)
        except InputError as error:
            if error.problem == "syntax error: missing '/'":
                raise InputError("syntax error: missing '/' in ${}") from None
            raise
        new, _ = self.until("}", keep_escapes=True, depth=depth + 1)
        value, _ = self._lookup(name)
        return replace(value, pattern, new, every=every, limit=self.limit)

    def _name(self) -> str:
        """A name of letters, digits and _; a number; or one special character."""
        start = self.at
        first = self.text[start : start + 1]
        if first.isdecimal():
            while self.text[self.at : self.at + 1].isdecimal():
                self.at += 1
        elif first and first in _SPECIAL:
            self.at += 1
        else:
            while (c := self.text[self.at : self.at + 1]) and (
                c == "_" or c.isalpha() or c.isdecimal()
            ):
                self.at += 1
        return self.text[start : self.at]

    def _lookup(self, name: str) -> tuple[str, bool]:
        value = self.env.get(name)
        if value is None:
            self.unused.setdefault(name)
            return "", False
        self.used.setdefault(name)
        self._grow(value)
        return value, True

    def _grow(self, value: str) -> None:
        # Values may hold values that hold values: a few lines could ask for a terabyte.
        self.size += len(value)
        if self.size > 16 * self.limit:
            raise self._too_long()

    def check_size(self, value: str) -> None:
        """Refuse a result that no environment could hold."""
        if len(value) > self.limit:
            raise self._too_long()

    def _too_long(self) -> InputError:
        return InputError(
            "the expanded text is too long", expected=f"at most {self.limit} characters"
        )
