"""What a piece of work costs under a runtime: one mechanism for every benchmark.

A workload asks for user time, system calls, packets and disk operations (a ``Demand``); a host
prices them (``HostCosts``); the boundaries of a runtime make some of them dearer (``Costs``):

    CPU     = user * user_factor + calls * call + internal calls * internal
            + opens * native call * open_factor + packets * packet + operations * operation * passes
    latency = CPU + packets * delay + operations * (device + delay) + time spent elsewhere

A sandbox answers some calls by itself, at less than the native price (*internal*: getpid, futex);
for most it has to make a call of its own, and for the opening of a file it asks another process.
A packet's delay costs no CPU of the serving thread (an interrupt wakes another thread, often on
another core); a disk operation's CPU is paid again by every kernel that it passes. Sources: the
constants in ``assets/calibration``; no number belongs to a benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.calibration import Calibration


@dataclass(frozen=True, slots=True)
class Demand:
    """What one operation asks for: native CPU seconds in user space, and counts."""

    user_s: float = 0.0
    syscalls: float = 0.0
    """Calls that the kernel beneath has a part in: sockets, waiting, files that are open."""
    internals: float = 0.0
    """Calls that need nothing of it, as getpid."""
    opens: float = 0.0
    """Files opened."""
    packets: float = 0.0
    ios: float = 0.0
    elsewhere_s: float = 0.0
    """Latency outside this machine: the wire, the client, another server."""


@dataclass(frozen=True, slots=True)
class HostCosts:
    """Native prices on one host: CPU seconds a call, a packet, a disk operation; device latency."""

    syscall_s: float
    packet_cpu_s: float
    io_cpu_s: float
    io_latency_s: float

    @staticmethod
    def of(calibration: Calibration) -> HostCosts:
        """The prices that the calibration gives."""
        return HostCosts(
            syscall_s=calibration.value("cpu.syscall.native_s"),
            packet_cpu_s=calibration.value("net.native.packet_cpu_s"),
            io_cpu_s=calibration.value("io.native.op_cpu_s"),
            io_latency_s=calibration.value("io.native.latency_s"),
        )


@dataclass(frozen=True, slots=True)
class Costs:
    """What the boundaries of a runtime change; the defaults change nothing."""

    user_factor: float = 1.0
    syscall_s: float | None = None
    """CPU seconds of a call that something intercepts; None: the kernel answers it directly."""
    internal_s: float | None = None
    """The same of a call that the interceptor answers by itself; None: as of any other."""
    open_factor: float = 1.0
    """What opening a file costs, in native calls."""
    packet_cpu_s: float = 0.0
    packet_latency_s: float = 0.0
    io_factor: float = 1.0
    io_latency_s: float = 0.0
    io_depth: float | None = None
    """Disk operations that can be in flight at once; None: as many as the device takes."""
    net_bytes_per_s: float | None = None
    disk_bytes_per_s: float | None = None

    def inside(self, outer: Costs, exits: float = 1.0) -> Costs:
        """The costs of these boundaries within the outer ones.

        ``exits`` multiplies what these add where each exit of an inner guest becomes several of
        the outer one (nested virtualisation).
        """
        return Costs(
            user_factor=self.user_factor * outer.user_factor,
            syscall_s=outer.syscall_s if self.syscall_s is None else self.syscall_s,
            internal_s=outer.internal_s if self.syscall_s is None else self.internal_s,
            open_factor=self.open_factor * outer.open_factor,
            packet_cpu_s=outer.packet_cpu_s + self.packet_cpu_s * exits,
            packet_latency_s=outer.packet_latency_s + self.packet_latency_s * exits,
            io_factor=outer.io_factor + (self.io_factor - 1.0) * exits,
            io_latency_s=outer.io_latency_s + self.io_latency_s * exits,
            io_depth=_least(self.io_depth, outer.io_depth),
            net_bytes_per_s=_least(self.net_bytes_per_s, outer.net_bytes_per_s),
            disk_bytes_per_s=_least(self.disk_bytes_per_s, outer.disk_bytes_per_s),
        )


def _least(first: float | None, second: float | None) -> float | None:
    known = [limit for limit in (first, second) if limit is not None]
    return min(known) if known else None


NATIVE = Costs()
"""No boundary at all."""


@dataclass(frozen=True, slots=True)
class Service:
    """CPU seconds used on the serving thread, and seconds until the answer, without queueing."""

    cpu_s: float
    latency_s: float


def service(costs: Costs, demand: Demand, host: HostCosts) -> Service:
    """CPU and latency of one operation under the given boundaries."""
    call_s = host.syscall_s if costs.syscall_s is None else costs.syscall_s
    internal_s = call_s if costs.internal_s is None else costs.internal_s
    cpu_s = (
        demand.user_s * costs.user_factor
        + demand.syscalls * call_s
        + demand.internals * internal_s
        + demand.opens * host.syscall_s * costs.open_factor
        + demand.packets * (host.packet_cpu_s + costs.packet_cpu_s)
        + demand.ios * host.io_cpu_s * costs.io_factor
    )
    waits_s = demand.packets * costs.packet_latency_s
    waits_s += demand.ios * (host.io_latency_s + costs.io_latency_s)
    return Service(cpu_s, cpu_s + waits_s + demand.elsewhere_s)


def with_native_cpu(demand: Demand, total_s: float, host: HostCosts) -> Demand:
    """The demand whose native CPU time is ``total_s``: what is not calls and packets is user time.

    This is how a published native rate gives the user time of a workload.
    """
    rest = total_s - service(NATIVE, replace(demand, user_s=0.0), host).cpu_s
    return replace(demand, user_s=max(0.0, rest))


def with_native_latency(demand: Demand, total_s: float, host: HostCosts) -> Demand:
    """The demand whose native latency is ``total_s``: what is not spent here is spent elsewhere."""
    rest = total_s - service(NATIVE, replace(demand, elsewhere_s=0.0), host).latency_s
    return replace(demand, elsewhere_s=max(0.0, rest))


@dataclass(frozen=True, slots=True)
class Throughput:
    """Operations per second of a saturated server, and what held them there."""

    per_s: float
    bound: str


def throughput(
    costs: Costs,
    demand: Demand,
    host: HostCosts,
    *,
    threads: float = 1.0,
    depth: float = 1e9,
    client_per_s: float | None = None,
) -> Throughput:
    """The highest rate of an operation that ``threads`` threads serve.

    ``depth`` is how many disk operations the workload keeps in flight, ``client_per_s`` what the
    client can ask for at most.
    """
    bounds: list[tuple[float, str]] = []
    cpu_s = service(costs, demand, host).cpu_s
    if cpu_s > 0:
        bounds.append((threads / cpu_s, "CPU"))
    if demand.ios > 0:
        flight = min(depth, costs.io_depth or depth)
        bounds.append(
            (flight / (demand.ios * (host.io_latency_s + costs.io_latency_s)), "disk depth")
        )
    if client_per_s is not None:
        bounds.append((client_per_s, "client"))
    if not bounds:
        return Throughput(float("inf"), "nothing")
    return Throughput(*min(bounds))
