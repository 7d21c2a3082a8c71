"""``docker service inspect --pretty``: a service in lines for people.

Source: docker/cli, the template of ``cli/command/service/formatter.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from simulator.node.mount_words import parse_mount
from simulator.units import format_ago, format_binary_bytes, format_span

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Service
    from simulator.cluster.swarm.specs import FileRef, Resources, ServiceSpec, UpdateConfig
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.node.spec import ContainerSpec

_TAB = 8


def pretty(swarm: Swarm, service: Service, now: float) -> list[str]:
    """All of it, tabs as a terminal shows them."""
    return [line.expandtabs(_TAB).rstrip() for line in ("", *_lines(swarm, service, now), "")]


def _lines(swarm: Swarm, service: Service, now: float) -> Iterator[str]:
    spec = service.spec
    yield f"ID:\t\t{service.id}"
    yield f"Name:\t\t{spec.name}"
    yield from _labels(spec.labels)
    yield from _mode(spec)
    yield from _status(service, now)
    yield from _placement(spec)
    if not spec.mode.is_job:
        yield from _rolling("UpdateConfig", "Update order:     ", spec.update)
        yield from _rolling("RollbackConfig", "Rollback order:   ", spec.rollback)
    yield from _container(spec.task.container)
    yield from _files("Configs", spec.task.configs)
    yield from _files("Secrets", spec.task.secrets)
    yield from _resources(spec)
    yield from _around(swarm, service)


def _labels(labels: Mapping[str, str]) -> Iterator[str]:
    if labels:
        yield "Labels:"
    for key in sorted(labels):
        yield f" {key}={labels[key]}" if labels[key] else f" {key}"


def _mode(spec: ServiceSpec) -> Iterator[str]:
    mode = spec.mode
    yield f"Service Mode:\t{mode.kind.replace('-', ' ').title()}"
    if mode.kind == "replicated":
        yield f" Replicas:\t{mode.replicas}"
    elif mode.kind == "replicated-job":
        yield f" Max Concurrent:\t{mode.max_concurrent}"
        yield f" Total Completions:\t{mode.replicas}"


def _status(service: Service, now: float) -> Iterator[str]:
    status = service.status
    if status is None:
        return
    yield "UpdateStatus:"
    yield f" State:\t\t{status.state}"
    yield f" Started:\t{format_ago(now - status.started).lower()}"
    if status.completed is not None:
        yield f" Completed:\t{format_ago(now - status.completed).lower()}"
    yield f" Message:\t{status.message}"


def _placement(spec: ServiceSpec) -> Iterator[str]:
    place = spec.task.placement
    yield "Placement:"
    if place.constraints:
        yield f" Constraints:\t[{' '.join(place.constraints)}]"
    if place.preferences:
        yield f" Preferences:   [{' '.join(f'spread={one}' for one in place.preferences)}]"
    if place.max_replicas:
        yield f" Max Replicas Per Node:   {place.max_replicas}"


def _rolling(head: str, order: str, one: UpdateConfig) -> Iterator[str]:
    yield f"{head}:"
    yield f" Parallelism:\t{one.parallelism}"
    if one.delay_s:
        yield f" Delay:\t\t{format_span(one.delay_s)}"
    yield f" On failure:\t{one.failure_action}"
    yield f" Monitoring Period: {format_span(one.monitor_s)}"
    yield f" Max failure ratio: {one.max_failure_ratio:g}"
    yield f" {order} {one.order}"


def _container(one: ContainerSpec) -> Iterator[str]:
    yield "ContainerSpec:"
    yield f" Image:\t\t{one.image}"
    if one.command:
        yield f" Args:\t\t{' '.join(one.command)}"
    if one.env:
        yield f" Env:\t\t{' '.join(f'{key}={value}' for key, value in one.env.items())}"
    if one.workdir:
        yield f" Dir:\t\t{one.workdir}"
    if one.init:
        yield " Init:\t\ttrue"
    if one.user:
        yield f" User: {one.user}"
    if one.nofile is not None:
        yield from ("Ulimits:", f" nofile: {one.nofile}:{one.nofile}")
    if one.mounts:
        yield "Mounts:"
    for text in one.mounts:
        mount = parse_mount(text)
        yield f" Target:\t{mount.target}"
        yield f"  Source:\t{mount.source or ''}"
        yield f"  ReadOnly:\t{str(mount.read_only).lower()}"
        yield f"  Type:\t\t{mount.type}"


def _files(head: str, refs: Iterable[FileRef]) -> Iterator[str]:
    for number, one in enumerate(refs):
        if not number:
            yield f"{head}:"
        yield f" Target:\t{one.target or one.name}"
        yield f"  Source:\t{one.name}"


def _resources(spec: ServiceSpec) -> Iterator[str]:
    task = spec.task
    kept, most = list(_amounts(task.reservations)), list(_amounts(task.limits))
    if kept or most:
        yield "Resources:"
    if kept:
        yield from (" Reservations:", *kept)
    if most:
        yield from (" Limits:", *most)


def _amounts(one: Resources) -> Iterator[str]:
    if one.nano_cpus:
        yield f"  CPU:\t\t{one.nano_cpus / 1e9:g}"
    if one.memory_bytes:
        yield f"  Memory:\t{format_binary_bytes(one.memory_bytes)}"
    if one.pids:
        yield f"  PIDs:\t\t{one.pids}"
    for kind, count in one.generic:
        yield f"  {kind}:\t{count}"


def _around(swarm: Swarm, service: Service) -> Iterator[str]:
    known, spec = swarm.state.networks, service.spec
    names = [known[one.id].name for one in spec.task.networks if one.id in known]
    if names:
        yield f"Networks: {' '.join(names)}"
    yield f"Endpoint Mode:\t{spec.endpoint.mode}"
    if spec.endpoint.ports:
        yield "Ports:"
    for port in spec.endpoint.ports:
        yield f" PublishedPort = {port.published or service.ports.get(port, 0)}"
        yield f"  Protocol = {port.protocol}"
        yield f"  TargetPort = {port.target}"
        yield f"  PublishMode = {port.mode}"
    yield from _health(spec.task.container)


def _health(one: ContainerSpec) -> Iterator[str]:
    if one.health_cmd is None:
        return
    yield " Healthcheck:"
    for name, seconds in (("Interval", one.health_interval_s), ("Timeout", one.health_timeout_s),
                          ("StartPeriod", one.health_start_period_s)):  # fmt: skip
        yield f"  {name} = {format_span(seconds or 0.0)}"
    yield f"  Retries = {one.health_retries or 0}"
    yield from ("  Tests:", "   Test = CMD-SHELL", f"   Test = {one.health_cmd}")
