from __future__ import annotations

from typing import Any

import pytest
from conformance_tables import case_id, cases

from simulator.machine.eviction import PodUse, rank, signal_order


@pytest.mark.parametrize("case", cases("eviction_rank"), ids=case_id)
def test_pods_and_signals_come_in_the_order_of_the_upstream_table(case: dict[str, Any]) -> None:
    assert case["expect"]["order"] == order(case)


def order(case: dict[str, Any]) -> list[str]:
    if case["kind"] == "signal_order":
        return signal_order(case["signals"])
    pods = [PodUse(**pod) for pod in case["pods"]]
    return [pod.name for pod in rank(pods, case["resource"], case["order_by"])]
