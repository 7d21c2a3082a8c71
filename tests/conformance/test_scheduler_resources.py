"""What is left of resources against the tables, row by row, both faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conformance_tables import cases, each_case

from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.profile import Profile, profile
from simulator.cluster.kubernetes.scheduler.config import Config, Scoring
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, default_normalise
from simulator.errors import InputError
from simulator.report.bench.scheduled import Bench

PROFILES = {
    "k8s-up-to-1.21": "k8s-1.21",
    "k8s-1.23": "k8s-1.23",
    "k8s-1.3x": "k8s-1.30",
    "k8s-before-after": "newest",
}
NAMES = {
    "cpu_millis": "cpu",
    "memory_bytes": "memory",
    "ephemeral_storage_bytes": "ephemeral-storage",
}


def amounts(row: dict[str, Any] | None) -> dict[str, str]:
    """What is stated of a container, as a person writes it."""
    if row is None:
        return {}
    found = dict(row.get("extended") or {})
    for field, name in NAMES.items():
        if row.get(field) is not None:
            found[name] = f"{row[field]}m" if name == "cpu" else str(row[field])
    return {name: str(amount) for name, amount in found.items()}


def spec(row: dict[str, Any]) -> dict[str, Any]:
    def containers(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        return [
            {"name": f"c{number}", "resources": {"requests": amounts(one)}}
            for number, one in enumerate(rows or [])
        ]

    found: dict[str, Any] = {"containers": containers(row["containers"])}
    if row.get("init_containers"):
        found["initContainers"] = containers(row["init_containers"])
    if row.get("overhead"):
        found["overhead"] = amounts(row["overhead"])
    return found


def resources(row: dict[str, Any]) -> Resources:
    return Resources(
        row["cpu_millis"],
        row["memory_bytes"],
        row.get("ephemeral_storage_bytes", 0),
        tuple(sorted((row.get("extended") or {}).items())),
        row.get("max_pods", 110),
    )


def weights(case: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((one["resource"], one["weight"]) for one in case["resources"])


def world(case: dict[str, Any], rules: Profile, config: Config) -> Bench:
    bench = Bench(rules, config)
    for row in case["nodes"]:
        bench.node(row["name"], resources(row))
    for row in case["existing_pods"]:
        bench.state.add(bench.pod(spec(row)), row["node"])
    bench.state.columns.refresh()
    return bench


def plugin(bench: Bench, name: str) -> Plugin:
    return next(one for one in (*bench.cycle.filters, *bench.cycle.scores) if one.name == name)


def scores(bench: Bench, name: str, row: dict[str, Any]) -> dict[str, int] | None:
    """The scores by node in columns, which must be those of each node alone; None: skipped."""
    one, pod = plugin(bench, name), bench.pod(spec(row))
    ready = one.prepare_score(pod)
    if ready is None:
        return None
    order = bench.state.columns.order
    chosen = np.arange(len(order))
    found = one.score_all(pod, ready, chosen)
    assert found is not None
    assert [one.score_node(pod, ready, place) for place in chosen] == found.tolist()
    return {row.node.name: score for row, score in zip(order, found.tolist(), strict=True)}


@each_case("scheduler_fit", "filter")
def test_a_node_has_room_or_says_what_is_short(case: dict[str, Any]) -> None:
    config = Config(
        ignored_resources=tuple(case["ignored_resources"]),
        ignored_groups=tuple(case["ignored_resource_groups"]),
    )
    bench = Bench(profile(case.get("profile", "k8s-1.23")), config)
    bench.node("n", resources(case["node"]))
    for row in case["existing_pods"]:
        bench.state.add(bench.pod(spec(row)), "n")
    bench.state.columns.refresh()
    fit, pod = plugin(bench, "NodeResourcesFit"), bench.pod(spec(case["pod"]))
    ready = fit.prepare(pod)
    refused = fit.of_node(pod, ready, 0)
    mask = fit.of_all(pod, ready)
    assert mask is not None
    assert mask.tolist() == [case["expect"]["fits"]]
    assert list(refused.reasons if refused else ()) == case["expect"]["reasons"]


@pytest.mark.parametrize("case", cases("scheduler_fit", "requested_to_capacity_ratio"))
def test_a_ratio_of_use_is_scored_on_a_broken_line(case: dict[str, Any]) -> None:
    line = tuple((one["utilization_percent"], one["score"]) for one in case["shape"])
    scoring = Scoring("RequestedToCapacityRatio", weights(case), line)
    bench = world(case, profile("k8s-1.23"), Config(scoring=scoring))
    assert case["expect"]["scores"] == scores(bench, "NodeResourcesFit", case["pod"])


def strategy(case: dict[str, Any], name: str) -> None:
    config = Config(scoring=Scoring(name, weights(case)))
    field = case["expect"].get("error_field")
    if field is not None:
        with pytest.raises(InputError, match=field.replace("[", r"\[")):
            world(case, profile("k8s-1.23"), config)
        return
    bench = world(case, profile("k8s-1.23"), config)
    assert case["expect"]["scores"] == scores(bench, "NodeResourcesFit", case["pod"])


@each_case("scheduler_least_allocated")
def test_the_node_with_most_left_scores_highest(case: dict[str, Any]) -> None:
    strategy(case, "LeastAllocated")


@each_case("scheduler_most_allocated")
def test_the_node_with_least_left_scores_highest(case: dict[str, Any]) -> None:
    strategy(case, "MostAllocated")


@each_case("scheduler_balanced_allocation")
def test_resources_that_are_taken_evenly_score_highest(case: dict[str, Any]) -> None:
    rules = profile(PROFILES[case["profile"]])
    bench = world(case, rules, Config(balanced=weights(case)))
    found = scores(bench, "NodeResourcesBalancedAllocation", case["pod"])
    assert case["expect"]["skipped"] == (found is None)
    if found is not None:
        assert case["expect"]["scores"] == found


@each_case("normalize_score")
def test_scores_are_shares_of_the_largest(case: dict[str, Any]) -> None:
    raw = np.array(case["scores"], dtype=np.int64)
    found = default_normalise(raw, case["reverse"], case["max_score"])
    assert case["expect"]["scores"] == found.tolist()
