"""Proving a lesson: what it claims is tried on several seeds, right and wrong answers alike.

One walk through the lesson a seed (``proof_seed.py``); seeds run beside each other. What only all
of them together can say is said here: whether each hint ever fires, whether answers depend on luck.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simulator.course.judging import Truth
from simulator.course.lint import Problem
from simulator.course.model import Check, Hint, Lesson, Predict, Task, Wrong
from simulator.course.proof_names import unknown_names
from simulator.course.proof_seed import SeedProof, prove_seed
from simulator.course.session import SessionFactory, open_session

Tell = Callable[[int, int], None]
"""Hears how many seeds are done, of how many."""


@dataclass(slots=True)
class Proof:
    """What came of it: what does not hold, and what it cost."""

    problems: list[Problem] = field(default_factory=list)
    seeds: list[SeedProof] = field(default_factory=list)

    @property
    def cost(self) -> str:
        """CPU seconds a seed, in words."""
        spent = [one.cpu_s for one in self.seeds] or [0.0]
        return f"{statistics.median(spent):.1f} s of CPU a seed, at most {max(spent):.1f} s"

    def golden(self) -> list[str]:
        """What was measured, rounded: lines that change when the model moves the lesson."""
        return [line for one in self.seeds for line in one.golden]


def prove(
    lesson: Lesson,
    seeds: Iterable[int] = range(1, 6),
    session_factory: SessionFactory | None = None,
    tell: Tell | None = None,
    *,
    task: str | None = None,
) -> list[Problem]:
    """Everything that does not hold on these seeds; an empty list is the proof."""
    return prove_all(lesson, seeds, session_factory, tell, task=task).problems


def prove_all(
    lesson: Lesson,
    seeds: Iterable[int] = range(1, 6),
    session_factory: SessionFactory | None = None,
    tell: Tell | None = None,
    *,
    task: str | None = None,
    source: Path | None = None,
    jobs: int | None = None,
) -> Proof:
    """The proof, with what it cost; ``task``: of one task only.

    ``source``: the lesson's file, from which other processes read it; None keeps all in this one.
    """
    wanted = list(seeds)
    proof = Proof()
    workers = min(len(wanted), jobs if jobs is not None else _cores())
    if source is None or session_factory is not None or workers < 2:
        factory = session_factory or open_session
        found: Iterator[SeedProof] = (prove_seed(lesson, seed, factory, task) for seed in wanted)
    else:
        found = _beside_each_other(source, wanted, task, workers)
    for done, one in enumerate(found, start=1):
        proof.seeds.append(one)
        if tell is not None:
            tell(done, len(wanted))
    proof.seeds.sort(key=lambda one: one.seed)
    proof.problems = _together(lesson, proof.seeds, task)
    return proof


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _beside_each_other(
    source: Path, seeds: list[int], task: str | None, workers: int
) -> Iterator[SeedProof]:
    from concurrent.futures import ProcessPoolExecutor, as_completed

    with ProcessPoolExecutor(max_workers=workers) as pool:
        waiting = [pool.submit(prove_file, source, seed, task) for seed in seeds]
        for one in as_completed(waiting):
            yield one.result()


def prove_file(source: Path, seed: int, task: str | None) -> SeedProof:
    """The proof of a lesson's file on one seed, for a process of its own."""
    from simulator.course.parser import read_lesson

    return prove_seed(read_lesson(source), seed, open_session, task)


# --- what all seeds say together ------------------------------------------------------------------


def _together(lesson: Lesson, seeds: list[SeedProof], task: str | None) -> list[Problem]:
    found: dict[Problem, None] = {}
    for one in seeds:
        found.update(dict.fromkeys(one.problems))
    tasks = [one for one in lesson.all(Task) if task in (None, one.id)]
    for one_task in tasks:
        found.update(dict.fromkeys(_of_task(lesson, one_task, seeds)))
    if task is None:
        for predict in lesson.all(Predict):
            truths = [one.truths[predict.id] for one in seeds if predict.id in one.truths]
            found.update(dict.fromkeys(_same(lesson, predict, truths)))
        known = {name for one in seeds for name in one.names}
        broken = any(not problem.advice for problem in found)
        if known and not broken:
            found.update(dict.fromkeys(unknown_names(lesson, known)))
    return sorted(found, key=lambda problem: (problem.place.line or 0, problem.text))


def _of_task(lesson: Lesson, task: Task, seeds: list[SeedProof]) -> Iterator[Problem]:
    fired = {line for one in seeds for line in one.fired}
    for hint in lesson.of(task.id, Hint):
        if hint.place.line not in fired:
            yield Problem(hint.place, "this hint never fires, at the start or for a wrong answer")
    failed = {number for wrong in lesson.of(task.id, Wrong) for number in wrong.fails}
    for check in lesson.of(task.id, Check):
        if check.number not in failed:
            text = f"check {check.number} of '{task.id}' is failed by no wrong answer"
            yield Problem(check.place, f"{text}: is it worth anything?")


def _same(lesson: Lesson, predict: Predict, truths: list[Truth]) -> Iterator[Problem]:
    """The answer does not depend on chance, and is clear of the edges between options."""
    by_chance = predict.kind != "number" and not lesson.vary
    if by_chance and len({one.answer for one in truths}) > 1:
        options = ", ".join(sorted({one.words for one in truths}))
        yield Problem(predict.place, f"the answer to '{predict.id}' depends on the seed: {options}")
    margin = predict.answer.margin
    for edge in predict.answer.edges:
        for one in truths:
            if one.value is not None and edge and abs(one.value - edge) < margin * abs(edge):
                yield Problem(
                    predict.place,
                    f"the answer to '{predict.id}' ({one.value:.4g}) is within"
                    f" {margin:.0%} of the bin edge {edge:g}",
                )
