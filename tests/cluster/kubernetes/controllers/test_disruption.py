"""Budgets and evictions."""

import pytest

from simulator.cluster.kubernetes.api.errors import ApiError
from simulator.cluster.kubernetes.controllers.disruption import REFUSED
from simulator.cluster.kubernetes.objects.pod import Pod
from tests.calls import calls
from tests.kube_control import Control, budget, workload


def running(replicas, **spec):
    world = Control()
    world.apply("Deployment", "web", workload(replicas=replicas))
    world.apply("PodDisruptionBudget", "web", budget(**spec), "policy/v1")
    world.until(10.0)
    return world


def evict(world, number=0):
    pod = world.store.get(Pod, "default", world.pods()[number])
    world.controllers.disruptions.evict(pod)


@pytest.mark.parametrize(
    ("replicas", "spec", "allowed"),
    [
        (1, {"minAvailable": 1}, 0),
        (3, {"minAvailable": 1}, 2),
        (3, {"minAvailable": "50%"}, 1),
        (7, {"maxUnavailable": "30%"}, 3),
        (3, {"maxUnavailable": 1}, 1),
        (3, {"maxUnavailable": 0}, 0),
    ],
)
def test_how_many_pods_may_go(replicas, spec, allowed):
    world = running(replicas, **spec)
    assert world.get("PodDisruptionBudget", "web").status.disruptions_allowed == allowed


def test_an_eviction_that_breaks_the_budget_is_refused():
    world = running(1, minAvailable=1)
    with pytest.raises(ApiError, match=REFUSED) as caught:
        evict(world)
    assert (caught.value.code, caught.value.reason) == (429, "TooManyRequests")


def test_of_two_evictions_at_once_the_budget_lets_one_through():
    world = running(2, minAvailable=1)
    evict(world, 0)
    with pytest.raises(ApiError, match=REFUSED):
        evict(world, 1)
    world.until(20.0)
    evict(world, 0)


def test_unhealthy_pods_go_as_the_policy_says():
    world = Control()
    world.bad.add("bad")
    world.apply("Deployment", "web", workload("bad", replicas=1))
    world.apply("PodDisruptionBudget", "web", budget(minAvailable=1), "policy/v1")
    world.until(10.0)
    world.status(world.get("Pod", world.pods()[0]), phase="Running")
    with pytest.raises(ApiError, match=REFUSED):
        evict(world)
    always = budget(minAvailable=1, unhealthyPodEvictionPolicy="AlwaysAllow")
    world.apply("PodDisruptionBudget", "web", always, "policy/v1")
    world.until(11.0)
    evict(world)


def test_a_pod_of_two_budgets_cannot_be_evicted():
    world = running(3, minAvailable=1)
    world.apply("PodDisruptionBudget", "more", budget(minAvailable=1), "policy/v1")
    world.until(11.0)
    with pytest.raises(ApiError, match="more than one PodDisruptionBudget"):
        evict(world)


def test_one_pods_change_costs_the_same_beside_twice_as_many_budgets():
    counts = []
    for number in (20, 40):
        world = running(3, minAvailable=1)
        for index in range(number):
            other = {"selector": {"matchLabels": {"app": f"other-{index}"}}, "minAvailable": 1}
            world.apply("PodDisruptionBudget", f"other-{index}", other, "policy/v1")
        world.until(20.0)
        pod = world.get("Pod", world.pods()[0])

        def change(world=world, pod=pod):
            world.status(pod, ready_since=None)
            world.until(world.sim.now + 0.1)

        counts.append(calls(change))
    assert counts[0] == counts[1]
