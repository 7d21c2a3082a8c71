"""``for NAME in WORDS; do LINES; done``: unrolled while a line is read, before any is carried out.

The words may be written out, ranges (``{1..20}``, ``{a,b}``) or ``$(seq 1 20)``; ``$NAME`` and
``${NAME}`` stand for each in turn, but in single quotes. What only a running command could tell is
refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from simulator.errors import InputError, Place
from simulator.shell.parts import LINE, Part, Word

LOOP = "for NAME in WORDS; do …; done"
MAX_COMMANDS = 2_000
"""Commands that the loops of a line may come to."""
_RANGE = re.compile(r"(.*?)\{(-?\d{1,9})\.\.(-?\d{1,9})\}(.*)", re.DOTALL)
_CHOICE = re.compile(r"(.*?)\{([^{},]*(?:,[^{},]*)+)\}(.*)", re.DOTALL)
_SEQ = re.compile(r"\s*seq\s+(-?\d{1,9})(?:\s+(-?\d{1,9}))?(?:\s+(-?\d{1,9}))?\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHERS = ("while", "until", "if", "case", "select", "function")

Unfinished = Callable[[str, int], InputError]
"""Makes the error of a line whose loop has not ended, of its words and column."""


def unrolled(parts: list[Part], unfinished: Unfinished) -> list[Part]:
    """The commands of a line with its loops carried out; the same list where it has none."""
    for part in parts:
        if part.words and not part.words[0].quoted and part.words[0].text in _OTHERS:
            raise _wrong(f"'{part.words[0].text}' is not modelled", part.words[0], LOOP)
    if not any(_is(part, "for") for part in parts):
        return parts
    return _unrolled(parts, unfinished)


def _unrolled(parts: list[Part], unfinished: Unfinished) -> list[Part]:
    found: list[Part] = []
    index = 0
    while index < len(parts):
        if not _is(parts[index], "for"):
            found.append(parts[index])
            index += 1
            continue
        end = _end(parts, index, unfinished)
        found += _rounds(parts[index], parts[index + 1 : end], unfinished)
        _no_more_than(found, parts[index].words[0])
        index = end + 1
    return found


def _is(part: Part, word: str) -> bool:
    return bool(part.words) and part.words[0].text == word and not part.words[0].quoted


def _end(parts: Sequence[Part], begin: int, unfinished: Unfinished) -> int:
    """Where the ``done`` of a loop stands."""
    depth = 0
    for index in range(begin, len(parts)):
        if _is(parts[index], "do") and len(parts[index].words) > 1:
            depth += parts[index].words[1].text == "for"
        depth += _is(parts[index], "for")
        if _is(parts[index], "done"):
            depth -= 1
            if depth == 0:
                if len(parts[index].words) > 1:
                    raise _wrong("a loop ends with 'done' alone", parts[index].words[1])
                return index
    raise unfinished("the loop has no 'done'", parts[begin].words[0].column)


def _rounds(head: Part, body: Sequence[Part], unfinished: Unfinished) -> list[Part]:
    """The commands of a loop, for each of its words."""
    name, values = _head(head)
    if not body or not _is(body[0], "do"):
        raise _wrong("a loop needs 'do' after its words", head.words[0], LOOP)
    first = replace(body[0], words=body[0].words[1:])
    inner = [first, *body[1:]] if first.words else list(body[1:])
    if not inner:
        raise _wrong("nothing to run in the loop", head.words[0])
    found: list[Part] = []
    for value in values:
        told = [_told(part, name, value) for part in inner]
        told[0].operator = ";" if found else head.operator
        found += _unrolled(told, unfinished)
        _no_more_than(found, head.words[0])
    return found


def _head(head: Part) -> tuple[str, list[str]]:
    texts = [word.text for word in head.words]
    if len(texts) < 3 or texts[2] != "in" or not _NAME.fullmatch(texts[1]):
        raise _wrong("bad loop", head.words[0], LOOP)
    return texts[1], [text for word in head.words[3:] for text in _words(word)]


def _words(word: Word) -> list[str]:
    """The words that one word of a loop stands for."""
    if word.substitution is None:
        return [word.text] if word.quoted else _spread(word.text, word)
    seq = _SEQ.fullmatch(word.substitution)
    if seq is None:
        problem = "a loop over what a command prints is not modelled"
        raise _wrong(problem, word, "words, {1..9} or $(seq 1 9)")
    numbers = [int(one) for one in seq.groups() if one is not None]
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) > 2 else 1
    return _counted(first, numbers[-1], step, word)


def _spread(text: str, word: Word) -> list[str]:
    if found := _RANGE.fullmatch(text):
        first, last = int(found[2]), int(found[3])
        middle = _counted(first, last, 1 if last >= first else -1, word)
    elif found := _CHOICE.fullmatch(text):
        middle = found[2].split(",")
    else:
        return [text]
    rest = _spread(found[found.re.groups], word)
    if len(middle) * len(rest) > MAX_COMMANDS:
        raise _too_many(word)
    return [found[1] + one + more for one in middle for more in rest]


def _counted(first: int, last: int, step: int, word: Word) -> list[str]:
    if step == 0:
        raise _wrong("a step of 0 never ends", word)
    span = range(first, last + (1 if step > 0 else -1), step)
    if len(span) > MAX_COMMANDS:
        raise _too_many(word)
    return [str(one) for one in span]


def _told(part: Part, name: str, value: str) -> Part:
    """A command of the body with the loop's word in it."""
    variable = re.compile(rf"\$(?:{name}(?![A-Za-z0-9_])|\{{{name}\}})")

    def filled(text: str) -> str:
        return variable.sub(lambda _: value, text)

    words = []
    for word in part.words:
        if word.text.startswith("\x01"):
            raise _wrong("a text (<<) in a loop is not modelled", word)
        inner = None if word.substitution is None else filled(word.substitution)
        if not word.literal:
            word = replace(word, text=filled(word.text), substitution=inner)
        words.append(word)
    return replace(part, words=words)


def _no_more_than(found: Sequence[Part], word: Word) -> None:
    if len(found) > MAX_COMMANDS:
        raise _too_many(word)


def _too_many(word: Word) -> InputError:
    return _wrong("too many rounds", word, f"at most {MAX_COMMANDS:,} commands a line")


def _wrong(problem: str, word: Word, expected: str | None = None) -> InputError:
    return InputError(problem, place=Place(LINE, 1, word.column), expected=expected)
