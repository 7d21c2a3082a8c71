"""The hash of a lesson: of what it does and measures, its files included, and of no prose.

A typing mistake mended in a text, a translation, a hint, a further wrong answer leave it equal, so
transcripts stay gradable; a changed limit, line, file or point does not. Line ends of files count
as ``\\n``.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulator.course.expression import Expression
from simulator.course.model import (
    Answer,
    Block,
    Check,
    Condition,
    Identify,
    Lesson,
    Order,
    Predict,
    Run,
    ScriptLine,
    Solution,
    Task,
)  # fmt: skip
from simulator.errors import InputError, Place
from simulator.files import read_bytes

MAX_FILES = 500
MAX_FILE_BYTES = 8 << 20
VERSION = 2
"""Grows when the same lesson must be held for another one: its words mean something else."""


def behaviour_hash(lesson: Lesson) -> str:
    """Sixteen hexadecimal digits; InputError where a file of the lesson cannot be read."""
    digest = hashlib.blake2b(digest_size=8)
    for part in _parts(lesson):
        data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def _parts(lesson: Lesson) -> Iterator[str | bytes]:
    yield f"{VERSION} {lesson.id} {lesson.seed}"
    yield " ".join(lesson.locked)
    yield repr(sorted((name, values) for name, values in lesson.vary.items()))
    yield _lines(lesson.setup.lines)
    yield from _files(lesson.setup.folder)
    yield " ".join(lesson.setup.editable)
    built_upon = needed_solutions(lesson)
    for number, step in enumerate(lesson.steps):
        for block in step.parts:
            if not isinstance(block, Solution) or any(block is one for one in built_upon):
                yield from _block(block, number)


def needed_solutions(lesson: Lesson) -> list[Solution]:
    """The first solutions of tasks after which something goes on in the same world."""
    found: list[Solution] = []
    waiting: list[Solution] = []
    for block in lesson.blocks():
        if isinstance(block, Run | Task) and block.fresh:
            waiting = []
        if isinstance(block, Run | Task | Order | Identify):
            found += waiting
            waiting = []
        if isinstance(block, Task):
            waiting = lesson.of(block.id, Solution)[:1]
    return found


def _block(block: Block, step: int) -> Iterator[str]:
    match block:
        case Run(id=id, lines=lines, fresh=fresh):
            yield f"run {id} {fresh} {_lines(lines)}"
        case Task(id=id, points=points, fresh=fresh, only=only, locked=locked):
            yield f"task {step} {id} {points:g} {fresh} {only} {locked}"
        case Check(task=task, points=points, conditions=conditions, needs=needs):
            yield f"check {task} {points:g} {needs} {_conditions(conditions)}"
        case Solution(task=task, lines=lines):
            yield f"path {task} {_lines(lines)}"
        case Predict(id=id, kind=kind, options=options, answer=answer, points=points):
            yield f"predict {id} {kind} {len(options)} {points:g} {_answer(answer)}"
        case Order():
            yield _order(block)
        case Identify(id=id, kind=kind, where=where, points=points):
            yield f"identify {id} {kind} {points:g} {_expression(where)}"


def _order(block: Order) -> str:
    if block.build is None:
        return f"order {block.id} {len(block.lines)} {block.also} {block.points:g}"
    return (
        f"order {block.id} {block.lines!r} {block.points:g} {block.build.file}"
        f" {_lines(block.build.lines)} {_conditions(block.build.conditions)}"
    )


def _answer(answer: Answer) -> str:
    measured = [answer.measure] if answer.measure else []
    found = [_expression(one) for one in (*measured, *answer.cases, *answer.ranks)]
    return f"{answer.run} {answer.edges} {found} {answer.tolerance:g}"


def _conditions(conditions: Iterable[Condition]) -> str:
    return " & ".join(_expression(one.expression) for one in conditions)


def _expression(expression: Expression) -> str:
    return ast.unparse(expression.tree)


def _lines(lines: Iterable[ScriptLine]) -> str:
    return "\n".join(f"{line.at} {line.text}" for line in lines)


def _files(folder: Path | None) -> Iterator[str | bytes]:
    """Names and contents of all files that lines may read, in one order."""
    if folder is None or not folder.is_dir():
        return
    found = sorted((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file())
    if len(found) > MAX_FILES:
        raise InputError(
            "too many files beside a lesson", place=Place(str(folder)), found=str(len(found)),
            expected=f"at most {MAX_FILES}",
        )  # fmt: skip
    for name, path in found:
        if "__pycache__" not in name:
            data = read_bytes(path, limit_bytes=MAX_FILE_BYTES, within=folder)
            yield name
            yield data.replace(b"\r\n", b"\n")
