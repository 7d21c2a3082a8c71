"""Looking at the world: ``show``, ``events``, ``why``, ``explain``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING

from simulator.calibration import explain_lines
from simulator.errors import Refused, unknown
from simulator.look.views import ContainerView, HostView, KernelView, ServiceView, Snapshot
from simulator.shell import kinds, lookup, notes
from simulator.shell.docker.listing import status
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.tables import table
from simulator.units import format_binary_bytes, format_span

if TYPE_CHECKING:
    from simulator.node.metrics import Usage
    from simulator.shell.session import Session

_MAX_EVENTS = 100_000
_TARGET = Kind("name", kinds.TEXT.parse, "target")


@verb(
    "show",
    "The whole world: hosts, kernels, virtual machines, containers, services",
    aliases=("status",),
    examples=("show",),
)
def show(session: Session, call: Call) -> Iterable[str]:
    """A tree; what is inside what is the point."""
    snapshot = session.reader.snapshot(events=0)
    lines = [f"time {format_span(snapshot.time)}, seed {snapshot.seed}"]
    if not snapshot.hosts:
        lines.append("no hosts yet: 'host add NAME' makes one")
    for host in snapshot.hosts:
        lines += _host(host, snapshot)
    for service in snapshot.services:
        lines += service_lines(service)
    return lines


def _host(host: HostView, snapshot: Snapshot) -> Iterator[str]:
    yield (
        f"host {host.name} ({host.state}, {host.os}/{host.architecture}): "
        f"CPU {host.cpu_cores:.2f} of {host.cores} cores, memory "
        f"{format_binary_bytes(host.memory_used_bytes)} of "
        f"{format_binary_bytes(host.memory_bytes)}"
    )
    yield from _kernel(host.kernel, snapshot, "  ")


def _kernel(kernel: KernelView, snapshot: Snapshot, indent: str) -> Iterator[str]:
    yield f"{indent}kernel {kernel.os} {kernel.version} ({kernel.state})"
    for one in kernel.containers:
        yield f"{indent}  {_container(one, snapshot.time)}"
    for vm in kernel.vms:
        state = vm.state if vm.state != "booting" else f"booting: {vm.stage}"
        yield (
            f"{indent}  vm {vm.name} ({state}, {vm.hypervisor}): CPU {vm.cpu_cores:.2f} of "
            f"{vm.vcpus} vCPUs, memory {format_binary_bytes(vm.memory_used_bytes)} of "
            f"{format_binary_bytes(vm.memory_bytes)} and "
            f"{format_binary_bytes(vm.overhead_bytes)} for itself"
            + (f", steal {vm.steal_ratio:.0%}" if vm.steal_ratio >= 0.005 else "")
        )
        yield from _kernel(vm.kernel, snapshot, indent + "    ")


def _container(one: ContainerView, now: float) -> str:
    cores = f" of {one.cpu_limit_cores:g}" if one.cpu_limit_cores else ""
    memory = format_binary_bytes(one.memory_bytes)
    if one.memory_limit_bytes:
        memory += f" of {format_binary_bytes(one.memory_limit_bytes)}"
    share = one.throttled_share
    throttled = f", throttled {share:.0%}" if share >= 0.005 else ""
    return (
        f"container {one.name} ({one.image}) {status(one, now)}: CPU {one.cpu_cores:.2f}{cores} "
        f"cores, memory {memory}{throttled}"
    )


def service_lines(one: ServiceView) -> Iterator[str]:
    """A service, and what its clients see."""
    ends = ", ".join(one.endpoints) or "no endpoints"
    yield f"service {one.name} ({one.balancer}): {ends}"
    if one.traffic:
        text = (
            f"  {one.traffic}: {one.offered_per_s:.1f}/s offered, {one.ok_per_s:.1f}/s ok, "
            f"{one.failed_per_s:.1f}/s failed"
        )
        if one.ok_per_s:
            text += f", p50 {format_span(one.p50_s)}, p95 {format_span(one.p95_s)}"
        yield text


@verb(
    "events",
    "What has happened, oldest first",
    arguments=(Argument("SUBJECT", _TARGET, "only about this", optional=True),),
    flags=(
        Flag(("--since",), "of the last 30s, 5m, ...", kinds.DURATION),
        Flag(("--kind",), "only this kind, for example ContainerStarted", kinds.TEXT),
        Flag(("-n", "--tail"), "the last ones", kinds.integer("count", 1, _MAX_EVENTS), 20),
    ),
    examples=("events", "events web1 --since 1m", "events --kind ContainerStarted -n 5"),
)
def events(session: Session, call: Call) -> Iterable[str]:
    """The journal, for people."""
    found = session.reader.events(_MAX_EVENTS)
    if call["since"] is not None:
        start = session.world.now - call["since"]
        found = tuple(one for one in found if one.time >= start)
    if call["SUBJECT"]:
        found = tuple(one for one in found if one.subject == call["SUBJECT"])
    if call["kind"]:
        known = {one.kind.lower(): one.kind for one in found}
        if found and call["kind"].lower() not in known:
            raise unknown("kind of event", call["kind"], known.values())
        found = tuple(one for one in found if one.kind.lower() == call["kind"].lower())
    return [f"{one.time:>10.3f}s  {one.text}" for one in found[-call["tail"] :]]


@verb(
    "top",
    "CPU and memory of containers as the metrics pipeline knows them: averaged, and late",
    arguments=(Argument("MACHINE", kinds.MACHINE, "host or virtual machine", optional=True),),
    examples=("tune a --metrics on && advance 45s && top a",),
    details="What autoscalers see. 'docker stats' is what happens now.",
)
def top(session: Session, call: Call) -> Iterable[str]:
    """The newest scrape of each container: a mean over WINDOW, which ended AGE ago."""
    machine = lookup.machine(session.reader, call["MACHINE"]).name
    told = session.reader.usage(machine)
    if told is None:
        raise Refused(f"Metrics API not available: 'tune {machine} --metrics on' scrapes it")
    rows = [_usage(name, one, session.world.now) for name, one in told]
    return table(("NAME", "CPU(cores)", "MEMORY(bytes)", "WINDOW", "AGE"), rows)


def _usage(name: str, one: Usage | None, now: float) -> tuple[str, ...]:
    if one is None:
        return name, "<unknown>", "<unknown>", "", ""
    millicores, mebibytes = ceil(one.cores * 1000 - 1e-6), one.memory_bytes >> 20
    window, age = format_span(one.window_s), format_span(now - one.read_at)
    return name, f"{millicores}m", f"{mebibytes}Mi", window, age


@verb(
    "why",
    "Why something is as it is: an exit, a kill, a slow start, a missed cache, a pod that waits",
    arguments=(
        Argument("NAME", _TARGET, "container, machine, image, service, or KIND/NAME of a cluster"),
    ),
    flags=(Flag(("-n", "--namespace"), "where objects of a cluster are", kinds.text("name")),),
    examples=("why web1", "why pod/web-0", "why hpa/web", "why rollout/web"),
    details="In a cluster: why pod/, node/, hpa/, service/, rollout/NAME, and other kinds; in a "
    "swarm: why service/, task/, node/NAME.",
)
def why(session: Session, call: Call) -> Iterable[str]:
    """The model's own explanation, and that of the control loops of a cluster."""
    from simulator.shell.kubectl.why import of_clusters
    from simulator.shell.swarm.why import of_swarms

    name, world = call["NAME"], session.world
    of_cluster = _both(
        lambda: of_clusters(session, name, call["namespace"] or ""),
        lambda: of_swarms(session, name),
    )
    if of_cluster is not None and name not in world.machines and name not in world.services:
        return of_cluster
    found = list(_of_world(session, name))
    return [*found, "", *of_cluster] if of_cluster is not None else found


def _both(*asks: Callable[[], list[str] | None]) -> list[str] | None:
    """What is known of a name in clusters and in swarms; Refused where neither has it."""
    found: list[list[str]] = []
    refused: Refused | None = None
    for ask in asks:
        try:
            told = ask()
        except Refused as why:
            refused = refused or why
        else:
            found += [told] if told is not None else []
    if not found and refused is not None:
        raise refused
    return [line for one in found for line in ("", *one)][1:] if found else None


def _of_world(session: Session, name: str) -> Iterable[str]:
    world = session.world
    # A name comes before the beginning of an id: host "b" is not the container "b8f2...".
    if name not in world.machines and name not in world.services:
        with suppress(Refused):
            name = lookup.named(session.reader, name).name
    return notes.why(session, name)


@verb(
    "explain",
    "Where a number of the model comes from; without NAME, the names of all",
    arguments=(
        Argument(
            "NAME", kinds.text("constant"), "for example runtime.runc.create_s", optional=True
        ),
    ),
    examples=("explain", "explain runtime.runc.create_s"),
)
def explain(session: Session, call: Call) -> Iterable[str]:
    """Value, range and source of a constant."""
    return explain_lines(call["NAME"])
