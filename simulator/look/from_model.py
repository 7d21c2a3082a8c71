"""Turning model objects into the plain values of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.image.reference import Reference
from simulator.look.records import event_view, jobs, series_view
from simulator.look.views import (
    ContainerView,
    HostView,
    ImageView,
    KernelView,
    ServiceView,
    Snapshot,
    VmView,
)
from simulator.machine.container import Container, containers_on
from simulator.machine.host import Host, Machine
from simulator.machine.kernel import Kernel
from simulator.machine.pace import moved_bytes
from simulator.machine.processes import of_container
from simulator.machine.virtual_machine import VirtualMachine, guests_on
from simulator.node.exposing import exposed
from simulator.node.spec import ContainerSpec
from simulator.traffic.service import Service

if TYPE_CHECKING:
    from simulator.world.world import World


Kept = dict[Container, tuple[tuple[object, ...], ContainerView]]
"""Views made before, each with what it was made from."""


def whole(
    world: World, kept: Kept, events: int, series: Sequence[str], points: int, since: float
) -> Snapshot:
    """The whole world at one instant; ``kept`` are views that may be used again."""
    return Snapshot(
        time=world.now,
        seed=world.seed,
        current_machine=world.current_machine,
        hosts=tuple(_whole_host(world, host, kept) for host in world.hosts()),
        services=tuple(service_view(world, one) for one in world.services.values()),
        events=tuple(event_view(entry) for entry in world.journal.last(events)),
        jobs=jobs(world),
        series={name: series_view(world, name, points, since) for name in series},
        event_count=world.journal.count,
        intrusions=dict(world.intrusions),
    )


def _whole_host(world: World, host: Host, kept: Kept) -> HostView:
    kernel = _whole_kernel(world, host.kernel, kept)
    return replace(host_view(world, host), kernel=kernel, images=images(host))


def host_view(world: World, host: Host) -> HostView:
    """A host without what is on its kernel and in its store."""
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
        memory_used_bytes=host.kernel.memory.resident,
        disk_used_bytes=host.space.used_bytes,
        disk_bytes=hardware.disk_bytes,
        kernel=kernel_view(host.kernel),
    )


def images(machine: Machine) -> tuple[ImageView, ...]:
    """Rows of ``docker images`` on a machine, newest first."""
    rows = []
    for stored in machine.images.store.images():
        references = [Reference.parse(name) for name in stored.tags]
        names, pinned = _names(references), tuple(one.short() for one in references if one.digest)
        image = stored.image
        rows += [
            ImageView(
                name, image.id, stored.first_seen_s, image.size_bytes, len(image.layers), pinned
            )
            for name in names
        ]
    return tuple(rows)


def _names(references: list[Reference]) -> list[str]:
    """What a list of images calls one: what was only fetched by its digest has no tag."""
    tagged = [one.short() for one in references if one.digest is None]
    pinned = (f"{one.familiar}:<none>" for one in references)
    return tagged or list(dict.fromkeys(pinned)) or ["<none>:<none>"]


def kernel_view(kernel: Kernel) -> KernelView:
    """A kernel without what runs on it."""
    return KernelView(
        kernel.name,
        kernel.version,
        kernel.os,
        kernel.state,
        container_count=len(kernel.containers),
        vm_count=len(kernel.vms),
    )


def _whole_kernel(world: World, kernel: Kernel, kept: Kept) -> KernelView:
    return replace(
        kernel_view(kernel),
        containers=tuple(kept_view(world, one, kept) for one in containers_on(kernel)),
        vms=tuple(_whole_vm(world, vm, kept) for vm in guests_on(kernel)),
    )


def _whole_vm(world: World, vm: VirtualMachine, kept: Kept) -> VmView:
    kernel = _whole_kernel(world, vm.kernel, kept)
    return replace(vm_view(world, vm), kernel=kernel, images=images(vm))


def vm_view(world: World, vm: VirtualMachine) -> VmView:
    """A virtual machine without what is on its kernel and in its store."""
    return VmView(
        name=vm.name,
        state=vm.kernel.state,
        stage=vm.stage,
        hypervisor=vm.runtime.name,
        owner=vm.owner,
        vcpus=vm.hardware.cores,
        memory_bytes=vm.hardware.memory_bytes,
        overhead_bytes=vm.overhead_bytes if vm.kernel.state in ("running", "booting") else 0,
        cpu_cores=world.sampler.cpu_cores(vm),
        memory_used_bytes=vm.kernel.memory.resident,
        resident_bytes=vm.memory.resident,
        steal_ratio=world.sampler.steal(vm) if vm.up else 0.0,
        booted_at=vm.booted_at,
        kernel=kernel_view(vm.kernel),
    )


def kept_view(world: World, one: Container, kept: Kept) -> ContainerView:
    """The view made last, as long as no sample was taken and nothing befell it since.

    What runs on in it between two samples, such as CPU-seconds, is then that of the older one.
    """
    sample = world.sampler.containers.get(one)
    key = (
        world.fleet.node_of(one).wired(one),
        one.start_error,
        sample,
        None if sample is None else sample.measured_at,
        one.state,
        one.name,
        one.started_at,
        one.finished_at,
        one.ready_at,
        one.exit_code,
        one.restarts,
        one.limits,
        one.restart_policy,
        world.fleet.node_of(one).written_bytes(one),
        one.memory.resident,
    )
    known = kept.get(one)
    if known is not None and known[0] == key:
        return known[1]
    view = container_view(world, one)
    kept[one] = (key, view)
    return view


def container_view(world: World, one: Container) -> ContainerView:
    """One container as the tools know it."""
    sample = world.sampler.containers.get(one)
    settings, limits, quota = one.settings, one.limits, one.throttling()
    net, disk = moved_bytes(one)
    node = world.fleet.node_of(one)
    wired = node.wired(one)
    return ContainerView(
        id=one.id,
        name=one.name,
        local_name=one.local_name,
        image=settings.image_name,
        image_id=one.image.id,
        command=" ".join(settings.command),
        argv=settings.command,
        image_config=one.image.config,
        machine=one.daemon.name,
        state=one.state,
        created_at=one.created_at,
        spec=node.spec(one),
        started_at=one.started_at,
        finished_at=one.finished_at,
        exit_code=one.exit_code,
        oom_killed=one.oom_killed,
        restarts=one.restarts,
        restart_policy=str(one.restart_policy),
        health=_health(one),
        healthcheck=settings.healthcheck,
        stop_signal=_stop_signal(node.spec(one), one),
        health_streak=one.health.streak if one.health is not None else 0,
        health_log=one.health.log if one.health is not None else (),
        published=wired.ports,
        exposed=wired.exposed,
        exposes=exposed(node.spec(one), one),
        endpoints=world.orchestras.endpoints(one, node.wiring) or wired.endpoints,
        start_error=one.start_error,
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
        throttled_share=sample.throttled if sample is not None and one.running else 0.0,
        memory_bytes=one.memory.resident,
        memory_limit_bytes=limits.memory_bytes,
        in_flight=sample.in_flight if sample is not None and one.running else 0,
        queued=sample.queued if sample is not None and one.running else 0,
        requests_per_s=sample.requests_per_s if sample is not None and one.running else 0.0,
        net_out_bytes=net,
        block_out_bytes=disk,
        mounts=world.fleet.node_of(one).storage.points(one),
        written_bytes=world.fleet.node_of(one).written_bytes(one),
        image_bytes=one.image.size_bytes,
    )


def _stop_signal(spec: ContainerSpec, one: Container) -> str:
    """As it was written for it, or for its image where that is not the usual one."""
    of_image = one.image.config.stop_signal
    return spec.stop_signal or ("" if of_image == "SIGTERM" else of_image)


def _health(one: Container) -> str | None:
    return None if one.health is None or one.started_at is None else one.health.status


def service_view(world: World, service: Service) -> ServiceView:
    """One service and what its clients saw lately."""
    window = world.sampler.windows.get(service.name)
    in_flight, queued = world.sampler.in_flight.get(service.name, (0, 0))
    if not service.endpoints:
        # Nobody is left with a thread to be inside of: only who waits to be sent again.
        in_flight, queued = service.tally.in_flight, 0
    wait_share, mean_wait_s = service.waits()
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
        wait_share=wait_share,
        mean_wait_s=mean_wait_s,
        outcomes=service.tally.outcomes(),
    )


def container_words(world: World, one: Container) -> str:
    """What a container can be found by: what it is called, how it is, what troubles it."""
    sample = world.sampler.containers.get(one)
    words = [one.name, "container", one.state, one.settings.image_name]
    if one.state == "exited":
        words[2:3] = ["OOMKilled"] if one.oom_killed else [f"exited {one.exit_code}"]
    if sample is not None and sample.queued:
        words.append("queued")
    if sample is not None and sample.throttled:
        words.append("throttled")
    if one.restarts:
        words.append("restarts")
    if world.intrusions:
        broken, reached_from = intrusion(world, one.name)
        words += ["broken"] * broken + ["reachable"] * bool(reached_from)
    return " ".join(words)


def intrusion(world: World, name: str) -> tuple[bool, tuple[str, ...]]:
    """Whether somebody broke out of a container, and from which others it can be reached."""
    reached = world.intrusions
    if name in reached:
        return True, ()
    return False, tuple(one for one, others in reached.items() if name in others)
