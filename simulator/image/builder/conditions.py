"""What ``[ … ]``, ``test`` and ``[[ … ]]`` answer: true, false, or None: not known."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from simulator.image.builder.session import Session
from simulator.image.builder.words import known
from simulator.image.model import DIRECTORY, SYMLINK

_FILES = frozenset({"-f", "-e", "-d", "-s", "-x", "-r", "-L", "-h", "-w", "-a"})
_NUMBERS = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_TEXTS = frozenset({"=", "==", "!=", "=~", "<", ">"})
_INTEGER = re.compile(r"\s*-?\d{1,18}\s*")


def test_outcome(words: Sequence[str], session: Session) -> bool | None:
    """The outcome of the words of a test, its name first."""
    rest = list(words[1:])
    if rest and rest[-1] in ("]", "]]"):
        rest.pop()
    if session.shell == "dash" and "==" in rest:
        return False  # [: unexpected operator
    return _any(rest, session, words[0] == "[[")


def _any(words: list[str], session: Session, double: bool) -> bool | None:
    answers = [_every(part, session, double) for part in _split(words, ("-o", "||"))]
    if True in answers:
        return True
    return None if None in answers else False


def _every(words: list[str], session: Session, double: bool) -> bool | None:
    answers = [_one(part, session, double) for part in _split(words, ("-a", "&&"))]
    if False in answers:
        return False
    return None if None in answers else True


def _split(words: list[str], joins: tuple[str, str]) -> list[list[str]]:
    """The parts between ``-o``; a word that stands for an operand is none."""
    parts: list[list[str]] = [[]]
    for at, word in enumerate(words):
        operand = at and words[at - 1] in (*_TEXTS, *_NUMBERS)
        if word in joins and parts[-1] and not operand and at + 1 < len(words):
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _one(words: list[str], session: Session, double: bool) -> bool | None:
    if words[:1] == ["!"] and len(words) > 1:
        answer = _one(words[1:], session, double)
        return None if answer is None else not answer
    if words[:1] == ["("] and words[-1:] == [")"]:
        return _any(words[1:-1], session, double)
    if not words:
        return False
    if len(words) == 1:
        return bool(words[0]) if known(words[0]) else None
    if len(words) == 2:
        return _unary(words[0], words[1], session)
    if len(words) == 3:
        return _binary(*words, double=double)
    return None


def _unary(operator: str, word: str, session: Session) -> bool | None:
    if operator in ("-n", "-z"):
        return (word != "") == (operator == "-n") if known(word) else None
    if operator not in _FILES or not known(word):
        return None
    path = session.absolute(word)
    entry = session.entry(path)
    if operator in ("-L", "-h"):
        return True if entry is not None and entry.kind == SYMLINK else _unsure(path, session)
    bound = session.bound(path)
    if bound is not None and session.sizes.get(bound) is not None:
        return operator != "-d"
    folder = session.is_folder(path) if entry is None else entry.kind == DIRECTORY
    if entry is None and not folder:
        return _unsure(path, session)
    if operator == "-d":
        return folder
    if operator == "-f":
        return not folder
    return None if operator in ("-r", "-w") else True


def _unsure(path: str, session: Session) -> bool | None:
    return None if session.may_exist(path) else False


def _binary(left: str, operator: str, right: str, *, double: bool) -> bool | None:
    if not known(left) or not known(right):
        return None
    if operator in _NUMBERS:
        return _compared(left, operator, right)
    if operator in ("=", "=="):
        return fnmatch.fnmatchcase(left, right) if double else left == right
    if operator == "!=":
        return not (fnmatch.fnmatchcase(left, right) if double else left == right)
    return None


def _compared(left: str, operator: str, right: str) -> bool | None:
    if not _INTEGER.fullmatch(left) or not _INTEGER.fullmatch(right):
        return None
    one, other = int(left), int(right)
    return {
        "-eq": one == other, "-ne": one != other, "-lt": one < other,
        "-le": one <= other, "-gt": one > other, "-ge": one >= other,
    }[operator]  # fmt: skip
