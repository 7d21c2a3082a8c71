from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import SHIPPED, shipped_nested, shipped_runtime

from simulator.calibration import Calibration
from simulator.errors import InputError, Refused
from simulator.machine.costs import Demand, HostCosts, service, throughput
from simulator.machine.runtimes import (
    KINDS,
    MIB,
    aliases,
    constants_of,
    memory_overhead,
    names,
    runtime,
    start_time,
)

HOST = HostCosts.of(SHIPPED)
counts = st.floats(0, 1e4)
demands = st.builds(
    Demand, st.floats(0, 10), counts, opens=counts, packets=counts, ios=counts,
    elsewhere_s=st.floats(0, 10),
)  # fmt: skip
"""Whatever is asked for, but for calls that a sandbox may answer by itself."""


def stream(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_every_runtime_is_complete_and_every_number_in_it_has_a_source() -> None:
    for name in names():
        found = shipped_runtime(name)
        assert found.kind in KINDS
        assert found.kernel in ("host", "own", "sandbox", "shared")
        assert found.title
        assert found.stages
        assert found.median_start_s > 0
        for source in constants_of(name).values():
            assert SHIPPED.constant(source).source
        assert found.has_own_kernel == any(wall.kind == "vmm" for wall in found.walls)


def test_every_alias_leads_to_a_runtime() -> None:
    for word, name in aliases().items():
        assert word not in names()
        assert shipped_runtime(word).name == name


def test_an_unknown_runtime_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'firecracker'"):
        shipped_runtime("firecraker")


def test_a_docker_container_starts_by_daemon_namespaces_and_runc() -> None:
    stages = start_time(shipped_runtime("docker"), stream())
    assert [name for name, _ in stages] == ["daemon", "namespaces", "runc"]
    assert shipped_runtime("docker").median_start_s == pytest.approx(0.2834)
    assert shipped_runtime("crun").median_start_s == pytest.approx(0.0169)


def test_runtimes_start_in_the_published_order() -> None:
    order = ["process", "crun", "runc", "firecracker", "qemu-qboot", "lxc", "qemu", "cloud-vm"]
    medians = [shipped_runtime(name).median_start_s for name in order]
    assert medians == sorted(medians)


def test_a_sandbox_adds_90_ms_and_a_vm_per_container_half_a_second_to_a_docker_start() -> None:
    docker = shipped_runtime("docker").median_start_s
    assert shipped_runtime("gvisor").median_start_s - docker == pytest.approx(0.09)
    assert shipped_runtime("kata").median_start_s - docker == pytest.approx(0.50)


def test_containers_start_slower_the_more_are_running() -> None:
    docker = shipped_runtime("docker")
    crowded = sum(s for _, s in start_time(docker, stream(), running=3000))
    alone = sum(s for _, s in start_time(docker, stream()))
    assert crowded / alone == pytest.approx(4.0, rel=0.15)
    assert [s for _, s in start_time(docker, stream(), concurrent=50)] == [
        s for _, s in start_time(docker, stream())
    ]


def test_the_same_stream_gives_the_same_start() -> None:
    assert start_time(shipped_runtime("kata"), stream(3)) == start_time(
        shipped_runtime("kata"), stream(3)
    )


def test_a_stage_has_its_median_and_99th_percentile() -> None:
    daemon = shipped_runtime("docker").stages[0]
    assert daemon.median_s == 0.25
    assert daemon.median_s * math.exp(2.3263 * daemon.sigma) == pytest.approx(0.40, rel=1e-3)


def test_a_scenario_may_set_the_constants_of_a_runtime() -> None:
    mine = Calibration({"memory.qemu.vmm_mib": 262.0, "cpu.vm.user_factor": 1.1})
    assert runtime("qemu", mine).vmm_bytes == 262 * MIB
    assert runtime("qemu", mine).costs.user_factor == 1.1
    assert shipped_runtime("qemu").vmm_bytes == round(49.4 * MIB)


def test_the_guests_kernel_keeps_more_of_a_larger_guest() -> None:
    sizes = [
        memory_overhead(shipped_runtime("qemu"), mib * MIB).guest_kernel_bytes
        for mib in (128, 8192)
    ]
    assert sizes == [round(15.9 * MIB), 206 * MIB]
    assert memory_overhead(shipped_runtime("docker"), 8192 * MIB).guest_kernel_bytes == 0
    assert memory_overhead(shipped_runtime("qemu"), 512 * MIB).outside_bytes == round(49.4 * MIB)


def test_containers_in_a_vm_pay_the_vms_prices_and_start_as_containers() -> None:
    inside = shipped_nested(shipped_runtime("qemu"), shipped_runtime("docker"))
    assert inside.costs == shipped_runtime("qemu").costs
    assert inside.stages == shipped_runtime("docker").stages
    assert inside.kernel == "host"


def test_a_vm_in_a_vm_costs_more_than_twice_what_one_costs() -> None:
    demand = Demand(packets=2, ios=1)
    native, single, double = (
        service(one.costs, demand, HOST).latency_s
        for one in (
            shipped_runtime("process"),
            shipped_runtime("qemu"),
            shipped_nested(shipped_runtime("qemu"), shipped_runtime("qemu")),
        )
    )
    assert double - native > 2 * (single - native)
    assert (
        shipped_nested(shipped_runtime("qemu"), shipped_runtime("qemu")).costs.user_factor > 1.02**2
    )


def test_a_vm_cannot_run_in_a_sandbox() -> None:
    with pytest.raises(Refused, match="needs hardware virtualisation"):
        shipped_nested(shipped_runtime("gvisor"), shipped_runtime("firecracker"))
    assert shipped_nested(shipped_runtime("process"), shipped_runtime("docker")) == runtime(
        "docker", SHIPPED
    )


def test_a_throughput_names_what_binds_it() -> None:
    costs = shipped_runtime("process").costs
    assert throughput(costs, Demand(user_s=0.01), HOST).bound == "CPU"
    assert throughput(costs, Demand(user_s=0.01), HOST, threads=4).per_s == pytest.approx(400)
    assert throughput(costs, Demand(user_s=0.01), HOST, client_per_s=5).bound == "client"
    assert throughput(costs, Demand(), HOST).per_s == math.inf


@given(demands, st.sampled_from(names()))
def test_no_boundary_makes_work_cheaper(demand: Demand, name: str) -> None:
    bare = service(shipped_runtime("process").costs, demand, HOST)
    found = service(shipped_runtime(name).costs, demand, HOST)
    assert found.latency_s >= found.cpu_s
    assert found.cpu_s >= bare.cpu_s - 1e-12
    assert found.latency_s >= bare.latency_s - 1e-9


def test_only_calls_that_a_sandbox_answers_by_itself_are_cheaper_there_and_opens_are_dearest() -> (
    None
):
    native = HOST.syscall_s
    for name in ("gvisor-ptrace", "gvisor-systrap", "gvisor-kvm"):
        costs = shipped_runtime(name).costs
        internal, call, opened = (
            service(costs, demand, HOST).cpu_s
            for demand in (Demand(internals=1), Demand(syscalls=1), Demand(opens=1))
        )
        assert (internal < native) == (name == "gvisor-kvm")
        assert native < call < opened
        assert opened == pytest.approx(216 * native)
        assert service(costs, Demand(ios=1), HOST).cpu_s > service(
            shipped_runtime("docker").costs, Demand(ios=1), HOST
        ).cpu_s  # fmt: skip


def test_systrap_is_what_runs_where_a_sandbox_is_asked_for_without_a_platform() -> None:
    names = {
        word: shipped_runtime(word).name
        for word in ("runsc", "gvisor", "runsc-ptrace", "runsc-kvm")
    }
    assert names == {
        "runsc": "gvisor-systrap", "gvisor": "gvisor-systrap", "runsc-ptrace": "gvisor-ptrace",
        "runsc-kvm": "gvisor-kvm",
    }  # fmt: skip


def test_kata_with_firecracker_costs_a_pod_of_its_own_and_is_not_the_bare_monitor():
    """130 MiB declared for a pod; the wall around it is Firecracker's, the start that of Kata."""
    kata, bare = shipped_runtime("kata-fc"), shipped_runtime("firecracker")
    assert memory_overhead(kata).vmm_bytes == 130 * MIB
    assert [wall.kind for wall in kata.walls] == ["container", "vmm"]
    assert kata.costs == bare.costs
    assert kata.median_start_s > bare.median_start_s + 0.25
