"""``drydock lesson test``: the proof of a lesson at a terminal, and what it is held against.

What a lesson measures is kept in ``golden/ID.txt`` beside it, where its author wants that: a change
of the model that moves its numbers is then a problem until ``--acknowledge`` is said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from simulator.course.library import find
from simulator.course.lint import Problem, lint_lesson
from simulator.course.model import Lesson, Task
from simulator.course.parser import read_lesson
from simulator.course.proof import Proof, prove_all
from simulator.errors import Place, unknown
from simulator.files import read_text, replace_file

MAX_GOLDEN_BYTES = 1 << 20


def prove_named(
    name: str, seeds: Iterable[int], task: str | None, jobs: int | None, *, quiet: bool,
    acknowledge: bool,
) -> int:  # fmt: skip
    """Prove a lesson and print what does not hold; how many problems there are."""
    path = find(name)
    lesson, wanted = read_lesson(path), list(seeds)
    if task is not None and lesson.task(task) is None:
        raise unknown("task", task, [one.id for one in lesson.all(Task)], lesson.place)
    proof = _proven(lesson, path, wanted, task, jobs, quiet)
    problems = [one for one in lint_lesson(lesson) if not one.advice] + proof.problems
    if acknowledge and not problems and task is None:
        _keep(path, proof)
    elif task is None:
        problems += _moved(path, proof)
    for problem in problems:
        click.echo(str(problem))
    verdict = f"{len(problems)} problem{'s' * (len(problems) > 1)}" if problems else "proven"
    which = f"seeds {wanted[0]} to {wanted[-1]}" if len(wanted) > 1 else f"seed {wanted[0]}"
    click.echo(f"{lesson.id}: {verdict}, {which}; {proof.cost}")
    return len(problems)


def _proven(
    lesson: Lesson, path: Path, seeds: list[int], task: str | None, jobs: int | None, quiet: bool
) -> Proof:
    if quiet or not sys.stderr.isatty():
        return prove_all(lesson, seeds, task=task, source=path, jobs=jobs)
    with click.progressbar(length=len(seeds), label=lesson.id, file=sys.stderr) as bar:
        return prove_all(
            lesson, seeds, tell=lambda done, of: bar.update(1), task=task, source=path, jobs=jobs
        )


def golden_path(path: Path) -> Path:
    """Where what a lesson is expected to measure is kept."""
    return path.parent / "golden" / f"{path.stem}.txt"


def _keep(path: Path, proof: Proof) -> None:
    text = "".join(f"{line}\n" for line in proof.golden())
    replace_file(golden_path(path), text.encode())
    click.echo(f"{golden_path(path)} is written")


def _moved(path: Path, proof: Proof) -> Iterator[Problem]:
    """What is measured otherwise than was acknowledged, on the seeds that were tried both times."""
    kept = golden_path(path)
    if not kept.is_file():
        return
    known = read_text(kept, limit_bytes=MAX_GOLDEN_BYTES, what="golden file").splitlines()
    expected = {_what(line): (number, line) for number, line in enumerate(known, start=1)}
    for line in proof.golden():
        number, before = expected.get(_what(line), (0, line))
        if before != line:
            text = f"it was '{before}', now '{line}': if that is right, say --acknowledge"
            yield Problem(Place(str(kept), number), text)


def _what(line: str) -> str:
    """Seed and name of what was measured."""
    return " ".join(line.split()[:3])
