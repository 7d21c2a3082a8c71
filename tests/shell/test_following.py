"""Logs, events and readings that go on elsewhere: here they follow, answer, and always end."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.shell import Session
from simulator.shell.docker.moments import Moment, parse_moment
from simulator.world import World

TALKS = "sh -c 'echo one; sleep 3; echo two; sleep 3; exit 3'"


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a", "docker pull -q alpine"):
        assert session.execute(line).error is None
    return session


def said(session, line):
    result = session.execute(line)
    assert result.error is None
    return list(result.lines)


def test_a_log_is_followed_until_its_container_ends(session):
    said(session, f"docker run -d --name talk alpine {TALKS}")
    start = session.world.container("talk").started_at
    assert said(session, "docker logs -f talk") == ["one", "two"]
    assert session.world.now - start == pytest.approx(6.0)
    assert said(session, "docker logs -f talk") == ["one", "two"]
    assert session.world.now - start == pytest.approx(6.0)


def test_a_log_without_an_end_is_followed_for_a_minute_and_that_is_said(session):
    said(session, "docker run -d --name on alpine sh -c 'while true; do echo tick; sleep 25; done'")
    began = session.world.now
    lines = said(session, "docker logs -f on")
    assert lines[:3] == ["tick"] * 3
    assert lines[3:] == ["(no longer followed after 60s; the container goes on)"]
    assert session.world.now - began == pytest.approx(60.0)


def test_who_presses_ctrl_c_stops_following(session):
    said(session, "docker run -d --name on alpine sh -c 'while true; do echo tick; sleep 5; done'")
    began, asked = session.world.now, []

    def going():
        asked.append(session.world.now)
        return session.world.now - began < 12.0

    session.keep_going = going
    session.execute("docker logs -f on")
    assert session.world.now - began < 20.0


def test_a_front_end_that_does_not_wait_has_the_lines_as_they_come(session):
    said(session, f"docker run -d --name talk alpine {TALKS}")
    result = session.execute("docker logs -f talk", wait=False)
    assert list(result.job.lines) == ["one"]
    session.advance(session.world.now + 4.0)
    assert list(result.job.lines) == ["one", "two"]
    session.advance(session.world.now + 4.0)
    assert result.job.done


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("--tail 1", ["two"]),
        ("--since 4s", ["two"]),
        ("--until 4s", ["one"]),
        ("--since 2026-01-01T00:00:02", ["two"]),
        ("--tail all", ["one", "two"]),
        ("--tail 0", []),
    ],
)
def test_parts_of_a_log_are_chosen_by_lines_and_times(session, flags, expected):
    said(session, f"docker run -d --name talk alpine {TALKS}")
    session.world.advance(session.world.container("talk").started_at + 6.0)
    assert said(session, f"docker logs {flags} talk") == expected


def test_what_the_kernel_does_to_a_container_is_not_in_its_log(session):
    said(session, "docker run -d --name leak -m 20m --workload 'leak rate=10MiB/s' alpine")
    session.world.advance(10.0)
    assert session.world.container("leak").oom_killed
    assert said(session, "docker logs leak") == []


def test_events_are_told_as_the_daemon_tells_them(session):
    said(session, "docker pull -q nginx")
    said(session, "docker run -d --name web nginx")
    session.world.advance(session.world.now + 5.0)
    said(session, "docker stop web")
    template = "{{.Action}} {{.Actor.Attributes.name}}"
    lines = said(session, f"docker events --filter container=web --format '{template}'")
    assert lines == ["create web", "start web", "kill web", "die web", "stop web"]
    (kill,) = said(session, "docker events --until 0s --filter event=kill")
    id_ = session.world.container("web").id
    assert kill.endswith(f"Z container kill {id_} (image=nginx, name=web, signal=3)")
    assert said(session, "docker events --since 3s --until 0s --filter event=start") == []
    assert said(session, "docker events")[-1].startswith("(the events so far: a stream")


def test_events_of_health_and_memory_are_told_and_unknown_filters_refused(session):
    check = "--health-cmd true --health-interval 1s"
    said(session, f"docker run -d --name well {check} alpine sleep 100")
    said(session, "docker run -d --name leak -m 20m --workload 'leak rate=10MiB/s' alpine")
    session.world.advance(10.0)
    lines = said(session, "docker events --until 0s --format '{{.Action}}'")
    assert "health_status: healthy" in lines
    assert "oom" in lines
    assert "invalid filter 'flavour'" in session.execute("docker events -f flavour=sweet").error


def test_one_reading_says_that_it_does_not_stream_unless_none_was_wanted(session):
    assert said(session, "docker stats")[-1].startswith("(one reading of the last second")
    assert said(session, "docker stats --no-stream")[-1].startswith("CONTAINER ID")


def test_where_the_clock_runs_by_itself_stats_are_kept_up_to_date_once_a_second(session):
    said(session, "docker run -d --name web --workload 'hog threads=1' alpine; advance 5s")
    job = session.execute("docker stats web", wait=False).job
    before = job.lines
    assert not job.done
    session.world.advance(session.world.now + 0.1)
    assert job.lines is not None
    said(
        session,
        "docker run -d --name web2 alpine sleep 100; docker update --cpus 0.5 web; advance 3s",
    )
    assert before[0] == job.lines[0]
    assert "100.00%" in before[1]
    assert "50.00%" in job.lines[1]
    session.world.advance(session.world.now + 60.0)
    assert job.done
    assert job.lines[-1].startswith("(no longer kept up to date")


def test_where_the_clock_runs_by_itself_events_come_as_they_happen(session):
    said(session, "docker run -d --name web alpine sleep 1000; advance 5s")
    job = session.execute("docker events --filter container=web", wait=False).job
    assert job.lines == ()
    said(session, "docker kill web")
    assert [line.split()[2] for line in job.lines] == ["kill", "die"]


def test_what_is_followed_is_made_anew_only_when_it_has_changed(session, monkeypatch):
    said(session, "docker run -d --name web alpine sleep 1000; advance 5s")
    job = session.execute("docker events", wait=False).job
    asked = []
    monkeypatch.setattr("simulator.shell.docker.events.told", lambda *_: asked.append(1) or [])
    for _ in range(10):
        assert job.lines == ()
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", Moment(True, 600.0)),
        ("30", Moment(True, 30.0)),
        ("2026-01-01T00:00:05", Moment(False, 5.0)),
        ("2026-01-01T01:00:05.5+01:00", Moment(False, 5.5)),
        ("2026-01-02", Moment(False, 86_400.0)),
        ("1767225605", Moment(False, 5.0)),
    ],
)
def test_times_are_spans_before_now_dates_or_seconds(text, expected):
    assert parse_moment(text) == expected


@given(st.text(max_size=30))
@settings(max_examples=30, deadline=None)
def test_whatever_is_no_time_is_refused(text):
    with suppress(InputError):
        assert isinstance(parse_moment(text), Moment)
