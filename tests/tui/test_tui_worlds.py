"""Worlds beside each other: branches of one past, brought to one instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import InputError, Refused
from simulator.shell import Session
from simulator.tui.worlds import Worlds
from simulator.world import World


@pytest.fixture
def worlds():
    session = Session(World(seed=3), folder=Path())
    for line in ("host add a", "docker run -d --name web --network-alias web nginx"):
        assert session.execute(line).error is None
    session.execute("traffic web 20/s")
    session.execute("advance 20s")
    return Worlds(session)


def digests(worlds):
    return [one.session.world.journal.digest for one in worlds]


def test_a_branch_is_as_the_world_was_and_is_worked_in(worlds):
    branch = worlds.branch()
    assert (branch.name, branch.of, branch.since) == ("b", "a", worlds.named("a").now)
    assert worlds.current is branch
    assert len(set(digests(worlds))) == 1


def test_without_another_line_two_branches_stay_the_same(worlds):
    worlds.branch().session.execute("advance 30s")
    assert worlds.level()
    assert len({one.now for one in worlds}) == 1
    assert len(set(digests(worlds))) == 1


def test_what_is_typed_in_one_world_has_no_effect_in_the_other(worlds):
    worlds.branch().session.execute("docker stop web")
    worlds.current.session.execute("advance 30s")
    worlds.level()
    first, second = worlds
    assert [one.session.world.containers["web"].running for one in (first, second)] == [True, False]


def test_a_script_is_typed_in_those_that_are_brought_on_as_well(worlds):
    worlds.branch().session.execute("advance 30s")
    worlds.level(script=((25.0, "docker stop web"),))
    assert not worlds.named("a").session.world.containers["web"].running


def test_there_are_four_at_most_and_one_at_least(worlds):
    for _ in range(3):
        worlds.branch()
    with pytest.raises(Refused, match="close one first"):
        worlds.branch()
    for name in ("a", "b", "c"):
        worlds.close(name)
    assert [one.name for one in worlds] == ["d"]
    with pytest.raises(Refused, match="only world"):
        worlds.close("d")
    assert worlds.branch().name == "a"


def test_a_name_that_is_none_is_told_with_those_there_are(worlds):
    worlds.branch()
    with pytest.raises(InputError, match="a, b"):
        worlds.turn("x")


def test_time_goes_on_in_the_other_world_as_it_did_in_this_one(worlds):
    worlds.branch().session.speed = 30.0
    worlds.current.session.paused = True
    session = worlds.turn("a").session
    assert (session.speed, session.paused) == (30.0, True)
