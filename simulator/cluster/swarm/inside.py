"""The network as tasks see it: names of services on their networks, addresses of the mesh.

On a network that a swarm made, the name of a service is one address for all of its tasks, or those
of all of them in turn (``--endpoint-mode``); ``tasks.NAME`` is always the latter. Published ports
are open on every node, and whoever is asked there passes on to a task anywhere.
"""

from __future__ import annotations

import hashlib
from ipaddress import ip_network
from typing import NamedTuple, TypeAlias
from zlib import crc32

from simulator.cluster.columns import drawn
from simulator.cluster.swarm.agents.agents import Agents
from simulator.cluster.swarm.objects import RUNNING, Guest, Network, Service, Task
from simulator.cluster.swarm.state import State
from simulator.machine.container import Container
from simulator.node.networks import Endpoint, mac_of
from simulator.node.reaching import LOOPBACK, NAME_SERVER, Reached, Surroundings
from simulator.node.wiring import Shared, Wiring

TASKS = "tasks."
TASK_LABEL = "com.docker.swarm.task.id"


class Visitor(NamedTuple):
    """A container of no service on networks of a swarm."""

    id: str
    addresses: dict[str, str]


Asker: TypeAlias = Task | Visitor
"""Who looks for a name."""


class Inside:
    """Finds what each task's network looks like. One for a swarm."""

    def __init__(self, state: State, agents: Agents) -> None:
        self.state = state
        self.agents = agents

    def around(self, wiring: Wiring, container: Container) -> Surroundings | None:
        """The network of a container; None for one that is on no network of the swarm."""
        task = self.state.tasks.get(wiring.spec(container).labels.get(TASK_LABEL, ""))
        if task is not None and task.addresses:
            return TaskSurroundings(wiring, container, self, task)
        addresses = {
            network.id: network.guests[container.id].address
            for network in self.state.networks.values()
            if container.id in network.guests
        }
        if not addresses:
            return None
        return GuestSurroundings(wiring, container, self, Visitor(container.id, addresses))

    def endpoints(self, wiring: Wiring, container: Container) -> tuple[Endpoint, ...]:
        """What a task's container has of the networks of its service; nothing for another."""
        task = self.state.tasks.get(wiring.spec(container).labels.get(TASK_LABEL, ""))
        known = self.state.networks
        if task is None or not container.running:
            return ()
        return tuple(
            endpoint_of(known[id_], container.id, task) for id_ in task.addresses if id_ in known
        )

    # --- names ----------------------------------------------------------------------------------

    def resolve(self, name: str, asker: Asker) -> tuple[str, ...]:
        """The addresses of a name on the networks of a task."""
        for network in asker.addresses:
            found = self._on(network, name, asker)
            if found:
                return found
        return ()

    def _on(self, network: str, name: str, asker: Asker) -> tuple[str, ...]:
        known = self.state.networks.get(network)
        plain = name.removesuffix(f".{known.name}") if known is not None else name
        every = plain.removeprefix(TASKS)
        for service in self.state.services.values():
            if every not in self._names(service, network):
                continue
            vip = service.vips.get(network)
            if vip and every == plain:
                return (vip,)
            return tuple(one.addresses[network] for one in self._running(service, network))
        guests = () if known is None else known.guests.values()
        for guest in guests:
            if plain in guest.names:
                return (guest.address,)
        for task in self.state.tasks.values():
            if task.full_name == plain and network in task.addresses and self.agents.listed(task):
                return (task.addresses[network],)
        return ()

    def _names(self, service: Service, network: str) -> tuple[str, ...]:
        for one in service.spec.task.networks:
            if one.id == network:
                return (service.name, *one.aliases)
        return ()

    def _running(self, service: Service, network: str) -> list[Task]:
        every = self.state.tasks_of(service.id)
        return [one for one in every if network in one.addresses and self.agents.listed(one)]

    # --- connections ----------------------------------------------------------------------------

    def holder(self, address: str, asker: str) -> tuple[Task | Guest | None, bool]:
        """The task or container that a connection goes to, and whether anybody has the address."""
        for service in self.state.services.values():
            if address in service.vips.values():
                return self._one_of(service, asker), True
        for task in self.state.tasks.values():
            if address in task.addresses.values() and task.state <= RUNNING:
                return task, True
        for network in self.state.networks.values():
            for guest in network.guests.values():
                if guest.address == address:
                    return guest, True
        return None, False

    def server(self, holder: Task | Guest) -> tuple[Wiring, Container] | None:
        """Who answers there, and where; None where nobody does."""
        if isinstance(holder, Guest):
            for seat in self.agents.seats.values():
                found = seat.daemon.containers.get(holder.container)
                if seat.daemon.name == holder.machine and found is not None:
                    return seat.daemon.wiring, found
            return None
        container = self.agents.warm(holder)
        if container is None:
            return None
        return self.agents.seats[holder.node].daemon.wiring, container

    def _one_of(self, service: Service, asker: str) -> Task | None:
        running = [one for one in self.state.tasks_of(service.id) if self.agents.listed(one)]
        if not running:
            return None
        at = drawn(crc32(asker.encode()), round(self.state.now * 1000), len(running))
        return running[at]

    def published(self, port: int, protocol: str) -> Shared | None:
        """Who answers at a port of the mesh; None: nobody, or it is none of the mesh's."""
        for service in self.state.services.values():
            for one, number in service.ports.items():
                if (number, one.protocol) == (port, protocol):
                    return self._shared(service, one.target)
        return None

    def _shared(self, service: Service, port: int) -> Shared | None:
        task = self._one_of(service, f"mesh/{port}")
        container = None if task is None else self.agents.warm(task)
        if task is None or container is None:
            return None
        return Shared(self.agents.seats[task.node].daemon.wiring, container, port)


def endpoint_of(network: Network, container: str, task: Task) -> Endpoint:
    """A task's container on one of its networks."""
    block = ip_network(network.subnet)
    address = task.addresses[network.id]
    aliases = (one for ref in task.spec.networks if ref.id == network.id for one in ref.aliases)
    return Endpoint(
        network=network.name, network_id=network.id,
        id=hashlib.sha256(f"{network.id}/{container}".encode()).hexdigest(),
        address=address, length=block.prefixlen, gateway=str(block.network_address + 1),
        mac=mac_of(address), names=(task.full_name, *aliases, container[:12]),
    )  # fmt: skip


class TaskSurroundings(Surroundings):
    """The network as it is seen from inside a task's container."""

    def __init__(self, wiring: Wiring, container: Container, inside: Inside, task: Asker) -> None:
        super().__init__(wiring, container)
        self.inside = inside
        self.task = task

    def lookup(self, name: str) -> tuple[str, ...]:
        """By its own hosts, then among the services on its networks, then outside."""
        plain = name.lower().rstrip(".")
        if any(plain in names for _, names in self.hosts()):
            return super().lookup(name)
        return self.inside.resolve(name.rstrip("."), self.task) or super().lookup(name)

    def hosts(self) -> list[tuple[str, list[str]]]:
        """The lines of ``/etc/hosts``."""
        assert self.container is not None
        name = (self.container.settings.hostname or self.container.id[:12]).lower()
        first = next(iter(self.task.addresses.values()), "")
        extra = () if self.spec is None else self.spec.extra_hosts
        pairs = [one.partition(":") for one in extra]
        return [
            (LOOPBACK, ["localhost"]),
            (first, [name]),
            *((address, [word.lower()]) for word, _, address in pairs),
        ]

    def files(self) -> dict[str, str]:
        """``/etc/hosts`` and ``/etc/resolv.conf``."""
        hosts = [f"{address}\t{' '.join(names)}" for address, names in self.hosts()]
        return {
            "/etc/hosts": "\n".join(hosts),
            "/etc/resolv.conf": f"nameserver {NAME_SERVER}\noptions ndots:0",
        }

    def addresses(self) -> list[str]:
        """Its own, on all of its networks."""
        return [*self.task.addresses.values(), *super().addresses()]

    def interfaces(self) -> list[tuple[str, str, int, str, str]]:
        """One for each of its networks, and the one by which it leaves its machine."""
        own = [(one, 24) for one in self.task.addresses.values()]
        rows = [
            (f"eth{number}", address, bits, mac_of(address), "")
            for number, (address, bits) in enumerate(own)
        ]
        ways = super().interfaces()
        return [*rows, *((f"eth{len(rows) + at}", *one[1:]) for at, one in enumerate(ways))]

    def reach(self, name: str, port: int, protocol: str = "tcp") -> Reached:
        """Connect to a service, a task, or whoever is outside."""
        addresses = self.lookup(name)
        if not addresses:
            return Reached("unknown")
        address = addresses[0]
        if address in self.task.addresses.values():
            return self._answer(self.container, address, port, protocol)
        task, known = self.inside.holder(address, self.task.id)
        if not known:
            return super().reach(name, port, protocol)
        if task is None:
            return Reached("refused" if port else "", address)
        server = self.inside.server(task)
        if server is None:
            return Reached("refused", address)
        if not server[1].machine.up:
            return Reached("timeout", address)
        return Surroundings(*server)._answer(server[1], address, port, protocol)


class GuestSurroundings(TaskSurroundings):
    """The network as it is seen from a container of no service that joined one of a swarm."""

    def hosts(self) -> list[tuple[str, list[str]]]:
        """The lines of ``/etc/hosts``, as in any container."""
        return Surroundings.hosts(self)

    def addresses(self) -> list[str]:
        """Its own, on all of its networks."""
        return Surroundings.addresses(self)

    def interfaces(self) -> list[tuple[str, str, int, str, str]]:
        """One for each of its networks."""
        return Surroundings.interfaces(self)
