"""Published measurements of runtimes, reproduced from cost vectors (results A23 to A26)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.calibration import value
from simulator.machine.costs import (
    Demand,
    HostCosts,
    service,
    throughput,
    with_native_cpu,
    with_native_latency,
)
from simulator.machine.runtimes import (
    MB,
    MIB,
    memory_overhead,
    runtime,
    service_seconds,
    start_time,
)

HOST = HostCosts.of()


def boots(name: str, concurrent: int = 1, count: int = 4000) -> np.ndarray:
    stream = np.random.Generator(np.random.PCG64(7))
    arrangement = runtime(name)
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
    ("name", "mib"), [("firecracker", 2.5), ("cloud-hypervisor", 13.3), ("qemu-qboot", 131.0)]
)
def test_a_vmm_costs_the_published_memory_beside_a_512_mib_guest(name: str, mib: float) -> None:
    found = memory_overhead(runtime(name), 512 * MIB)
    assert found.vmm_bytes / MIB == pytest.approx(mib, rel=0.05)
    assert found.guest_kernel_bytes / MIB == pytest.approx(21.9, rel=0.01)


# A25 ---------------------------------------------------------------------------------------------


def test_a_request_response_over_the_network_takes_1_81_times_as_long_in_a_vm() -> None:
    demand = Demand(
        syscalls=value("workload.tcp_rr.syscalls"), packets=value("workload.tcp_rr.packets")
    )
    demand = with_native_latency(demand, value("net.native.tcp_rr_s"), HOST)
    native = service_seconds(runtime("process"), demand).latency_s
    guest = service_seconds(runtime("qemu"), demand).latency_s
    assert native == pytest.approx(37.58e-6, rel=1e-9)
    assert guest / native == pytest.approx(1.81, rel=0.05)


def test_a_vm_reaches_half_the_random_reads_and_a_container_all_of_them() -> None:
    demand = Demand(ios=value("workload.fio.ios"))
    native, docker, guest = (
        throughput(runtime(name).costs, demand, HOST, depth=128).per_s
        for name in ("process", "docker", "qemu")
    )
    assert native == pytest.approx(84_044, rel=0.01)
    assert docker / native == pytest.approx(1.0, abs=0.01)
    assert guest / native == pytest.approx(0.506, rel=0.05)


@pytest.mark.parametrize(("program", "ratio"), [("linpack", 0.977), ("stream", 0.987)])
def test_computation_loses_two_percent_in_a_vm_and_nothing_in_a_container(
    program: str, ratio: float
) -> None:
    demand = Demand(user_s=value(f"workload.{program}.user_s"))
    native, docker, guest = (
        throughput(runtime(name).costs, demand, HOST).per_s
        for name in ("process", "docker", "qemu")
    )
    assert docker / native == pytest.approx(1.0, abs=0.01)
    assert guest / native == pytest.approx(ratio, abs=0.02)


def test_a_vmm_that_handles_one_disk_operation_at_a_time_stays_at_13_000_a_second() -> None:
    m5d = replace(HOST, io_cpu_s=1 / value("io.native.iops"))
    demand = Demand(ios=1)
    found = throughput(runtime("firecracker").costs, demand, m5d, depth=32)
    assert found.bound == "disk depth"
    assert found.per_s == pytest.approx(12_880, rel=0.01)
    bare = throughput(runtime("process").costs, demand, m5d, depth=32)
    qemu = throughput(runtime("qemu").costs, demand, m5d, depth=32)
    assert bare.per_s == pytest.approx(301_182, rel=0.01)
    assert qemu.per_s == pytest.approx(135_109, rel=0.15)


# A26 ---------------------------------------------------------------------------------------------


def web_demand(name: str) -> Demand:
    """Calls and packets of one request; user time is what its native rate leaves."""
    counts = Demand(
        syscalls=value(f"workload.{name}.syscalls"), packets=value(f"workload.{name}.packets")
    )
    return with_native_cpu(counts, 1 / value(f"workload.{name}.native_rps"), HOST)


@pytest.mark.parametrize(
    ("name", "native", "ratio"),
    [("node_http", 885.8, 0.423), ("ruby_http", 540.0, 0.481), ("redis_lrange_600", 9901, 0.661)],
)
def test_a_sandbox_slows_a_request_by_its_system_calls(
    name: str, native: float, ratio: float
) -> None:
    demand = web_demand(name)
    runc = throughput(runtime("runc").costs, demand, HOST).per_s
    gvisor = throughput(runtime("gvisor-ptrace").costs, demand, HOST).per_s
    assert runc == pytest.approx(native, rel=0.001)
    assert gvisor / runc == pytest.approx(ratio, rel=0.10)


def test_redis_behind_a_sandbox_becomes_the_bottleneck_instead_of_its_client() -> None:
    demand = Demand(
        user_s=value("workload.redis_get.user_s"),
        syscalls=value("workload.redis_get.syscalls"),
        packets=value("workload.redis_get.packets"),
    )
    client = value("workload.redis_get.client_rps")
    runc = throughput(runtime("runc").costs, demand, HOST, client_per_s=client)
    gvisor = throughput(runtime("gvisor-ptrace").costs, demand, HOST, client_per_s=client)
    assert (runc.bound, gvisor.bound) == ("client", "CPU")
    assert gvisor.per_s / runc.per_s == pytest.approx(0.506, rel=0.10)


def test_a_sandbox_does_not_slow_computation() -> None:
    demand = Demand(user_s=value("workload.sysbench_cpu.user_s"))
    runc, gvisor = (
        throughput(runtime(name).costs, demand, HOST).per_s for name in ("runc", "gvisor-ptrace")
    )
    assert runc == pytest.approx(103.62, rel=0.001)
    assert gvisor / runc == pytest.approx(1.00, abs=0.01)


def test_an_idle_sandbox_holds_19_6_mb_more_than_an_idle_container() -> None:
    more = (
        memory_overhead(runtime("gvisor-ptrace")).total_bytes
        - memory_overhead(runtime("runc")).total_bytes
    )
    assert more / MB == pytest.approx(19.6, rel=0.10)


def test_an_intercepted_null_call_is_within_the_range_published_for_it() -> None:
    # 16 times the native call, where the null call alone was 19.7 times: the one value that also
    # fits two socket calls per redis request.
    call = service(runtime("gvisor-ptrace").costs, Demand(syscalls=1), HOST).cpu_s
    assert 28.7e-6 <= call <= value("cpu.syscall.gvisor_ptrace_null_s")
    kvm = service(runtime("gvisor-kvm").costs, Demand(syscalls=1), HOST).cpu_s
    assert kvm / HOST.syscall_s == pytest.approx(0.39, rel=0.02)


# Density: the derived figures for a 128 GiB host -------------------------------------------------


@pytest.mark.parametrize(
    ("name", "guest_mib", "expected"),
    [("firecracker", 256, 866), ("kata-clh", 0, 597), ("kata-qemu", 0, 520)],
)
def test_as_many_node_applications_fit_a_128_gib_host_as_published(
    name: str, guest_mib: int, expected: int
) -> None:
    each = memory_overhead(runtime(name), guest_mib * MIB).total_bytes + 76.7 * MB
    assert 121_428 * MIB / each == pytest.approx(expected, rel=0.01)
