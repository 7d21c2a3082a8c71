"""StatefulSets: order, partitions, revisions, claims."""

import pytest

from tests.kube_control import Control, workload


def test_pods_are_made_one_after_the_other_each_when_the_one_before_is_ready():
    world = Control()
    world.apply("StatefulSet", "web", workload(replicas=3, serviceName="web"))
    world.until(20.0)
    assert world.made == [(0.0, "web-0"), (2.0, "web-1"), (4.0, "web-2")]
    status = world.get("StatefulSet", "web").status
    assert (status.replicas, status.ready_replicas, status.updated_replicas) == (3, 3, 3)


def test_parallel_pods_are_made_at_once():
    world = Control()
    world.apply("StatefulSet", "web", workload(replicas=3, podManagementPolicy="Parallel"))
    world.until(1.0)
    assert world.made == [(0.0, "web-0"), (0.0, "web-1"), (0.0, "web-2")]


def test_fewer_pods_go_from_the_last_one_by_one():
    world = Control()
    world.apply("StatefulSet", "web", workload(replicas=3))
    world.until(10.0)
    world.scale("StatefulSet", "web", 1)
    world.until(10.5)
    assert world.pods() == ["web-0", "web-1", "web-2"]
    assert [one for one in world.pods() if world.get("Pod", one).deleting] == ["web-2"]
    world.until(20.0)
    assert world.pods() == ["web-0"]


def test_a_rolling_update_begins_with_the_last_pod_and_stops_at_the_partition():
    world = Control()
    world.apply("StatefulSet", "web", workload(replicas=3))
    world.until(10.0)
    old = world.get("StatefulSet", "web").status.update_revision
    rolling = {"rollingUpdate": {"partition": 1}}
    world.apply("StatefulSet", "web", workload("app:2", replicas=3, updateStrategy=rolling))
    world.until(30.0)
    images = [world.get("Pod", one).spec.containers[0].image for one in world.pods()]
    assert images == ["app:1", "app:2", "app:2"]
    status = world.get("StatefulSet", "web").status
    assert (status.current_revision, status.updated_replicas) == (old, 2)
    world.apply("StatefulSet", "web", workload("app:2", replicas=3))
    world.until(50.0)
    status = world.get("StatefulSet", "web").status
    assert (status.current_revision, status.updated_replicas) == (status.update_revision, 3)


def test_a_bad_image_stays_after_the_revert_until_somebody_deletes_the_pod():
    world = Control()
    world.bad.add("bad")
    world.apply("StatefulSet", "web", workload(replicas=3))
    world.until(10.0)
    world.apply("StatefulSet", "web", workload("bad", replicas=3))
    world.until(20.0)
    world.apply("StatefulSet", "web", workload(replicas=3))
    world.until(600.0)
    images = [world.get("Pod", one).spec.containers[0].image for one in world.pods()]
    assert images == ["app:1", "app:1", "bad"]
    world.delete("Pod", "web-2")
    world.until(700.0)
    images = [world.get("Pod", one).spec.containers[0].image for one in world.pods()]
    assert images == ["app:1", "app:1", "app:1"]
    assert world.get("StatefulSet", "web").status.ready_replicas == 3


def test_in_parallel_the_revert_heals_itself():
    world = Control()
    world.bad.add("bad")
    spec = {"replicas": 3, "podManagementPolicy": "Parallel"}
    world.apply("StatefulSet", "web", workload(**spec))
    world.until(10.0)
    world.apply("StatefulSet", "web", workload("bad", **spec))
    world.until(20.0)
    world.apply("StatefulSet", "web", workload(**spec))
    world.until(60.0)
    assert world.get("StatefulSet", "web").status.ready_replicas == 3


def test_on_delete_waits_for_somebody_who_deletes():
    world = Control()
    spec = {"replicas": 2, "updateStrategy": {"type": "OnDelete"}}
    world.apply("StatefulSet", "web", workload(**spec))
    world.until(10.0)
    world.apply("StatefulSet", "web", workload("app:2", **spec))
    world.until(20.0)
    world.delete("Pod", "web-0")
    world.until(30.0)
    images = [world.get("Pod", one).spec.containers[0].image for one in world.pods()]
    assert images == ["app:2", "app:1"]


CLAIMS = [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
           "resources": {"requests": {"storage": "1Gi"}}}}]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "scaled", "deleted"),
    [
        ({}, ["data-web-0", "data-web-1"], ["data-web-0", "data-web-1"]),
        ({"whenScaled": "Delete", "whenDeleted": "Retain"}, ["data-web-0"], ["data-web-0"]),
        ({"whenScaled": "Retain", "whenDeleted": "Delete"}, ["data-web-0", "data-web-1"], []),
        ({"whenScaled": "Delete", "whenDeleted": "Delete"}, ["data-web-0"], []),
    ],
)  # fmt: skip
def test_claims_go_as_the_retention_policy_says(policy, scaled, deleted):
    world = Control()
    spec = {"replicas": 2, "volumeClaimTemplates": CLAIMS}
    if policy:
        spec["persistentVolumeClaimRetentionPolicy"] = policy
    world.apply("StatefulSet", "web", workload(**spec))
    world.until(10.0)
    world.scale("StatefulSet", "web", 1)
    world.until(20.0)
    claims = world.store.table("PersistentVolumeClaim")
    assert [one.name for one in claims] == scaled
    world.delete("StatefulSet", "web")
    world.until(30.0)
    assert [one.name for one in claims] == deleted
