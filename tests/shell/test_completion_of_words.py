"""Completion of what is sent and of what runs: each word with its meaning, and each is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.shell import Session
from simulator.shell.kinds import WORKLOADS
from simulator.shell.verbs.traffic import WORDS
from simulator.traffic.spec import KINDS
from simulator.world import World


@pytest.fixture(scope="module")
def session():
    return Session(World(), folder=Path())


def offered(session, line: str) -> dict[str, str]:
    return {one.text: one.help for one in session.complete(line, len(line))}


def test_kinds_of_traffic_are_offered_with_what_they_take(session):
    assert offered(session, "traffic web su") == {
        "surge": "base=30 peak=160 at=60s ramp=30s hold=2m decay=60s"
    }
    assert {word for word, _ in WORDS.explained} >= set(KINDS)


def test_workloads_are_offered_quoted_as_they_are_typed(session):
    found = offered(session, "docker run --workload 'se")
    assert found == {"'server cpu=20ms workers=4'": "answers requests, each with this much CPU"}
    assert len(offered(session, "docker run --workload ")) == len(WORKLOADS)


@pytest.mark.parametrize("word", [word for word, _ in WORKLOADS])
def test_what_is_offered_can_be_run(session, word):
    session.check(f"docker run --workload {word} alpine")
