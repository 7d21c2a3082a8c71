"""Runs of a lesson's experiment are the same in this process and in others."""

from __future__ import annotations

import pytest

from simulator.course import sweeps
from simulator.course.lesson_run import LessonRun
from simulator.course.library import load
from simulator.course.model import Sweep
from simulator.course.sweeps import run_sweep
from simulator.trials.bundle import gather


@pytest.fixture
def experiment():
    run = LessonRun(load("the-knee"))
    return run, run.lesson.all(Sweep)[0]


@pytest.mark.slow
def test_the_points_are_the_same_wherever_the_runs_were_carried_out(experiment, monkeypatch):
    run, sweep = experiment
    asked = []
    monkeypatch.setattr(sweeps, "gather", lambda *where: asked.append(1) or gather(*where))
    monkeypatch.setattr(sweeps, "WORTH_IT", 1)
    elsewhere = run_sweep(run, sweep, "here")
    assert asked == [1]
    monkeypatch.setattr(sweeps, "WORTH_IT", 10_000)
    assert elsewhere == run_sweep(run, sweep)
    assert len(elsewhere.points) == len(sweep.values) * len(sweep.measures)
