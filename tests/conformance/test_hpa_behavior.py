"""How fast an autoscaler may go, against the table of its behaviour, row by row."""

from __future__ import annotations

from typing import Any

from conformance_tables import each_case

from simulator.cluster.kubernetes.autoscaling import behavior
from simulator.cluster.kubernetes.autoscaling.behavior import DOWN, UP, Change
from simulator.cluster.kubernetes.objects.autoscaling import Policy, Rules

NOW = 10_000.0


def rules(said: dict[str, Any] | None, default: Rules) -> Rules:
    if said is None:
        return default
    policies = tuple(Policy(one["type"], one["value"], one["period_s"]) for one in said["policies"])
    return Rules(said["stabilization_s"], said["select"], policies)


def both(case: dict[str, Any]) -> tuple[Rules, Rules]:
    return rules(case["up"], UP), rules(case["down"], DOWN)


def changes(rows: list[dict[str, Any]]) -> list[Change]:
    return [Change(one["change"], NOW - one["ago_s"]) for one in rows]


def wishes(case: dict[str, Any]) -> list[tuple[float, int]]:
    return [(NOW - one["ago_s"], one["value"]) for one in case["recommendations"]]


@each_case("hpa_behavior", "plain_limits")
def test_without_behaviour(case: dict[str, Any]) -> None:
    found = behavior.plain(case["current"], case["desired"], case["min"], case["max"])
    assert case["expect"] == {"replicas": found.replicas, "condition": found.condition}


@each_case("hpa_behavior", "scaling_rules")
def test_with_behaviour(case: dict[str, Any]) -> None:
    found = behavior.limited(
        case["current"],
        case["desired"],
        case["min"],
        case["max"],
        both(case),
        changes(case["up_events"]),
        changes(case["down_events"]),
        NOW,
    )
    assert case["expect"] == {"replicas": found.replicas, "condition": found.condition}


@each_case("hpa_behavior", "stabilize_down_window")
def test_the_highest_wish_of_the_window_holds(case: dict[str, Any]) -> None:
    windows = (0.0, float(case["window_s"]))
    # Where it is now does not matter without a window upward.
    found = behavior.stabilized(0, case["desired"], wishes(case), windows, NOW)
    assert case["expect"]["replicas"] == max(
        found, behavior.stabilized(1000, case["desired"], wishes(case), windows, NOW)
    )


@each_case("hpa_behavior", "stabilize_behavior")
def test_windows_both_ways(case: dict[str, Any]) -> None:
    windows = (float(case["up_window_s"]), float(case["down_window_s"]))
    found = behavior.stabilized(case["current"], case["desired"], wishes(case), windows, NOW)
    assert case["expect"]["replicas"] == found


@each_case("hpa_behavior", "recent_change")
def test_what_changed_within_a_period(case: dict[str, Any]) -> None:
    assert case["expect"]["change"] == behavior.recent(
        changes(case["events"]), NOW, case["period_s"]
    )


@each_case("hpa_behavior", "trajectory")
def test_trajectories(case: dict[str, Any]) -> None:
    found = walk(
        case["start"],
        case["desired"],
        (case["min"], case["max"]),
        both(case),
        case["decision_every_s"],
    )
    expected = case["expect"]["replicas"]
    kept = [now if said is not None else None for said, now in zip(expected, found, strict=True)]
    assert expected == kept


def walk(
    current: int,
    desired: list[int],
    bounds: tuple[int, int],
    rules: tuple[Rules, Rules],
    every_s: float,
) -> list[int]:
    """The number of replicas after each decision."""
    ups: list[Change] = []
    downs: list[Change] = []
    said: list[tuple[float, int]] = []
    found = []
    windows = tuple(float(one.stabilization_window_seconds or 0) for one in rules)
    for count, wish in enumerate(desired):
        now = count * every_s
        stable = behavior.stabilized(current, wish, said, (windows[0], windows[1]), now)
        said.append((now, wish))
        after = behavior.limited(current, stable, *bounds, rules, ups, downs, now).replicas
        if after != current:
            (ups if after > current else downs).append(Change(abs(after - current), now))
        current = after
        found.append(after)
    return found


# --- results that others have published -----------------------------------------------------------


def test_four_pods_or_ten_percent_a_minute_bring_80_to_10_as_the_documentation_says() -> None:
    down = Rules(0, "Max", (Policy("Pods", 4, 60), Policy("Percent", 10, 60)))
    expected = [72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16, 12, 10]
    assert expected == walk(80, [10] * 14, (1, 100), (UP, down), 60.0)


def test_with_any_behaviour_one_goes_to_a_hundred_by_four_or_twice() -> None:
    found = walk(1, [1000] * 6, (1, 100), (UP, DOWN), 15.0)
    assert found == [5, 10, 20, 40, 80, 100]


def test_without_behaviour_one_goes_to_a_hundred_by_twice_but_at_least_to_four() -> None:
    current, found = 1, []
    for _ in range(6):
        current = behavior.plain(current, 1000, 1, 100).replicas
        found.append(current)
    assert found == [4, 8, 16, 32, 64, 100]
