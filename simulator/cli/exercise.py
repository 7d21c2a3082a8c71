"""``drydock exercise``: a lesson for marks, in the workbench or as plain text."""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.cli.terminal import can_show_screens
from simulator.course.exercise import Exercise
from simulator.course.library import load


def exercise(name: str, student: str, out: Path, salt: str, plain: bool, again: bool) -> int:
    """Play; 0 when every task is solved, else 1. ``out`` is written however it ends."""
    work = Exercise(load(name), student, out, salt=salt, again=again)
    code = _plain(work) if plain or not can_show_screens() else _workbench(work)
    reached, possible = work.run.score()
    print(f"{out} is written for {work.student}: {reached:g} of {possible:g} points so far")
    return code


def _plain(work: Exercise) -> int:
    from simulator.course.plain import play_run

    if work.keeper.warning:
        print(f"note: {work.keeper.warning}", file=sys.stderr)
    try:
        return play_run(work.run, sys.stdin, sys.stdout)
    finally:
        work.keeper.save(work.run)
        work.keeper.close()


def _workbench(work: Exercise) -> int:
    from simulator.tui import run as workbench
    from simulator.tui.opening import first, sit_down

    name = work.run.lesson.id
    opener = first(f"lesson/{name}", lambda _seed: sit_down(work.run, work.keeper))
    try:
        code = workbench(lesson=name, opener=opener)
    finally:
        work.keeper.save(work.run)
        work.keeper.close()
    return code or int(not all(task.solved for task in work.run.tasks.values()))
