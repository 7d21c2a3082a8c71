"""Published measurements of runtimes, reproduced from cost vectors (results A23 to A26)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shipped import SHIPPED, shipped_demand, shipped_runtime

from simulator.machine.benchmarks import (
    Comparison,
    comparisons,
    nvme_iops,
    rate_ratio,
)
from simulator.machine.costs import Demand, HostCosts, service, throughput
from simulator.machine.runtimes import (
    MB,
    MIB,
    memory_overhead,
    start_time,
)

HOST = HostCosts.of(SHIPPED)


def boots(name: str, concurrent: int = 1, count: int = 4000) -> np.ndarray:
    stream = np.random.Generator(np.random.PCG64(7))
    arrangement = shipped_runtime(name)
    return np.array(
        [sum(s for _, s in start_time(arrangement, stream, concurrent)) for _ in range(count)]
    )


# A23 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "median_s"),
    [("firecracker", 0.161), ("qemu-qboot", 0.214), ("cloud-hypervisor", 0.102)],
)
def test_serial_boots_have_the_published_medians_and_short_tails(
    name: str, median_s: float
) -> None:
    p50, p99 = np.percentile(boots(name), [50, 99])
    assert p50 == pytest.approx(median_s, rel=0.05)
    assert p99 / p50 <= 1.08


@pytest.mark.parametrize(
    ("name", "concurrent", "median_s", "tolerance"),
    [
        ("firecracker", 50, 0.206, 0.10),
        ("firecracker", 100, 0.217, 0.05),
        ("cloud-hypervisor", 100, 0.134, 0.15),
        ("qemu-qboot", 100, 0.240, 0.05),
    ],
)
def test_parallel_boots_slow_each_other_down(
    name: str, concurrent: int, median_s: float, tolerance: float
) -> None:
    assert np.median(boots(name, concurrent)) == pytest.approx(median_s, rel=tolerance)


# A24 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mib"), [("firecracker", 2.5), ("cloud-hypervisor", 13.3), ("qemu-qboot", 49.4)]
)
def test_a_vmm_costs_the_published_memory_beside_a_512_mib_guest(name: str, mib: float) -> None:
    found = memory_overhead(shipped_runtime(name), 512 * MIB)
    assert found.vmm_bytes / MIB == pytest.approx(mib, rel=0.05)
    assert found.guest_kernel_bytes / MIB == pytest.approx(21.9, rel=0.01)


# A25, A26 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", comparisons(SHIPPED), ids=lambda found: found.name)
def test_the_cost_vectors_reproduce_the_published_figure(found: Comparison) -> None:
    assert found.model == pytest.approx(found.published, rel=found.tolerance)


def test_the_native_figures_are_those_of_the_papers() -> None:
    assert service(
        shipped_runtime("process").costs, shipped_demand("tcp_rr"), HOST
    ).latency_s == pytest.approx(37.58e-6, rel=1e-9)
    bare = shipped_runtime("process").costs
    assert throughput(bare, shipped_demand("fio"), HOST, depth=128).per_s == pytest.approx(
        84_044, rel=0.01
    )
    assert throughput(bare, shipped_demand("node_http"), HOST).per_s == pytest.approx(
        885.8, rel=1e-3
    )
    assert throughput(bare, shipped_demand("ruby_http"), HOST).per_s == pytest.approx(
        540.0, rel=1e-3
    )
    assert throughput(bare, shipped_demand("sysbench_cpu"), HOST).per_s == pytest.approx(
        103.6, rel=1e-3
    )
    assert nvme_iops("process", SHIPPED) == pytest.approx(301_182, rel=0.01)


@pytest.mark.parametrize("program", ["fio", "linpack", "stream"])
def test_a_container_stays_within_one_percent_of_native(program: str) -> None:
    assert rate_ratio(program, "docker", SHIPPED) == pytest.approx(1.0, abs=0.01)


def test_a_vmm_that_handles_one_disk_operation_at_a_time_is_bound_by_its_depth() -> None:
    m5d = replace(HOST, io_cpu_s=1 / SHIPPED.value("io.native.iops"))
    found = throughput(shipped_runtime("firecracker").costs, Demand(ios=1), m5d, depth=32)
    assert found.bound == "disk depth"


def test_redis_behind_a_sandbox_becomes_the_bottleneck_instead_of_its_client() -> None:
    demand = shipped_demand("redis_get")
    client = SHIPPED.value("workload.redis_get.client_rps")
    runc = throughput(shipped_runtime("runc").costs, demand, HOST, client_per_s=client)
    gvisor = throughput(shipped_runtime("gvisor-ptrace").costs, demand, HOST, client_per_s=client)
    assert (runc.bound, gvisor.bound) == ("client", "CPU")


def test_an_intercepted_null_call_is_within_the_range_published_for_it() -> None:
    # 16 times the native call, where the null call alone was 19.7 times: the one value that also
    # fits two socket calls per redis request.
    call = service(shipped_runtime("gvisor-ptrace").costs, Demand(syscalls=1), HOST).cpu_s
    assert 28.7e-6 <= call <= SHIPPED.value("published.gvisor.null_call") * HOST.syscall_s
    kvm = service(shipped_runtime("gvisor-kvm").costs, Demand(internals=1), HOST).cpu_s
    assert kvm / HOST.syscall_s == pytest.approx(0.39, rel=0.02)


# Density: the derived figures for a 128 GiB host -------------------------------------------------


@pytest.mark.parametrize(
    ("name", "guest_mib", "expected"),
    [("firecracker", 256, 866), ("kata-clh", 0, 597), ("kata-qemu", 0, 520)],
)
def test_as_many_node_applications_fit_a_128_gib_host_as_published(
    name: str, guest_mib: int, expected: int
) -> None:
    each = memory_overhead(shipped_runtime(name), guest_mib * MIB).total_bytes + 76.7 * MB
    assert 121_428 * MIB / each == pytest.approx(expected, rel=0.01)
