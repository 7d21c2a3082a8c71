"""All clusters of a world; nothing of them is imported before there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.engine.journal import Entry, Event
from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.machine.events import ContainerHealthChanged
from simulator.machine.host import Machine, Parts
from simulator.traffic.service import Service
from simulator.world.fleet import Follower
from simulator.world.roster import no_such

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.node.networks import Endpoint
    from simulator.node.wiring import Wiring


class Orchestras(Follower):
    """Clusters by name, and what they are told of machines and containers."""

    def __init__(self, parts: Parts, containers: Mapping[str, Container]) -> None:
        self.parts = parts
        self.containers = containers
        self.clusters: dict[str, Cluster] = {}
        self.of_machine: dict[str, str] = {}
        """Clusters by the machines that are their nodes."""
        self.swarms: dict[str, Swarm] = {}
        self.swarm_by_machine: dict[str, str] = {}
        self.swarms_made = 0
        self.begun = False
        """Whether it is told of machines and containers."""

    def get(self, name: str) -> Cluster:
        """The cluster of this name; the only one where none is named."""
        if not name and len(self.clusters) == 1:
            return next(iter(self.clusters.values()))
        found = self.clusters.get(name)
        if found is None:
            if not self.clusters:
                raise Refused("there is no cluster yet; create one with: cluster create NAME")
            raise Refused(no_such("cluster", name, self.clusters))
        return found

    def swarm_of(self, machine: str) -> Swarm | None:
        """The swarm that a machine is a member of."""
        name = self.swarm_by_machine.get(machine)
        return None if name is None else self.swarms.get(name)

    def endpoints(self, container: Container, wiring: Wiring) -> tuple[Endpoint, ...]:
        """What a container has of the networks of a swarm, as the part of it that it is."""
        swarm = self.swarm_of(container.daemon.name) if self.swarms else None
        return () if swarm is None else swarm.inside.endpoints(wiring, container)

    def begin(self) -> None:
        """There is a first cluster: from now on listen to what becomes of machines."""
        self.begun = True
        self.parts.sim.listen(self.heard)

    def heard(self, entry: Entry) -> None:
        """Something happened, perhaps to a machine that is a node."""
        subject = getattr(entry.event, "subject", "")
        if self.swarms:
            self._swarm_heard(entry.event, subject)
        cluster = self.of_machine.get(subject)
        if cluster is not None:
            self.parts.sim.at(self.parts.sim.now, self.clusters[cluster].machine_changed, subject)

    def _swarm_heard(self, event: Event, subject: str) -> None:
        swarm = self.swarm_of(subject)
        if swarm is not None:
            self.parts.sim.at(self.parts.sim.now, swarm.machine_changed, subject)
        elif isinstance(event, ContainerHealthChanged):
            self.parts.sim.at(self.parts.sim.now, self._health, subject, event.status)

    def _health(self, name: str, status: str) -> None:
        container = self.containers.get(name)
        swarm = None if container is None else self.swarm_of(container.daemon.name)
        if container is not None and swarm is not None:
            swarm.agents.health_changed(container, status)

    def machine_up(self, machine: Machine) -> None:
        """A machine runs again: perhaps a node."""
        swarm = self.swarm_of(machine.name)
        if swarm is not None:
            self.parts.sim.at(self.parts.sim.now, swarm.machine_changed, machine.name)
        cluster = self.of_machine.get(machine.name)
        if cluster is not None:
            self.parts.sim.at(
                self.parts.sim.now, self.clusters[cluster].machine_changed, machine.name
            )

    def described(self, machine: Machine) -> None:
        """What a machine has is told to its swarm."""
        swarm = self.swarm_of(machine.name)
        if swarm is not None:
            swarm.described(machine.name)

    def ready(self, container: Container) -> None:
        """A container answers: perhaps one of a pod."""
        cluster = self.of_machine.get(container.daemon.name)
        if cluster is not None:
            self.clusters[cluster].kubelets.house.heard_ready(container)

    def find(self, name: str) -> Service | None:
        """What a name that traffic is sent to means in one of the clusters."""
        for one in self.clusters.values():
            found = one.network.find(name)
            if found is not None:
                return found
        for swarm in self.swarms.values():
            found = swarm.mesh.find(name)
            if found is not None:
                return found
        return None
