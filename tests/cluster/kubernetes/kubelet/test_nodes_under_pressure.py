"""Nodes that run short of memory or disk."""

import pytest
from ward import Ward, container, pod

from simulator.cluster.kubernetes.objects.node import Node

ONE = "cluster create ward --nodes 1 --memory 2GiB"
PRESSED = "node.kubernetes.io/memory-pressure"


def condition(ward, type_, node="node-1"):
    conditions = ward.cluster.store.get(Node, "", node).status.conditions
    return next(one.status for one in conditions if one.type == type_)


def taints(ward, node="node-1"):
    return [one.key for one in ward.cluster.store.get(Node, "", node).spec.taints]


def asking(memory, **more):
    return container(resources={"requests": {"memory": memory}}, **more)


def grows(name="leak", rate="20MiB/s", **spec):
    return pod(name, asking("50Mi"), workload=f"leak rate={rate}", **spec)


def gone(ward):
    return [one.name for one in ward.pods() if one.status.reason == "Evicted"]


def test_the_pod_that_is_furthest_over_its_request_is_evicted():
    ward = Ward(ONE)
    ward.apply(pod("within", asking("600Mi"), workload="idle memory=500MiB"))
    ward.apply(pod("over", asking("50Mi"), workload="idle memory=300MiB"))
    ward.apply(grows())
    ward.until(lambda: gone(ward))
    assert gone(ward) == ["leak"]
    status = ward.pod("leak").status
    assert (status.phase, status.reason) == ("Failed", "Evicted")
    said = "The node was low on resource: memory. Threshold quantity: 100Mi, available: "
    assert status.message.startswith(said)
    assert "Container app was using " in status.message
    assert "request is 50Mi, has larger consumption of memory. " in status.message
    assert ward.events("Evicted", "leak") == [status.message]
    assert [(one.type, one.reason) for one in status.conditions] == [
        ("DisruptionTarget", "TerminationByKubelet")
    ]
    assert ward.status("within").restarts == ward.status("over").restarts == 0


def test_cold_pods_hold_memory_too():
    ward = Ward(ONE)
    for number in range(4):
        held = pod(f"held-{number}", asking("1Mi"), workload=f"idle memory={400 + number}MiB")
        ward.apply(held)
    ward.advance(20)
    box = ward.house.boxes["node-1"]
    assert box.cold_bytes == sum(400 + number << 20 for number in range(4))
    ward.apply(pod("one-more", asking("1Mi"), workload="idle memory=450MiB"))
    ward.advance(60)
    assert gone(ward) == ["one-more"]
    # Near the limit they are all on the machine, whose kernel knows what they hold.
    assert (box.cold_bytes, len(box.daemon.containers)) == (0, 4)


def test_priority_counts_among_those_over_their_requests():
    ward = Ward(ONE)
    ward.apply(
        {
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": {"name": "high"}, "value": 1000,
        }
    )  # fmt: skip
    ward.apply(grows("precious", priorityClassName="high"))
    ward.apply(pod("plain", asking("50Mi"), workload="idle memory=300MiB"))
    ward.until(lambda: gone(ward))
    assert gone(ward) == ["plain"]


def test_a_node_says_that_it_is_short_and_takes_no_pods_for_five_minutes():
    ward = Ward(ONE)
    ward.apply(grows())
    ward.until(lambda: gone(ward))
    since = ward.world.now
    assert condition(ward, "MemoryPressure") == "True"
    ward.advance(1)
    assert PRESSED in taints(ward)
    ward.apply(pod("late", asking("10Mi")))
    ward.advance(60)
    assert ward.pod("late").node == ""
    well = ward.until(lambda: condition(ward, "MemoryPressure") == "False")
    assert 290 <= well - since <= 320
    ward.until(lambda: ward.pod("late").status.ready, 60)
    assert PRESSED not in taints(ward)
    assert ward.events("NodeHasInsufficientMemory")
    assert ward.events("NodeHasSufficientMemory")
    assert ward.events("EvictionThresholdMet") == ["Attempting to reclaim memory"]


def test_a_node_with_memory_enough_is_left_in_peace():
    ward = Ward()
    ward.apply(*[pod(f"web-{number}", asking("10Mi")) for number in range(10)])
    ward.advance(600)
    assert gone(ward) == []
    assert condition(ward, "MemoryPressure") == "False"


@pytest.mark.parametrize(
    ("container_", "volumes", "message"),
    [
        (
            {"resources": {"limits": {"ephemeral-storage": "100Mi"}}},
            [],
            'Container app exceeded its local ephemeral storage limit "100Mi". ',
        ),
        (
            {"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
            [{"name": "data", "emptyDir": {"sizeLimit": "100Mi"}}],
            'Usage of EmptyDir volume "data" exceeds the limit "100Mi". ',
        ),
    ],
)
def test_a_pod_that_writes_more_than_it_may_is_evicted(container_, volumes, message):
    ward = Ward()
    app = container(
        image="busybox:1.36",
        command=["sh", "-c", "dd if=/dev/zero of=/data/x bs=1M count=150; sleep 100000"],
        **container_,
    )
    if not volumes:
        app["command"][2] = app["command"][2].replace("/data/x", "/x")
    ward.apply(pod("web", app, workload="", volumes=volumes))
    ward.until(lambda: gone(ward), 120)
    assert ward.pod().status.message == message


def test_images_that_nobody_uses_go_when_the_disk_is_full_and_pods_stay():
    ward = Ward("cluster create ward --nodes 1")
    ward.house.supply._assumed_bytes = 23_000_000_000  # four of them are 86 % of 100 GiB
    for number in range(4):
        ward.apply(pod(f"web-{number}", container(image=f"far.example/app-{number}:v1")))
        ward.until(lambda name=f"web-{number}": ward.pod(name).status.ready)
        if number < 2:
            ward.delete(f"web-{number}")
    ward.advance(700)
    names = {
        name.rpartition("/")[2]
        for one in ward.world.fleet.nodes["node-1"].machine.images.store.images()
        for name in one.tags
    }
    assert {"app-2:v1", "app-3:v1"} <= names
    assert "app-0:v1" not in names
    assert "app-1:v1" in names
    assert all(one.status.ready for one in ward.pods())
    assert gone(ward) == []
    assert ward.house.boxes["node-1"].find("far.example/app-0:v1") is None
