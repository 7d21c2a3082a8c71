"""One swarm: everything of it is put together here, and none of its parts knows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.calibration import Calibration
from simulator.cluster.supply import Pinned, Supply
from simulator.cluster.swarm.addresses import INGRESS, Addresses
from simulator.cluster.swarm.agents.agents import Agents
from simulator.cluster.swarm.attaching import Attaching
from simulator.cluster.swarm.heartbeats import Heartbeats
from simulator.cluster.swarm.inside import Inside
from simulator.cluster.swarm.managers import Managers
from simulator.cluster.swarm.mesh import Balancing, Mesh
from simulator.cluster.swarm.objects import Description, Node, Service, Task
from simulator.cluster.swarm.orchestrators.enforcing import Enforcing
from simulator.cluster.swarm.orchestrators.everywhere import Everywhere
from simulator.cluster.swarm.orchestrators.jobs import Jobs
from simulator.cluster.swarm.orchestrators.reaper import Reaper
from simulator.cluster.swarm.orchestrators.replicated import Replicated
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.orchestrators.updates import Updates
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import NANO, NodeSpec, Resources
from simulator.cluster.swarm.state import State
from simulator.engine.simulation import Simulation
from simulator.machine.workload import Workload
from simulator.node.node import Node as Daemon

ARCHES = {"amd64": "x86_64", "arm64": "aarch64"}


class Swarm:
    """Managers, orchestrators, a scheduler, agents and a mesh."""

    def __init__(
        self,
        name: str,
        sim: Simulation,
        constants: Calibration,
        supply: Supply,
        balancing: Balancing,
        read_program: Callable[[str], Workload],
        seed: int,
    ) -> None:
        self.name = name
        self.sim = sim
        self.state = State(sim, seed, name)
        self.managers = Managers(self.state, seed)
        self.addresses = Addresses(self.state)
        self.addresses.network(INGRESS, ingress=True)
        self.restarts = Restarts(self.state)
        self.updates = Updates(self.state, self.restarts)
        self.replicated = Replicated(self.state, self.restarts, self.updates)
        self.everywhere = Everywhere(self.state, self.restarts, self.updates)
        self.jobs = Jobs(self.state, self.restarts)
        self.enforcing = Enforcing(self.state)
        self.scheduler = Scheduler(self.state)
        self.agents = Agents(self.state, supply, constants, read_program)
        self.reaper = Reaper(self.state)
        self.heartbeats = Heartbeats(self.state, self.agents, self.managers)
        self.mesh = Mesh(self.state, self.agents, balancing, {})
        self.inside = Inside(self.state, self.agents)
        self.attaching = Attaching(self.state, self.addresses)
        self.tokens = {"worker": 0, "manager": 0}
        """How often each was made anew."""
        self.state.task_watchers.insert(0, self._made)
        self.state.gone_watchers.append(self.addresses.detach)
        self.state.service_watchers.append(self._service_changed)

    def _made(self, task: Task, state: int, desired: int) -> None:
        if state < 0:
            self.addresses.attach(task)

    def _service_changed(self, service: Service, gone: bool) -> None:
        if gone:
            self.restarts.forget(service.id)
            self.addresses.release(service)

    # --- members --------------------------------------------------------------------------------

    def token(self, role: str) -> str:
        """What a machine has to know to join."""
        secret = self.state.naming.secret(f"ca/{self.name}", 50)
        own = self.state.naming.secret(f"{role}/{self.tokens[role]}", 25)
        return f"SWMTKN-1-{secret}-{own}"

    def member(self, machine: str) -> Node | None:
        """The node that a machine is."""
        for seat in self.agents.seats.values():
            if seat.daemon.name == machine:
                return seat.node
        return None

    def pinned(self, image: str, machine: str) -> Pinned | None:
        """The name of an image with its digest, as a registry says to a machine that is a node."""
        node = self.member(machine)
        return None if node is None else self.agents.pinned(image, self.agents.seats[node.id])

    def add(self, daemon: Daemon, role: str, address: str, availability: str = "active") -> Node:
        """A machine joins."""
        spec = NodeSpec(role=role, availability=availability)
        node = Node(self.state.naming.id(), spec, _described(daemon), address, self.sim.now)
        self.agents.add(node, daemon)
        daemon.networks.open_gateway(self.sim.now)
        daemon.networks.beyond = partial(self.attaching.network, daemon)
        daemon.wiring.around = self.inside.around
        daemon.wiring.mesh = self.inside.published
        self.state.node_changed(node)
        if not self.managers.leader and not self.state.leaderless:
            self.managers.first(node)
        elif node.manager:
            self.managers.changed()
        return node

    def described(self, machine: str) -> None:
        """A member says something else of what it has."""
        for seat in self.agents.seats.values():
            if seat.daemon.name == machine:
                seat.node.description = _described(seat.daemon)
                self.state.node_changed(seat.node)

    def machine_changed(self, machine: str) -> None:
        """A machine of a member is off, or up again."""
        for seat in self.agents.seats.values():
            if seat.daemon.name == machine and seat.up is seat.down:
                seat.down = not seat.up
                self.heartbeats.machine_changed(seat)


def _described(daemon: Daemon) -> Description:
    """What a machine says of itself."""
    hardware = daemon.machine.hardware
    return Description(
        hostname=daemon.name,
        os=hardware.os,
        arch=ARCHES.get(hardware.architecture, hardware.architecture),
        resources=Resources(
            nano_cpus=round(hardware.cores * NANO),
            memory_bytes=hardware.memory_bytes,
            generic=tuple(daemon.machine.counted.items()),
        ),
    )
