"""Kubernetes as a whole: from what is applied until all is ready, and what it costs to stand.

Nodes have 32 cores and 64 GiB in three zones; pods ask for 100m and 100 MiB, spread by default.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from simulator.report.bench.clock import cpu_s, peak_mib
from simulator.report.bench.measured import Measured, cost, memory, ratio
from simulator.world import World
from simulator.world.cluster_commands import ApiRequest, CreateCluster, NodeGroup

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

PATIENCE_S = 600
"""Simulated seconds in which all must be ready."""
ASKS = {"requests": {"cpu": "100m", "memory": "100Mi"}}
SIZES = {"nodes": 1.0}
"""By how much all is smaller: a test makes it less."""


def _size(count: int) -> int:
    return max(1, round(count * SIZES["nodes"]))


def made(nodes: int) -> World:
    """A cluster of so many nodes."""
    world = World()
    group = NodeGroup(count=nodes, cores=32, memory_bytes=64 << 30, zones=3)
    world.apply(CreateCluster(name="k", groups=(group,)))
    return world


def _asked(world: World, body: object) -> None:
    world.apply(ApiRequest(cluster="k", verb="apply", namespace="default", body=json.dumps(body)))


def _deployment(name: str, replicas: int, image: str = "nginx") -> dict[str, object]:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "c", "image": image, "resources": ASKS}]},
            },
        },
    }


def _cluster(world: World) -> Cluster:
    return world.orchestras.get("k")


def _ready(world: World) -> int:
    from simulator.cluster.kubernetes.objects.workloads import Deployment

    return sum(one.status.ready_replicas for one in _cluster(world).store.all(Deployment))


def filled(world: World, deployments: int, each: int) -> None:
    """Apply Deployments, and go on until all their pods are ready."""
    for number in range(deployments):
        _asked(world, _deployment(f"d{number}", each))
    for _ in range(PATIENCE_S):
        world.advance(world.now + 1.0)
        if _ready(world) == deployments * each:
            return
    raise AssertionError(f"{_ready(world)} of {deployments * each} pods are ready")


def _took(nodes: int, deployments: int, each: int) -> tuple[World, float]:
    world = made(nodes)
    return world, cpu_s(lambda: filled(world, deployments, each))


def thousand_nodes() -> list[Measured]:
    """1,000 nodes, 10,000 pods of 100 Deployments."""
    _, took = _took(_size(1000), _size(100), 100)
    return [cost("1,000 nodes, 10,000 pods of 100 Deployments: applied to all ready", took, 4.0)]


def fifty_thousand() -> list[Measured]:
    """5,000 nodes, 50,000 pods; what a pod costs there against a tenth of both."""
    _, little = _took(_size(500), _size(100), 50)
    _, took = _took(_size(5000), _size(1000), 50)
    each = Measured(what="a pod at 5,000 nodes against 500", value=took / little / 10,
                    unit="x", promised=2.0, at_most=True)  # fmt: skip
    return [cost("5,000 nodes, 50,000 pods of 1,000 Deployments", took, 20.0), each]


def largest() -> list[Measured]:
    """5,000 nodes, 150,000 pods: made, listed, and left alone."""
    from simulator.shell import Session

    before = peak_mib()
    world, took = _took(_size(5000), _size(1000), 150)
    mib = peak_mib() - before
    session = Session(world, folder=Path(gettempdir()))
    listed = cpu_s(lambda: session.execute("kubectl get pods -A"))
    idle = 60.0 / cpu_s(lambda: world.advance(world.now + 60.0))
    what = "5,000 nodes, 150,000 pods"
    return [
        cost(f"{what} of 1,000 Deployments", took, 60.0),
        memory(f"{what}: memory", mib, 1536.0),
        cost(f"{what}: kubectl get pods -A", listed, 1.5),
        ratio(f"{what}, idle: real time", idle, 20.0),
    ]


def steady() -> list[Measured]:
    """500 nodes and 5,000 pods, of which ten answer 2,000 requests a second."""
    from simulator.shell import Session

    world = made(_size(500))
    filled(world, _size(50), 100)
    session = Session(world, folder=Path(gettempdir()))
    for line in (
        "kubectl expose deployment d0 --port 80",
        "traffic d0 2000/s",
        "advance 10s",
    ):
        assert session.execute(line).error is None, line
    lively = 60.0 / cpu_s(lambda: world.advance(world.now + 60.0))
    return [ratio("500 nodes, 5,000 pods, 2,000 requests/s: real time", lively, 100.0)]
