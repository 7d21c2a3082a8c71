"""What goes with its owner, what stays, and namespaces that end."""

import pytest

from simulator.cluster.kubernetes.api.errors import ApiError
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Namespace
from tests.kube_control import Control, workload


def deployed(replicas=2):
    world = Control()
    world.apply("Deployment", "web", workload(replicas=replicas))
    world.until(10.0)
    return world


def test_sets_and_pods_follow_a_deployment_that_is_deleted():
    world = deployed()
    world.delete("Deployment", "web")
    world.until(10.0)
    assert (world.pods("Deployment"), world.pods("ReplicaSet")) == ([], [])
    world.until(12.0)
    assert world.pods() == []


def test_in_the_foreground_the_owner_goes_last():
    world = deployed()
    world.delete("Deployment", "web", "Foreground")
    world.until(10.5)
    assert (len(world.pods("Deployment")), len(world.pods("ReplicaSet"))) == (1, 1)
    world.until(12.0)
    assert (world.pods("Deployment"), world.pods("ReplicaSet"), world.pods()) == ([], [], [])


def test_orphans_stay_without_an_owner():
    world = deployed()
    world.delete("Deployment", "web", "Orphan")
    world.until(20.0)
    (name,) = world.pods("ReplicaSet")
    assert world.pods("Deployment") == []
    assert world.get("ReplicaSet", name).meta.owners == ()
    assert len(world.pods()) == 2


def test_an_orphaned_set_is_adopted_again_by_its_deployment():
    world = deployed()
    world.delete("Deployment", "web", "Orphan")
    world.until(20.0)
    world.apply("Deployment", "web", workload(replicas=2))
    world.until(40.0)
    assert (len(world.pods("ReplicaSet")), len(world.pods())) == (1, 2)


def test_a_namespace_ends_when_everything_in_it_has():
    world = Control()
    meta = Meta("shop")
    world.server.create(Namespace(kind="Namespace", api_version="v1", meta=meta))
    data = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    world.requests.apply({**data, "spec": workload(replicas=2)}, "shop")
    world.until(10.0)
    world.delete("Namespace", "shop")
    world.until(10.5)
    assert world.get("Namespace", "shop", "").status.phase == "Terminating"
    with pytest.raises(ApiError, match=r"forbidden: unable to create new content in namespace "
                                       r"shop because it is being terminated"):  # fmt: skip
        world.requests.apply(
            {**data, "metadata": {"name": "late"}, "spec": workload(replicas=2)}, "shop"
        )
    world.until(20.0)
    assert world.get("Namespace", "shop", "") is None


def test_an_empty_namespace_is_gone_at_once():
    world = Control()
    world.server.create(Namespace(kind="Namespace", api_version="v1", meta=Meta("shop")))
    world.delete("Namespace", "shop")
    assert world.get("Namespace", "shop", "") is None


def test_the_namespaces_of_the_system_stay():
    world = Control()
    with pytest.raises(ApiError, match=r'"default" is forbidden: this namespace may not be delet'):
        world.delete("Namespace", "default")
