"""What a line hands to a command that reads it: ``<<EOF`` texts and pipes into ``kubectl -f -``.

There are no processes side by side here, so that nothing else can be at the end of a pipe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from simulator.shell.parts import Part, Word

_BEGIN = re.compile(r"<<(-?)[ \t]*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\2")
_MARK = "\x01"
READERS = ("kubectl", "k")


def taken(line: str, unfinished: Callable[[str, int], Exception]) -> tuple[str, list[str]]:
    """The line without its texts, and the texts; a mark stands where each one is handed over.

    ``unfinished``: the error where a text has not ended, of its last word and where it began.
    """
    texts: list[str] = []
    while (found := _begin(line)) is not None:
        head, newline, rest = line[found.end() :].partition("\n")
        body, ended, after = _body(rest.split("\n") if newline else [], found)
        if not ended:
            raise unfinished(found[3], found.start())
        mark = f" {_MARK}{len(texts)} "
        line = line[: found.start()] + mark + head + ("\n" + "\n".join(after) if after else "")
        texts.append(body)
    return line, texts


def _begin(line: str) -> re.Match[str] | None:
    """The first ``<<WORD`` that is in no quotes."""
    for found in _BEGIN.finditer(line):
        before = line[: found.start()]
        if before.count("'") % 2 == 0 and before.count('"') % 2 == 0 and "#" not in before:
            return found
    return None


def _body(lines: list[str], found: re.Match[str]) -> tuple[str, bool, list[str]]:
    kept: list[str] = []
    for number, one in enumerate(lines):
        text = one.lstrip("\t") if found[1] else one
        if text.rstrip("\r") == found[3]:
            return "".join(f"{each}\n" for each in kept), True, lines[number + 1 :]
        kept.append(text)
    return "", False, []


def handed(parts: list[Part], texts: list[str]) -> list[Part]:
    """The commands with what each is handed; ``cat`` and ``echo`` before a pipe are no commands."""
    for part in parts:
        marks = [word for word in part.words if word.text.startswith(_MARK)]
        if marks:
            part.words = [word for word in part.words if word not in marks]
            part.stdin = texts[int(marks[-1].text[1:])]
    found: list[Part] = []
    for part in parts:
        source = found[-1] if found else None
        piped = part.operator == "|" and reads(part.words)
        if piped and source is not None and _given(source, part):
            part.operator = source.operator
            found.pop()
        found.append(part)
    return found


def _given(source: Part, part: Part) -> bool:
    """Whether the command before a pipe only hands a text or a file over."""
    first, *rest = [word.text for word in source.words]
    if first == "cat" and source.stdin is not None and rest in ([], ["-"]):
        part.stdin = source.stdin
    elif first == "cat" and rest and not any(one.startswith("-") for one in rest):
        part.words = [*_named(part.words, rest)]
    elif first == "echo" and rest and rest[0] not in ("-n", "-e"):
        part.stdin = " ".join(rest) + "\n"
    else:
        return False
    return True


def _named(words: list[Word], names: list[str]) -> Iterable[Word]:
    """The words with files in place of ``-``."""
    for word in words:
        if word.text in ("-f-", "--filename=-"):
            yield from (Word(f"--filename={one}", word.column, word.end) for one in names)
        elif word.text == "-":
            first, *more = names
            yield Word(first, word.column, word.end)
            yield from (Word(f"--filename={one}", word.column, word.end) for one in more)
        else:
            yield word


def reads(words: list[Word]) -> bool:
    """Whether a command reads what it is handed: ``kubectl … -f -``."""
    texts = [word.text for word in words]
    if not texts or texts[0] not in READERS:
        return False
    spread = any(one in ("-f", "--filename") and other == "-" for one, other in pairwise(texts))
    return spread or "-f-" in texts or "--filename=-" in texts
