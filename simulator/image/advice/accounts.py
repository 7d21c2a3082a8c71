"""Owners of copied files must exist before the COPY: the step that makes them moves up.

BuildKit looks a name up in the image's own /etc/passwd at that step, and leaves root as the owner
of everything when it is not there (``ops/user_linux.go``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from simulator.dockerfile import Instruction, parse_instruction
from simulator.image.advice.source import Project, commands_of

_MAKES = frozenset({"useradd", "adduser", "groupadd", "addgroup", "usermod"})
_BESIDE = frozenset({"mkdir", "set", "true", "echo"})
Change = tuple[int, int, str | None]


def accounts_first(
    project: Project,
    stage: Sequence[Instruction],
    copy: Instruction,
    owner: str,
    changes: Sequence[Change],
) -> list[Change] | None:
    """The changes of a proposal, with the steps that make ``owner`` above a COPY.

    None where a step makes it that cannot be moved, because it does more than that.
    """
    names = {name for name in owner.split(":") if name and not name.isdigit() and name != "root"}
    made = [
        one for one in stage[stage.index(copy) + 1 :] if one.name == "RUN" and _makes(one, names)
    ]
    kept = {first: (last, text) for first, last, text in changes}
    moved = []
    for one in made:
        last, text = kept.get(one.line, (one.end_line, project.source(one)))
        if text is None or not _only_accounts(text):
            return None
        kept[one.line] = (last, None)
        moved.append(text)
    if moved:
        last, text = kept.get(copy.line, (copy.end_line, project.source(copy)))
        kept[copy.line] = (last, "\n".join([*moved, text or ""]))
    return [(first, last, text) for first, (last, text) in kept.items()]


def _makes(one: Instruction, names: set[str]) -> bool:
    return any(
        posixpath.basename(command.program) in _MAKES and names & set(command.words)
        for command in commands_of(one)
    )


def _only_accounts(text: str) -> bool:
    """True for a RUN that makes accounts and needs no files of the project."""
    commands = commands_of(parse_instruction(text.strip()))
    return bool(commands) and all(
        posixpath.basename(command.program) in (_MAKES | _BESIDE) for command in commands
    )
