"""Scripts in a real world: what is shown piece by piece is what is played at once."""

from __future__ import annotations

import pytest

from simulator import look
from simulator.course.canon import play_script
from simulator.course.lesson_run import LessonRun
from simulator.course.parser import parse_lesson
from simulator.course.replay import replay
from simulator.course.script import read_script
from simulator.course.session import open_session
from simulator.errors import InputError, Place

LESSON = """\
---
format: 1
id: timed
title: Timed
world:
  setup:
    - host add dock --cores 4 --memory 8g
---
Text.

```run id=go
docker run -d --name web-1 --network-alias web --workload "server cpu=20ms" alpine
traffic web 60/s
@20s docker run -d --name web-2 --network-alias web alpine && docker stop web-1
@21.25s docker run -d --name web-3 --network-alias web --workload "server cpu=20ms" alpine
advance 10s
```
"""


@pytest.fixture
def run():
    return LessonRun(parse_lesson(LESSON))


def at_once():
    run = LessonRun(parse_lesson(LESSON))
    run.run_block("go")
    return run


@pytest.mark.parametrize("frame_s", [0.05, 0.7, 100.0])
def test_frames_do_not_change_what_happens(run, frame_s):
    playback = run.start_block("go")
    while not playback.done:
        playback.play(run.world.now + frame_s)
    assert run.entries == at_once().entries
    assert run.world.journal.digest == at_once().world.journal.digest


def test_a_timed_line_is_typed_on_time_whatever_is_under_way(run):
    run.run_block("go")
    typed = {entry.text.split(" ")[0:5][-1]: entry.time for entry in run.entries}
    assert typed["web-2"] == 20.0
    assert typed["web-3"] == 21.25


def test_a_line_without_a_time_waits_for_everything_before_it(run):
    run.run_block("go")
    times = {entry.text: entry.time for entry in run.entries}
    assert times["advance 10s"] > 21.25
    assert look.snapshot(run.world).container("web-1").state == "exited"
    assert times[":ran go"] == pytest.approx(times["advance 10s"] + 10)


def test_replaying_gives_the_same_world(run):
    run.run_block("go")
    run.execute("docker rm -f web-3")
    again = replay(run.transcript(), run.lesson)
    assert again.world.journal.digest == run.world.journal.digest


def test_a_run_block_stops_at_a_line_that_is_refused(run):
    run.execute("docker run -d --name web-1 alpine")
    playback = run.start_block("go")
    playback.finish()
    assert "web-1" in playback.failed
    assert playback.failed_at.line == 12
    assert playback.done


def test_a_refused_line_of_a_script_names_its_place():
    session = open_session(1, None)
    lines = read_script("host add a\nhost add a\n", Place("x.md", 10))
    with pytest.raises(InputError, match=r"x\.md:12: this line was refused"):
        play_script(session, lines)


def test_the_setup_of_a_lesson_cannot_be_undone(run):
    assert "nothing to undo" in run.undo().error
    assert [host.name for host in look.snapshot(run.world).hosts] == ["dock"]
