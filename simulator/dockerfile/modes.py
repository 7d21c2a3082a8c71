"""Values of ``--chmod`` and ``--chown``."""

from __future__ import annotations

import re

from simulator.errors import InputError, Place

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)")
_STEP = re.compile(r"([-+=])([ugo]|[rwxXst]*)")
_LONGEST = 100
_BITS = {"r": 0o4, "w": 0o2, "x": 0o1}
_SHIFTS = {"u": 6, "g": 3, "o": 0}


def apply_chmod(
    text: str, mode: int, *, directory: bool = False, place: Place | None = None
) -> int:
    """Permission bits after ``--chmod``: octal such as 755, or clauses such as ``u=rwX,go-w``.

    ``mode`` are the bits before. Raises InputError for anything else.
    """
    if re.fullmatch(r"[0-7]{1,5}", text, re.ASCII) and int(text, 8) <= 0o7777:
        return int(text, 8)
    clauses = text.split(",") if len(text) <= _LONGEST else []
    if not clauses or not all(_CLAUSE.fullmatch(clause) for clause in clauses):
        raise InputError(
            "invalid chmod parameter",
            place=place,
            found=text,
            expected="octal digits such as 755, or clauses such as u=rwX,go=rX",
        )
    for clause in clauses:
        who = clause[: len(clause) - len(clause.lstrip("ugoa"))] or "a"
        who = "ugo" if "a" in who else who
        for operator, letters in _STEP.findall(clause[len(clause) - len(clause.lstrip("ugoa")) :]):
            mode = _step(mode, who, operator, letters, directory)
    return mode


def _step(mode: int, who: str, operator: str, letters: str, directory: bool) -> int:
    for person in dict.fromkeys(who):
        shift = _SHIFTS[person]
        bits = _bits(mode, letters, directory) << shift
        if "s" in letters and person in "ug":
            bits |= 0o4000 if person == "u" else 0o2000
        if "t" in letters:
            bits |= 0o1000
        if operator == "+":
            mode |= bits
        elif operator == "-":
            mode &= ~bits
        else:
            mode = (mode & ~(0o7 << shift)) | bits
    return mode


def _bits(mode: int, letters: str, directory: bool) -> int:
    """The three bits that letters stand for; u, g or o alone copies those of that person."""
    if letters in _SHIFTS:
        return (mode >> _SHIFTS[letters]) & 0o7
    bits = sum(_BITS[letter] for letter in "rwx" if letter in letters)
    # X is x for directories, and for files that somebody may already execute.
    return bits | (0o1 if "X" in letters and (directory or mode & 0o111) else 0)


def split_chown(text: str, *, place: Place | None = None) -> tuple[str, str | None]:
    """User and group of ``--chown=user:group``; the group is None when it is not given.

    Whether the names exist is known only inside the image.
    """
    user, colon, group = text.partition(":")
    if not text or ":" in group or not (user or group):
        raise InputError(
            "invalid chown string",
            place=place,
            found=text,
            expected="user, user:group or 1000:1000",
        )
    return user, (group if colon and group else None)
