"""Which nodes have a pod of a group in their domain: kept at each arrival and departure."""

from __future__ import annotations

import random

import numpy as np
import pytest
from calls import calls

from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.report.bench.scheduled import HOSTNAME, REQUIRED, ZONE, Bench, spec_of, term

SHAPE = Resources(64_000, 256 << 30, 100 << 30, (), 110)
RACK = "rack"


def cluster(nodes: int = 12) -> Bench:
    """Nodes in three zones; every fourth has no rack."""
    bench = Bench()
    for number in range(nodes):
        labels = {ZONE: f"z{number % 3}"}
        bench.node(f"n{number}", SHAPE, labels | ({RACK: f"r{number % 5}"} if number % 4 else {}))
    bench.state.columns.refresh()
    return bench


def plainly(bench: Bench, key: str, where: list[str]) -> list[bool]:
    """The same by asking every node and every pod."""
    labels = [row.node.meta.labels for row in bench.state.columns.order]
    there = {dict(each)[key] for each in labels if each[HOSTNAME] in where and key in each}
    return [each.get(key) in there for each in labels]


@pytest.mark.parametrize("seed", range(5))
def test_nodes_with_somebody_in_their_domain_are_known_whoever_comes_and_goes(seed):
    bench, draw = cluster(), random.Random(seed)
    group = bench.state.counting.selected("default", LabelSelector({"app": "web"}))
    columns = bench.state.columns
    placed: list[tuple[object, str]] = []
    for step in range(120):
        if placed and draw.random() < 0.5:
            pod, node = placed.pop(draw.randrange(len(placed)))
            bench.state.remove(pod, node)
        else:
            pod, node = bench.pod(spec_of(), {"app": "web"}), f"n{draw.randrange(12)}"
            bench.state.add(pod, node)
            placed.append((pod, node))
        columns.refresh()
        if step == 60:
            bench.node("late", SHAPE, {ZONE: "z9", RACK: "r1"})
            columns.refresh()
        for key in (HOSTNAME, ZONE, RACK, "nothing"):
            expected = plainly(bench, key, [each for _, each in placed])
            assert np.array_equal(group.there(columns, key), expected), (step, key)


def test_what_a_pod_that_wants_company_costs_does_not_grow_with_the_nodes():
    wants = {"podAffinity": {REQUIRED: [term(ZONE, app="web")]}}
    avoids = {"podAntiAffinity": {REQUIRED: [term(HOSTNAME, app="web")]}}
    for affinity in (wants, avoids):
        spec = spec_of(affinity=affinity)
        costs = []
        for nodes in (300, 600):
            bench = cluster(nodes)
            for _ in range(20):
                assert bench.decide(bench.pod(spec, {"app": "web"}))
            pods = [bench.pod(spec, {"app": "web"}) for _ in range(20)]
            costs.append(calls(lambda bench=bench, pods=pods: [bench.decide(pod) for pod in pods]))
        assert costs[1] <= 1.2 * costs[0]
