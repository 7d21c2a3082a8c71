"""Whatever write a process is killed at, what was done before it is there afterwards."""

from __future__ import annotations

import os

import pytest
from course_fakes import FakeSession, tiny

from simulator.course.exercise import Exercise
from simulator.course.progress import Keeper
from simulator.course.transcript import read_transcript

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child by itself")
CALLS = 24
"""More writes than a session makes: the last ones kill nobody."""


def work(folder, out):
    """A short session: a page, a line, a check, saved in between, handed in."""
    exercise = Exercise(tiny(), "ada", out, keeper=Keeper(folder), session_factory=FakeSession)
    run = exercise.run
    if len(run.entries) < 2:
        run.go(2)
        run.execute("scale 2")
    exercise.keeper.save(run)
    run.execute("advance 30")
    run.check()
    exercise.keeper.save(run)


def killed_at(number, body):
    """Run ``body`` in a child that dies, without any tidying up, at its n-th step of writing."""
    child = os.fork()
    if child == 0:
        left = [number]
        for name in ("replace", "fsync", "fdopen", "unlink", "open"):
            _deadly(name, left)
        try:
            body()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _deadly(name, left):
    real = getattr(os, name)

    def call(*args, **named):
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)
        return real(*args, **named)

    setattr(os, name, call)


@pytest.mark.parametrize("number", range(CALLS))
def test_nothing_is_lost_at_whatever_write_it_is_killed(tmp_path, number):
    folder, out = tmp_path / "home", tmp_path / "ada.transcript"
    first = Exercise(tiny(), "ada", out, keeper=Keeper(folder), session_factory=FakeSession)
    first.run.go(2)
    first.run.execute("scale 2")
    first.keeper.save(first.run)
    first.keeper.close()
    killed_at(number, lambda: work(folder, out))
    again = Exercise(tiny(), "ada", out, keeper=Keeper(folder), session_factory=FakeSession)
    texts = [one.text for one in again.run.entries]
    assert texts[:2] == [":step 3", "scale 2"]
    assert again.keeper.warning is None
    assert again.keeper.load().lessons["tiny"].step == 3
    assert read_transcript(out).doubts == ()  # the old one or the new one, whole


@pytest.mark.parametrize("number", range(0, CALLS, 3))
def test_taking_over_a_file_can_be_killed_and_done_again(tmp_path, number):
    there = Keeper(tmp_path / "there")
    run = there.open(tiny(), session_factory=FakeSession)
    run.go(2)
    there.save(run)
    there.export(tmp_path / "all.json")
    killed_at(number, lambda: Keeper(tmp_path / "here").import_(tmp_path / "all.json"))
    here = Keeper(tmp_path / "here")
    here.import_(tmp_path / "all.json")
    assert here.open(tiny(), session_factory=FakeSession).step_index == 2
    assert here.warning is None


def test_whatever_part_of_the_last_line_was_written_the_others_are_read(tmp_path):
    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), session_factory=FakeSession)
    run.go(2)
    run.execute("scale 2")
    keeper.close()
    path = keeper.shelf.path("tiny", tiny().hash, 7)
    whole = path.read_bytes()
    for cut in range(1, len(b"0.0\tscale 2\n")):
        path.write_bytes(whole[:-cut])
        again = keeper.open(tiny(), session_factory=FakeSession)
        keeper.close()
        assert [one.text for one in again.entries] == [":step 3"]
