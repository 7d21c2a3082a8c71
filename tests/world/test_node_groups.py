"""Groups of nodes in a world: machines boot, join, are paid for, and leave again."""

from pathlib import Path

import pytest

from simulator.engine.checkpoint import Checkpoint
from simulator.shell.session import Session
from simulator.world.world import World

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: nginx
        resources: {requests: {cpu: "2"}}
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "web.yaml").write_text(WEB)
    session = Session(World(1), folder=Path(tmp_path))
    typed(session, "cluster create shop --nodes 2 --cores 4 --price 0.2")
    typed(session, "cluster autoscale --min 1 --max 3 --boot 90s")
    typed(session, "kubectl apply -f web.yaml")
    return session


def typed(session, line):
    result = session.execute(line)
    assert result.error is None, result.error
    return "\n".join(result.lines)


def wait(session, seconds):
    session.world.advance(session.world.now + seconds)


def test_a_node_boots_joins_and_goes_when_nobody_needs_it(shop):
    wait(shop, 95.0)
    assert "node-3" not in typed(shop, "kubectl get nodes")
    wait(shop, 10.0)
    assert "node-3" in typed(shop, "kubectl get nodes")
    wait(shop, 20.0)
    assert typed(shop, "kubectl get pods").count("Running") == 3
    machine = shop.world.fleet.machine("node-3")
    assert (machine.hardware.cores, machine.price_per_hour) == (4, 0.2)
    typed(shop, "kubectl scale deploy web --replicas=1")
    wait(shop, 1200.0)
    assert typed(shop, "kubectl get nodes").count("Ready") == 1
    assert len(shop.world.fleet.machines) == 1


def test_bounds_expanders_and_times_that_make_no_sense_are_refused_whole(shop):
    for words, part in (
        ("--min 5 --max 3", "bounds of a group"),
        ("--expander best", "unknown expander"),
        ("--boot soon", "bad duration"),
        ("--prefix gpu-", "no node of that group"),
    ):
        assert part in str(shop.execute(f"cluster autoscale {words}").error)
    cluster = shop.world.orchestras.get("shop")
    assert list(cluster.node_autoscaler.groups) == ["node"]


def test_a_copy_of_the_world_boots_the_same_node_at_the_same_time(shop):
    wait(shop, 60.0)
    world = shop.world
    copy = Checkpoint.of(world, world.sim).restore()
    for one in (world, copy):
        one.advance(150.0)
    assert list(world.fleet.machines) == list(copy.fleet.machines)
    assert world.sim.journal.digest == copy.sim.journal.digest
