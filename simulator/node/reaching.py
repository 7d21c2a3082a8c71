"""Who is reached at a name, an address and a port, from inside a container or from its machine.

Names are found in ``/etc/hosts`` and, on networks that people made, by Docker's own server of
names. The default bridge has addresses and no names. Between two bridges nothing passes. Machines
find each other by name, and reach what is published there, or listens on the machine's own network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Protocol

from simulator.machine.container import Container
from simulator.node.addresses import lies_in
from simulator.node.exposing import listened
from simulator.node.networks import Network, mac_of
from simulator.node.publishing import ANY
from simulator.node.wiring import Wiring
from simulator.programs.pauses import Asks, Heard

LOOPBACK = "127.0.0.1"
NAME_SERVER = "127.0.0.11"
"""Where a container on a network of people's own asks for names."""
DEFAULT_DNS = ("8.8.8.8", "8.8.4.4")
"""What Docker takes where the machine has no name servers that a container could reach."""
HOST_GATEWAY = "host-gateway"
LAN_ROUTER = "10.0.0.1"
"""The router of the network that all machines share."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of a connection.

    ``problem``: nothing, or ``unknown`` (no such name), ``refused`` (nobody listens there),
    ``unreachable`` (nobody has the address), ``no way`` (no network leads there), ``timeout``
    (nothing comes back).
    """

    problem: str = ""
    address: str = ""
    server: Container | None = None
    """Who accepted it."""
    starting: Container | None = None
    """Who will listen there, and does not yet."""


class Line(Protocol):
    """Requests of a program that come again and again."""

    @property
    def over(self) -> bool:
        """Whether as many as were wanted have been answered, or have failed."""

    def hang_up(self) -> None:
        """No more."""

    def said(self) -> Heard:
        """What came of them so far."""


class Surroundings:
    """The network as it is seen from inside a container, or (None) from its machine."""

    def __init__(self, wiring: Wiring, container: Container | None) -> None:
        self.wiring = wiring
        self.container = None if container is None else wiring.root(container)
        """The container whose network namespace it is."""
        self.spec = None if self.container is None else wiring.spec(self.container)

    # --- names ------------------------------------------------------------------------------------

    def lookup(self, name: str) -> tuple[str, ...]:
        """The addresses of a name, or of an address itself; nothing for a name that nobody has."""
        plain = name.lower().rstrip(".")
        if _is_address(plain):
            return (plain,)
        known = tuple(address for address, names in self.hosts() if plain in names)
        if known:
            return known
        found: list[str] = []
        for network in self.networks():
            for one in (name, name.removesuffix(f".{network.name}")):
                found += network.names.get(one, {}).values()
        if not found and self.leaves:
            machine = self.wiring.machine_at(name)
            found = [] if machine is None else [machine.address]
        return tuple(dict.fromkeys(found))

    def hosts(self) -> list[tuple[str, list[str]]]:
        """The lines of ``/etc/hosts``: an address and its names."""
        lines = [(LOOPBACK, ["localhost"])]
        if self.container is None or self.spec is None or self.on_host:
            lines.append(("127.0.1.1", [self.wiring.networks.machine.lower()]))
        else:
            name = (self.container.settings.hostname or self.container.id[:12]).lower()
            lines += [(one, [name]) for one in self.addresses()]
        for text in () if self.spec is None else self.spec.extra_hosts:
            name, _, address = text.partition(":")
            lines.append((self.gateway if address == HOST_GATEWAY else address, [name.lower()]))
        return lines

    def files(self) -> dict[str, str]:
        """``/etc/hosts`` and ``/etc/resolv.conf`` of a container."""
        hosts = [f"{address}\t{' '.join(names)}" for address, names in self.hosts()]
        own = any(network.user_defined for network in self.networks())
        asked = () if self.spec is None else self.spec.dns
        servers = (NAME_SERVER,) if own else asked or DEFAULT_DNS
        lines = [f"nameserver {one}" for one in servers]
        resolv = "\n".join([*lines, "options ndots:0"] if own else lines)
        return {"/etc/hosts": "\n".join(hosts), "/etc/resolv.conf": resolv}

    @property
    def gateway(self) -> str:
        """The machine as its containers see it: the router of the default bridge."""
        subnet = self.wiring.networks.all["bridge"].subnet
        return "" if subnet is None else subnet.gateway

    # --- places -----------------------------------------------------------------------------------

    @property
    def on_host(self) -> bool:
        """Whether it is the machine's own network."""
        return self.spec is None or self.spec.network_mode == "host"

    def networks(self) -> Iterator[Network]:
        """The bridges that it is on."""
        if self.container is not None:
            for endpoint in self.wiring.of(self.container).endpoints:
                network = self.wiring.networks.all.get(endpoint.network)
                if network is not None and network.subnet is not None:
                    yield network

    def addresses(self) -> list[str]:
        """Its own addresses."""
        if self.container is None:
            return []
        return [one.address for one in self.wiring.of(self.container).endpoints if one.address]

    def interfaces(self) -> list[tuple[str, str, int, str, str]]:
        """Name, address, bits of its prefix, hardware address and router of each interface."""
        if not self.on_host:
            return self._of_container()
        machine = self.wiring.machine_at(self.wiring.networks.machine)
        found = []
        if machine is not None:
            found.append(("eth0", machine.address, 16, mac_of(machine.address), LAN_ROUTER))
        for network in self.wiring.networks.all.values():
            subnet = network.subnet
            if subnet is not None:
                name = f"br-{network.id[:12]}" if network.user_defined else "docker0"
                row = (name, subnet.gateway, subnet.length, mac_of(subnet.gateway), "")
                found.append(row)
        return found

    def _of_container(self) -> list[tuple[str, str, int, str, str]]:
        found: list[tuple[str, str, int, str, str]] = []
        for network in self.networks():
            assert self.container is not None
            one = network.endpoints[self.container.id]
            way = "" if network.internal else one.gateway
            found.append((f"eth{len(found)}", one.address, one.length, one.mac, way))
        return found

    def listening(self) -> list[tuple[str, str, int]]:
        """Protocol, address and port of all on which somebody listens, as far as it is known."""
        if self.on_host:
            return sorted(self.wiring.ports.all(), key=lambda one: (one[0], one[2], one[1]))
        beside = () if self.container is None else self.wiring.beside(self.container)
        return [
            (protocol, ANY, port)
            for one in beside
            if one.ready_at is not None
            for protocol, port in listened(self.wiring.spec(one), one)
        ]

    @property
    def connected(self) -> bool:
        """Whether anybody can reach it at all."""
        return self.on_host or any(True for _ in self.networks())

    @property
    def leaves(self) -> bool:
        """Whether a way leads from it out of its machine."""
        return self.on_host or any(not network.internal for network in self.networks())

    # --- requests again and again -----------------------------------------------------------------

    def takes_load(self, host: str, port: int) -> bool:
        """Whether requests that come again and again reach servers that work for each."""
        return False

    def dial(self, asks: Asks, name: str) -> Line | None:
        """Begin to ask; None where nobody works for it. ``name``: of who asks."""
        return None

    counts = False
    """Whether servers work for a single request, too."""

    def worked(self, server: Container) -> float:
        """One request comes to a server: the seconds until it is answered."""
        return 0.0

    # --- connections ------------------------------------------------------------------------------

    def reach(self, name: str, port: int, protocol: str = "tcp") -> Reached:
        """Connect to a port at a name or an address; port 0: only see whether it is there."""
        addresses = self.lookup(name)
        if not addresses:
            return Reached("unknown")
        address = addresses[0]
        if address.startswith("127.") or address in self.addresses():
            return self._here(address, port, protocol)
        if self.on_host:
            return self._from_machine(address, port, protocol)
        for network in self.networks():
            if network.subnet is not None and lies_in(address, network.subnet.block):
                return self._on(network, address, port, protocol)
        return self._elsewhere(address, port, protocol)

    def _here(self, address: str, port: int, protocol: str) -> Reached:
        if self.on_host:
            return self._machine(address, port, protocol)
        return self._answer(self.container, address, port, protocol)

    def _machine(self, address: str, port: int, protocol: str) -> Reached:
        """The machine's own ports: published ones, and those of programs on its network."""
        if not port:
            return Reached("", address)
        holder = self.wiring.ports.holder(address, port, protocol)
        found = None if holder is None else self.wiring.containers.get(holder)
        if found is None:
            return self._of_the_mesh(address, port, protocol)
        for one in self.wiring.of(found).ports:
            if (one.at, one.protocol) == (port, protocol):
                return self._answer(found, address, one.port, protocol)
        return self._answer(found, address, port, protocol)

    def _of_the_mesh(self, address: str, port: int, protocol: str) -> Reached:
        """A port that several machines share: perhaps one of another machine answers."""
        shared = None if self.wiring.mesh is None else self.wiring.mesh(port, protocol)
        if shared is None:
            return Reached("refused", address)
        if not shared.container.machine.up:
            return Reached("timeout", address)
        there = Surroundings(shared.wiring, shared.container)
        return there._answer(shared.container, address, shared.port, protocol)

    def _from_machine(self, address: str, port: int, protocol: str) -> Reached:
        for network in self.wiring.networks.all.values():
            if network.subnet is None or not lies_in(address, network.subnet.block):
                continue
            if address == network.subnet.gateway:
                return self._machine(address, port, protocol)
            holder = self.wiring.containers.get(network.holders.get(address, ""))
            if holder is None:
                return Reached("unreachable", address)
            return self._answer(holder, address, port, protocol)
        return self._other_machine(address, port, protocol)

    def _on(self, network: Network, address: str, port: int, protocol: str) -> Reached:
        if network.subnet is not None and address == network.subnet.gateway:
            return self._machine(address, port, protocol)
        holder = self.wiring.containers.get(network.holders.get(address, ""))
        if holder is None:
            return Reached("unreachable", address)
        if not network.lets_talk:
            return Reached("timeout", address)
        return self._answer(holder, address, port, protocol)

    def _elsewhere(self, address: str, port: int, protocol: str) -> Reached:
        """An address that is on none of its networks: by the machine, where one leads there."""
        if not self.leaves:
            return Reached("no way", address)
        for network in self.wiring.networks.all.values():
            if network.subnet is not None and address == network.subnet.gateway:
                return self._machine(address, port, protocol)
            if network.subnet is not None and lies_in(address, network.subnet.block):
                return Reached("timeout", address)  # between two bridges nothing passes
        return self._other_machine(address, port, protocol)

    def _other_machine(self, address: str, port: int, protocol: str) -> Reached:
        """Only what is published there, or listens on its own network, is reached from outside."""
        machine = self.wiring.machine_at(address)
        if machine is None or not machine.up:
            return Reached("timeout", address)
        return Surroundings(machine.wiring, None)._machine(address, port, protocol)

    def _answer(
        self, container: Container | None, address: str, port: int, protocol: str
    ) -> Reached:
        """Whoever listens in the namespace of a container."""
        if not port:
            return Reached("", address, container)
        starting = None
        for one in () if container is None else self.wiring.beside(container):
            if one.settings.workload.kind != "server":
                continue
            if one.ready_at is None:
                starting = one if one.running else starting
                continue
            known = listened(self.wiring.spec(one), one)
            if not known or (protocol, port) in known:
                # A program that is stopped lets its kernel accept, and never answers.
                return Reached("timeout" if one.stands_still else "", address, one)
        return Reached("refused", address, starting=starting)


def surroundings_of(wiring: Wiring, container: Container | None) -> Surroundings:
    """The network as a container sees it; None: as the machine does. Who keeps containers of
    several machines together may have laid a network of its own around them."""
    if container is not None and wiring.around is not None:
        found = wiring.around(wiring, container)
        if isinstance(found, Surroundings):
            return found
    return Surroundings(wiring, container)


def _is_address(text: str) -> bool:
    try:
        return bool(IPv4Address(text))
    except AddressValueError:
        return False
