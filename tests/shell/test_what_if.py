"""What would come of a line: tried in a copy, told beside what comes without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.shell.session import Session
from simulator.world import World

SERVER = "docker run -d --network-alias web --workload 'server cpu=20ms workers=2' alpine"


@pytest.fixture
def session() -> Session:
    made = Session(World(seed=1), folder=Path())
    for line in ("host add a --cores 4", SERVER, "advance 3s", "traffic web 50/s", "advance 10s"):
        assert made.execute(line).error is None
    return made


def table(session: Session, line: str) -> dict[str, list[str]]:
    result = session.execute(line)
    assert result.error is None
    rows = (line.rsplit(None, 2) for line in result.lines)
    return {row[0].strip(): row[1:] for row in rows if len(row) == 3}


def test_the_world_is_as_it_was_before_the_question(session):
    before = session.world.sim.journal.digest, session.world.now, len(session.world.log)
    assert session.execute("what-if 30s 'traffic web 200/s' 'fault crash nosuch'").error
    session.execute("what-if 30s 'traffic web 200/s' 'docker rm -f $(docker ps -q)'")
    assert before == (session.world.sim.journal.digest, session.world.now, len(session.world.log))


def test_what_is_foretold_comes_true_when_the_line_is_typed(session):
    told = table(session, "what-if 30s 'traffic web 80/s'")["web: answered"]
    earlier = session.reader.services()[0].outcomes["ok"]
    session.execute("traffic web 80/s; advance 30s")
    assert session.reader.services()[0].outcomes["ok"] - earlier == int(told[1].replace(",", ""))


def test_more_load_is_slower_and_a_fall_leaves_nothing(session):
    rows = table(session, "what-if 60s 'traffic web 95/s'")
    p95 = [float(text.removesuffix("ms")) for text in rows["web: p95"]]
    assert p95[1] > 2 * p95[0]
    rows = table(session, "what-if 10s 'fault power a'")
    assert rows["containers running"] == ["1", "0"]


def test_a_line_that_cannot_be_read_is_refused_before_anything_is_copied(session, monkeypatch):
    monkeypatch.setattr(World, "branched", lambda self: pytest.fail("copied"))
    assert "did you mean" in (session.execute("what-if 30s 'docker rn x'").error or "")


def test_a_line_that_fails_there_says_which(session):
    error = session.execute("what-if 30s 'docker stop nosuch'").error or ""
    assert "'docker stop nosuch' fails in the copy" in error
