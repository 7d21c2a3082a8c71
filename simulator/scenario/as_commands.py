"""Entries of a scenario as commands to a world."""

from __future__ import annotations

from simulator.errors import InputError
from simulator.node.networks import Wish
from simulator.scenario.spec import (
    ClusterEntry,
    ContainerEntry,
    HostSpec,
    NetworkSpec,
    NodesEntry,
    ServiceSpec,
    Spec,
)
from simulator.world.cluster_commands import CreateCluster, NodeGroup
from simulator.world.commands import CreateHost, CreateService, RunContainer
from simulator.world.network_commands import CreateNetwork
from simulator.world.sites import list_price


def machines_of(spec: Spec) -> dict[str, tuple[str, ...]]:
    """Names of machines, and of groups of hosts that are alike, each with the machines it means."""
    found: dict[str, tuple[str, ...]] = {}
    for one in spec.hosts:
        names = tuple(f"{one.name}-{number + 1}" for number in range(one.replicas))
        if one.replicas > 1:
            found |= {one.name: names, **{name: (name,) for name in names}}
        else:
            found[one.name] = (one.name,)
    return found | {one.name: (one.name,) for one in spec.vms}


def host(one: HostSpec, name: str) -> CreateHost:
    """The command that makes one of these hosts."""
    return CreateHost(
        name=name,
        cores=one.cores,
        memory_bytes=one.memory,
        disk_bytes=one.disk,
        disk_bytes_s=one.disk_rate,
        nic_bytes_s=one.nic_rate,
        architecture=one.arch,
        os=one.os,
        kernel_version=one.kernel,
        region=one.region,
        nested=one.nested,
        software=one.software,
        price_per_hour=one.price or _list_price(one),
        emulation=one.emulation,
        lazy_pull=one.lazy_pull,
        sockets=one.sockets,
        swap_bytes=one.swap,
        speed_spread=one.speed_spread,
        mtbf_s=one.mtbf,
        mttr_s=one.mttr,
    )


def network(one: NetworkSpec, machine: str) -> CreateNetwork:
    """The command that makes a network on one machine."""
    wish = Wish(
        name=one.name,
        subnet=one.subnet,
        ip_range=one.ip_range,
        gateway=one.gateway,
        internal=one.internal,
    )
    return CreateNetwork(wish=wish, machine=machine)


def _list_price(one: HostSpec) -> float:
    """What a cloud asks for it; the world refuses a region that is none, where it is written."""
    try:
        return list_price(one.region, one.cores, bool(one.nested))
    except InputError:
        return 0.0


def service(one: ServiceSpec) -> CreateService:
    """The command that makes a service."""
    return CreateService(name=one.name, balancer=one.balancer, lag_s=one.lag)


def replica_name(one: ContainerEntry, index: int, replica: int) -> str:
    """What a replica of the entry at an index is called."""
    name = one.name or one.service or f"c{index + 1}"
    return name if one.replicas == 1 and one.name else f"{name}-{replica + 1}"


def serves(one: ContainerEntry) -> bool:
    """Whether its program may be a server; only a workload in the scenario can say no."""
    return one.workload is None or one.workload.split()[:1] == ["server"]


def container(one: ContainerEntry, name: str, machine: str | None) -> RunContainer:
    """The command that runs one of these containers."""
    return RunContainer.of(one.asked(), name=name, machine=machine)


def cluster(one: ClusterEntry) -> CreateCluster:
    """The command that makes a cluster with its nodes."""
    return CreateCluster(
        name=one.name, profile=one.profile, groups=tuple(_group(each) for each in one.nodes)
    )


def _group(one: NodesEntry) -> NodeGroup:
    return NodeGroup(
        count=one.count,
        prefix=one.prefix,
        cores=one.cores,
        memory_bytes=one.memory,
        disk_bytes=one.disk,
        labels=one.labels,
        taints=one.taints,
        zones=one.zones,
        most_pods=one.max_pods,
        price_per_hour=one.price,
    )
