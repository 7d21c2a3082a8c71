"""Why a container, a machine or a service is as it is."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.errors import Refused, nearest
from simulator.look.from_model import container_view, service_view
from simulator.look.why_compose import compose_lines, of_compose
from simulator.look.why_life import life_lines
from simulator.look.why_rivals import (
    cache_line,
    connection_lines,
    core_lines,
    device_lines,
    kernel_lines,
    memory_beside,
    memory_lines,
    memory_words,
)
from simulator.machine import processes
from simulator.machine.container import Container
from simulator.machine.events import OomKilled
from simulator.machine.events_trouble import VmKilled
from simulator.machine.host import Machine
from simulator.machine.virtual_machine import VirtualMachine
from simulator.traffic.endpoint import Endpoint
from simulator.traffic.service import Service
from simulator.units import counted, format_binary_bytes, format_span
from simulator.world.security import tenant_of

if TYPE_CHECKING:
    from simulator.world.world import World


def explain(world: World, name: str) -> list[str]:
    """Why a container, machine or service is as it is: its state, its limits, its past."""
    composed = of_compose(world, name)
    if name in world.services:
        lines = _explain_service(world, world.services[name]) + compose_lines(world, composed)
    elif name in world.machines:
        lines = _explain_machine(world, world.machines[name])
    elif name in world.containers:
        lines = _explain_container(world, world.containers[name])
    elif composed:
        lines = compose_lines(world, composed)
    else:
        known = [*world.services, *world.machines, *world.containers]
        close = nearest(name, known)
        hint = f"; did you mean '{close}'?" if close else ""
        raise Refused(f"nothing is called '{name}'{hint}")
    subjects = {name, *(one.name for one in composed)}
    past = [entry for entry in world.journal if getattr(entry.event, "subject", "") in subjects]
    if past:
        lines.append("What happened:")
        lines += [f"  {entry.time:9.3f}s  {entry.event.sentence()}" for entry in past[-12:]]
    return lines


def _explain_container(world: World, one: Container) -> list[str]:
    view = container_view(world, one)
    limit = "none" if view.cpu_limit_cores is None else f"{view.cpu_limit_cores:g} cores"
    memory = (
        "none" if view.memory_limit_bytes is None else format_binary_bytes(view.memory_limit_bytes)
    )
    lines = [
        f"container {one.name}: {one.state}, image {view.image}, on {view.machine}",
        f"kernel: {_kernel_line(one)}; runtime {view.runtime}",
        f"program: {view.workload}",
        f"CPU: {view.cpu_cores:.2f} of {one.machine.hardware.cores} cores, limit {limit}, "
        f"weight {view.cpu_weight}; throttled in {view.nr_throttled} of {view.nr_periods} periods",
        f"memory: {format_binary_bytes(view.memory_bytes)}, limit {memory}{memory_beside(one)}",
    ]
    if view.exit_code is not None:
        lines.append(f"exit code {view.exit_code}: {one.exit_reason}")
    return lines + _about(world, one)


def _kernel_line(one: Container) -> str:
    """Which kernel serves it, and how many running containers that serves beside."""
    own, fate = one.machine.kernel, one.machine.kernel.fate
    parts = [kernel for kernel in fate.below() if kernel.fate is fate]
    running = [each for kernel in parts for each in kernel.containers.values() if each.running]
    others = counted(sum(each is not one for each in running), "other running container")
    part = "" if own is fate else f", a partition of {fate.name}"
    return f"{own.name}{part} (shared with {others})"


def _explain_machine(world: World, machine: Machine) -> list[str]:
    kernel = machine.kernel
    inside = [one for one in kernel.below() if one.state in ("running", "booting")]
    falls = ", ".join(one.name for one in kernel.all_containers() if one.running) or "no container"
    return [
        f"{'VM' if isinstance(machine, VirtualMachine) else 'host'} {machine.name}: {kernel.state}",
        f"CPU: {world.sampler.cpu_cores(machine):.2f} of {machine.hardware.cores} cores",
        *core_lines(world, machine),
        *connection_lines(machine),
        f"memory: {format_binary_bytes(kernel.memory.resident)} of "
        f"{format_binary_bytes(machine.hardware.memory_bytes)}{memory_words(machine)}",
        *memory_lines(machine),
        f"kernels at and below it: {len(inside)}; if it panics, these fall: {falls}"
        if machine.up
        else f"nothing runs on it: its kernel is {kernel.state}",
    ]


def _explain_service(world: World, service: Service) -> list[str]:
    view = service_view(world, service)
    lines = [
        f"service {service.name}: {counted(len(view.endpoints), 'endpoint')}, {view.balancer}",
        f"traffic: {view.traffic or 'none'}",
        f"last second: {view.offered_per_s:.1f}/s offered, {view.ok_per_s:.1f}/s answered, "
        + (
            f"p50 {format_span(view.p50_s)}, p95 {format_span(view.p95_s)}, "
            f"p99 {format_span(view.p99_s)}"
            if view.ok_per_s
            else "no latencies"
        ),
    ]
    if view.wait_share:
        lines.append(
            f"in line so far: {view.wait_share * 100:.1f}% of the requests waited for a thread; "
            f"mean wait of all {format_span(view.mean_wait_s)}"
        )
    lines += [f"  {one}" for one in _partings(service)]
    on = (world.containers.get(one.name) for one in service.endpoints.values())
    for machine in dict.fromkeys(one.daemon for one in on if one is not None):
        lines += connection_lines(machine)
    for one in service.endpoints.values():
        lines.append(_explain_endpoint(world, one))
        container = world.containers.get(one.name)
        if container is not None:
            lines += [f"    {line}" for line in core_lines(world, container)]
    return lines


def _partings(service: Service) -> list[str]:
    """What clients and balancer do beyond sending each request to one who answers."""
    client, lines = service.client, []
    if client.asked != 1 or client.calls:
        to = [counted(client.asked, "endpoint")] if client.asked else []
        enough = "all" if client.quorum is None else str(client.quorum)
        lines.append(
            f"each request goes to {', '.join([*to, *client.calls])}; {enough} must answer"
        )
    if client.hedge_s is not None:
        delay, copies = format_span(client.hedge_s), service.tally.hedges
        lines.append(f"sent once more when there is no answer after {delay}: {copies} times so far")
    if service.ghosts:
        lines.append(f"{counted(len(service.ghosts), 'endpoint')} has left and refuses requests")
    return lines


def _explain_endpoint(world: World, one: Endpoint) -> str:
    """What an endpoint can do at most: its workers, where ceilings and quota leave them cores."""
    station = one.station
    ceilings = [group.limit for group in station.group.ceilings()]
    container = world.containers.get(one.name)
    quota = None if container is None else container_view(world, container).cpu_limit_cores
    cores = min([*ceilings, inf if quota is None else quota])
    able = min(station.workers, cores)
    by = counted(able, "core") if cores < station.workers else counted(able, "worker")
    busiest = f"{able / one.mean_s:.1f}/s" if one.mean_s else "any rate"
    return (
        f"  {one.name}: {format_span(one.mean_s)} CPU a request, so at most {busiest} with {by}; "
        f"{one.ok} answered so far"
    )


def _about(world: World, one: Container) -> list[str]:
    """Lines for a container: walls, processes, pace, the newest OOM table."""
    lines = [
        f"walls: {' > '.join(str(wall) for wall in tenant_of(one).chain)}",
        f"processes: {processes.of_container(one)} of "
        f"{'no limit' if one.limits.pids is None else one.limits.pids}; on its kernel "
        f"{processes.on_kernel(one.machine.kernel):,} of "
        f"{processes.table_size(one.machine.kernel):,}",
    ]
    return [
        *life_lines(one),
        *lines,
        *core_lines(world, one),
        *_pace_lines(one),
        *_oom_lines(world, one.name),
    ]


def _pace_lines(one: Container) -> list[str]:
    """What devices and neighbours make of its work; nothing when they change nothing."""
    pace = one.pacing.pace
    lines = []
    heat = one.neighbours.heat
    if heat > 1.0:
        lines.append(f"the processors of its host are too hot: it computes {heat:g} times slower")
    if pace.cpu > heat:
        lines.append(cache_line(one, pace.cpu / heat))
    if pace.wait_s > 0.0:
        lines.append(f"devices: each piece of work waits {format_span(pace.wait_s)} for them")
    lines += device_lines(one)
    if one.neighbours.is_stalled(one.machine.kernel):
        lines.append("the process table of its kernel is full: nothing on that kernel ends")
    elif pace.lost > 1.0:
        lines += kernel_lines(one, pace.lost)
    return lines


def _oom_lines(world: World, name: str) -> list[str]:
    """The table of the newest OOM kill of a container or VM."""
    found: OomKilled | VmKilled | None = None
    for entry in world.journal:
        event = entry.event
        if isinstance(event, OomKilled | VmKilled) and event.subject == name:
            found = event
    if found is None:
        return []
    head = f"OOM: {found.group} was at {found.amounts}; scores:"
    return [head, *(f"  {line}" for line in found.scores)]
