"""Deployments and ReplicaSets: rolling, failing, scaling, adopting; and what each change costs."""

import pytest
from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import forbidden
from simulator.cluster.kubernetes.controllers.conditions import condition
from tests.calls import calls
from tests.kube_control import Control, template, workload


def deployed(replicas, **spec):
    world = Control()
    world.bad.add("bad")
    world.apply("Deployment", "web", workload(replicas=replicas, **spec))
    world.until(10.0)
    return world


def images(world):
    found = [world.get("Pod", one).spec.containers[0].image for one in world.pods()]
    return found.count("app:1"), found.count("bad")


def progress(world, type_="Progressing"):
    return condition(world.get("Deployment", "web").status.conditions, type_)


@pytest.mark.parametrize(("replicas", "old", "new"), [(1, 1, 1), (3, 3, 1), (4, 3, 2), (10, 8, 5)])
def test_a_bad_image_stops_where_surge_and_unavailable_say(replicas, old, new):
    world = deployed(replicas)
    world.apply("Deployment", "web", workload("bad", replicas=replicas))
    world.until(60.0)
    assert images(world) == (old, new)
    assert progress(world).status == "True"
    world.until(640.0)
    found = progress(world)
    assert (found.status, found.reason) == ("False", "ProgressDeadlineExceeded")
    assert found.message.endswith("has timed out progressing.")
    world.apply("Deployment", "web", workload(replicas=replicas))
    world.until(700.0)
    assert images(world) == (replicas, 0)
    assert progress(world).reason == "NewReplicaSetAvailable"


def test_events_say_from_how_many_to_how_many():
    world = deployed(3)
    (name,) = world.pods("ReplicaSet")
    assert world.events("ScalingReplicaSet") == [f"Scaled up replica set {name} from 0 to 3"]


def test_recreate_ends_all_old_pods_before_the_first_new_one():
    world = deployed(3, strategy={"type": "Recreate"})
    spec = workload("app:2", replicas=3, strategy={"type": "Recreate"})
    world.apply("Deployment", "web", spec)
    world.until(10.9)
    assert {world.get("Pod", one).deleting for one in world.pods()} == {True}
    world.until(20.0)
    assert world.get("Deployment", "web").status.available_replicas == 3


class Quota:
    """At most so many pods."""

    def __init__(self, world, most):
        self.world, self.most = world, most
        world.server.admit("Pod", self.check)

    def check(self, before, after):
        used = len(self.world.pods())
        if before is None and used >= self.most:
            why = f"exceeded quota: q, requested: pods=1, used: pods={used}, "
            raise forbidden("pods", after.name, f"{why}limited: pods={self.most}")
        return after


def test_a_quota_without_room_for_the_surge_stops_the_rollout_with_its_own_words():
    world = deployed(3)
    Quota(world, 3)
    world.apply("Deployment", "web", workload("app:2", replicas=3))
    world.until(100.0)
    status = world.get("Deployment", "web").status
    assert (status.ready_replicas, status.updated_replicas) == (3, 0)
    text = "exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3"
    assert text in world.events("FailedCreate")[0]
    failed = progress(world, "ReplicaFailure")
    assert (failed.status, failed.reason) == ("True", "FailedCreate")
    assert text in failed.message
    world.until(640.0)
    assert progress(world).reason == "ProgressDeadlineExceeded"


def test_with_no_surge_the_quota_has_room():
    world = deployed(3)
    Quota(world, 3)
    strategy = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    world.apply("Deployment", "web", workload("app:2", replicas=3, strategy=strategy))
    world.until(120.0)
    status = world.get("Deployment", "web").status
    assert (status.ready_replicas, status.updated_replicas) == (3, 3)


def test_a_paused_deployment_changes_nothing_until_it_is_resumed():
    world = deployed(2)
    world.patch("Deployment", "web", {"spec": {"paused": True}})
    world.apply("Deployment", "web", workload("app:2", replicas=2, paused=True))
    world.until(60.0)
    assert images(world) == (2, 0)
    assert progress(world).reason == "DeploymentPaused"
    world.patch("Deployment", "web", {"spec": {"paused": False}})
    world.until(120.0)
    assert images(world) == (0, 0)


def test_a_pod_whose_labels_change_is_let_go_and_replaced():
    world = Control()
    world.apply("ReplicaSet", "web", workload(replicas=2))
    world.until(10.0)
    pod = world.get("Pod", world.pods()[0])
    world.server.update(replace(pod, meta=replace(pod.meta, labels={"app": "debug"})))
    world.until(20.0)
    owners = [world.get("Pod", one).meta.controller for one in world.pods()]
    assert (len(owners), owners.count(None)) == (3, 1)


def test_a_pod_of_nobody_that_is_selected_is_adopted():
    world = Control()
    world.apply("Pod", "alone", template()["spec"], "v1", labels={"app": "web"})
    world.apply("ReplicaSet", "web", workload(replicas=2))
    world.until(10.0)
    assert len(world.pods()) == 2
    assert world.get("Pod", "alone").meta.controller.name == "web"


def test_pods_that_cost_little_go_first():
    world = Control()
    world.apply("ReplicaSet", "web", workload(replicas=3))
    world.until(10.0)
    cheap = world.get("Pod", world.pods()[1])
    notes = {"controller.kubernetes.io/pod-deletion-cost": "-5"}
    world.server.update(replace(cheap, meta=replace(cheap.meta, annotations=notes)))
    world.scale("ReplicaSet", "web", 2)
    world.until(20.0)
    assert cheap.name not in world.pods()


def test_one_pods_change_costs_the_same_with_twice_as_many_pods():
    counts = []
    for replicas in (50, 100):
        world = deployed(replicas)
        pod = world.get("Pod", world.pods()[0])

        def change(world=world, pod=pod):
            world.status(pod, ready_since=None)
            world.until(world.sim.now + 0.1)

        counts.append(calls(change))
    assert counts[0] == counts[1]
