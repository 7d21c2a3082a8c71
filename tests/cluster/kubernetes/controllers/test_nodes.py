"""Nodes that fall silent, and pods that taints drive out."""

import pytest

from simulator.cluster.kubernetes.objects.node import Node
from tests.kube_control import Control, workload


def on(world, node, kind="Deployment"):
    pods = [world.get("Pod", one) for one in world.pods()]
    return [one for one in pods if one.node == node]


def fallen(kind="Deployment", **spec):
    world = Control(3)
    if kind != "DaemonSet":
        spec["replicas"] = 3
    world.apply(kind, "web", workload(**spec))
    world.until(100.0)
    world.cut("n1")
    return world


def test_silence_is_noticed_when_the_lease_is_too_old():
    world = fallen()
    world.until(140.0 - 1e-6)
    assert world.store.get(Node, "", "n1").ready
    world.until(155.0)
    node = world.store.get(Node, "", "n1")
    assert not node.ready
    assert [one.effect for one in node.spec.taints] == ["NoSchedule", "NoExecute"]
    assert [one.status.ready for one in on(world, "n1")] == [False]
    assert world.events("NodeNotReady")[:1] == ["Node n1 status is now: NodeNotReady"]


def test_five_minutes_later_a_deployment_has_another_pod():
    world = fallen()
    world.until(439.9)
    assert not any(one.deleting for one in on(world, "n1"))
    world.until(460.0)
    (lost,) = [one for one in on(world, "n1") if one.deleting]
    assert world.events("TaintManagerEviction") == [f"Marking for deletion Pod default/{lost.name}"]
    assert world.get("Deployment", "web").status.ready_replicas == 3 - any(
        not one.deleting for one in on(world, "n1")
    )


def test_a_stateful_set_waits_until_the_node_object_is_gone():
    world = fallen("StatefulSet")
    world.until(2000.0)
    assert world.pods() == ["web-0", "web-1", "web-2"]
    assert sum(one.deleting for one in on(world, "n1")) == 1
    world.names.remove("n1")
    world.server.delete(world.store.get(Node, "", "n1"))
    world.until(2100.0)
    assert world.get("StatefulSet", "web").status.ready_replicas == 3


def test_a_pod_of_a_daemon_set_stays():
    world = fallen("DaemonSet")
    world.until(2000.0)
    assert [one.deleting for one in on(world, "n1")] == [False]


def test_a_node_that_is_back_in_time_keeps_its_pods():
    world = fallen()
    world.until(200.0)
    world.silent.discard("n1")
    world.controllers.nodes.heard_again("n1")
    world.until(2000.0)
    assert world.store.get(Node, "", "n1").ready
    assert not any(one.deleting for one in on(world, "n1"))
    assert world.events("TaintManagerEviction")[0].startswith("Cancelling deletion of Pod default/")


@pytest.mark.parametrize(("seconds", "gone"), [(0, 155.0), (30, 190.0)])
def test_a_pod_says_for_how_long_it_tolerates_the_silence(seconds, gone):
    world = Control(3)
    spec = workload(replicas=3)
    tolerated = {"key": "node.kubernetes.io/unreachable", "operator": "Exists",
                 "effect": "NoExecute", "tolerationSeconds": seconds}  # fmt: skip
    spec["template"]["spec"]["tolerations"] = [tolerated]
    world.apply("Deployment", "web", spec)
    world.until(100.0)
    world.cut("n1")
    world.until(gone)
    assert any(one.deleting for one in on(world, "n1"))
