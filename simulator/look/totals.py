"""Numbers over everything: how much there is, what is used of it, and who uses most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from heapq import nsmallest
from operator import attrgetter
from typing import TYPE_CHECKING

from simulator.look.answers import IDLE_STATES, BusyContainer, Totals
from simulator.look.from_model import container_view
from simulator.machine.container import Container
from simulator.traffic.service import Service

if TYPE_CHECKING:
    from simulator.world.world import World


def totals(world: World) -> Totals:
    """How much there is of everything now, and what is used of it."""
    hosts = world.hosts()
    samples = world.sampler.containers
    return Totals(
        hosts=len(hosts),
        vms=len(world.machines) - len(hosts),
        services=len(world.services),
        states=dict(Counter(map(attrgetter("state"), world.containers.values()))),
        cpu_cores=sum(sample.cpu_cores for one, sample in samples.items() if one.running),
        cores=sum(host.hardware.cores for host in hosts),
        memory_used_bytes=sum(host.kernel.memory.resident for host in hosts),
        memory_bytes=sum(host.hardware.memory_bytes for host in hosts),
    )


def busiest(world: World, service: str | None, count: int) -> list[Container]:
    """Containers worth a curve: endpoints of a service first, then by CPU, in a stable order."""
    found = world.services.get(service) if service is not None else None
    first = _by_cpu(world, _members(world, found), count) if found is not None else []
    if len(first) == count:
        return first
    known = set(first)
    rest = (one for one in world.containers.values() if one not in known)
    return first + _by_cpu(world, rest, count - len(first))


def _members(world: World, service: Service) -> Iterable[Container]:
    found = (world.containers.get(one.name) for one in service.endpoints.values())
    return (one for one in found if one is not None)


def _by_cpu(world: World, containers: Iterable[Container], count: int) -> list[Container]:
    samples = world.sampler.containers

    def rank(one: Container) -> tuple[int, float, int, str]:
        # Rounded, so that two equally busy containers do not change places every frame; then the
        # older first, and of those of one instant web-2 before web-10.
        sample = samples.get(one)
        cores = 0 if sample is None else round(sample.cpu_cores)
        return -cores, one.created_at, len(one.name), one.name

    return nsmallest(count, (one for one in containers if one.state not in IDLE_STATES), key=rank)


def busy_view(world: World, one: Container) -> BusyContainer:
    """One of the busiest, and how many cores it could have: its limit, or its machine's."""
    view = container_view(world, one)
    return BusyContainer(view, view.cpu_limit_cores or float(one.machine.hardware.cores))
