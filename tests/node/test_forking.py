"""Where the table of processes is full nobody starts anything, and is told so at once."""

from __future__ import annotations

import pytest

from simulator.shell import Session
from simulator.world import World

AGAIN = "esource temporarily unavailable"


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a", "docker pull -q alpine"):
        assert session.execute(line).error is None
    return session


@pytest.mark.parametrize(
    "line",
    [
        "docker run -d --name n alpine sleep 10",
        "docker run alpine echo hi",
        "docker start old",
        "docker exec bomb echo hi",
        "on a ps -ef",
    ],
)
def test_who_needs_a_process_beside_a_fork_bomb_is_refused_at_once(session, line):
    session.execute("docker create --name old alpine sleep 10")
    session.execute("docker run -d --name bomb --workload forkbomb alpine")
    session.world.advance(10.0)
    assert AGAIN in (session.execute(line).error or "")
    assert session.world.now == 10.0
    assert "gets a new process" in session.execute("docker ps").text
    assert session.execute("docker rm -f bomb").error is None
    assert session.execute("docker run -d alpine sleep 10").error is None


def test_a_bomb_within_its_limit_refuses_its_own_container_alone(session):
    session.execute("docker run -d --name bomb --pids-limit 50 --workload forkbomb alpine")
    session.world.advance(10.0)
    assert AGAIN in (session.execute("docker exec bomb echo hi").error or "")
    assert session.execute("docker run -d alpine sleep 10").error is None


def test_a_restart_that_cannot_fork_is_given_up(session):
    session.execute("docker run -d --name loop --restart always alpine sleep 1000")
    session.execute("docker run -d --name bomb --workload forkbomb alpine")
    session.world.advance(10.0)
    session.execute("fault crash loop")
    session.world.advance(30.0)
    assert session.world.container("loop").state == "exited"
