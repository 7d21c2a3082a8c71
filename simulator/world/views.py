"""Turning model objects into the plain values of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine import Entry
from simulator.errors import Refused, nearest
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.machine.host import Host, Machine, VirtualMachine
from simulator.machine.kernel import Kernel
from simulator.machine.pace import moved_bytes
from simulator.machine.processes import of_container
from simulator.traffic.endpoint import Endpoint
from simulator.traffic.service import Service
from simulator.units import counted, format_binary_bytes, format_span
from simulator.world import why
from simulator.world.snapshot import (
    ContainerView,
    EventView,
    HostView,
    ImageView,
    JobView,
    KernelView,
    SeriesView,
    ServiceView,
    Snapshot,
    VmView,
)

if TYPE_CHECKING:
    from simulator.world.world import World

SHOWN_JOBS = 8


def snapshot(
    world: World, events: int, series: Sequence[str], points: int, since: float = 0.0
) -> Snapshot:
    """The whole world at one instant."""
    return Snapshot(
        time=world.now,
        seed=world.seed,
        current_machine=world.current_machine,
        hosts=tuple(_host(world, host) for host in world.hosts()),
        services=tuple(_service(world, one) for one in world.services.values()),
        events=tuple(event_view(entry) for entry in world.journal.last(events)),
        jobs=tuple(
            JobView(job.id, job.title, job.done, job.error, (*job.lines, *job.live()), job.fraction)
            for job in world.jobs[-SHOWN_JOBS:]
        ),
        series={name: series_view(world, name, points, since) for name in series},
        event_count=world.journal.count,
        intrusions=dict(world.intrusions),
    )


def event_view(entry: Entry) -> EventView:
    """One journal entry for people."""
    event = entry.event
    subject = getattr(event, "subject", None) or getattr(event, "host", "")
    kind = type(event).__name__
    return EventView(entry.seq, entry.time, kind, event.sentence(), event.level, str(subject))


def series_view(world: World, name: str, points: int, since: float = 0.0) -> SeriesView:
    """A series after ``since``, thinned; empty when nothing was recorded under the name."""
    if not world.recorder.has(name):
        return SeriesView(name, "", (), ())
    found = world.recorder.series(name)
    times, values = found.between(since, inf) if since > 0 else (found.times, found.values)
    if len(times) > points:
        chosen = np.linspace(0, len(times) - 1, points).astype(int)
        times, values = times[chosen], values[chosen]
    return SeriesView(name, found.unit, tuple(times.tolist()), tuple(values.tolist()))


def _host(world: World, host: Host) -> HostView:
    hardware = host.hardware
    return HostView(
        name=host.name,
        state=host.kernel.state,
        cores=hardware.cores,
        memory_bytes=hardware.memory_bytes,
        architecture=hardware.architecture,
        os=hardware.os,
        region=host.region,
        price_per_hour=host.price_per_hour,
        cpu_cores=world.sampler.cpu_cores(host),
        memory_used_bytes=host.kernel.memory.usage,
        disk_used_bytes=host.images.store.disk_bytes,
        disk_bytes=hardware.disk_bytes,
        kernel=_kernel(world, host.kernel),
        images=images(host),
    )


def images(machine: Machine) -> tuple[ImageView, ...]:
    """Rows of ``docker images`` on a machine, newest first."""
    rows = []
    for stored in machine.images.store.images():
        names = [Reference.parse(name).short() for name in stored.tags] or ["<none>:<none>"]
        image = stored.image
        rows += [
            ImageView(name, image.id, stored.first_seen_s, image.size_bytes, len(image.layers))
            for name in names
        ]
    return tuple(rows)


def _kernel(world: World, kernel: Kernel) -> KernelView:
    return KernelView(
        name=kernel.name,
        version=kernel.version,
        os=kernel.os,
        state=kernel.state,
        containers=tuple(_cached_view(world, one) for one in kernel.containers.values()),
        vms=tuple(_vm(world, vm) for vm in kernel.vms.values()),
    )


def _vm(world: World, vm: VirtualMachine) -> VmView:
    up_s = world.now - vm.booted_at if vm.booted_at is not None else 0.0
    stolen = vm.group.missed(world.now)
    return VmView(
        name=vm.name,
        state=vm.kernel.state,
        stage=vm.stage,
        hypervisor=vm.runtime.name,
        owner=vm.owner,
        vcpus=vm.hardware.cores,
        memory_bytes=vm.hardware.memory_bytes,
        overhead_bytes=vm.overhead_bytes,
        cpu_cores=world.sampler.cpu_cores(vm),
        memory_used_bytes=vm.kernel.memory.usage,
        steal_ratio=stolen / (up_s * vm.hardware.cores) if up_s > 0 else 0.0,
        booted_at=vm.booted_at,
        kernel=_kernel(world, vm.kernel),
        images=images(vm),
    )


def _cached_view(world: World, one: Container) -> ContainerView:
    """The view made last, unless something in it may have changed: most frames change little."""
    key = (
        world.sampler.containers.get(one),
        one.state,
        one.name,
        one.started_at,
        one.finished_at,
        one.ready_at,
        one.exit_code,
        one.restarts,
        one.limits,
        one.restart_policy,
        one.memory.usage,
    )
    known = world.sampler.views.get(one)
    if known is not None and known[0] == key:
        return known[1]
    view = container_view(world, one)
    world.sampler.views[one] = (key, view)
    return view


def container_view(world: World, one: Container) -> ContainerView:
    """One container as the tools know it."""
    sample = world.sampler.containers.get(one)
    settings, limits, quota = one.settings, one.limits, one.throttling()
    net, disk = moved_bytes(one)
    return ContainerView(
        id=one.id,
        name=one.name,
        image=settings.image_name,
        image_id=one.image.id,
        command=" ".join(settings.command),
        machine=one.daemon.name,
        state=one.state,
        created_at=one.created_at,
        started_at=one.started_at,
        finished_at=one.finished_at,
        exit_code=one.exit_code,
        oom_killed=one.oom_killed,
        restarts=one.restarts,
        restart_policy=str(one.restart_policy),
        health=_health(one),
        ports=settings.ports,
        aliases=settings.aliases,
        labels=settings.labels,
        env=settings.env,
        runtime=one.runtime.name,
        workload=settings.workload.text,
        pid=one.pid,
        pids=of_container(one),
        pids_limit=limits.pids,
        cpu_cores=sample.cpu_cores if sample is not None and one.running else 0.0,
        cpu_limit_cores=limits.cpus,
        cpu_period_us=limits.cpu_period_us,
        cpu_quota_us=limits.cpu_quota_us,
        cpu_weight=limits.cpu_weight,
        cpu_seconds=one.cpu_seconds,
        nr_periods=quota.nr_periods,
        nr_throttled=quota.nr_throttled,
        throttled_s=quota.throttled_s,
        memory_bytes=one.memory.usage,
        memory_limit_bytes=limits.memory_bytes,
        in_flight=sample.in_flight if sample is not None and one.running else 0,
        queued=sample.queued if sample is not None and one.running else 0,
        requests_per_s=sample.requests_per_s if sample is not None and one.running else 0.0,
        net_out_bytes=net,
        block_out_bytes=disk,
    )


def _health(one: Container) -> str | None:
    if one.image.config.healthcheck is None or not one.running:
        return None
    return "starting" if one.ready_at is None else "healthy"


def _service(world: World, service: Service) -> ServiceView:
    window = world.sampler.windows.get(service.name)
    in_flight, queued = world.sampler.in_flight.get(service.name, (0, 0))
    return ServiceView(
        name=service.name,
        balancer=service.balancer.name,
        endpoints=tuple(endpoint.name for endpoint in service.endpoints.values()),
        traffic=world.traffic_words.get(service.name, ""),
        offered_per_s=window.offered if window else 0.0,
        ok_per_s=window.ok if window else 0.0,
        failed_per_s=window.failed if window else 0.0,
        p50_s=window.p50 if window else 0.0,
        p95_s=window.p95 if window else 0.0,
        p99_s=window.p99 if window else 0.0,
        mean_s=window.mean if window else 0.0,
        in_flight=in_flight,
        queued=queued,
        outcomes=service.tally.outcomes(),
    )


# --- why? -------------------------------------------------------------------------------------


def explain(world: World, name: str) -> list[str]:
    """Why a container, machine or service is as it is: its state, its limits, its past."""
    if name in world.services:
        lines = _explain_service(world, world.services[name])
    elif name in world.machines:
        lines = _explain_machine(world, world.machines[name])
    elif name in world.containers:
        lines = _explain_container(world, world.containers[name])
    else:
        known = [*world.services, *world.machines, *world.containers]
        close = nearest(name, known)
        hint = f"; did you mean '{close}'?" if close else ""
        raise Refused(f"nothing is called '{name}'{hint}")
    past = [entry for entry in world.journal if getattr(entry.event, "subject", "") == name]
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
    others = counted(len(one.machine.kernel.containers) - 1, "other container")
    lines = [
        f"container {one.name}: {one.state}, image {view.image}, on {view.machine}",
        f"kernel: {one.machine.kernel.name} (shared with {others}); runtime {view.runtime}",
        f"program: {view.workload}",
        f"CPU: {view.cpu_cores:.2f} of {one.machine.hardware.cores} cores, limit {limit}, "
        f"weight {view.cpu_weight}; throttled in {view.nr_throttled} of {view.nr_periods} periods",
        f"memory: {format_binary_bytes(view.memory_bytes)}, limit {memory}",
    ]
    if view.exit_code is not None:
        lines.append(f"exit code {view.exit_code}: {one.exit_reason}")
    return lines + why.about(world, one)


def _explain_machine(world: World, machine: Machine) -> list[str]:
    kernel = machine.kernel
    inside = list(kernel.below())
    falls = ", ".join(one.name for one in kernel.all_containers()) or "no container"
    return [
        f"{'VM' if isinstance(machine, VirtualMachine) else 'host'} {machine.name}: {kernel.state}",
        f"CPU: {world.sampler.cpu_cores(machine):.2f} of {machine.hardware.cores} cores",
        f"memory: {format_binary_bytes(kernel.memory.usage)} of "
        f"{format_binary_bytes(machine.hardware.memory_bytes)}",
        f"kernels at and below it: {len(inside)}; if it panics, these fall: {falls}",
    ]


def _explain_service(world: World, service: Service) -> list[str]:
    view = _service(world, service)
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
    lines += [_explain_endpoint(world, one) for one in service.endpoints.values()]
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
