from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import SHIPPED, shipped_runtime

from simulator.errors import InputError
from simulator.machine.density import (
    GIB,
    Need,
    Room,
    allocatable_bytes,
    allocatable_cores,
    density,
    instance_bytes,
    start_all_s,
)
from simulator.machine.runtimes import MB, MIB, names
from simulator.shell.density import density_lines

HOST = Room(cores=64, memory_bytes=128 * GIB)
NODE = Need(memory_bytes=round(SHIPPED.value("memory.application.node_mb") * MB))


def test_a_node_keeps_what_the_published_formula_says() -> None:
    assert allocatable_bytes(128 * GIB, SHIPPED) / MIB == pytest.approx(121_428, abs=2)
    assert allocatable_cores(4, SHIPPED) == pytest.approx(4 - 0.06 - 0.01 - 0.01)


@pytest.mark.parametrize(
    ("name", "need", "expected"),
    [
        ("runc", NODE, 1659),
        ("gvisor", NODE, 1026),
        ("docker", NODE, 1659),
        ("qemu", Need(round(76.7 * MB), guest_bytes=512 * MIB), 440),
        ("runc", Need(1), 31_114),
    ],
)
def test_as_many_instances_fit_128_gib_as_the_published_figures_give(
    name: str, need: Need, expected: int
) -> None:
    found = density(shipped_runtime(name), need, HOST, SHIPPED)
    assert found.count == pytest.approx(expected, rel=0.01)
    assert found.bound == "memory"


def test_the_limit_that_binds_is_named() -> None:
    cluster = Room(64, 128 * GIB, pods_max=110)
    assert density(shipped_runtime("runc"), NODE, cluster, SHIPPED).bound == "pods per node"
    small = Room(64, 128 * GIB, pids_max=32_768)
    assert density(shipped_runtime("runc"), Need(1, pids=2), small, SHIPPED).bound == "pids"
    busy = Need(NODE.memory_bytes, cpu_cores=1.0)
    found = density(shipped_runtime("runc"), busy, HOST, SHIPPED)
    assert (found.bound, found.count) == ("CPU", 63)


def test_vms_cost_more_each_because_fewer_share_the_host() -> None:
    priced = Room(64, 128 * GIB, price_per_hour=3.0)
    container, guest = (
        density(shipped_runtime(name), NODE, priced, SHIPPED) for name in ("runc", "qemu")
    )
    assert guest.cost_per_hour / container.cost_per_hour == pytest.approx(
        container.count / guest.count
    )
    assert guest.cost_per_hour > 3 * container.cost_per_hour


def test_starting_the_whole_set_takes_waves() -> None:
    firecracker = shipped_runtime("firecracker")
    assert start_all_s(firecracker, 0, 8) == 0
    assert start_all_s(firecracker, 1, 8) == pytest.approx(0.161)
    # 50 at a time for two waves: each wave as slow as 50 parallel boots.
    assert start_all_s(firecracker, 100, 50) == pytest.approx(2 * (0.161 + 49 * 0.0006))


def test_a_guest_too_small_for_its_own_system_is_refused_with_what_it_needs() -> None:
    need = Need(64 * MIB, guest_bytes=64 * MIB)
    for name, least in (("qemu", 212), ("firecracker", 126), ("cloud-hypervisor", 126)):
        with pytest.raises(InputError, match=f"expected at least {least} MiB"):
            instance_bytes(shipped_runtime(name), need, SHIPPED)


def test_nonsense_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="memory of the host"):
        density(shipped_runtime("runc"), NODE, Room(4, 0), SHIPPED)


@given(
    st.sampled_from([name for name in names() if shipped_runtime(name).kind != "vm"]),
    st.integers(1, 10**9),
    st.integers(1, 256),
)
def test_a_full_host_is_never_overfull(name: str, memory_bytes: int, gib: int) -> None:
    room = Room(16, gib * GIB)
    need = Need(memory_bytes, guest_bytes=4 * GIB)
    found = density(shipped_runtime(name), need, room, SHIPPED)
    assert found.count * found.each_bytes <= allocatable_bytes(room.memory_bytes, SHIPPED)
    assert found.count == min(found.limits.values())


OWN = [name for name in names() if shipped_runtime(name).kernel == "own"]


@pytest.mark.parametrize("name", OWN)
def test_no_hypervisor_starts_a_guest_that_its_program_does_not_fit(name: str) -> None:
    need = Need(73 * MIB, guest_bytes=64 * MIB)
    with pytest.raises(InputError, match=rf"the guest of {name} is too small: found '64 MiB'"):
        density(shipped_runtime(name), need, Room(32, 128 * GIB), SHIPPED)


def test_a_table_without_a_price_has_no_column_for_it() -> None:
    plain, priced = (
        density_lines("idle", SHIPPED, cores=4, memory_bytes=8 * GIB, price_per_hour=price)
        for price in (0.0, 1.5)
    )
    assert "PRICE" not in plain[1]
    assert "PRICE/H EACH" in priced[1]
    small = density_lines(
        "idle memory=600MiB", SHIPPED, cores=4, memory_bytes=8 * GIB, guest_bytes=64 * MIB
    )
    refused = [line.split()[0] for line in small if "a guest of 64 MiB is too small" in line]
    assert refused == ["firecracker", "cloud-hypervisor", "kata-clh", "kata-qemu", "qemu"]
    assert all(len(line) <= 100 for line in (*plain, *priced, *small))
