"""DaemonSets: where their pods are, and how they are replaced."""

from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Taint
from tests.calls import calls
from tests.kube_control import Control, workload


def started(nodes=3, **spec):
    world = Control(nodes)
    world.apply("DaemonSet", "web", workload(**spec))
    world.until(10.0)
    return world


def nodes(world):
    return sorted(world.get("Pod", one).node for one in world.pods())


def status(world):
    found = world.get("DaemonSet", "web").status
    return (
        found.desired_number_scheduled, found.current_number_scheduled, found.number_ready,
        found.updated_number_scheduled, found.number_available,
    )  # fmt: skip


def taint(world, name, effect):
    node = world.store.get(Node, "", name)
    spec = replace(node.spec, taints=(Taint("special", effect),))
    world.server.update(replace(node, spec=spec))


def test_there_is_one_pod_on_each_node_also_on_those_that_come_later():
    world = started()
    assert (nodes(world), status(world)) == (["n0", "n1", "n2"], (3, 3, 3, 3, 3))
    world.node("n3")
    world.until(20.0)
    assert (nodes(world), status(world)) == (["n0", "n1", "n2", "n3"], (4, 4, 4, 4, 4))


def test_a_cordoned_node_keeps_its_pod():
    world = started()
    node = world.store.get(Node, "", "n1")
    taints = (Taint("node.kubernetes.io/unschedulable", "NoSchedule"),)
    world.server.update(replace(node, spec=replace(node.spec, unschedulable=True, taints=taints)))
    world.until(20.0)
    assert status(world) == (3, 3, 3, 3, 3)


def test_a_taint_keeps_new_pods_away_and_drives_pods_out_where_it_says_so():
    world = started()
    taint(world, "n0", "NoSchedule")
    taint(world, "n1", "NoExecute")
    world.until(20.0)
    assert nodes(world) == ["n0", "n2"]
    found = world.get("DaemonSet", "web").status
    assert (found.desired_number_scheduled, found.number_misscheduled) == (1, 1)


def test_only_nodes_that_are_selected_have_a_pod():
    world = Control()
    world.node("disk", disk="ssd")
    spec = workload()
    spec["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    world.apply("DaemonSet", "web", spec)
    world.until(10.0)
    assert nodes(world) == ["disk"]


def test_an_update_replaces_one_pod_at_a_time():
    world = started()
    world.apply("DaemonSet", "web", workload("app:2"))
    missing = 0
    for _ in range(200):
        world.until(world.sim.now + 0.1)
        found = world.get("DaemonSet", "web").status
        missing = max(missing, found.number_unavailable)
    assert (missing, status(world)) == (1, (3, 3, 3, 3, 3))
    images = {world.get("Pod", one).spec.containers[0].image for one in world.pods()}
    assert images == {"app:2"}


def test_with_surge_no_node_is_ever_without_a_pod_that_is_ready():
    rolling = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    world = started(updateStrategy=rolling)
    world.apply("DaemonSet", "web", workload("app:2", updateStrategy=rolling))
    missing = 0
    for _ in range(200):
        world.until(world.sim.now + 0.1)
        missing = max(missing, world.get("DaemonSet", "web").status.number_unavailable)
    assert (missing, status(world)) == (0, (3, 3, 3, 3, 3))
    images = {world.get("Pod", one).spec.containers[0].image for one in world.pods()}
    assert images == {"app:2"}


def test_a_bad_image_stops_the_update_after_one_node_and_the_revert_heals_it():
    world = started()
    world.bad.add("bad")
    world.apply("DaemonSet", "web", workload("bad"))
    world.until(100.0)
    assert status(world) == (3, 3, 2, 1, 2)
    world.apply("DaemonSet", "web", workload())
    world.until(200.0)
    assert status(world) == (3, 3, 3, 3, 3)


def test_one_pods_change_costs_the_same_on_twice_as_many_nodes():
    counts = []
    for number in (20, 40):
        world = started(number)
        pod = world.get("Pod", world.pods()[0])

        def change(world=world, pod=pod):
            world.status(pod, ready_since=None)
            world.until(world.sim.now + 0.1)

        counts.append(calls(change))
    assert counts[0] == counts[1]
