from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.machine.weights import (
    MAPPINGS,
    Resources,
    io_weight_from_blkio,
    millicpu_from_quota,
    pod_cgroup,
    quota_from_millicpu,
    shares_from_millicpu,
    swap_limit,
    weight_from_millicpu,
    weight_from_shares,
)


def test_shares_become_the_weights_of_the_older_mapping() -> None:
    shares = (2, 256, 512, 1024, 2048, 262_144)
    assert [weight_from_shares(s, "linear") for s in shares] == [1, 10, 20, 39, 79, 10_000]


@pytest.mark.parametrize(
    ("millicpu", "older", "newer"),
    [
        (0, 1, 1),
        (10, 1, 4),
        (50, 2, 11),
        (100, 4, 17),
        (250, 10, 35),
        (500, 20, 59),
        (1000, 39, 100),
        (1500, 59, 138),
        (2000, 79, 174),
        (4000, 157, 303),
        (8000, 313, 532),
        (16_000, 625, 942),
    ],
)
def test_a_cpu_request_becomes_a_weight_in_both_published_mappings(
    millicpu: int, older: int, newer: int
) -> None:
    assert older == weight_from_millicpu(millicpu, "linear")
    assert newer == weight_from_millicpu(millicpu, "runc-1.3.2")


@pytest.mark.parametrize(
    ("millicpu", "quota_us"),
    [(5, 1000), (9, 1000), (10, 1000), (200, 20_000), (500, 50_000), (1000, 100_000)],
)
def test_a_cpu_limit_becomes_a_quota_of_at_least_a_millisecond(
    millicpu: int, quota_us: int
) -> None:
    assert (quota_us, 100_000) == quota_from_millicpu(millicpu)


def test_no_cpu_limit_means_no_quota() -> None:
    assert quota_from_millicpu(0) == (0, 0)
    assert millicpu_from_quota(0, 0) == 0


def test_a_pod_is_limited_only_when_every_container_is() -> None:
    limited = Resources(100, None, 200, 1 << 20)
    assert pod_cgroup([limited, limited]).cpu_quota_us == 40_000
    assert pod_cgroup([limited, limited]).memory_limit_bytes == 2 << 20
    assert pod_cgroup([limited, Resources(100)]).cpu_quota_us is None
    assert pod_cgroup([limited, Resources(100)]).memory_limit_bytes is None
    assert pod_cgroup([]).cpu_shares == 2


@given(st.integers(0, 10**9), st.sampled_from(MAPPINGS))
def test_a_weight_is_always_within_what_the_kernel_allows(millicpu: int, mapping: str) -> None:
    assert 1 <= weight_from_millicpu(millicpu, mapping) <= 10_000


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(MAPPINGS))
def test_asking_for_more_never_gives_less_weight(one: int, two: int, mapping: str) -> None:
    low, high = sorted((shares_from_millicpu(one), shares_from_millicpu(two)))
    assert weight_from_shares(low, mapping) <= weight_from_shares(high, mapping)


def test_an_unknown_mapping_and_a_weight_out_of_range_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"did you mean 'runc-1\.3\.2'"):
        weight_from_shares(1024, "runc-1.3")
    with pytest.raises(InputError, match="expected 10 to 1000"):
        io_weight_from_blkio(5)


def test_swap_is_what_the_total_leaves_beside_memory() -> None:
    assert swap_limit(1000, 1500) == 500
    assert swap_limit(1000, -1) == -1
    with pytest.raises(InputError, match="below the limit on memory"):
        swap_limit(400, 300)
    with pytest.raises(InputError, match="needs a limit on memory"):
        swap_limit(0, 300)
