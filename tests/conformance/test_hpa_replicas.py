"""How many replicas a metric asks for, against the table of the replica calculator, row by row."""

from __future__ import annotations

from math import floor
from typing import Any

import pytest
from conformance_tables import each_case

from simulator.cluster.kubernetes.autoscaling.replicas import (
    MISSING,
    READY,
    UNREADY,
    Part,
    Tolerance,
    Wish,
    average_value,
    by_average,
    by_value,
    state_of,
    utilization,
)
from simulator.errors import Refused


def parts(case: dict[str, Any], *, cpu: bool) -> list[Part]:
    return [
        Part(one["name"], one["usage"], one["request"], state(one, cpu=cpu))
        for one in case["pods"]
        if one["phase"] != "Failed" and not one["deleting"]
    ]


def state(one: dict[str, Any], *, cpu: bool) -> str:
    if one["phase"] == "Pending":
        return UNREADY
    if one["usage"] is None:
        return MISSING
    return UNREADY if cpu and one["state"] != "ready" else READY


def tolerance(case: dict[str, Any]) -> Tolerance:
    return Tolerance(case["tolerance"], case["tolerance"])


@each_case("hpa_replicas", "cpu_utilization")
def test_a_utilisation_asks_for_what_the_upstream_table_says(case: dict[str, Any]) -> None:
    def asked() -> Wish:
        found = parts(case, cpu=True)
        return utilization(
            found, case["current_replicas"], case["target"], tolerance(case), newest=False
        )

    expected = case["expect"]
    if expected["error"] is not None:
        with pytest.raises(Refused, match=expected["error"]):
            asked()
        return
    wish = asked()
    assert expected["replicas"] == wish.replicas
    assert expected["utilization_percent"] == wish.utilization
    assert expected["average_value"] == floor(wish.average or 0)


@each_case("hpa_replicas", "pods_average")
def test_an_average_over_pods_asks_for_what_the_upstream_table_says(case: dict[str, Any]) -> None:
    wish = average_value(
        parts(case, cpu=False), case["current_replicas"], case["target"], tolerance(case)
    )
    assert case["expect"]["replicas"] == wish.replicas
    assert case["expect"]["average_value"] == floor(wish.average or 0)


def check_value(case: dict[str, Any]) -> None:
    ready = sum(one["phase"] == "Running" and one["state"] == "ready" for one in case["pods"])
    wish = by_value(
        case["object_value"], case["target"], ready, case["current_replicas"], tolerance(case)
    )
    assert case["expect"]["replicas"] == wish.replicas
    assert case["expect"]["average_value"] == wish.average


def check_average(case: dict[str, Any]) -> None:
    wish = by_average(
        case["object_value"], case["target"], case["current_replicas"], tolerance(case)
    )
    assert case["expect"]["replicas"] == wish.replicas
    assert case["expect"]["average_value"] == wish.average


@each_case("hpa_replicas", "object_value")
def test_a_value_of_an_object_is_in_proportion_to_the_ready_pods(case: dict[str, Any]) -> None:
    check_value(case)


@each_case("hpa_replicas", "external_value")
def test_a_value_from_elsewhere_is_in_proportion_to_the_ready_pods(case: dict[str, Any]) -> None:
    check_value(case)


@each_case("hpa_replicas", "object_average")
def test_a_value_of_an_object_is_shared_out(case: dict[str, Any]) -> None:
    check_average(case)


@each_case("hpa_replicas", "external_average")
def test_a_value_from_elsewhere_is_shared_out(case: dict[str, Any]) -> None:
    check_average(case)


@each_case("hpa_replicas", "group_pods")
def test_pods_are_ready_set_aside_or_missing(case: dict[str, Any]) -> None:
    samples = {one["pod"]: one for one in case["metrics"]}
    found: dict[str, list[str]] = {READY: [], UNREADY: [], MISSING: []}
    for pod in case["pods"]:
        sample = samples.get(pod["name"])
        if sample is None and pod["phase"] != "Pending":
            found[MISSING].append(pod["name"])
            continue
        how = state_of(
            cpu=case["resource"] == "cpu",
            phase=pod["phase"],
            started_ago=pod["started_ago_s"],
            ready=pod["ready"],
            ready_changed_ago=pod["ready_changed_ago_s"],
            sampled_ago=None if sample is None else sample["sampled_ago_s"],
            window=0.0 if sample is None else sample["window_s"],
            initialization=case["cpu_initialization_period_s"],
            delay=case["initial_readiness_delay_s"],
        )
        found[how].append(pod["name"])
    expected = case["expect"]
    assert expected["ready_count"] == len(found[READY])
    assert expected["ignored"] == found[UNREADY]
    assert expected["missing"] == found[MISSING]


# --- the newest rules -----------------------------------------------------------------------------


def even(usage: float | None, count: int, state: str = READY) -> list[Part]:
    return [Part(f"{state}-{each}", usage, 1000.0, state) for each in range(count)]


def test_the_newest_tolerance_keeps_88_percent_of_a_target_of_80() -> None:
    wish = utilization(even(880.0, 5), 5, 80, Tolerance(), newest=True)
    assert (wish.replicas, wish.held) == (5, "tolerance")
    older = utilization(even(880.0, 5), 5, 80, Tolerance(by_distance=True), newest=False)
    assert older.replicas == 6


def test_a_missing_pod_counts_its_whole_request_and_after_1_20_its_target_if_that_is_more() -> None:
    known = [*even(500.0, 3), *even(None, 1, MISSING)]
    old = utilization(known, 4, 150, Tolerance(), newest=False)
    new = utilization(known, 4, 150, Tolerance(), newest=True)
    assert (old.replicas, new.replicas) == (2, 2)
    assert old.recounted is not None
    assert new.recounted is not None
    assert (old.recounted, new.recounted) == (62 / 150, 75 / 150)


def test_a_recount_never_turns_the_direction() -> None:
    # Three of six are known at 45 % of a target of 50 %: it would go down, but the others may work.
    wish = utilization([*even(400.0, 3), *even(None, 3, MISSING)], 6, 50, Tolerance(), newest=True)
    assert (wish.replicas, wish.held) == (6, "recount")
