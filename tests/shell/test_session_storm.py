"""Storms of plausible lines: nothing raises, no request is lost, a replay is the same history."""

from __future__ import annotations

import random

import pytest

from simulator.shell import Session
from simulator.world import World

IMAGE = "python:3.12-slim"
CHOICES = {
    "n": ("w1", "w2", "w3"),
    "m": ("a", "b", "vm1", "vm2"),
    "s": ("web", "api"),
    "o": (
        "--rm", "--restart always", "--restart on-failure:2", "-m 64m", "--cpus 0.5",
        "--cpu-shares 2048", "--cpuset-cpus 0", "--network-alias web", "--network-alias api",
        "--pids-limit 5", "--stop-timeout 1", "-H b", "-H vm1",
    ),
    "w": (
        "server cpu=5ms workers=2", "leak rate=90MiB/s", "batch cpu=1s", "exit code=1 after=1s",
        "hog threads=4", "idle", "server cpu=50ms workers=1 queue=2 startup=1s",
        "server cpu=1ms workers=unlimited",
    ),
    "t": (
        "20/s", "400/s", "surge base=5 peak=100 at=1s ramp=1s hold=1s decay=1s",
        "constant 50/s --timeout 100ms --retries 2", "burst rate=40 idc=5 scale=1s", "stop",
        "80/s --timeout 50ms --retries 3 --jitter 0.5 --retry-budget 0.2",
    ),
    "b": ("random", "least-connections", "two-choices", "round-robin"),
}  # fmt: skip
LINES = (
    *["docker run -d --name {n} {o} {o} --workload '{w}' " + IMAGE] * 6,
    *["traffic {s} {t}"] * 3,
    "docker create --name {n} {o} " + IMAGE, "docker start {n}", "docker stop {n}",
    "docker stop -t 1 {n}", "docker kill {n}", "docker kill -s TERM {n}", "docker restart {n}",
    "docker rm {n}", "docker rm -f {n}", "docker rm -f $(docker -H all ps -aq)",
    "docker pause {n}", "docker unpause {n}", "docker rename {n} {n}",
    "docker update --cpus 0.1 {n}", "docker update -m 16m {n}", "docker pull -q " + IMAGE,
    "docker rmi -f " + IMAGE, "vm create vm1 --host {m} --vcpus 1 -m 400m", "vm rm {m}",
    "host add {m} --cores 2 -m 2g", "host rm {m}", "use {m}", "service create {s}",
    "service rm {s}", "service add {s} {n}", "service remove {s} {n}",
    "service balancer {s} {b}", "fault crash {n}", "fault oom {n}", "fault hang {n}",
    "fault panic {m}", "fault power {m}", "fault recover {m}", "reboot {m}",
    "tune {m} --kernel 5.10", "undo", "rewind 2s", "step",
    "docker stats", "docker -H all ps -a", "show", "why {n}", "docker inspect {n}", "events",
)  # fmt: skip


def line(chance):
    text = chance.choice(LINES)
    for key, words in CHOICES.items():
        while "{" + key + "}" in text:
            text = text.replace("{" + key + "}", chance.choice(words), 1)
    return text


def check(session):
    for service in session.reader.snapshot().services:
        found = service.outcomes
        ended = sum(found[kind] for kind in ("ok", "timeout", "refused", "reset", "unavailable"))
        assert 0 <= ended <= found["arrived"]


@pytest.mark.parametrize("seed", range(40))
def test_a_storm_of_lines_leaves_a_sound_world(seed, tmp_path):
    chance = random.Random(seed)
    session = Session(World(seed), folder=tmp_path, confined=True)
    session.execute("host add a --cores 2 -m 2g")
    for _ in range(30):
        session.execute(line(chance), wait=False)
        session.advance(session.world.now + chance.choice((0, 0, 0.1, 1, 3)))
        check(session)
    again = session.world.rewound(session.world.now)
    assert again.journal.digest == session.world.journal.digest
