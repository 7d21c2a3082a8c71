"""Published benchmarks run through the cost model: the model's number beside the published one.

Each benchmark is a demand (user time, calls, packets, operations) that is a property of the
workload, in ``assets/calibration/workload.toml``; the runtime's costs do the rest. The published
results are in ``published.toml`` and used for nothing else. Some of them are known not to be
reproduced: the costs lie in what is not modelled, or machines and programs are not these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.calibration import Calibration, Constant
from simulator.machine.costs import (
    Demand,
    HostCosts,
    service,
    throughput,
    with_native_cpu,
    with_native_latency,
)
from simulator.machine.runtimes import MB, MIB, memory_overhead, runtime


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published figure and what the model makes of it."""

    name: str
    runtime: str
    model: float
    published: float
    unit: str
    source: str
    tolerance: float
    """Relative deviation that is promised."""
    taken: bool = False
    """Whether the model's number is this measurement taken over, so that it compares nothing."""

    @property
    def deviation(self) -> float:
        """Model over published, minus 1."""
        return self.model / self.published - 1.0


def demand_of(name: str, calibration: Calibration) -> Demand:
    """The demand of one operation of a benchmark (``node_http``, ``tcp_rr``, ``fio``, …).

    Where the native rate or latency is published, it gives the user time or the time elsewhere.
    """
    host = HostCosts.of(calibration)
    known = set(calibration.names())

    def number(key: str) -> float:
        full = f"workload.{name}.{key}"
        return calibration.value(full) if full in known else 0.0

    counts = Demand(
        number("user_s"), number("syscalls"), packets=number("packets"), ios=number("ios")
    )
    if number("native_rps"):
        return with_native_cpu(counts, 1.0 / number("native_rps"), host)
    if f"net.native.{name}_s" in known:
        return with_native_latency(counts, calibration.value(f"net.native.{name}_s"), host)
    return counts


def latency_ratio(name: str, kind: str, calibration: Calibration) -> float:
    """Latency of a benchmark under a runtime, in times the native one."""
    host, demand = HostCosts.of(calibration), demand_of(name, calibration)
    native = service(runtime("process", calibration).costs, demand, host).latency_s
    return service(runtime(kind, calibration).costs, demand, host).latency_s / native


def rate_ratio(name: str, kind: str, calibration: Calibration) -> float:
    """Saturated rate of a benchmark under a runtime, as a share of the native one."""
    host, demand = HostCosts.of(calibration), demand_of(name, calibration)
    limit = f"workload.{name}.client_rps"
    client = calibration.value(limit) if limit in calibration.names() else None
    depth = calibration.value("workload.fio.depth")

    def rate(which: str) -> float:
        costs = runtime(which, calibration).costs
        return throughput(costs, demand, host, depth=depth, client_per_s=client).per_s

    return rate(kind) / rate("process")


def nvme_iops(kind: str, calibration: Calibration) -> float:
    """4 KiB reads per second at depth 32 on the testbed of the Firecracker paper."""
    cpu_s = 1.0 / calibration.value("io.native.iops")
    host = replace(HostCosts.of(calibration), io_cpu_s=cpu_s)
    return throughput(runtime(kind, calibration).costs, Demand(ios=1), host, depth=32).per_s


def comparisons(calibration: Calibration) -> list[Comparison]:
    """All benchmarks that the model promises to reproduce, those first that it has taken over."""
    found = []
    for published, kind, tolerance, model in (*_TAKEN, *_TABLE):
        known = calibration.constant(f"published.{published}")
        found.append(
            Comparison(
                name=published,
                runtime=kind,
                model=model(kind, calibration),
                published=known.value,
                unit=known.unit,
                source=known.source,
                tolerance=tolerance,
                taken=(published, kind, tolerance, model) in _TAKEN,
            )
        )
    return found


def not_reproduced(calibration: Calibration) -> list[Constant]:
    """The published figures that the model makes no promise about."""
    promised = {f"published.{published}" for published, *_ in (*_TAKEN, *_TABLE)}
    published = (name for name in calibration.names() if name.startswith("published."))
    return [calibration.constant(name) for name in published if name not in promised]


_Model = Callable[[str, Calibration], float]


def _boot(kind: str, calibration: Calibration) -> float:
    return runtime(kind, calibration).median_start_s


def _vmm(kind: str, calibration: Calibration) -> float:
    return memory_overhead(runtime(kind, calibration), 512 * MIB).vmm_bytes / MIB


def _fresh(guest_mib: int) -> _Model:
    """MiB of the host's memory that a fresh guest, given so much, has touched."""
    return lambda kind, calibration: (
        memory_overhead(runtime(kind, calibration), guest_mib * MIB).total_bytes / MIB
    )


def _idle(kind: str, calibration: Calibration) -> float:
    idle = [memory_overhead(runtime(name, calibration)).total_bytes for name in (kind, "runc")]
    return (idle[0] - idle[1]) / MB


def _rate(name: str) -> _Model:
    return lambda kind, calibration: rate_ratio(name, kind, calibration)


def _latency(name: str) -> _Model:
    return lambda kind, calibration: latency_ratio(name, kind, calibration)


_Row = tuple[str, str, float, _Model]
_TAKEN: tuple[_Row, ...] = (
    ("boot.firecracker_s", "firecracker", 0.05, _boot),
    ("boot.cloud_hypervisor_s", "cloud-hypervisor", 0.05, _boot),
    ("boot.qemu_qboot_s", "qemu-qboot", 0.05, _boot),
    ("vmm.firecracker_mib", "firecracker", 0.05, _vmm),
    ("vmm.cloud_hypervisor_mib", "cloud-hypervisor", 0.05, _vmm),
    ("gvisor.idle_mb", "gvisor-ptrace", 0.10, _idle),
)
"""Constants of the model from the same measurements: what goes in comes out."""
_TABLE: tuple[_Row, ...] = (
    ("guest.qemu_512_mib", "qemu", 0.05, _fresh(512)),
    ("guest.qemu_4096_mib", "qemu", 0.05, _fresh(4096)),
    ("guest.qemu_8192_mib", "qemu", 0.06, _fresh(8192)),
    ("kvm.tcp_rr", "qemu", 0.05, _latency("tcp_rr")),
    ("kvm.udp_rr", "qemu", 0.05, _latency("udp_rr")),
    ("kvm.iops", "qemu", 0.05, _rate("fio")),
    ("kvm.linpack", "qemu", 0.02, _rate("linpack")),
    ("kvm.stream", "qemu", 0.02, _rate("stream")),
    ("firecracker.iops", "firecracker", 0.05, nvme_iops),
    ("qemu.iops", "qemu", 0.15, nvme_iops),
    ("gvisor.node_http", "gvisor-ptrace", 0.10, _rate("node_http")),
    ("gvisor.ruby_http", "gvisor-ptrace", 0.10, _rate("ruby_http")),
    ("gvisor.redis_get", "gvisor-ptrace", 0.10, _rate("redis_get")),
    ("gvisor.redis_lrange_600", "gvisor-ptrace", 0.10, _rate("redis_lrange_600")),
    ("gvisor.sysbench_cpu", "gvisor-ptrace", 0.02, _rate("sysbench_cpu")),
)
