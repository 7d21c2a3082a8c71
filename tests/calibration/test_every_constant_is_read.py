"""Every constant is read: a scenario that sets one sees the thing change that it is named for.

The table says in what a constant is to be seen. A constant that stands in no row fails, so that
none is shipped that nothing reads; a row whose observation does not move fails too.
"""

from __future__ import annotations

import ast
from functools import cache, partial
from pathlib import Path

import observations as see
import pytest
from shipped import SHIPPED

import simulator
from simulator import calibration
from simulator.calibration import Calibration

KINDS = {
    "docker": "docker",
    "crun": "crun",
    "runc": "docker",
    "namespaces": "docker",
    "process": "process",
    "lxc": "lxc",
    "gvisor": "gvisor-ptrace",
    "kata": "kata-qemu",
    "firecracker": "firecracker",
    "cloud_hypervisor": "cloud-hypervisor",
    "qemu_qboot": "qemu-qboot",
    "qemu_bios": "qemu-bios",
    "linux_guest": "qemu",
    "xen": "xen",
}
"""The arrangement in which the constants of a section are seen."""


def _started(*sections: str) -> dict[str, see.Seen]:
    """The times of the parts of a start, each in an arrangement that has this part."""
    return {
        name: partial(see.starts, KINDS[name.split(".")[1]])
        for section in sections
        for name in calibration.names()
        if name.startswith(section) and name.split(".")[1] in KINDS
    }


def _all(prefix: str, seen: see.Seen) -> dict[str, see.Seen]:
    return {name: seen for name in calibration.names() if name.startswith(prefix)}


SEEN_IN: dict[str, see.Seen] = {
    **_started("runtime.", "boot."),
    "boot.cloud_vm.total_s": see.cloud_boot,
    "boot.xen.create_s": partial(see.starts, "vm-shared-kernel"),
    # Memory of arrangements.
    "memory.container.idle_mb": partial(see.memory, "docker"),
    "memory.lxc.userland_mib": partial(see.memory, "lxc"),
    "memory.gvisor.idle_mb": partial(see.memory, "gvisor-ptrace"),
    "memory.firecracker.vmm_mib": partial(see.memory, "firecracker"),
    "memory.cloud_hypervisor.vmm_mib": partial(see.memory, "cloud-hypervisor"),
    "memory.qemu.vmm_mib": partial(see.memory, "qemu"),
    "memory.guest.kernel_mib": partial(see.memory, "firecracker"),
    "memory.guest.lean_userland_mib": partial(see.memory, "firecracker"),
    "memory.guest.distribution_mib": partial(see.guest_memory, "qemu"),
    "memory.kata.qemu_pod_mib": partial(see.memory, "kata-qemu"),
    "memory.kata.clh_pod_mib": partial(see.memory, "kata-clh"),
    "memory.lightvm.guest_mib": partial(see.memory, "xen"),
    "memory.balloon.rate_mib_per_s": see.memory_tricks,
    **_all("memory.ksm.", see.memory_tricks),
    "kernel.pages.size_bytes": see.memory_tricks,
    "memory.swap.thrash_factor": see.swapping,
    # How many fit.
    **_all("memory.node.reserved", see.densities),
    **_all("memory.application.", see.densities),
    "memory.gvisor.node_mb": see.densities,
    "memory.gvisor.ruby_mb": see.densities,
    "memory.gvisor.redis_1gb_mb": see.densities,
    **_all("cpu.reserved.", see.densities),
    # What boundaries cost.
    "cpu.container.user_factor": partial(see.costs, "docker"),
    "cpu.vm.user_factor": partial(see.costs, "qemu"),
    "cpu.nested.exit_factor": see.nested_costs,
    "cpu.nested.user_factor": see.nested_costs,
    "cpu.syscall.native_s": partial(see.costs, "docker"),
    "cpu.syscall.gvisor_ptrace_s": partial(see.costs, "gvisor-ptrace"),
    "cpu.syscall.gvisor_kvm_s": partial(see.costs, "gvisor-kvm"),
    "cpu.syscall.gvisor_kvm_host_s": partial(see.costs, "gvisor-kvm"),
    "cpu.syscall.gvisor_systrap_s": partial(see.costs, "gvisor-systrap"),
    "cpu.syscall.gvisor_open_factor": partial(see.costs, "gvisor-systrap"),
    "net.native.packet_cpu_s": see.beside_packets,
    "net.nat.packet_latency_s": partial(see.costs, "docker"),
    "net.vm.packet_latency_s": partial(see.costs, "qemu"),
    "net.firecracker.packet_latency_s": partial(see.costs, "firecracker"),
    "net.firecracker.gbps": partial(see.packets_sent, "firecracker"),
    "net.cloud_hypervisor.gbps": partial(see.packets_sent, "cloud-hypervisor"),
    "net.qemu.gbps": partial(see.packets_sent, "qemu"),
    "net.gvisor.gbps": partial(see.packets_sent, "gvisor-ptrace"),
    "net.gvisor.packet_cpu_s": partial(see.costs, "gvisor-ptrace"),
    "net.gvisor.packet_latency_s": partial(see.costs, "gvisor-ptrace"),
    "io.native.op_cpu_s": partial(see.costs, "docker"),
    "io.native.latency_s": partial(see.costs, "docker"),
    "io.native.felter_iops": see.disk_time,
    "io.log.json_bytes_s": see.log_flood,
    "io.filesystem.bytes_per_inode": see.inodes,
    "io.vm.factor": partial(see.costs, "qemu"),
    "io.vm.latency_s": partial(see.costs, "qemu"),
    "io.gvisor.factor": partial(see.costs, "gvisor-ptrace"),
    "io.firecracker.latency_s": partial(see.costs, "firecracker"),
    "io.firecracker.read_mbps": partial(see.disk_rate, "firecracker"),
    "io.cloud_hypervisor.read_mbps": partial(see.disk_rate, "cloud-hypervisor"),
    "io.qemu.read_mbps": partial(see.disk_rate, "qemu"),
    # What leaks, and what is shared.
    "isolation.cache.sensitivity": see.beside_a_cache,
    "isolation.bandwidth.sensitivity": see.beside_bandwidth,
    "isolation.noise.cpu_cov": partial(see.speed, "standard"),
    "isolation.noise.burstable_cpu_cov": partial(see.speed, "burstable"),
    "isolation.writeback.leak": see.beside_writes,
    "io.writeback.background_ratio": see.beside_writes,
    "io.writeback.dirty_ratio": see.beside_writes,
    "net.conntrack.entries_max": see.beside_connections,
    "kernel.pids.max": see.last_process,
    "kernel.pids.stall_share": see.stalling,
    # Clocks.
    "control.docker.check_patience_s": see.asking,
    "control.docker.restart_first_s": see.back_off,
    "control.docker.restart_max_s": see.back_off,
    "control.docker.restart_reset_s": see.back_off_of_the_settled,
    "control.docker.stop_grace_s": see.stopping,
    "control.kubelet.eviction_interval_s": see.evicting,
    "control.kubelet.housekeeping_s": see.scraping,
    "control.metrics_server.resolution_s": see.scraping,
    "memory.node.eviction_mib": see.evicting,
    "cpu.quota.period_s": see.throttling,
    # Images.
    "images.lazy.eager_fraction": see.page_cache,
    "images.emulation.slowdown": see.emulating,
    "images.pull.parallel_downloads": see.pulling,
    "images.pull.unpack_bytes_s": see.pulling,
    "images.pull.initial_backoff_s": see.kubelet_pulls,
    "images.pull.max_backoff_s": see.kubelet_pulls,
    "images.pull.kubelet_per_s": see.kubelet_pulls,
    "images.pull.kubelet_burst": see.kubelet_pulls,
    **_all("images.push.", see.pushing),
    **_all("images.registry.", see.hub),
    "images.registry.mirror_bytes_s": see.moves,
    "images.registry.request_s": see.pulling,
    "images.registry.hub_connection_bytes_s": see.pulling,
    **_all("images.vm_disk.", see.moves),
    **_all("images.collection.", see.collecting),
    # Published figures, and what the benchmarks behind them ask for.
    **_all("published.", see.published),
    **_all("workload.", see.published),
    "workload.fio.ios": see.demands,
    "workload.tcp_rr.syscalls": see.demands,
    "workload.udp_rr.syscalls": see.demands,
    "workload.linpack.user_s": see.demands,
    "workload.stream.user_s": see.demands,
    "workload.sysbench_cpu.user_s": see.demands,
    "net.native.tcp_rr_s": see.published,
    "net.native.udp_rr_s": see.published,
    "io.native.iops": see.published,
    "io.firecracker.depth": see.published,
    "io.cloud_hypervisor.depth": see.demands,
    # Clusters.
    **_all("kubernetes.node.", see.pods),
    **_all("kubernetes.storage.", see.claims),
}

SET_TO = {
    "workload.fio.depth": 1.0,
    "kernel.pids.max": 40_000.0,
    "kernel.pids.stall_share": 0.5,
    "images.collection.high_percent": 70.0,
    "images.collection.low_percent": 60.0,
    "cpu.quota.period_s": 0.02,
    "kubernetes.node.registry_bytes_s": 10e6,
}
"""Where half as much again is out of bounds, or would not be noticed."""

_unchanged = cache(lambda seen: seen(SHIPPED))


@pytest.mark.parametrize("name", calibration.names())
def test_a_scenario_that_sets_a_constant_changes_what_it_is_named_for(name: str) -> None:
    assert name in SEEN_IN, f"nothing is said to read {name}: use it or delete it"
    other = Calibration({name: SET_TO.get(name, SHIPPED.value(name) * 1.5)})
    assert SEEN_IN[name](other) != _unchanged(SEEN_IN[name])


def test_no_part_of_the_model_can_fall_back_on_the_shipped_constants() -> None:
    """Only a world, and the commands that work without one, choose a calibration."""
    root = Path(simulator.__file__).parent
    chosen = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in sorted(root.rglob("*.py"))
        if (text := path.read_text("utf-8")).count("Calibration(")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Calibration"
    ]
    rooms = {place.split(":")[0] for place in chosen}
    assert rooms == {
        "cli/planning.py",
        "cli/walls.py",
        "scenario/building.py",
        "scenario/loading.py",
        "trials/run.py",
        "world/world.py",
    }
