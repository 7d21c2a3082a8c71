"""Files that a RUN only gives other rights, another owner or another name: a second copy of each.

A layer holds whole files, so that a change of three bits of one costs all of its bytes once more.
What COPY can do while it copies costs nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from simulator.dockerfile import Instruction
from simulator.image.advice.accounts import accounts_first
from simulator.image.advice.proposal import Proposal
from simulator.image.advice.source import Project, commands_of
from simulator.image.builder.shell import Command

_FLAGS = {"chmod": "chmod", "chown": "chown"}
_MODE = re.compile(r"[0-7]{3,4}|[ugoa]*[-+=][rwxX]+")


def once_more(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Set rights, owner or name of copied files while they are copied."""
    for command in commands_of(one):
        program = posixpath.basename(command.program)
        words = [word for word in command.words[1:] if not word.startswith("-")]
        if len(words) < 2 or any("$" in word or "*" in word for word in words):
            continue
        if program in _FLAGS:
            found = _flagged(project, stage[:at], one, command, words)
        elif program == "mv" and len(words) == 2:
            found = _renamed(project, stage[:at], one, command, words)
        else:
            continue
        if found is not None:
            return found
    return None


def _flagged(
    project: Project,
    before: Sequence[Instruction],
    one: Instruction,
    command: Command,
    words: list[str],
) -> Proposal | None:
    """``chmod 755 /big`` as ``COPY --chmod=755``, ``chown app /big`` as ``COPY --chown=app``."""
    flag = _FLAGS[posixpath.basename(command.program)]
    value, paths = words[0], words[1:]
    if flag == "chmod" and not _MODE.fullmatch(value):
        return None
    if flag == "chown" and "-R" in command.words:
        return None  # a proposal of its own
    copies = [
        copy for copy in _copies(before) if not copy.flag(flag) and _lie_in(before, copy, paths)
    ]
    if not copies or not all(any(_lie_in(before, c, [p]) for c in copies) for p in paths):
        return None
    changes: list[tuple[int, int, str | None]] = [_without(project, one, command)]
    for copy in copies:
        flagged = re.sub(
            r"(?i)^(\s*)(copy|add)\s+", rf"\1\2 --{flag}={value} ", project.source(copy), count=1
        )
        changes.append((copy.line, copy.end_line, flagged))
    if flag == "chown":
        moved = accounts_first(project, [*before, one], copies[0], value, changes)
        if moved is None:
            return None
        changes = moved
    return Proposal(
        f"again-{flag}",
        one.line,
        f"set it while copying: COPY --{flag}={value}",
        f"{flag} in a RUN copies every file that it changes into a second layer.",
        project.edited(changes),
    )


def _renamed(
    project: Project,
    before: Sequence[Instruction],
    one: Instruction,
    command: Command,
    words: list[str],
) -> Proposal | None:
    """``mv /big /bigger`` as a COPY to ``/bigger``."""
    old, new = words
    copy = next(
        (c for c in _copies(before) if len(c.sources) == 1 and _places(before, c) == [old]), None
    )
    if copy is None or new.endswith("/"):
        return None
    between = before[list(before).index(copy) + 1 :]
    if any(old in project.source(each) for each in between):
        return None  # somebody needs it where it is
    source = project.source(copy)
    moved = re.sub(rf"{re.escape(copy.destination)}\s*$", new, source, count=1)
    if moved == source:
        return None
    return Proposal(
        "again-mv",
        one.line,
        f"copy it to its place at once: COPY {copy.sources[0]} {new}",
        "mv in a RUN copies the file into a second layer, and the first keeps it, too.",
        project.edited([_without(project, one, command), (copy.line, copy.end_line, moved)]),
    )


def _copies(before: Sequence[Instruction]) -> list[Instruction]:
    return [one for one in before if one.name in ("COPY", "ADD") and not one.heredocs]


def _lie_in(before: Sequence[Instruction], copy: Instruction, paths: Sequence[str]) -> bool:
    """Whether all that a COPY brings is, or lies in, one of some paths."""
    places = _places(before, copy)
    return bool(places) and all(
        any(place == path or place.startswith(path.rstrip("/") + "/") for path in paths)
        for place in places
    )


def _places(before: Sequence[Instruction], copy: Instruction) -> list[str]:
    """Where the sources of a COPY end up."""
    folder = "/"
    for one in before:
        if one is copy:
            break
        if one.name == "WORKDIR":
            folder = posixpath.join(folder, one.words[0])
    into = posixpath.join(folder, copy.destination)
    whole = into.endswith(("/", "/."))
    if whole or len(copy.sources) > 1:
        base = posixpath.normpath(into)
        return [posixpath.join(base, posixpath.basename(each.rstrip("/"))) for each in copy.sources]
    return [posixpath.normpath(into)]


def _without(project: Project, one: Instruction, command: Command) -> tuple[int, int, str | None]:
    """A RUN without one of its commands; nothing is left of one that had no other."""
    said = r"\s+".join(map(re.escape, command.words))
    source = project.source(one)
    left = re.sub(r"\s*(\\\n\s*)?&&\s*" + said + r"(?=\s|$)", "", source, count=1)
    if left == source:
        left = re.sub(said + r"(?=\s|$)\s*(&&\s*(\\\n\s*)?)?", "", source, count=1)
    empty = not re.sub(r"(?i)^\s*run\s*", "", left).strip()
    return one.line, one.end_line, None if empty else left
