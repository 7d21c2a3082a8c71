from __future__ import annotations

from typing import Any

import pytest
from conformance_tables import case_id, cases

from simulator.machine.oom import oom_score_adj, qos_class
from simulator.machine.weights import Resources


def resources(stated: dict[str, Any]) -> Resources:
    # Extended resources such as huge pages do not count for the class.
    return Resources(**{name: amount for name, amount in stated.items() if name != "extended"})


@pytest.mark.parametrize("case", cases("qos_oom", "qos_class"), ids=case_id)
def test_a_pod_has_the_class_of_the_upstream_table(case: dict[str, Any]) -> None:
    found = qos_class(
        [resources(each) for each in case["containers"]],
        [resources(each) for each in case["init_containers"]],
        resources(case["pod_level"]) if case["pod_level"] else None,
    )
    assert case["expect"]["qos_class"] == found


@pytest.mark.parametrize("case", cases("qos_oom", "oom_score_adj"), ids=case_id)
def test_a_container_has_the_adjustment_of_the_upstream_table(case: dict[str, Any]) -> None:
    container = resources(case["container"])
    found = oom_score_adj(
        qos_class([container]),
        container.request_memory_bytes,
        case["node_memory_bytes"],
        critical=case["critical"],
    )
    assert case["expect"]["min"] <= found <= case["expect"]["max"]
