"""Numbers that nobody means: each is refused in one line, at once, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.calibration import Calibration
from simulator.errors import InputError
from simulator.machine import guests
from simulator.machine.runtimes import memory_overhead
from simulator.shell.session import Session
from simulator.world import World

LINES = [
    "traffic web renewal 1 cv=1e-300",
    "traffic web 1e-300",
    "traffic web 5/s for=1e-200s",
    "density --cpu 1e-308 'batch cpu=1s'",
    "docker run -d --cpus 1e-300 alpine sleep 1",
    "docker run -d --workload 'server cpu=1e-300s' alpine",
    "fault membomb web --amount 0",
    "fault forkbomb web --amount 0",
    "fault diskbomb web --amount 1e-200",
    "fault cpubomb web --amount 5",
    "docker run -d --workload 'membomb rate=0' alpine",
    "docker run -d --workload 'forkbomb rate=0/s' alpine",
    "docker run -d --workload 'diskbomb rate=0' alpine",
    "docker run -d -m 8000t --runtime kata alpine",
    "docker run -d -m 8e -m 7e --runtime firecracker alpine",
    "host add b --cores 1e300",
    "vm create v -m 8000p",
    "advance 1e300s",
    "traffic web 1e300",
]


@pytest.fixture(scope="module")
def session() -> Session:
    made = Session(World(seed=1), folder=Path())
    made.execute("host add a")
    made.execute("docker run -d --name web --network-alias web --workload 'server cpu=1ms' alpine")
    made.execute("advance 5s")
    return made


@pytest.mark.parametrize("line", LINES)
def test_a_number_that_nobody_means_is_refused_and_changes_nothing(session, line):
    before = session.world.sim.journal.digest
    result = session.execute(line)
    assert result.error is not None
    assert "\n" not in result.error
    assert session.world.sim.journal.digest == before


def test_the_guest_of_a_huge_container_is_found_without_trying_every_size(monkeypatch):
    session = Session(World(seed=1), folder=Path())
    session.execute("host add a -m 8t")
    asked = []

    def counted(kind, size):
        asked.append(size)
        return memory_overhead(kind, size)

    monkeypatch.setattr(guests, "memory_overhead", counted)
    session.execute("docker run -d -m 4t --runtime kata alpine sleep 5")
    large = len(asked)
    session.execute("docker run -d -m 512m --runtime kata alpine sleep 5")
    assert large <= 2 * 40
    assert len(asked) - large <= 2 * 40


@pytest.mark.parametrize("factor", [1e300, 1e12, 1e-12, -1.0, float("nan"), float("inf")])
def test_a_constant_is_not_set_to_what_nobody_means(factor):
    for name in Calibration().names():
        value = Calibration().value(name) * factor
        if value != 0.0:
            with pytest.raises(InputError, match="at most"):
                Calibration({name: value})
