"""Preemption against the table, row by row."""

from __future__ import annotations

from typing import Any

from conformance_tables import each_case
from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.pod import Pod, PodStatus
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.scheduler.budgets import Budget, Stated
from simulator.cluster.kubernetes.scheduler.cycle import nodes_to_find
from simulator.cluster.kubernetes.scheduler.preemption import Preemption
from simulator.cluster.kubernetes.scheduler.victims import Victims
from simulator.report.bench.scheduled import Bench


def spec(row: dict[str, Any]) -> dict[str, Any]:
    requests = {
        "cpu": f"{row.get('cpu_millis', 0)}m", "memory": str(row.get("memory_bytes", 0))
    }  # fmt: skip
    found: dict[str, Any] = {"containers": [{"name": "c", "resources": {"requests": requests}}]}
    if "preemption_policy" in row:
        found["preemptionPolicy"] = row["preemption_policy"]
    return found


def incoming(bench: Bench, row: dict[str, Any]) -> Pod:
    made = bench.pod(spec(row), name=row["name"], priority=row["priority"])
    nominated = row.get("nominated_node")
    return replace(made, status=PodStatus(nominated_node=nominated)) if nominated else made


def world(case: dict[str, Any]) -> tuple[Bench, Preemption]:
    bench = Bench()
    for row in case.get("nodes", ()):
        bench.node(
            row["name"], Resources(row["cpu_millis"], row["memory_bytes"], 0, (), row["max_pods"])
        )
    for row in case["existing_pods"]:
        placed = bench.pod(
            spec(row), row.get("labels"), name=row["name"], priority=row["priority"],
            status=PodStatus(phase="Running", started_at=row.get("start_time")),
        )  # fmt: skip
        bench.state.add(placed, row["node"])
    budgets = [
        Budget(
            "default", LabelSelector(row["match_labels"]), row["disruptions_allowed"],
            frozenset(row["already_disrupted_pods"]),
        )
        for row in case.get("disruption_budgets", ())
    ]  # fmt: skip
    return bench, Preemption(bench.cycle, Stated(*budgets))


@each_case("scheduler_preemption", "pick_node")
def test_the_node_on_which_the_least_is_lost_is_picked(case: dict[str, Any]) -> None:
    bench, preemption = world(case)
    pod = incoming(bench, case["pod"])
    diagnosis = bench.cycle.schedule(pod).diagnosis
    assert diagnosis is not None
    victims = preemption.search(pod, diagnosis).victims
    assert victims is not None
    assert victims.node in case["expect"]["node_any_of"]


@each_case("scheduler_preemption", "victims")
def test_only_those_who_must_go_are_victims(case: dict[str, Any]) -> None:
    bench, preemption = world(case)
    bench.state.columns.refresh()
    pod = incoming(bench, case["pod"])
    before = [dict(row.pods) for row in bench.state.columns.order]
    found = {}
    preemption.runs.begin(pod, bench.cycle.prepared(pod))
    for place, row in enumerate(bench.state.columns.order):
        outcome = preemption.runs.run(pod, place)
        if isinstance(outcome, Victims):
            names = sorted(one.name for one in outcome.pods)
            found[row.node.name] = {"victims": names, "budget_violations": outcome.violations}
    expected = {
        node: {**what, "victims": sorted(what["victims"])}
        for node, what in case["expect"]["candidates"].items()
    }
    assert expected == found
    assert before == [dict(row.pods) for row in bench.state.columns.order]


@each_case("scheduler_preemption", "may_preempt")
def test_a_pod_may_take_the_place_of_others_or_not(case: dict[str, Any]) -> None:
    names = dict.fromkeys(row["node"] for row in case["existing_pods"])
    bench = Bench()
    unresolvable = case["nominated_node_status"] == "unresolvable"
    for name in names:
        bench.node(name, Resources(1000, 1000, 0, (), 10), cordoned=unresolvable)
    for row in case["existing_pods"]:
        deleting = 1.0 if row.get("terminating") else None
        placed = bench.pod(spec(row), name=row["name"], priority=row["priority"], deleting=deleting)
        bench.state.add(placed, row["node"])
    bench.state.columns.refresh()
    pod = incoming(bench, case["pod"])
    reason = Preemption(bench.cycle, Stated()).ineligible(pod)
    assert case["expect"]["may_preempt"] == (not reason)


@each_case("scheduler_preemption", "nodes_to_find")
def test_a_share_of_the_nodes_is_enough(case: dict[str, Any]) -> None:
    found = nodes_to_find(case["all_nodes"], case["percentage_of_nodes_to_score"])
    assert case["expect"]["nodes_to_find"] == found
