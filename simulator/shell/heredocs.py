"""What a line hands to a command that reads it: ``<<EOF`` texts and pipes into what reads ``-``.

There are no processes side by side here, so that nothing else can be at the end of a pipe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from simulator.shell.parts import Part, Word

_BEGIN = re.compile(r"<<(-?)[ \t]*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\2")
_MARK = "\x01"
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
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
    files = bool(rest) and not any(one.startswith("-") for one in rest)
    if first == "cat" and source.stdin is not None and rest in ([], ["-"]):
        part.stdin = source.stdin
    elif first == "cat" and files and part.words[0].text in READERS:
        part.words = [*_named(part.words, rest)]
    elif first == "cat" and files:
        part.stdin_files = tuple(rest)
    elif first in ("echo", "printf"):
        part.stdin = _said(first, rest)
    return bool(part.stdin_files) or part.stdin is not None or (first == "cat" and files)


def _said(tool: str, words: list[str]) -> str | None:
    """What ``echo`` or ``printf`` print; None for words that they would have to work out."""
    if tool == "echo" and words and words[0] == "-n":
        return " ".join(words[1:])
    if tool == "echo":
        return None if not words or words[0] == "-e" else " ".join(words) + "\n"
    if words and words[0] == "%s" and len(words) == 2:
        return words[1]
    plain = len(words) == 1 and "%" not in words[0] and "\\" not in words[0].replace("\\n", "")
    return words[0].replace("\\n", "\n") if plain else None


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
    """Whether a command reads what it is handed: ``kubectl apply -f -``, for one."""
    texts = [word.text for word in words]
    while texts and _ASSIGNMENT.fullmatch(texts[0]):
        del texts[0]
    if not texts:
        return False
    if texts[0] == "docker":
        return _docker_reads(texts)
    return texts[0] in READERS and _takes(texts, "-f", "--filename")


def _docker_reads(texts: list[str]) -> bool:
    for group, verb in pairwise(texts):
        if group in ("secret", "config") and verb == "create":
            return "-" in texts
        if group == "stack":
            return _takes(texts, "-c", "--compose-file")
    return False


def _takes(texts: list[str], short: str, long: str) -> bool:
    spread = any(one in (short, long) and other == "-" for one, other in pairwise(texts))
    return spread or f"{short}-" in texts or f"{long}=-" in texts
