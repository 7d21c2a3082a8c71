"""Hosts as one looks at many: each with the states of what is on it, or all of them as one byte."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from simulator.look import from_model
from simulator.look.cluster_facts import SHADES, NodeFacts, View
from simulator.look.cluster_values import rows_of
from simulator.look.pages import Listing, Place, keep
from simulator.look.views import HostView
from simulator.machine.container import containers_below
from simulator.machine.host import Host
from simulator.machine.virtual_machine import guests_on

if TYPE_CHECKING:
    from simulator.world.world import World

DOWN = 255
"""In place of a fullness: the host's kernel does not run."""
MANY = 24
"""Hosts from which on their fullness is asked for, to be shown as a sign each."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """A host, what is on it by states, and what it is in a cluster, if it is in one."""

    key: str
    view: HostView
    states: tuple[tuple[str, int | None, bool], ...]
    """Of each container on it and in its VMs: state, exit code, killed for want of memory."""
    vms: int
    requests_per_s: float
    queued: int
    node: NodeFacts | None


@dataclass(frozen=True, slots=True)
class HostsFacts:
    """All hosts of a page: how full each is, from 0 to ``SHADES`` by the fuller of CPU and memory;
    nothing where they are few."""

    fills: bytes
    down: int


def hosts(world: World, place: Place) -> Listing:
    """Hosts in the order in which they were made; of a part of them: ``within`` is ``120-180``."""
    found = list(world.hosts())
    first, _, last = place.within.partition("-")
    if first.isdigit() and last.isdigit():
        found = found[int(first) : int(last) + 1]
    by_key = {f"host/{one.name}": one for one in found}
    keys = keep(list(by_key), place.filter)
    fills = bytes([_fill(world, by_key[key]) for key in keys]) if len(keys) > MANY else b""
    head = HostsFacts(fills, fills.count(DOWN))
    return Listing(keys, partial(_host, world, by_key), head, _part(place.within, found))


def _part(within: str, found: list[Host]) -> tuple[str, ...]:
    return (f"hosts {found[0].name} to {found[-1].name}",) if within and found else ()


def _fill(world: World, host: Host) -> int:
    if not host.up:
        return DOWN
    cpu = world.sampler.cpu_cores(host) / host.hardware.cores
    memory = host.kernel.memory.resident / host.hardware.memory_bytes
    share = max(cpu, memory)
    return min(SHADES, max(1 if share > 0.005 else 0, round(share * SHADES)))


def _host(world: World, by_key: dict[str, Host], key: str) -> HostFacts | None:
    host = by_key.get(key)
    if host is None or host.name not in world.machines:
        return None
    samples, found = world.sampler.containers, containers_below(host.kernel)
    known = [samples[one] for one in found if one.running and one in samples]
    return HostFacts(
        key, from_model.host_view(world, host),
        tuple([(one.state, one.exit_code, one.oom_killed) for one in found]),
        len(guests_on(host.kernel)), sum(one.requests_per_s for one in known),
        sum(one.queued for one in known), _node(world, host.name),
    )  # fmt: skip


def _node(world: World, name: str) -> NodeFacts | None:
    """What a host is in the cluster that it is a node of."""
    for cluster in world.orchestras.clusters.values():
        if name in cluster.scheduler.columns.rows:
            row = rows_of(cluster, View("nodes"), [f"node/{name}"], 0, 1)[0]
            return row if isinstance(row, NodeFacts) else None
    return None
