"""Classes of service: who gets the CPU of a node that has too little."""

import pytest
from ward import Ward, container, pod

from simulator.cluster.kubernetes.kubelet.groups import BEST_EFFORT, BURSTABLE

BUSY = "batch cpu=100000s threads=1"


def busy(name, **resources):
    app = container(resources=resources) if resources else container()
    return pod(name, app, workload=BUSY)


def shares(ward, seconds=60):
    """How much of a core each pod gets."""

    def used():
        ward.world.settle()
        found = {}
        for one in ward.pods():
            made = ward.cluster.kubelets.container(one, "app")
            found[one.name] = made.cpu_seconds
        return found

    before = used()
    ward.advance(seconds)
    return {name: (now - before[name]) / seconds for name, now in used().items()}


def alone(*pods):
    ward = Ward("cluster create ward --nodes 1 --cores 1")
    ward.apply(*pods)
    ward.advance(20)
    return ward


def test_all_best_effort_pods_together_get_what_one_of_them_would():
    asked = busy("asked", requests={"cpu": "500m"})
    few = shares(alone(asked, busy("free-1")))
    many = shares(alone(asked, *[busy(f"free-{number}") for number in range(4)]))
    assert few["asked"] == pytest.approx(many["asked"], abs=0.01)
    assert few["asked"] > 0.9
    assert many["free-1"] == pytest.approx(few["free-1"] / 4, rel=0.05)


def test_burstable_pods_share_by_what_they_ask_for():
    ward = alone(
        busy("small", requests={"cpu": "100m"}), busy("large", requests={"cpu": "300m"}),
    )  # fmt: skip
    found = shares(ward)
    kernel = ward.world.fleet.nodes["node-1"].machine.kernel
    weights = {
        one.cpu.name: one.cpu.weight
        for one in (ward.cluster.kubelets.container(each, "app") for each in ward.pods())
    }
    total = sum(weights.values())
    assert sorted(found.values()) == pytest.approx(
        sorted(weight / total for weight in weights.values()), rel=0.02
    )
    assert kernel.slices[BURSTABLE].cpu.weight > kernel.slices[BEST_EFFORT].cpu.weight


def test_the_burstable_pods_weigh_what_is_left_of_them():
    ward = alone(
        busy("one", requests={"cpu": "100m"}), busy("two", requests={"cpu": "400m"}),
        busy("free"),
    )  # fmt: skip
    kernel = ward.world.fleet.nodes["node-1"].machine.kernel
    before = kernel.slices[BURSTABLE].cpu.weight
    ward.delete("two", 0.0)
    ward.advance(5)
    assert kernel.slices[BURSTABLE].cpu.weight < before
    assert ward.house.boxes["node-1"].burstable_millis == 100
