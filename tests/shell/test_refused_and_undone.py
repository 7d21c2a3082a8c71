"""A refused line leaves everything as it was, and so does an undone one: not the digest alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import look
from simulator.shell import registry
from simulator.shell.session import Session
from simulator.world import World

LOOKS = (
    "docker -H all ps -a --no-trunc", "docker network inspect bridge shop", "docker images -a",
    "docker volume ls", "docker inspect web box", "docker logs box", "docker diff box",
    "docker stats --no-stream", "docker system df", "cgroup ls", "host ls", "service ls", "cost",
    "docker events --since 1h --until 0s", "show",
)  # fmt: skip
SET_UP = (
    "host add a --cores 4", "host add b", "docker network create shop", "docker volume create data",
    "docker run -d --name web --network shop --network-alias web nginx",
    "docker run -d --name box -v data:/data alpine sh -c 'echo up; sleep 10000'",
    "advance 5s", "traffic web 20/s", "advance 3s",
)  # fmt: skip
OTHERS = (
    "docker exec box touch /tmp/a",
    "docker rm -f web",
    "docker network connect shop box",
    "docker restart web",
    "docker update --cpus 0.5 web",
    "docker commit box x:1",
    "docker rename web w2",
    "docker pause web",
    "docker run -d -p 80:80 nginx",
    "fault power a",
    "docker system prune -af",
    "vm create v1",
    "docker volume rm data",
    "docker kill -s TERM box",
)
NOT_THESE = ("undo", "redo", "rewind", "seed", "exit", "source", "clear", "use", "pause", "play")
NOT_THESE += ("speed", "step", "advance", "what-if")
EXAMPLES = sorted(
    example
    for verb in registry.commands()
    for example in verb.examples
    if example.split()[0] not in NOT_THESE and " -it " not in example and " -f " not in example
)


@pytest.fixture(scope="module")
def typed(tmp_path_factory) -> Session:
    made = Session(World(seed=3), folder=tmp_path_factory.mktemp("lines"))
    for line in SET_UP:
        assert made.execute(line).error is None, line
    return made


def picture(session: Session) -> tuple[object, ...]:
    """All that can be seen of a world that has been settled."""
    session.world.settle()
    other = Session(session.world, folder=Path(session.folder))
    texts = [(told.lines, told.error) for told in map(other.execute, LOOKS)]
    world = session.world
    return world.journal.digest, world.now, len(world.log), look.snapshot(world), tuple(texts)


def mutated(line: str, seed: int) -> str:
    """The line, or the line with a word too few, too many, or of another line."""
    chance = random.Random(seed)
    words, at = line.split(), chance.randrange(len(line.split()))
    how = chance.randrange(5)
    if how == 0 and len(words) > 1:
        del words[at]
    elif how == 1:
        words.insert(at, chance.choice(EXAMPLES).split()[-1])
    elif how == 2:
        words[at] = words[at][:-1] or "x"
    return " ".join(words)


@settings(max_examples=30, deadline=None)
@given(line=st.sampled_from([*EXAMPLES, *OTHERS]), seed=st.integers(0, 10**6))
def test_a_refused_or_undone_line_leaves_everything_as_it_was(typed, line, seed):
    session, line = typed.branch(), mutated(line, seed)
    if line.split()[0] in NOT_THESE:
        return
    before = picture(session)
    result = session.execute(line)
    if result.error is None or len(session.world.log) != before[2]:
        while session.world.log and len(session.world.log) > before[2]:
            assert session.execute("undo").error is None, line
    if session.world.now == before[1]:
        assert picture(session) == before, line


def test_a_line_that_is_no_text_is_refused(typed):
    assert "not UTF-8" in (typed.execute("docker exec box echo \udcff").error or "")
