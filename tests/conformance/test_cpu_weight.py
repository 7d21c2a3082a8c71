from __future__ import annotations

from typing import Any

import pytest
from conformance_tables import case_id, cases

from simulator.errors import InputError
from simulator.machine import weights


@pytest.mark.parametrize("case", cases("cpu_weight"), ids=case_id)
def test_requests_become_the_cgroup_numbers_of_the_upstream_table(case: dict[str, Any]) -> None:
    assert case["expect"] == computed(case)


def computed(case: dict[str, Any]) -> dict[str, Any]:
    match case["kind"]:
        case "shares_to_weight":
            return {"weight": weights.weight_from_shares(case["shares"], case["mapping"])}
        case "millicpu_to_shares":
            return {"shares": weights.shares_from_millicpu(case["millicpu"])}
        case "millicpu_to_quota":
            quota_us, period_us = weights.quota_from_millicpu(case["millicpu"])
            return {"quota_us": quota_us, "period_us": period_us}
        case "quota_to_millicpu":
            found = weights.millicpu_from_quota(case["quota_us"], case["period_us"])
            return {"millicpu": found}
        case "pod_cgroup":
            pod = weights.pod_cgroup([weights.Resources(**each) for each in case["containers"]])
            return {name: getattr(pod, name) for name in case["expect"]}
        case "memory_swap":
            return swap(case)
        case "blkio_to_io_weight":
            return {"io_weight": weights.io_weight_from_blkio(case["blkio_weight"])}
    raise AssertionError(case["kind"])


def swap(case: dict[str, Any]) -> dict[str, Any]:
    try:
        found = weights.swap_limit(case["memory"], case["memory_plus_swap"])
    except InputError:
        return {"error": True, "swap": None}
    return {"error": False, "swap": found}
