"""Groups of nodes that grow and shrink by themselves: machines for the cluster autoscaler."""

from __future__ import annotations

from math import isfinite

from msgspec.structs import replace

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.autoscaler import ClusterAutoscaler
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.expanders import check_words
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.flags import changed
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import (
    GroupSpec,
    Settings,
)
from simulator.cluster.kubernetes.cluster import Cluster, allocatable
from simulator.cluster.kubernetes.objects.meta import Condition, Meta
from simulator.cluster.kubernetes.objects.node import Node, NodeSpec, NodeStatus
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.errors import InputError, Refused
from simulator.machine.host import Host
from simulator.world import machines
from simulator.world.cluster_commands import AutoscaleNodes, NodeGroup
from simulator.world.commands import RemoveHost
from simulator.world.depot import Depot
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.kubernetes import MOST_NODES, join, taint_of
from simulator.world.orchestras import Orchestras

ZONE = "topology.kubernetes.io/zone"
OWN = ("kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch")
"""Labels that each node has of itself."""


class Machines:
    """Who boots machines for one cluster (a ``Provider``)."""

    def __init__(
        self, fleet: Fleet, depot: Depot, orchestras: Orchestras, cluster: Cluster
    ) -> None:
        self.fleet = fleet
        self.depot = depot
        self.orchestras = orchestras
        self.cluster = cluster
        self.shapes: dict[str, NodeGroup] = {}
        self.boot_s: dict[str, float] = {}
        self._ordered: dict[str, str] = {}
        """Groups by the names of machines that boot."""
        self._made: dict[str, int] = {}

    def order(self, group: str) -> str:
        """A machine boots, and joins under the name that is told."""
        name = self._free(self.shapes[group].prefix)
        number = self._made.get(group, 0)
        self._made[group] = number + 1
        self._ordered[name] = group
        boot_s, sim = self.boot_s[group], self.fleet.parts.sim
        if isfinite(boot_s):
            sim.at(sim.now + boot_s, self._booted, name, number)
        return name

    def _free(self, prefix: str) -> str:
        number = 1
        while f"{prefix}{number}" in self.fleet.machines or f"{prefix}{number}" in self._ordered:
            number += 1
        return f"{prefix}{number}"

    def _booted(self, name: str, number: int) -> None:
        group = self._ordered.pop(name, None)
        if group is None or name in self.fleet.machines:
            return
        shape = self.shapes[group]
        labels = dict(shape.labels)
        if shape.zones > 1:
            labels.setdefault(ZONE, f"zone-{number % shape.zones + 1}")
        own = replace(shape, labels=labels, zones=1)
        join(self.fleet, self.depot, self.orchestras, self.cluster, own, [name])

    def give_up(self, name: str) -> None:
        """It is not waited for any longer."""
        self._ordered.pop(name, None)

    def remove(self, name: str) -> None:
        """A machine leaves the cluster and the world, and costs nothing any more."""
        self.cluster.kubelets.drop(name)
        self.orchestras.of_machine.pop(name, None)
        if name in self.fleet.machines:
            machines.remove_host(self.fleet, RemoveHost(name))


def autoscale(fleet: Fleet, depot: Depot, orchestras: Orchestras, command: AutoscaleNodes) -> Reply:
    """From now on a group has as many nodes as its pods need."""
    cluster = orchestras.get(command.cluster)
    least, most = command.least, command.most
    if not 0 <= least <= most <= MOST_NODES or most < 1:
        raise InputError(
            "bounds of a group",
            found=f"{least} to {most}",
            expected=f"0 <= least <= most <= {MOST_NODES:,}",
        )
    check_words(command.expander)
    changed(Settings(), command.flags)
    members = _members(cluster, command.prefix)
    shape = command.shape if command.shape is not None else _shape_of(fleet, cluster, members)
    shape = replace(shape, prefix=command.prefix)
    taints = tuple(taint_of(text) for text in shape.taints)
    auto = _autoscaler(fleet, depot, orchestras, cluster, command)
    name = command.prefix.rstrip("-") or "nodes"
    provider = auto.provider
    assert isinstance(provider, Machines)
    constant = fleet.parts.calibration.value("boot.cloud_vm.total_s")
    provider.shapes[name] = shape
    provider.boot_s[name] = constant if command.boot_s is None else command.boot_s
    spec = GroupSpec(
        name=name,
        least=least,
        most=most,
        template=_template(fleet, name, shape, taints),
        price_per_hour=shape.price_per_hour,
        priority=command.priority,
    )
    auto.add_group(spec, members)
    return Reply((name,))


def _autoscaler(
    fleet: Fleet, depot: Depot, orchestras: Orchestras, cluster: Cluster, command: AutoscaleNodes
) -> ClusterAutoscaler:
    if cluster.node_autoscaler is None:
        provider = Machines(fleet, depot, orchestras, cluster)
        cluster.node_autoscaler = ClusterAutoscaler(
            cluster.server, cluster.scheduler, provider, Settings()
        )
    auto = cluster.node_autoscaler
    settings = changed(auto.settings, command.flags)
    auto.set(replace(settings, expander=command.expander or settings.expander))
    return auto


def _members(cluster: Cluster, prefix: str) -> tuple[str, ...]:
    return tuple(
        node.name
        for node in cluster.store.all(Node)
        if node.name.startswith(prefix) and node.name[len(prefix) :].isdigit()
    )


def _shape_of(fleet: Fleet, cluster: Cluster, members: tuple[str, ...]) -> NodeGroup:
    """New nodes are as those that are there."""
    node = cluster.store.get(Node, "", members[0]) if members else None
    if node is None:
        raise Refused("no node of that group is there to be like: say --cores and --memory")
    machine = fleet.machine(node.name)
    hardware = machine.hardware
    own = {key: word for key, word in node.meta.labels.items() if not key.startswith(OWN)}
    taints = tuple(
        f"{one.key}={one.value}:{one.effect}" if one.value else f"{one.key}:{one.effect}"
        for one in node.spec.taints
        if not one.key.startswith("node.kubernetes.io/")
    )
    return NodeGroup(
        cores=hardware.cores,
        memory_bytes=hardware.memory_bytes,
        disk_bytes=hardware.disk_bytes,
        labels=own,
        taints=taints,
        most_pods=node.status.capacity.pods,
        price_per_hour=machine.price_per_hour if isinstance(machine, Host) else 0.0,
    )


def _template(fleet: Fleet, name: str, shape: NodeGroup, taints: tuple[Taint, ...]) -> Node:
    """A node as it will be when it has just come."""
    capacity = Resources(
        shape.cores * 1000, shape.memory_bytes, shape.disk_bytes, (), shape.most_pods
    )
    labels = {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", **shape.labels}
    if shape.zones > 1:
        labels.setdefault(ZONE, "zone-1")
    now = fleet.now
    ready = Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now, now)
    return Node(
        kind="Node",
        api_version="v1",
        meta=Meta(name, labels=labels),
        spec=NodeSpec(taints=taints),
        status=NodeStatus(capacity, allocatable(capacity), (ready,)),
    )
