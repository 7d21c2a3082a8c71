"""Regular expressions of grep and sed, without backtracking: time grows with text and pattern.

A pattern becomes a program of a small machine that follows all ways at once (Thompson 1968; Pike's
machine with captures). What it does not know (back references) is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from simulator.errors import InputError, Refused

MAX_PATTERN = 500
MAX_REPEAT = 100
MAX_WORK = 3_000_000
"""Steps of one program's searches together."""
_CLASSES: dict[str, Callable[[str], bool]] = {
    "alpha": str.isalpha, "digit": str.isdigit, "alnum": str.isalnum, "upper": str.isupper,
    "lower": str.islower, "space": str.isspace, "punct": lambda c: c.isprintable() and not
    c.isalnum() and not c.isspace(), "blank": lambda c: c in " \t", "print": str.isprintable,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
    "graph": lambda c: c.isprintable() and c != " ",
}  # fmt: skip
CHAR, ANY, SET, SPLIT, JUMP, SAVE, BEGIN, END, WORD, NOWORD, MATCH = range(11)
Code = list[tuple[int, object, object]]


class BadPattern(InputError):
    """No regular expression."""


class Pattern:
    """A compiled pattern."""

    def __init__(self, code: Code, groups: int, ignore_case: bool) -> None:
        self.code = code
        self.groups = groups
        self.ignore_case = ignore_case
        self.work = 0

    def search(self, text: str, start: int = 0) -> list[int] | None:
        """Positions (start, end of the whole, of group 1, …) of the leftmost longest match."""
        subject = text.lower() if self.ignore_case else text
        found: list[int] | None = None
        threads: list[tuple[int, list[int]]] = []
        seen: set[int] = set()
        size = 2 * (self.groups + 1)
        for at in range(start, len(text) + 1):
            if found is None:
                self._add(threads, seen, 0, [-1] * size, subject, at)
            self.work += len(threads) + 1
            if self.work > MAX_WORK:
                raise Refused("a search through so much text is not modelled")
            following: list[tuple[int, list[int]]] = []
            later: set[int] = set()
            for pc, saved in threads:
                kind, first, _ = self.code[pc]
                if kind == MATCH:
                    if (
                        found is None
                        or saved[0] < found[0]
                        or (saved[0] == found[0] and saved[1] > found[1])
                    ):
                        found = saved
                elif at < len(text) and self._takes(kind, first, subject[at]):
                    self._add(following, later, pc + 1, saved, subject, at + 1)
            if found is not None:
                following = [one for one in following if one[1][0] <= found[0]]
            threads, seen = following, later
            if not threads and found is not None:
                break
        return found

    def _takes(self, kind: int, first: object, char: str) -> bool:
        if kind == CHAR:
            return char == first
        if kind == ANY:
            return char != "\n"
        return kind == SET and bool(first(char))  # type: ignore[operator]

    def _add(
        self,
        threads: list[tuple[int, list[int]]],
        seen: set[int],
        pc: int,
        saved: list[int],
        text: str,
        at: int,
    ) -> None:
        """Follow what takes no character."""
        waiting = [(pc, saved)]
        while waiting:
            pc, saved = waiting.pop()
            if pc in seen:
                continue
            seen.add(pc)
            kind, first, second = self.code[pc]
            if kind == JUMP:
                waiting.append((int(str(first)), saved))
            elif kind == SPLIT:
                waiting.append((int(str(second)), saved))
                waiting.append((int(str(first)), saved))
            elif kind == SAVE:
                copied = list(saved)
                copied[int(str(first))] = at
                waiting.append((pc + 1, copied))
            elif kind in (BEGIN, END, WORD, NOWORD):
                if _holds(kind, text, at):
                    waiting.append((pc + 1, saved))
            else:
                threads.append((pc, saved))


def _holds(kind: int, text: str, at: int) -> bool:
    if kind == BEGIN:
        return at == 0
    if kind == END:
        return at == len(text)
    before = at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_")
    after = at < len(text) and (text[at].isalnum() or text[at] == "_")
    return (before != after) == (kind == WORD)


def compiled(text: str, extended: bool, ignore_case: bool) -> Pattern:
    """A pattern of grep or sed; BadPattern where it is none."""
    code, groups = _compiled(text, extended, ignore_case)
    return Pattern(code, groups, ignore_case)


@lru_cache(maxsize=128)
def _compiled(text: str, extended: bool, ignore_case: bool) -> tuple[Code, int]:
    if len(text) > MAX_PATTERN:
        raise Refused(f"a pattern of more than {MAX_PATTERN} characters is not modelled")
    reader = _Reader(text.lower() if ignore_case else text, extended)
    body = reader.alternatives()
    if reader.at < len(text):
        raise BadPattern("Unmatched ) or \\)")
    code: Code = [(SAVE, 0, None), *_shift(body, 1)]
    code += [(SAVE, 1, None), (MATCH, None, None)]
    return code, reader.groups


def _shift(code: Code, by: int) -> Code:
    moved: Code = []
    for kind, first, second in code:
        if kind == JUMP:
            moved.append((kind, int(str(first)) + by, None))
        elif kind == SPLIT:
            moved.append((kind, int(str(first)) + by, int(str(second)) + by))
        else:
            moved.append((kind, first, second))
    return moved


class _Reader:
    """From a pattern to code; targets in code are relative to its own beginning."""

    def __init__(self, text: str, extended: bool) -> None:
        self.text = text
        self.extended = extended
        self.at = 0
        self.groups = 0
        self.depth = 0

    def _mark(self, char: str) -> bool:
        """Whether a special character stands here, in the syntax that is read."""
        wanted = char if self.extended else "\\" + char
        return self.text.startswith(wanted, self.at)

    def _skip(self, char: str) -> None:
        self.at += len(char) if self.extended else len(char) + 1

    def alternatives(self) -> Code:
        """``a|b``."""
        self.depth += 1
        if self.depth > 20:
            raise Refused("a pattern nested so deep is not modelled")
        code = self._sequence()
        while self._mark("|"):
            self._skip("|")
            other = self._sequence()
            size = len(code)
            code = [
                (SPLIT, 1, size + 2),
                *_shift(code, 1),
                (JUMP, size + 2 + len(other), None),
                *_shift(other, size + 2),
            ]
        self.depth -= 1
        return code

    def _sequence(self) -> Code:
        code: Code = []
        first = True
        while self.at < len(self.text) and not self._mark("|") and not self._mark(")"):
            one = self._atom(first)
            code += _shift(self._repeated(one), len(code))
            first = False
            if len(code) > 5000:
                raise Refused("so large a pattern is not modelled")
        return code

    def _repeated(self, code: Code) -> Code:
        while self.at < len(self.text):
            if self.text[self.at] == "*":
                self.at += 1
                code = _many(code)
            elif self._mark("+"):
                self._skip("+")
                code = [*code, *_shift(_many(code), len(code))]
            elif self._mark("?"):
                self._skip("?")
                code = _maybe(code)
            elif self._mark("{"):
                code = self._counted(code)
            else:
                break
        return code

    def _counted(self, code: Code) -> Code:
        self._skip("{")
        closing = "}" if self.extended else "\\}"
        end = self.text.find(closing, self.at)
        low, comma, high = self.text[self.at : max(end, self.at)].partition(",")
        if end < 0 or not low.isdigit() or (high and not high.isdigit()):
            raise BadPattern("Invalid content of \\{\\}")
        self.at = end + len(closing)
        least, most = int(low), int(high) if high else (None if comma else int(low))
        if least > MAX_REPEAT or (most or 0) > MAX_REPEAT:
            raise Refused(f"more than {MAX_REPEAT} repetitions in a pattern are not modelled")
        made: Code = []
        for _ in range(least):
            made += _shift(code, len(made))
        if most is None:
            return made + _shift(_many(code), len(made))
        for _ in range(most - least):
            made += _shift(_maybe(code), len(made))
        return made

    def _atom(self, first: bool) -> Code:
        char = self.text[self.at]
        if self._mark("("):
            self._skip("(")
            self.groups += 1
            number = self.groups
            inner = self.alternatives()
            if not self._mark(")"):
                raise BadPattern("Unmatched ( or \\(")
            self._skip(")")
            return [(SAVE, 2 * number, None), *_shift(inner, 1), (SAVE, 2 * number + 1, None)]
        self.at += 1
        if char == "^" and (first or self.extended):
            return [(BEGIN, None, None)]
        if char == "$" and (self.extended or self._ends()):
            return [(END, None, None)]
        if char == ".":
            return [(ANY, None, None)]
        if char == "[":
            return [(SET, self._set(), None)]
        if char == "\\":
            return self._escape()
        if char in "*+?" and self.extended and char != "*":
            raise BadPattern("Invalid preceding regular expression")
        return [(CHAR, char, None)]

    def _ends(self) -> bool:
        return self.at == len(self.text) or self._mark(")") or self._mark("|")

    def _escape(self) -> Code:
        if self.at >= len(self.text):
            raise BadPattern("Trailing backslash")
        char = self.text[self.at]
        self.at += 1
        if char.isdigit() and char != "0":
            raise Refused("back references in a pattern are not modelled")
        kinds: dict[str, Callable[[str], bool]] = {
            "w": lambda c: c.isalnum() or c == "_",
            "W": lambda c: not (c.isalnum() or c == "_"),
            "s": str.isspace,
            "S": lambda c: not c.isspace(),
            "d": str.isdigit,
        }
        if char in kinds:
            return [(SET, kinds[char], None)]
        if char in "b<>":
            return [(WORD, None, None)]
        if char == "B":
            return [(NOWORD, None, None)]
        return [(CHAR, {"n": "\n", "t": "\t"}.get(char, char), None)]

    def _set(self) -> Callable[[str], bool]:
        inverted = self.text[self.at : self.at + 1] == "^"
        self.at += inverted
        chars: set[str] = set()
        ranges: list[tuple[str, str]] = []
        kinds: list[Callable[[str], bool]] = []
        start = self.at
        while True:
            if self.at >= len(self.text):
                raise BadPattern("Unmatched [, [^, [:, [., or [=")
            char = self.text[self.at]
            if char == "]" and self.at > start:
                self.at += 1
                break
            if self.text.startswith("[:", self.at):
                end = self.text.find(":]", self.at)
                kind = _CLASSES.get(self.text[self.at + 2 : max(end, 0)])
                if kind is None:
                    raise BadPattern("Invalid character class name")
                kinds.append(kind)
                self.at = end + 2
                continue
            following = self.text[self.at + 1 : self.at + 3]
            if len(following) == 2 and following[0] == "-" and following[1] != "]":
                ranges.append((char, following[1]))
                self.at += 3
            else:
                chars.add(char)
                self.at += 1

        def holds(char: str) -> bool:
            inside = (
                char in chars
                or any(low <= char <= high for low, high in ranges)
                or any(kind(char) for kind in kinds)
            )
            return inside != inverted

        return holds


def _many(code: Code) -> Code:
    size = len(code)
    return [(SPLIT, 1, size + 2), *_shift(code, 1), (JUMP, 0, None)]


def _maybe(code: Code) -> Code:
    return [(SPLIT, 1, len(code) + 1), *_shift(code, 1)]
