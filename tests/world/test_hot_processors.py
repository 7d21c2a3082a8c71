"""``fault throttle``: processors that are too hot, and what falls slow with them."""

from __future__ import annotations

import pytest

from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a --cores 4", "host add b --cores 4", "docker pull alpine", "use b",
                 "docker pull alpine", "use a"):  # fmt: skip
        assert session.execute(line).error is None
    return session


def job_seconds(session, *, halfway=(), host="a"):
    """How long ten CPU-seconds of work take, when something is typed after five."""
    said = session.execute(f'docker -H {host} run -d --name job --workload "batch cpu=10s" alpine')
    assert said.error is None
    job = session.world.containers["job"]
    session.world.advance(job.started_at + 5.0)
    for line in halfway:
        assert session.execute(line).error is None
    session.world.advance(session.world.now + 60.0)
    return job.finished_at - job.started_at


def test_work_under_way_takes_as_many_times_longer_from_then_on(session):
    assert job_seconds(session, halfway=["fault throttle a --amount 3"]) == pytest.approx(20.0)


def test_who_starts_on_a_hot_host_is_slow_from_the_beginning(session):
    session.execute("fault throttle a")
    assert job_seconds(session) == pytest.approx(20.0)


def test_cooling_gives_the_speed_back(session):
    session.execute("fault throttle a --amount 5")
    assert job_seconds(session, halfway=["fault throttle a --amount 1"]) == pytest.approx(5.0 + 9.0)


def test_the_other_host_notices_nothing(session):
    session.execute("fault throttle b --amount 5")
    assert job_seconds(session) == pytest.approx(10.0)


def test_a_hot_host_is_said_to_be_one(session):
    session.execute('docker run -d --name job --workload "batch cpu=100s" alpine')
    session.execute("fault throttle a --amount 4")
    assert "too hot: it computes 4 times slower" in session.execute("why job").text


@pytest.mark.parametrize(
    ("line", "words"),
    [("fault throttle a --amount 0.5", "1 (cool again) to 100 times"),
     ("fault throttle nobody", "nobody")],
)  # fmt: skip
def test_what_cannot_grow_hot_is_refused_and_nothing_changes(session, line, words):
    digest = session.world.journal.digest
    assert words in (session.execute(line).error or "")
    assert session.world.journal.digest == digest
