from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.machine.eviction import PodUse, rank, signal_order, why


def test_usage_above_the_request_outweighs_priority() -> None:
    pods = [PodUse("modest", -10, 100, 90), PodUse("greedy", 10, 100, 110)]
    assert [pod.name for pod in rank(pods)] == ["greedy", "modest"]


def test_the_documented_six_pods_are_ranked_as_published() -> None:
    mib = 1 << 20
    pods = [
        PodUse("best-effort-500", usage=500 * mib),
        PodUse("best-effort-300", usage=300 * mib),
        PodUse("burstable-800", request=100 * mib, usage=800 * mib),
        PodUse("burstable-300", request=100 * mib, usage=300 * mib),
        PodUse("guaranteed-800", request=1024 * mib, usage=800 * mib),
        PodUse("guaranteed-200", request=1024 * mib, usage=200 * mib),
    ]
    ranked = rank(pods, order_by=["usage_above_request"])
    assert [pods[i] for i in (2, 0, 1, 3, 4, 5)] == ranked


def test_a_pod_says_why_it_stands_where_it_stands() -> None:
    shown = why(PodUse("web", 5, 100, 130))
    assert shown == "above its request, priority 5, usage minus request +30"


def test_memory_signals_come_before_disk_and_pids_last() -> None:
    signals = ["pid.available", "imagefs.available", "memory.available"]
    assert signal_order(signals) == ["memory.available", "imagefs.available", "pid.available"]


def test_unknown_resources_and_signals_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="did you mean 'memory'"):
        rank([], "memmory")
    with pytest.raises(InputError, match="unknown eviction signal"):
        signal_order(["cpu.available"])
