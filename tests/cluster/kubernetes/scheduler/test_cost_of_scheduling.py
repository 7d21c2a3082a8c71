"""What a decision costs, counted in calls: no more with twice the nodes, pods or selectors."""

import pytest
from calls import calls
from test_scheduler import World

from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.scheduler.budgets import Stated
from simulator.cluster.kubernetes.scheduler.preemption import Preemption
from simulator.report.bench import scheduling
from simulator.report.bench.scheduled import ZONE, Bench, spec_of

SHAPE = Resources(4000, 32 << 30, 0, (), 110)
SORTS = [
    (spec_of(), {"app": "web"}),
    (scheduling.IN_ZONES, {}),
    (scheduling.WITH, {"color": "blue"}),
    (scheduling.WITHOUT, {"color": "green"}),
    (scheduling.RATHER_WITH, {"color": "red"}),
    (scheduling.SPREAD, {"color": "blue"}),
    (scheduling.SOFT, {"color": "blue"}),
]


def cluster(nodes):
    bench = Bench()
    for number in range(nodes):
        bench.node(f"n{number}", SHAPE, {ZONE: f"z{number % 3}"})
    return bench


def of_decisions(bench, spec, labels, count=20):
    pods = [bench.pod(spec, labels) for _ in range(2 * count)]
    for pod in pods[:count]:
        bench.decide(pod)
    return calls(lambda: [bench.decide(pod) for pod in pods[count:]])


@pytest.mark.parametrize(("spec", "labels"), SORTS)
def test_a_decision_costs_the_same_on_twice_the_nodes(spec, labels):
    few = of_decisions(cluster(200), spec, labels)
    many = of_decisions(cluster(400), spec, labels)
    assert many <= 1.1 * few


@pytest.mark.parametrize(("spec", "labels"), SORTS)
def test_a_decision_costs_the_same_beside_twice_the_pods(spec, labels):
    bench = cluster(300)
    few = of_decisions(bench, spec, labels)
    for _ in range(200):
        bench.decide(bench.pod(spec, labels))
    assert of_decisions(bench, spec, labels) <= 1.1 * few


def test_a_pod_costs_the_same_beside_twice_the_workloads():
    def of_workloads(count):
        bench = cluster(100)
        for number in range(count):
            labels = {"app": f"app-{number}"}
            bench.services.append(("default", labels))
            bench.decide(bench.pod(spec_of(), labels))
        return of_decisions(bench, spec_of(), {"app": "app-0"})

    assert of_workloads(60) <= 1.1 * of_workloads(30)


def test_a_pod_that_fits_nowhere_costs_the_same_on_twice_the_nodes():
    few = of_decisions(cluster(200), spec_of("9"), {})
    assert of_decisions(cluster(400), spec_of("9"), {}) <= 1.1 * few


def test_preemption_costs_the_same_on_twice_the_nodes_once_they_were_tried():
    def of_preemption(nodes):
        bench = cluster(nodes)
        for number in range(nodes):
            bench.state.add(bench.pod(spec_of("3")), f"n{number}")
        search = Preemption(bench.cycle, Stated())
        pods = [bench.pod(spec_of("3"), priority=1) for _ in range(60)]
        scheduling._preempt(bench, search, pods[:40])
        return calls(lambda: scheduling._preempt(bench, search, pods[40:]))

    assert of_preemption(400) <= 1.3 * of_preemption(200)


def test_a_node_that_changes_costs_the_same_on_twice_the_nodes():
    def of_change(nodes):
        bench = cluster(nodes)
        bench.decide(bench.pod(spec_of()))

        def change():
            bench.node("n0", SHAPE, {ZONE: "z0"}, cordoned=True)
            bench.decide(bench.pod(spec_of()))

        return calls(change)

    assert of_change(400) <= 1.1 * of_change(200)


def test_pods_that_wait_cost_nothing_while_nothing_helps_them():
    def beside(count):
        world = World(nodes=3)
        for number in range(count):
            world.pod(f"big{number}", cpu="9")
        world.until(1.0)

        def come_and_go():
            for number in range(10):
                world.pod(f"p{number}", cpu="100m")
                world.until(2.0 + number)

        return calls(come_and_go)

    assert beside(40) <= 1.1 * beside(20)
