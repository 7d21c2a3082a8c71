"""Going back and forth at the prompt: undo takes back one line, redo has it again."""

from __future__ import annotations

from itertools import count

import pytest
from shell_fakes import FakeReader, FakeWorld

from simulator import look
from simulator.shell.session import Session
from simulator.world import World
from simulator.world.commands import CreateHost, PullImage
from simulator.world.history import History

SERVER = "--label drydock.workload='server cpu=1ms'"


@pytest.fixture
def session(tmp_path):
    return Session(FakeWorld(), reading=FakeReader, folder=tmp_path)


@pytest.fixture
def prompt(tmp_path):
    """A prompt at a world that has done nothing but what its log tells."""
    world = World(1)
    world.apply(CreateHost(name="h", cores=8))
    world.apply(PullImage(reference="alpine", machine="h"))
    world.advance(60.0)
    return Session(world, folder=tmp_path)


def names(session: Session) -> list[str]:
    return [command.name for command in session.world.commands]


def picture(session: Session) -> tuple[object, ...]:
    world = session.world
    return world.journal.digest, world.now, len(world.log), look.snapshot(world)


@pytest.fixture
def copied_at_once(monkeypatch):
    """A copy is worth taking before any line, however small the world and its past."""
    monkeypatch.setattr("simulator.world.history.LEAST_S", 0.0)
    monkeypatch.setattr("simulator.world.history.TYPED_SHARE", 1e9)


def test_undo_runs_history_once_however_many_commands_the_line_had(session):
    calls = []
    session.execute("host add b; host add c; host add d")
    world = session.world
    world.with_past = lambda *past: calls.append(past) or FakeWorld.with_past(world, *past)
    result = session.execute("undo")
    assert len(calls) == 1
    assert result.lines[0] == "undone: host add b; host add c; host add d (3 commands)"


def test_redo_has_again_what_was_undone_one_line_at_a_time(session):
    session.execute("host add b")
    session.execute("host add c; advance 30s; host add d")
    session.execute("undo")
    session.execute("undo")
    assert (names(session), session.world.now) == ([], 0.0)
    assert session.execute("redo").lines[0] == "done again: host add b (1 command)"
    assert names(session) == ["b"]
    session.execute("redo")
    assert (names(session), session.world.now) == (["b", "c", "d"], 30.0)
    assert "nothing to redo" in session.execute("redo").error
    session.execute("undo")
    assert names(session) == ["b"]


def test_another_line_that_changes_the_world_ends_what_could_be_redone(session):
    session.execute("host add b")
    session.execute("undo")
    session.execute("docker ps")
    session.execute("advance 5s")
    session.execute("redo")
    assert names(session) == ["b"]
    session.execute("undo")
    session.execute("host add c")
    assert "nothing to redo" in session.execute("redo").error
    assert names(session) == ["c"]


def test_what_a_line_does_after_its_undo_can_be_undone_too(session):
    session.execute("host add b")
    session.execute("undo; host add c")
    assert names(session) == ["c"]
    session.execute("undo")
    assert names(session) == []


def test_redo_comes_back_from_a_rewind_too(session):
    session.execute("host add b; advance 60s; host add c")
    session.execute("rewind 30s")
    assert (names(session), session.world.now) == (["b"], 30.0)
    assert session.execute("redo").lines[0] == "gone forward again (1 command)"
    assert (names(session), session.world.now) == (["b", "c"], 60.0)


def test_undo_and_redo_give_the_very_worlds_of_before(prompt):
    lines = (f"docker run -d --name a {SERVER} alpine", "docker stop a", "docker rm a")
    pictures = [picture(prompt)]
    for line in lines:
        assert prompt.execute(line).error is None
        pictures.append(picture(prompt))
    for before in reversed(pictures[:-1]):
        prompt.execute("undo")
        # A line waits until it is done; before it was typed, nothing had passed since the last.
        assert picture(prompt) == before
    for after in pictures[1:]:
        prompt.execute("redo")
        assert picture(prompt) == after


def test_what_an_earlier_line_waits_for_is_waited_for_in_the_world_of_before(prompt):
    prompt.execute(f"docker run -d --name a {SERVER} alpine && docker stop a", wait=False)
    prompt.execute("host add other")
    assert prompt.waiting
    prompt.execute("undo")
    assert prompt.waiting
    prompt.advance(90.0)
    assert not prompt.waiting
    assert prompt.world.container("a").state == "exited"
    assert list(prompt.world.machines) == ["h"]
    # The rest of a line is part of it, whenever it came.
    assert prompt.execute("undo").lines[0].startswith("undone: docker run -d --name a")
    assert (list(prompt.world.containers), prompt.waiting) == ([], False)
    prompt.execute("redo")
    assert prompt.world.container("a").state == "exited"


def test_a_rewind_into_the_middle_of_a_line_goes_on_with_its_rest(prompt):
    prompt.execute("docker run -d --name a alpine && advance 10s && docker rm -f a", wait=False)
    prompt.advance(90.0)
    assert list(prompt.world.containers) == []
    prompt.execute("rewind 25s")
    assert prompt.waiting
    prompt.advance(90.0)
    assert list(prompt.world.containers) == []


def test_a_line_that_only_waited_so_far_is_dropped_by_an_undo_of_one_before_it(prompt):
    prompt.execute("host add other")
    prompt.execute("advance 10s && host add third", wait=False)
    prompt.execute("undo")
    prompt.advance(90.0)
    assert (list(prompt.world.machines), prompt.waiting) == (["h"], False)


def test_undo_of_a_line_of_many_removals_carries_nothing_out_again(
    prompt, monkeypatch, copied_at_once
):
    prompt.world.history = History(count().__next__)  # a clock by which everything takes long
    for number in range(4):
        prompt.execute(f"docker run -d --name c{number} {SERVER} alpine")
    prompt.execute("advance 10s; advance 10s")
    before = picture(prompt)
    prompt.execute("docker rm -f c0 c1 c2 c3")
    assert list(prompt.world.containers) == []
    applied: list[object] = []
    apply = World.apply
    monkeypatch.setattr(World, "apply", lambda self, one: applied.append(one) or apply(self, one))
    prompt.execute("undo")
    assert (picture(prompt), applied) == (before, [])
