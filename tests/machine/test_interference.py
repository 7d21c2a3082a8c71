from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import SHIPPED

from simulator.errors import InputError
from simulator.machine.interference import (
    QUIET,
    Pressure,
    all_slowdowns,
    balloon_bytes,
    containers_memory_bytes,
    fork,
    guests_memory_bytes,
    ksm_saved_at,
    ksm_saved_bytes,
    ksm_scan_s,
    memory_access_s,
    outages,
    sensitivities,
    shared_slowdown,
    slowdown,
    stalled,
    steal,
    thrash_factor,
    walk_references,
    writeback_loss,
)

GIB = 1 << 30
MIB = 1 << 20
pressures = st.builds(Pressure, st.floats(0, 1), st.floats(0, 1))


def test_a_neighbour_that_fills_the_cache_takes_what_the_worst_percent_of_cloud_vms_loses() -> None:
    alone = shared_slowdown(Pressure(1, 0), [], sensitivities(SHIPPED))
    beside = shared_slowdown(Pressure(1, 0), [Pressure(1, 0)], sensitivities(SHIPPED))
    assert alone == 1.0
    assert 1 / beside == pytest.approx(0.75, abs=0.03)


def test_two_random_neighbours_make_the_spread_of_the_published_cloud_vms() -> None:
    # Two neighbours of independent pressure, each uniform from 0 to 1.
    cache, bandwidth = sensitivities(SHIPPED)
    sums = [(i + j) / 100 for i in range(101) for j in range(101)]
    assert spread([1 / slowdown(cache, x) for x in sums]) == pytest.approx(0.144, rel=0.10)
    assert spread([1 / slowdown(bandwidth, x) for x in sums]) == pytest.approx(0.05, rel=0.15)


def spread(speeds: list[float]) -> float:
    mean = sum(speeds) / len(speeds)
    return (sum((s - mean) ** 2 for s in speeds) / len(speeds)) ** 0.5 / mean


def test_a_tenant_that_uses_no_cache_loses_none() -> None:
    assert shared_slowdown(QUIET, [Pressure(1, 1)] * 20, sensitivities(SHIPPED)) == 1.0


@given(st.lists(pressures, min_size=1, max_size=12))
def test_slowdowns_are_bounded_and_the_same_however_they_are_computed(
    tenants: list[Pressure],
) -> None:
    a = sensitivities(SHIPPED)
    together = all_slowdowns(tenants, a)
    for index, own in enumerate(tenants):
        others = tenants[:index] + tenants[index + 1 :]
        assert together[index] == pytest.approx(shared_slowdown(own, others, a), rel=1e-9)
        assert 1.0 <= together[index] <= 100.0


def test_dirty_pages_hurt_nobody_until_the_kernel_starts_to_write_them() -> None:
    assert writeback_loss(1.0, 0.05 * GIB, GIB, SHIPPED) == 0.0
    assert writeback_loss(1.0, 0.20 * GIB, GIB, SHIPPED) == pytest.approx(0.09)
    assert writeback_loss(1.0, 0.40 * GIB, GIB, SHIPPED) > 0.5
    assert writeback_loss(0.0, 0.40 * GIB, GIB, SHIPPED) == 0.0


def test_a_fork_bomb_with_a_limit_stops_at_its_own_wall() -> None:
    state = fork(100_000, 10, 512, 300, 32_768, 0.9)
    assert (state.granted, state.refused_by, state.stalled) == (502, "cgroup", False)


def test_a_fork_bomb_without_a_limit_stalls_everybody_on_the_kernel() -> None:
    state = fork(100_000, 10, None, 300, 32_768, 0.9)
    assert (state.granted, state.refused_by, state.stalled) == (32_468, "kernel", True)


def test_a_few_forks_are_just_granted() -> None:
    assert fork(3, 1, 10, 100, 32_768, 0.9).refused_by is None
    assert not stalled(100, 32_768, SHIPPED.value("kernel.pids.stall_share"))


@pytest.mark.parametrize(
    ("vcpus", "cores", "share"), [(8, 4, 0.5), (4, 4, 0), (5, 4, 0.2), (2, 4, 0)]
)
def test_steal_is_one_minus_the_cores_for_each_busy_vcpu(
    vcpus: int, cores: int, share: float
) -> None:
    assert steal(vcpus, cores) == pytest.approx(share)


def test_a_nested_page_walk_takes_24_references_instead_of_4() -> None:
    assert walk_references(4) == 4
    assert walk_references(4, 4) == 24
    assert walk_references(3) == 3
    assert walk_references(3, 3) == 15
    native = memory_access_s(1e-9, 0.001, 80e-9, walk_references(4))
    assert native == pytest.approx(1.32e-9)
    assert memory_access_s(1e-9, 0.001, 80e-9, walk_references(4, 4)) / native > 2
    with pytest.raises(InputError, match="0 to 5"):
        walk_references(9)


def test_same_page_merging_saves_the_shareable_part_of_all_guests_but_one() -> None:
    assert ksm_saved_bytes(0.5, 200 * MIB, 11) == 1000 * MIB
    assert ksm_saved_bytes(0.5, 200 * MIB, 1) == 0
    # 100 pages of 4 KiB every 20 ms are 20.48 MB/s.
    scan_s = ksm_scan_s(200 * MIB, 11, 100, 0.02, 4096)
    assert scan_s == pytest.approx(11 * 200 * MIB / 20.48e6)
    assert ksm_saved_at(scan_s, 0.5, 200 * MIB, 11, SHIPPED) == 0
    assert ksm_saved_at(2 * scan_s, 0.5, 200 * MIB, 11, SHIPPED) == pytest.approx(1000 * MIB)


def test_a_balloon_returns_only_what_is_free_and_takes_its_time() -> None:
    assert balloon_bytes(GIB, 2 * GIB, 60, 200 * MIB) == GIB
    assert balloon_bytes(GIB, 2 * GIB, 1, 200 * MIB) == 200 * MIB


def test_containers_share_what_guests_each_hold() -> None:
    containers = containers_memory_bytes(100 * MIB, 50 * MIB, 10)
    guests = guests_memory_bytes(100 * MIB, 50 * MIB, 64 * MIB, 131 * MIB, 10)
    assert containers == 600 * MIB
    assert guests == 3450 * MIB


def test_work_that_fits_does_not_thrash_and_work_that_does_not_falls_off_a_cliff() -> None:
    assert thrash_factor(GIB, GIB, SHIPPED) == 1.0
    assert thrash_factor(1.25 * GIB, GIB, SHIPPED) == pytest.approx(1 + 0.2 * 99)


@given(st.integers(1, 200), st.floats(0.01, 10))
def test_outages_are_equal_on_average_and_their_variances_are_in_the_ratio_n(
    tenants: int, rate: float
) -> None:
    together = outages(tenants, 1, rate)
    apart = outages(tenants, tenants, rate)
    assert together.expected == pytest.approx(apart.expected)
    assert together.variance / apart.variance == pytest.approx(tenants)
    assert (together.event_size, apart.event_size) == (tenants, 1)
