"""All machines of a world with their daemons, and all containers on them."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address

from simulator.errors import Refused
from simulator.image.writable import WritableLayer
from simulator.machine.container import Container
from simulator.machine.guests import guest_name
from simulator.machine.host import Host, Machine, Parts
from simulator.machine.virtual_machine import VirtualMachine
from simulator.node.node import Node, owner_of
from simulator.node.wiring import Neighbour
from simulator.registry.registries import Registries
from simulator.world.programs import read_program
from simulator.world.roster import Roster, no_such

FIRST_ADDRESS = IPv4Address("10.0.0.10")
"""Machines have the addresses that follow it, in the order in which they were added."""


class Follower:
    """Who wants to know what becomes of containers; tells nobody anything by itself."""

    def ready(self, container: Container) -> None:
        """It answers."""

    def unready(self, container: Container) -> None:
        """It answers no more."""

    def renamed(self, container: Container, before: str) -> None:
        """It has another name."""

    def gone(self, container: Container) -> None:
        """It was removed."""

    def machine_up(self, machine: Machine) -> None:
        """A machine that was down runs again."""

    def described(self, machine: Machine) -> None:
        """A machine's daemon says something else of what it has."""


class Fleet:
    """Machines and containers by name, and the machine that commands mean when they name none."""

    def __init__(self, parts: Parts, registries: Registries, seed: int) -> None:
        self.parts = parts
        self.registries = registries
        self.seed = seed
        self.machines: dict[str, Machine] = {}
        self.nodes: dict[str, Node] = {}
        """The daemons, by the names of their machines; a guest of one container has none."""
        self.current: str | None = None
        self.roster = Roster()
        self.containers = self.roster.containers
        """By what they are called in the world, in the order of creation."""
        self.followers: list[Follower] = []
        self.gone_cost = 0.0
        """What removed hosts have cost, in the currency of the prices."""
        self._ids = 0
        self._lan: dict[str, str] = {}
        """Addresses of machines by name, and names by address."""
        self._added = 0

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return self.parts.sim.now

    # --- looking up -----------------------------------------------------------------------------

    def machine(self, name: str | None) -> Machine:
        """The machine of this name, or the current one."""
        wanted = name if name is not None else self.current
        if wanted is None:
            raise Refused("there is no host yet; create one with: host add NAME")
        found = self.machines.get(wanted)
        if found is None:
            raise Refused(no_such("machine", wanted, self.machines))
        return found

    def node(self, name: str | None) -> Node:
        """The daemon of the machine of this name, or of the current one."""
        machine = self.machine(name)
        owner = owner_of(machine)
        if owner:
            raise Refused(
                f"{machine.name} is the virtual machine of container {owner} and runs nothing else"
            )
        return self.nodes[machine.name]

    def node_of(self, container: Container) -> Node:
        """The daemon that a container belongs to."""
        return self.nodes[container.daemon.name]

    def connected(self, container: Container) -> bool:
        """Whether anybody can reach a container at all."""
        return self.node_of(container).surroundings(container).connected

    def hosts(self) -> list[Host]:
        """All hosts in the order of their creation."""
        return [one for one in self.machines.values() if isinstance(one, Host)]

    def vms(self) -> list[VirtualMachine]:
        """All virtual machines in the order of their creation."""
        return [one for one in self.machines.values() if isinstance(one, VirtualMachine)]

    def container(self, name: str) -> Container:
        """The container of this name (``machine/name`` is clear always), or of an id."""
        return self.roster.get(name)

    def running(self, name: str) -> Container:
        """The container of this name; Refused when it does not run."""
        found = self.container(name)
        if not found.running:
            raise Refused(f"container {found.name} is not running")
        return found

    def writable(self, name: str) -> WritableLayer:
        """The writable layer of the container of this name."""
        container = self.container(name)
        return self.node_of(container).writable(container)

    def written_bytes(self, machine: Machine) -> int:
        """Bytes of the writable layers of the containers of a machine's daemon."""
        node = self.nodes.get(machine.name)
        return 0 if node is None else node.written_bytes()

    def cost(self) -> float:
        """What hosts have cost so far, in the currency of their prices."""
        hours = ((self.now - one.created_at) / 3600.0 * one.price_per_hour for one in self.hosts())
        return self.gone_cost + sum(hours)

    # --- machines -------------------------------------------------------------------------------

    def add(self, machine: Machine) -> None:
        """A machine joins; the first one becomes the current machine."""
        self.machines[machine.name] = machine
        self.nodes[machine.name] = Node(machine, self.registries, self, read_program)
        self._added += 1
        address = str(FIRST_ADDRESS + self._added)
        self._lan |= {machine.name: address, address: machine.name}
        if self.current is None:
            self.current = machine.name

    def drop(self, machine: Machine) -> None:
        """A machine leaves; its containers are gone already."""
        self.machines.pop(machine.name, None)
        self._lan.pop(self._lan.pop(machine.name, ""), None)
        node = self.nodes.pop(machine.name, None)
        if node is not None:
            node.metrics.stop()
        if self.current not in self.machines:
            self.current = next(iter(self.machines), None)

    # --- what daemons tell ----------------------------------------------------------------------

    def new_id(self) -> str:
        """64 hexadecimal digits that depend on the seed and on how many came before."""
        self._ids += 1
        return hashlib.sha256(f"{self.seed}/{self._ids}".encode()).hexdigest()

    def guest_name(self, container: str, machine: Machine) -> str:
        """The name for a container's own virtual machine; Refused when a machine has it."""
        for name in (guest_name(container), guest_name(f"{machine.name}-{container}")):
            taken = self.machines.get(name)
            if taken is None:
                return name
            if not owner_of(taken):
                break
        raise Refused(f"there is already a machine named {name}")

    def title(self, name: str, machine: Machine) -> str:
        """What a container of a machine is called in the world."""
        return self.roster.title(name, machine)

    def address(self, machine: str) -> str:
        """The address of a machine on the network that all machines share."""
        return self._lan[machine]

    def machine_at(self, word: str) -> Neighbour | None:
        """A machine by its name or its address on the network that all machines share."""
        name = word if word in self.nodes else self._lan.get(word, "")
        node = self.nodes.get(name)
        if node is None:
            return None
        return Neighbour(self._lan[name], node.machine.up, node.wiring)

    def made(self, container: Container) -> None:
        """One more container, and with it perhaps a machine of its own."""
        self.roster.add(container)
        if container.guest is not None:
            self.machines[container.guest.name] = container.guest

    def machine_up(self, machine: Machine) -> None:
        """Tell everybody that a machine runs again."""
        for one in self.followers:
            one.machine_up(machine)

    def ready(self, container: Container) -> None:
        """A container answers."""
        for one in self.followers:
            one.ready(container)

    def unready(self, container: Container) -> None:
        """A container answers no more."""
        for one in self.followers:
            one.unready(container)

    def renamed(self, container: Container, before: str, local_before: str) -> None:
        """A container has another name."""
        self.roster.drop(container, before, local_before)
        for one in self.followers:
            one.renamed(container, before)
        self.roster.add(container)

    def described(self, machine: Machine) -> None:
        """A machine's daemon says something else of what it has."""
        for one in self.followers:
            one.described(machine)

    def gone(self, container: Container) -> None:
        """A container was removed, and with it the machine that was its own."""
        if container.guest is not None:
            self.machines.pop(container.guest.name, None)
        for one in self.followers:
            one.gone(container)
        self.roster.drop(container, container.name, container.local_name)
