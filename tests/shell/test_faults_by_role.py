"""``fault`` where names are made anew each time: by a task of a swarm, or a workload's pod."""

from pathlib import Path

import pytest

from simulator.shell.session import Session
from simulator.world.world import World

SWARM = ("swarm create --nodes 2", "docker service create -d --name web --replicas 2 nginx")
CLUSTER = ("cluster create c --nodes 2", "kubectl create deployment web --image=nginx --replicas=2")


def scene(*lines):
    session = Session(World(3), folder=Path("."))
    for line in (*lines, "advance 1m"):
        assert session.execute(line).error is None
    return session


@pytest.mark.parametrize(
    ("lines", "target", "prefix"),
    [
        (SWARM, "web.2", "web.2."),
        (SWARM, "web", "web.1."),
        (CLUSTER, "deploy/web", "web-"),
        (CLUSTER, "deployment/web", "web-"),
    ],
)
def test_the_running_one_of_a_role_crashes(lines, target, prefix):
    result = scene(*lines).execute(f"fault crash {target}")
    assert result.error is None
    assert result.lines[0].startswith(prefix)
    assert result.lines[0].endswith("its program crashed")


@pytest.mark.parametrize(
    ("lines", "target", "words"),
    [
        (SWARM, "web.3", "No such container: web.3"),
        (CLUSTER, "deploy/nobody", "not found"),
        (CLUSTER, "nothing/web", "doesn't have a resource type"),
        ((), "deploy/web", "there is no cluster yet"),
    ],
)
def test_a_role_that_nobody_has_is_refused(lines, target, words):
    result = scene(*lines).execute(f"fault crash {target}")
    assert result.error is not None
    assert words in result.error
