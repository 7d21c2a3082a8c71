from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shell_fakes import FakeReader, FakeWorld, container, vm

from simulator.shell import Session


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folder")
    (folder / "app").mkdir()
    (folder / "setup.txt").write_text("")
    world = FakeWorld(containers=(container("web1"), container("db")))
    world.vms = (vm("vm1"),)
    return Session(world, reading=FakeReader, folder=folder)


def offered(session, line):
    return [one.text for one in session.complete(line, len(line))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("doc", ["docker"]),
        ("docker sta", ["start", "stats"]),
        ("docker container r", ["remove", "rename", "restart", "rm", "run"]),
        ("docker stop ", ["web1", "db"]),
        ("docker stop web1 d", ["db"]),
        ("docker run --me", ["--memory", "--memory-swap"]),
        ("docker run -d --name x ng", ["nginx"]),
        ("docker pull red", ["redis"]),
        ("docker run --restart on", ["on-failure"]),
        ("docker run --restart=on", ["--restart=on-failure"]),
        ("docker -H vm1 ps; docker top", ["top"]),
        ("use v", ["vm1"]),
        ("docker build ", [".", "app/"]),
        ("source s", ["setup.txt"]),
        ("host ls && host a", ["add"]),
        ("docker rm $(docker ps", ["ps"]),
    ],
)
def test_what_fits_is_offered(session, line, expected):
    assert [one for one in offered(session, line) if one in expected] == expected


def test_a_completion_replaces_the_word_at_the_cursor(session):
    (one,) = session.complete("docker stop we", 14)
    assert (one.text, one.start, one.help) == ("web1", 12, "nginx:latest, running")


@given(st.text(max_size=60), st.integers(-5, 70))
def test_any_line_can_be_completed(session, line, cursor):
    for one in session.complete(line, cursor):
        assert 0 <= one.start <= len(line)
