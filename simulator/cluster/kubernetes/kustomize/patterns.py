"""Regular expressions of selectors, matched in time that grows with pattern and text only.

The syntax is RE2's, without what needs looking back. Whoever wrote the file cannot make a match
last for ever, as they could where alternatives are tried one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from simulator.cluster.kubernetes.kustomize.spec import BuildError

MOST_CHARACTERS = 500
MOST_STEPS = 2_000
"""Of a program; ``a{1000}`` has a thousand."""
MOST_REPEATS = 1_000
MOST_DEPTH = 50
MOST_TEXT = 1_000

Test: TypeAlias = Callable[[str], bool]
Node: TypeAlias = "tuple[str, object]"
_CLASSES: dict[str, Test] = {
    "d": str.isdigit,
    "w": lambda c: c.isalnum() or c == "_",
    "s": str.isspace,
}
_REPEAT = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches the whole of a text; nothing matches everything."""
    if not pattern:
        return True
    if pattern == text:
        return True
    if len(text) > MOST_TEXT:
        return False
    return _run(_compiled(pattern), text)


Step: TypeAlias = "tuple[str, Test | None, int, int]"
"""What it does, which character it takes, and which steps follow."""


@lru_cache(256)
def _compiled(pattern: str) -> tuple[Step, ...]:
    if len(pattern) > MOST_CHARACTERS:
        raise BuildError(f"error parsing regexp: more than {MOST_CHARACTERS} characters")
    parser = _Parser(pattern)
    program: list[Step] = []
    _emit(parser.whole(), program, pattern)
    program.append(("match", None, 0, 0))
    return tuple(program)


def _bad(why: str, pattern: str) -> BuildError:
    return BuildError(f"error parsing regexp: {why}: `{pattern}`")


class _Parser:
    """A pattern as a tree."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0

    def whole(self) -> Node:
        found = self._either(0)
        if self.at < len(self.text):
            raise _bad("unexpected )", self.text)
        return found

    def _either(self, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise _bad("nested too deep", self.text)
        branches = [self._sequence(depth)]
        while self._next("|"):
            branches.append(self._sequence(depth))
        return branches[0] if len(branches) == 1 else ("either", branches)

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._repeated(self._atom(depth)))
        return ("sequence", parts)

    def _next(self, char: str) -> bool:
        if self.text.startswith(char, self.at):
            self.at += len(char)
            return True
        return False

    def _repeated(self, one: Node) -> Node:
        while self.at < len(self.text):
            if self._next("*"):
                one = ("repeat", (one, 0, None))
            elif self._next("+"):
                one = ("repeat", (one, 1, None))
            elif self._next("?"):
                one = ("repeat", (one, 0, 1))
            elif found := _REPEAT.match(self.text, self.at):
                self.at = found.end()
                one = ("repeat", (one, *self._bounds(found)))
            else:
                break
            self._next("?")  # lazy: for a match of the whole it is the same
        return one

    def _bounds(self, found: re.Match[str]) -> tuple[int, int | None]:
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise _bad("invalid repeat count", self.text)
        return least, most

    def _atom(self, depth: int) -> Node:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            if self._next("?") and not self._next(":"):
                raise _bad("invalid or unsupported Perl syntax", self.text)
            inner = self._either(depth + 1)
            if not self._next(")"):
                raise _bad("missing closing )", self.text)
            return inner
        if char in "*+?":
            raise _bad("missing argument to repetition operator", self.text)
        if char == ".":
            return ("one", lambda c: c != "\n")
        if char in "^$":
            return ("begin" if char == "^" else "end", None)
        if char == "[":
            return ("one", self._class())
        if char == "\\":
            return ("one", self._escape())
        return ("one", char.__eq__)

    def _escape(self) -> Test:
        if self.at >= len(self.text):
            raise _bad("trailing backslash at end of expression", self.text)
        char = self.text[self.at]
        self.at += 1
        known = _CLASSES.get(char.lower())
        if known is not None:
            return known if char.islower() else _not(known)
        if char.isalnum():
            raise _bad("invalid escape sequence", self.text)
        return char.__eq__

    def _class(self) -> Test:
        negated = self._next("^")
        tests: list[Test] = []
        first = True
        while first or not self._next("]"):
            if self.at >= len(self.text):
                raise _bad("missing closing ]", self.text)
            first = False
            tests.append(self._member())
        return _not(_any(tests)) if negated else _any(tests)

    def _member(self) -> Test:
        char = self.text[self.at]
        self.at += 1
        if char == "\\":
            return self._escape()
        if self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] not in (
            "", "]",
        ):  # fmt: skip
            last = self.text[self.at + 1]
            self.at += 2
            if last < char:
                raise _bad("invalid character class range", self.text)
            return _between(char, last)
        return char.__eq__


def _not(test: Test) -> Test:
    return lambda char: not test(char)


def _any(tests: list[Test]) -> Test:
    return lambda char: any(test(char) for test in tests)


def _between(first: str, last: str) -> Test:
    return lambda char: first <= char <= last


def _emit(node: Node, program: list[Step], pattern: str) -> None:
    """The steps of a tree, after those that are there."""
    if len(program) > MOST_STEPS:
        raise _bad("expression too large", pattern)
    kind, value = node
    here = len(program)
    if kind == "sequence":
        for one in value:  # type: ignore[attr-defined]
            _emit(one, program, pattern)
    elif kind == "either":
        _emit_either(value, program, pattern)  # type: ignore[arg-type]
    elif kind == "repeat":
        _emit_repeat(value, program, pattern)  # type: ignore[arg-type]
    else:
        test: Test | None = value  # type: ignore[assignment]
        program.append((kind, test, here + 1, 0))


def _emit_either(branches: list[Node], program: list[Step], pattern: str) -> None:
    ends = []
    for one in branches[:-1]:
        split = len(program)
        program.append(("split", None, split + 1, 0))
        _emit(one, program, pattern)
        ends.append(len(program))
        program.append(("split", None, 0, 0))
        program[split] = ("split", None, split + 1, len(program))
    _emit(branches[-1], program, pattern)
    for at in ends:
        program[at] = ("split", None, len(program), len(program))


def _emit_repeat(said: tuple[Node, int, int | None], program: list[Step], pattern: str) -> None:
    one, least, most = said
    for _ in range(least):
        _emit(one, program, pattern)
    if most is None:
        split = len(program)
        program.append(("split", None, split + 1, 0))
        _emit(one, program, pattern)
        program.append(("split", None, split, split))
        program[split] = ("split", None, split + 1, len(program))
        return
    splits = []
    for _ in range(most - least):
        splits.append(len(program))
        program.append(("split", None, len(program) + 1, 0))
        _emit(one, program, pattern)
    for at in splits:
        program[at] = ("split", None, at + 1, len(program))


def _run(program: tuple[Step, ...], text: str) -> bool:
    """All ways at once: each step is looked at once for each character."""
    states = _reached(program, [0], at_start=True, at_end=not text)
    for index, char in enumerate(text):
        following = [
            program[state][2]
            for state in states
            if program[state][0] == "one" and program[state][1](char)  # type: ignore[misc]
        ]
        if not following:
            return False
        states = _reached(program, following, at_start=False, at_end=index + 1 == len(text))
    return any(program[state][0] == "match" for state in states)


def _reached(
    program: tuple[Step, ...], states: list[int], *, at_start: bool, at_end: bool
) -> list[int]:
    """The steps that wait for a character, from these on."""
    seen = [False] * len(program)
    waiting, found = list(states), []
    while waiting:
        state = waiting.pop()
        if seen[state]:
            continue
        seen[state] = True
        kind, _, first, second = program[state]
        if kind == "split":
            waiting += (first, second)
        elif kind == "begin" or kind == "end":
            if at_start if kind == "begin" else at_end:
                waiting.append(first)
        else:
            found.append(state)
    return found
