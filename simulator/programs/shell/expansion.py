"""From words to arguments: variables, substitutions, splitting, file names, quotes.

A ``$(…)`` whose output is not known yet stops it with ``Needs``; whoever carries the script out
runs that and asks again. Nothing is changed until the whole of it is known.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many

from simulator.errors import InputError
from simulator.programs.shell.arithmetic import evaluate
from simulator.programs.shell.scope import Scope
from simulator.programs.shell.syntax import (
    Arithmetic,
    Parameter,
    Part,
    Sequence,
    Substitution,
    Text,
    Word,
)

MAX_FIELDS = 10_000
MAX_TEXT = 1 << 18
_GLOB = frozenset("*?[")


class Needs(Exception):
    """A script has to be run before the words are known."""

    def __init__(self, script: Sequence) -> None:
        self.script = script


class BadParameter(InputError):
    """``${X:?message}``, or an unset variable under ``set -u``."""


Glob = Callable[[str], list[str]]
"""The paths that match a pattern, sorted."""


class Expansion:
    """One expansion of the words of a command."""

    def __init__(
        self, scope: Scope, status: int, captured: Many[str], glob: Glob, options: str = ""
    ) -> None:
        self.scope = scope
        self.status = status
        self.glob = glob
        self.options = options
        self.changes: dict[str, str] = {}
        """Variables that ``${X:=…}`` and ``$((X=…))`` set."""
        self._captured = iter(captured)
        self._size = 0

    # --- what is asked for ----------------------------------------------------------------------

    def fields(self, words: Many[Word]) -> list[str]:
        """Arguments: split where nothing quotes, and matched against file names."""
        found: list[str] = []
        if self.scope.on("bash"):
            words = [one for word in words for one in braced(word)]
        for word in words:
            for pieces in self._split(word):
                found += self._matched(pieces)
            if len(found) > MAX_FIELDS:
                raise InputError("too many words", expected=f"at most {MAX_FIELDS}")
        return found

    def text(self, word: Word) -> str:
        """One text, neither split nor matched: an assignment, the target of a redirection."""
        return "".join(text for text, _ in self._pieces(word, joined=True))

    def pattern(self, word: Word) -> str:
        """A pattern of ``case`` or ``${X#…}``: what is quoted matches only itself."""
        pieces = self._pieces(word, joined=True)
        return "".join(escaped(text) if quoted else text for text, quoted in pieces)

    # --- pieces ---------------------------------------------------------------------------------

    def _pieces(self, word: Word, *, joined: bool) -> list[tuple[str, bool]]:
        """(text, quoted) of a word; quoted stands for what is not split either."""
        found: list[tuple[str, bool]] = []
        for at, part in enumerate(word.parts):
            if isinstance(part, Text):
                text = part.text
                if at == 0 and not part.quoted:
                    text = self._home(text)
                found.append((text, part.quoted))
            else:
                found.append((self._count(self._value(part)), part.quoted))
        return found

    def _home(self, text: str) -> str:
        if text == "~" or text.startswith("~/"):
            return self._get("HOME") + text[1:]
        return text

    def _split(self, word: Word) -> Iterator[list[tuple[str, bool]]]:
        """The fields of a word, each as its pieces."""
        field: list[tuple[str, bool]] = []
        open_ = False
        for at, part in enumerate(word.parts):
            if isinstance(part, Text):
                text = self._home(part.text) if at == 0 and not part.quoted else part.text
                field.append((text, part.quoted))
                open_ = True
            elif isinstance(part, Parameter) and part.name in "@*" and not part.operator:
                every = list(self.scope.arguments)
                if part.quoted and part.name == "*":
                    field.append((self._separator().join(every), True))
                    open_ = True
                    continue
                for number, one in enumerate(every):
                    if number:
                        yield field
                        field = []
                    field.append((one, True))
                    open_ = True
            elif part.quoted:
                field.append((self._count(self._value(part)), True))
                open_ = True
            else:
                value = self._count(self._value(part))
                pieces = self._by_separators(value)
                for number, one in enumerate(pieces):
                    if number:
                        if open_:
                            yield field
                        field, open_ = [], False
                    if one:
                        field.append((one, False))
                        open_ = True
        if open_:
            yield field

    def _separator(self) -> str:
        return self.scope.variables.get("IFS", " \t\n")[:1]

    def _by_separators(self, value: str) -> list[str]:
        marks = self.scope.variables.get("IFS", " \t\n")
        if not marks:
            return [value]
        blanks = "".join(mark for mark in marks if mark in " \t\n")
        others = "".join(mark for mark in marks if mark not in " \t\n")
        if not others:
            return re.split(f"[{re.escape(blanks)}]+", value)
        space = f"[{re.escape(blanks)}]*" if blanks else ""
        rule = f"{space}[{re.escape(others)}]{space}"
        return re.split(f"{rule}|[{re.escape(blanks)}]+" if blanks else rule, value)

    def _matched(self, pieces: list[tuple[str, bool]]) -> list[str]:
        plain = "".join(text for text, _ in pieces)
        if self.scope.on("noglob") or not any(
            not quoted and _is_pattern(text) for text, quoted in pieces
        ):
            return [plain]
        pattern = "".join(escaped(text) if quoted else text for text, quoted in pieces)
        return self.glob(pattern) or [plain]

    def _count(self, text: str) -> str:
        self._size += len(text)
        if self._size > MAX_TEXT:
            raise InputError("too much text in a command", expected=f"at most {MAX_TEXT}")
        return text

    # --- values ---------------------------------------------------------------------------------

    def _value(self, part: Part) -> str:
        if isinstance(part, Text):
            return part.text
        if isinstance(part, Substitution):
            text = next(self._captured, None)
            if text is None:
                raise Needs(part.script)
            return text.rstrip("\n")
        if isinstance(part, Arithmetic):
            return str(evaluate(self.text(part.word), self._get, self._put))
        return self._parameter(part)

    def _put(self, name: str, value: str) -> None:
        self.changes[name] = value

    def _get(self, name: str) -> str:
        return self._lookup(name) or ""

    def _lookup(self, name: str) -> str | None:
        scope = self.scope
        if name in self.changes:
            return self.changes[name]
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(scope.arguments))
        if name in ("@", "*"):
            return " ".join(scope.arguments) if scope.arguments else None
        if name == "$":
            return str(scope.pid)
        if name == "!":
            return scope.variables.get("!")
        if name == "-":
            return self.options
        if name == "0":
            return scope.name
        if name.isdigit():
            at = int(name)
            return scope.arguments[at - 1] if 0 < at <= len(scope.arguments) else None
        if name == "PWD":
            return scope.cwd
        return scope.variables.get(name)

    def _parameter(self, part: Parameter) -> str:
        value, operator = self._lookup(part.name), part.operator
        word = part.word if part.word is not None else Word()
        if operator == "length":
            return str(len(self._known(part.name, value)))
        if operator.lstrip(":") in ("-", "=", "?", "+") and operator:
            there = value is not None and (value != "" or not operator.startswith(":"))
            return self._default(part.name, operator[-1], word, value or "", there)
        text = self._known(part.name, value)
        if operator in ("#", "##", "%", "%%"):
            return trimmed(text, self.pattern(word), operator)
        if operator in ("/", "//"):
            pattern, _, instead = _halves(self.pattern(word))
            return replaced(text, pattern, instead, everywhere=operator == "//")
        if operator == ":":
            return self._slice(text, word)
        return text

    def _known(self, name: str, value: str | None) -> str:
        if value is None:
            if self.scope.on("nounset") and name not in ("@", "*", "!"):
                raise BadParameter(f"{name}: parameter not set")
            return ""
        return value

    def _default(self, name: str, kind: str, word: Word, value: str, there: bool) -> str:
        if kind == "+":
            return self.text(word) if there else ""
        if there:
            return value
        text = self.text(word)
        if kind == "?":
            raise BadParameter(f"{name}: {text or 'parameter not set or null'}")
        if kind == "=":
            self._put(name, text)
        return text

    def _slice(self, text: str, word: Word) -> str:
        start, colon, length = self.text(word).partition(":")
        first = evaluate(start, self._get, self._put)
        first = max(0, len(text) + first) if first < 0 else first
        if not colon:
            return text[first:]
        count = evaluate(length, self._get, self._put)
        return text[first : first + count] if count >= 0 else text[first : len(text) + count]


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text or ("[" in text and "]" in text)


_BRACES = re.compile(r"\{([^{}$]*,[^{}$]*|(-?\d{1,6})\.\.(-?\d{1,6})|[a-z]\.\.[a-z])\}")


def braced(word: Word) -> list[Word]:
    """The words that bash makes of ``{a,b}`` and ``{1..3}``; the word itself without any."""
    for at, part in enumerate(word.parts):
        found = _BRACES.search(part.text) if isinstance(part, Text) and not part.quoted else None
        if found is None or not isinstance(part, Text):
            continue
        made: list[Word] = []
        for one in _choices(found):
            text = Text(part.text[: found.start()] + one + part.text[found.end() :])
            made += braced(Word((*word.parts[:at], text, *word.parts[at + 1 :])))
            if len(made) > MAX_FIELDS:
                raise InputError("too many words", expected=f"at most {MAX_FIELDS}")
        return made
    return [word]


def _choices(found: re.Match[str]) -> list[str]:
    if found[2] is not None:
        first, last = int(found[2]), int(found[3])
        if abs(last - first) > MAX_FIELDS:
            raise InputError("too many words", expected=f"at most {MAX_FIELDS}")
        step = 1 if last >= first else -1
        return [str(number) for number in range(first, last + step, step)]
    if ".." in found[1] and "," not in found[1]:
        low, high = ord(found[1][0]), ord(found[1][-1])
        step = 1 if high >= low else -1
        return [chr(code) for code in range(low, high + step, step)]
    return found[1].split(",")


# --- patterns -------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """Text as a pattern that matches only itself."""
    return re.sub(r"([*?\[\]\\])", r"[\1]", text)


def matches(text: str, pattern: str) -> bool:
    """Whether a text is one that a pattern of the shell means."""
    return fnmatch.fnmatchcase(text, pattern[:1000])


def trimmed(text: str, pattern: str, operator: str) -> str:
    """Text without the shortest or longest beginning (``#``) or end (``%``) that matches."""
    rule = re.compile(fnmatch.translate(pattern[:1000]))
    size = min(len(text), 4000)
    lengths = range(size + 1) if len(operator) == 1 else range(size, -1, -1)
    for length in lengths:
        part = text[:length] if operator[0] == "#" else text[len(text) - length :]
        if rule.match(part):
            return text[length:] if operator[0] == "#" else text[: len(text) - length]
    return text


def replaced(text: str, pattern: str, instead: str, *, everywhere: bool) -> str:
    """Text with the longest part that matches replaced."""
    if not pattern or not text:
        return text
    rule = re.compile(fnmatch.translate(pattern[:1000]))
    found, at = [], 0
    while at < len(text):
        ends = range(min(len(text), at + 1000), at, -1)
        end = next((one for one in ends if rule.match(text[at:one])), 0)
        if end:
            found.append(instead)
            at = end
            if not everywhere:
                break
        else:
            found.append(text[at])
            at += 1
    return "".join(found) + text[at:]


def _halves(text: str) -> tuple[str, str, str]:
    return text.partition("/")


def globbed(
    pattern: str, cwd: str, names: Callable[[str], list[str]], folder: Callable[[str], bool]
) -> list[str]:
    """The paths that match a pattern, among the files that are known by name."""
    absolute = pattern.startswith("/")
    found = [""]
    parts = [part for part in pattern.split("/") if part]
    for number, part in enumerate(parts):
        following: list[str] = []
        for base in found:
            at = posixpath.join("/" if absolute else cwd, base)
            if _GLOB.isdisjoint(part):
                following.append(f"{base}/{part}" if base else part)
                continue
            for name in names(at):
                hidden = name.startswith(".") and not part.startswith(".")
                if not hidden and matches(name, part):
                    path = f"{base}/{name}" if base else name
                    last = number == len(parts) - 1
                    if last or folder(posixpath.join("/" if absolute else cwd, path)):
                        following.append(path)
        found = following[:MAX_FIELDS]
    return sorted(("/" if absolute else "") + one for one in found)
