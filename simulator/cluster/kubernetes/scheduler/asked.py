"""What the pods of a template ask of a node, worked out once for each template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from simulator.cluster.kubernetes.objects.containers import Amounts
from simulator.cluster.kubernetes.objects.pod import Template
from simulator.cluster.kubernetes.objects.resources import Resources, resources_of

DEFAULT_CPU_MILLIS = 100
DEFAULT_MEMORY_BYTES = 200 << 20
"""What a container that states no request counts for in scores (``GetNonzeroRequests``)."""
EVERYWHERE = "0.0.0.0"

HostPort: TypeAlias = tuple[str, str, int]
"""Address, protocol, number."""
Shape: TypeAlias = tuple[int, int, int, tuple[tuple[str, int], ...], int, int]
"""CPU, memory, storage, extended resources; CPU and memory as scores count them."""


class Asked(msgspec.Struct, frozen=True):
    """Amounts that a pod takes, and ports of the node itself."""

    cpu: int
    memory: int
    storage: int
    extended: tuple[tuple[str, int], ...]
    nonzero_cpu: int
    nonzero_memory: int
    ports: tuple[HostPort, ...]
    shape: Shape
    """As a key: pods of one shape fit alike."""


def asked_by(template: Template) -> Asked:
    """What pods of a template ask for."""
    most = template.requests
    counted = _nonzero(template)
    shape: Shape = (
        most.cpu_millis,
        most.memory_bytes,
        most.ephemeral_bytes,
        tuple((name, amount) for name, amount in most.extended if amount),
        counted.cpu_millis,
        counted.memory_bytes,
    )
    return Asked(*shape, _ports(template), shape)


def _nonzero(template: Template) -> Resources:
    """All requests with a default for each that is missing; containers only, as upstream."""
    spec = template.spec
    total = sidecars = peak = Resources()
    for one in spec.init_containers:
        own = _with_defaults(one.resources.requests)
        sidecars = sidecars.plus(own) if one.is_sidecar else sidecars
        peak = peak.most(sidecars if one.is_sidecar else sidecars.plus(own))
    for one in spec.containers:
        total = total.plus(_with_defaults(one.resources.requests))
    total = total.plus(sidecars).most(peak)
    stated = spec.resources.requests
    if stated:
        own = resources_of(stated)
        total = msgspec.structs.replace(
            total,
            cpu_millis=own.cpu_millis if "cpu" in stated else total.cpu_millis,
            memory_bytes=own.memory_bytes if "memory" in stated else total.memory_bytes,
        )
    return total.plus(resources_of(spec.overhead)) if spec.overhead else total


def _with_defaults(requests: Amounts) -> Resources:
    own = resources_of(requests)
    return msgspec.structs.replace(
        own,
        cpu_millis=own.cpu_millis if "cpu" in requests else DEFAULT_CPU_MILLIS,
        memory_bytes=own.memory_bytes if "memory" in requests else DEFAULT_MEMORY_BYTES,
    )


def _ports(template: Template) -> tuple[HostPort, ...]:
    spec = template.spec
    sidecars = [one for one in spec.init_containers if one.is_sidecar]
    found = []
    for one in (*spec.containers, *sidecars):
        for port in one.ports:
            number = port.host_port or (port.container_port if spec.host_network else 0)
            if number:
                found.append((port.host_ip or EVERYWHERE, port.protocol, number))
    return tuple(found)


def ports_conflict(wanted: tuple[HostPort, ...], taken: Mapping[HostPort, int]) -> HostPort | None:
    """A wanted port that is taken: same number and protocol at the same address, or at any."""
    for one in wanted:
        address, protocol, number = one
        for other, its_protocol, its_number in taken:
            same = (protocol, number) == (its_protocol, its_number)
            if same and (EVERYWHERE in (address, other) or address == other):
                return one
    return None


class AskedBy:
    """``asked_by``, remembered by the template's number."""

    def __init__(self) -> None:
        self._known: dict[int, Asked] = {}

    def __call__(self, template: Template) -> Asked:
        """What pods of a template ask for."""
        found = self._known.get(template.number)
        if found is None:
            found = self._known[template.number] = asked_by(template)
        return found


Ask: TypeAlias = Callable[[Template], Asked]
