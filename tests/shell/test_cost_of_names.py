"""A name is looked up by itself: a line costs what it names, not what else there is."""

from __future__ import annotations

import pytest
from calls import calls
from fleet import fleet

from simulator import look
from simulator.shell import Session, lookup


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    return [Session(fleet(hosts, 5), folder=folder) for hosts in (6, 12)]


def costs(sessions, act):
    found = []
    for session in sessions:
        act(session)
        found.append(calls(lambda session=session: act(session)))
    return found


def names(session, count):
    return list(session.world.containers)[:count]


def test_a_line_of_twice_the_names_in_twice_the_world_costs_twice_as_much(sessions):
    small, large = sessions
    once = costs([small], lambda s: s.execute("docker pause " + " ".join(names(s, 15))))
    twice = costs([large], lambda s: s.execute("docker pause " + " ".join(names(s, 30))))
    assert twice[0] <= 2.5 * once[0]


@pytest.mark.parametrize("digits", [12, 64])
def test_names_and_ids_are_found_without_a_look_at_the_others(sessions, digits):
    def find(session):
        for name in names(session, 10):
            container = session.world.container(name)
            lookup.container(session.reader, name)
            lookup.container(session.reader, container.id[:digits], container.daemon.name)

    small, large = costs(sessions, find)
    assert large == small


def test_a_list_of_one_host_costs_what_is_on_that_host(sessions):
    small, large = costs(sessions, lambda s: s.execute("docker -H h1 ps -a"))
    assert large == small


def test_the_same_lines_cost_nothing_more_in_a_larger_world(sessions):
    for line in ("docker stats c0-0", "docker inspect c0-1", "docker port c0-1", "docker images"):
        small, large = costs(sessions, lambda s, line=line: s.execute(line))
        assert large <= 1.1 * small, line


@pytest.mark.parametrize("line", ["docker stop ", "docker -H ", "docker rmi ", "why "])
def test_completion_in_twice_the_world_costs_at_most_twice_as_much(sessions, line):
    small, large = costs(sessions, lambda s: s.complete(line, len(line)))
    assert large <= 2.5 * small


def test_a_container_that_was_made_or_removed_since_is_found_or_not(tmp_path):
    session = Session(fleet(1, 3), folder=tmp_path)
    reader = look.Reader(session.world)
    first = session.world.container("c0-0").id
    assert [one.name for one in reader.containers(first[:12])] == ["c0-0"]
    assert session.execute("docker rm -f c0-0").error is None
    assert reader.containers(first[:12]) == []
    assert session.execute("docker run -d --name new alpine").error is None
    made = session.world.container("new").id
    assert [one.name for one in reader.containers(made[:12])] == ["new"]
    assert session.execute(f"docker rename {made[:12]} newer").error is None
    assert [one.name for one in reader.containers(made[:12])] == ["newer"]
    assert [one.name for one in reader.containers(made[:5])] == ["newer"]
