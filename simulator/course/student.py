"""The edition of a lesson for students: without solutions, wrong answers, proofs and notes.

What later pages build upon stays in it, sealed: it is carried out where the lesson's own path is
needed, and never shown. Sealing keeps it from being read by accident, not from being decoded; what
nothing builds upon is not in the file at all. The hash is that of the whole lesson.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from simulator.course.behaviour import needed_solutions
from simulator.course.model import Block, Lesson, Solution, Teacher, Wrong
from simulator.course.sealing import seal

_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(\w+)?")


def student_text(lesson: Lesson, text: str) -> str:
    """The text of the edition for students, from the text of the whole lesson."""
    needed = needed_solutions(lesson)
    cut: dict[int, Block] = {
        block.place.line or 0: block
        for block in lesson.blocks()
        if isinstance(block, Solution | Wrong | Teacher)
    }
    kept: list[str] = []
    lines = iter(enumerate(text.replace("\r\n", "\n").split("\n"), start=1))
    for number, line in lines:
        block = cut.get(number)
        if number == 2:
            kept.append("edition: student")
        if block is None:
            kept.append(line)
            continue
        body = list(_until_closed(lines, line))
        if isinstance(block, Solution) and any(block is one for one in needed):
            kept += [f"```sealed task={block.task}", seal("\n".join(body)), "```"]
        elif kept and not kept[-1].strip():
            kept.pop()
    return "\n".join(kept)


def _until_closed(lines: Iterator[tuple[int, str]], opened: str) -> Iterator[str]:
    """The lines of a fenced block up to the one that closes it."""
    found = _FENCE.match(opened)
    marks = found[1] if found else "```"
    for _, line in lines:
        if line.strip().startswith(marks) and not line.strip().strip(marks[0]):
            return
        yield line


def student_path(path: Path) -> Path:
    """Where the edition for students is written by default: a folder beside the lesson."""
    return path.parent / "student" / path.name
