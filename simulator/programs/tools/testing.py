"""``test`` and ``[``: files, texts, numbers, and what joins them."""

from __future__ import annotations

from simulator.image.problems import FileProblem
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.shell.expansion import matches

_FILES = frozenset("bcdefghkLnoprsStuwxzOG")
_NUMBERS = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"}
_TEXTS = {"=", "==", "!=", "<", ">", "-nt", "-ot", "-ef"}


class _Wrong(Exception):
    """The words are no test."""


def test(call: Call) -> Outcome:
    """0 when it holds, 1 when not, 2 when the words are no test."""
    words = list(call.words)
    if call.name in ("[", "[["):
        closing = "]" if call.name == "[" else "]]"
        if not words or words.pop() != closing:
            return call.fail(f"missing {closing}", 2)
    try:
        reader = _Reader(call, words)
        holds = reader.either() if words else False
        if reader.at < len(words):
            raise _Wrong(f"{words[reader.at]}: unexpected operator")
    except _Wrong as wrong:
        return call.fail(str(wrong), 2)
    return int(not holds)


class _Reader:
    """Reads a test from left to right."""

    def __init__(self, call: Call, words: list[str]) -> None:
        self.call = call
        self.words = words
        self.at = 0
        self.depth = 0

    def _peek(self, ahead: int = 0) -> str | None:
        at = self.at + ahead
        return self.words[at] if at < len(self.words) else None

    def either(self) -> bool:
        """``a -o b``."""
        holds = self.both()
        while self._peek() in ("-o", "||"):
            self.at += 1
            holds = self.both() or holds
        return holds

    def both(self) -> bool:
        """``a -a b``."""
        holds = self.one()
        while self._peek() in ("-a", "&&"):
            self.at += 1
            holds = self.one() and holds
        return holds

    def one(self) -> bool:
        """One test."""
        word = self._peek()
        if word is None:
            raise _Wrong("argument expected")
        self.depth += 1
        if self.depth > 50:
            raise _Wrong("nested too deep")
        following = self._peek(1)
        if following in _NUMBERS | _TEXTS | {"=~"} and self._peek(2) is not None:
            self.at += 3
            return self._compared(word, str(following), self.words[self.at - 1])
        if word == "!":
            self.at += 1
            return not self.one()
        if word == "(" and following is not None:
            self.at += 1
            holds = self.either()
            if self._peek() != ")":
                raise _Wrong("closing paren expected")
            self.at += 1
            return holds
        if len(word) == 2 and word[0] == "-" and word[1] in _FILES and following is not None:
            self.at += 2
            return self._unary(word[1], following)
        self.at += 1
        return word != ""

    def _unary(self, letter: str, word: str) -> bool:
        if letter in "nz":
            return (word != "") == (letter == "n")
        if letter == "t":
            return False
        call = self.call
        if letter in "hL":
            try:
                return call.stat(word, follow=False).kind == "symlink"
            except FileProblem:
                return False
        if not call.exists(word):
            return False
        return self._about(letter, word)

    def _about(self, letter: str, word: str) -> bool:
        call = self.call
        path = call.path(word)
        folder = call.files.is_folder(path)
        if letter == "d":
            return folder
        if letter == "f":
            return not folder and not path.startswith("/dev/")
        if letter == "c":
            return path.startswith("/dev/") and not folder
        if letter in "bpS":
            return False
        if letter == "s":
            return folder or self._size(path) > 0
        if letter in "rwx":
            return self._may(letter, path)
        return True

    def _size(self, path: str) -> int:
        try:
            return self.call.files.stat(path).size_bytes
        except FileProblem:
            return len(self.call.known_text(path) or "")

    def _may(self, letter: str, path: str) -> bool:
        try:
            found = self.call.files.stat(path)
        except FileProblem:
            return letter == "r"
        uid = self.call.seat.uid
        if uid == 0:
            return letter != "x" or found.kind == "dir" or bool(found.mode & 0o111)
        shift = 6 if found.uid == uid else 0
        return bool(found.mode >> shift & {"r": 4, "w": 2, "x": 1}[letter])

    def _compared(self, left: str, operator: str, right: str) -> bool:
        if operator in _NUMBERS:
            first, second = _number(left), _number(right)
            return {
                "-eq": first == second, "-ne": first != second, "-lt": first < second,
                "-le": first <= second, "-gt": first > second, "-ge": first >= second,
            }[operator]  # fmt: skip
        if operator in ("=", "==", "!="):
            same = matches(left, right) if self.call.name == "[[" else left == right
            return same == (operator != "!=")
        if operator == "=~":
            raise _Wrong("=~ is not modelled")
        return left < right if operator == "<" else left > right


def _number(text: str) -> int:
    digits = text.strip().lstrip("+-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 20:
        raise _Wrong(f"Illegal number: {text}")
    return int(digits) * (-1 if text.strip().startswith("-") else 1)
