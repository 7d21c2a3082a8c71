"""Addresses that a swarm hands out: subnets of networks, of services and of tasks on them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_network

from simulator.cluster.swarm.objects import Network, Service, Task
from simulator.cluster.swarm.specs import Port
from simulator.cluster.swarm.state import State
from simulator.errors import InputError, Refused

POOL = ip_network("10.0.0.0/8")
LENGTH = 24
"""``--default-addr-pool`` and its mask."""
INGRESS = "ingress"
FIRST_TUNNEL = 4096
"""swarmkit, ``cnmallocator/drivers``: numbers of tunnels begin here."""
FIRST_PORT, LAST_PORT = 30_000, 32_767


class Addresses:
    """Gives addresses and ports, and takes them back."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.ports: dict[tuple[int, str], str] = {}
        """Published ports of the mesh, and whose they are."""

    # --- networks -------------------------------------------------------------------------------

    def network(self, name: str, subnet: str = "", **options: object) -> Network:
        """A new network over all nodes; Refused for a name in use."""
        if self.state.network_named(name) is not None:
            raise Refused(f"network with name {name} already exists")
        block = self._block(subnet)
        made = Network(
            self.state.naming.id(), name, block, self.state.now, **options,  # type: ignore[arg-type]
        )  # fmt: skip
        made.vxlan = self._tunnel()
        self.state.networks[made.id] = made
        self.state.touch()
        return made

    def _tunnel(self) -> int:
        used = {one.vxlan for one in self.state.networks.values()}
        return next(one for one in range(FIRST_TUNNEL, 1 << 24) if one not in used)

    def _block(self, wanted: str) -> str:
        used = [ip_network(one.subnet) for one in self.state.networks.values()]
        if wanted:
            try:
                block = ip_network(wanted)
            except ValueError:
                raise InputError(f"invalid subnet {wanted}") from None
            if any(block.overlaps(one) for one in used):
                raise Refused("Pool overlaps with other one on this address space")
            return str(block)
        assert isinstance(POOL, IPv4Network)
        for block in POOL.subnets(new_prefix=LENGTH):
            if not any(block.overlaps(one) for one in used):
                return str(block)
        raise Refused("could not find an available, non-overlapping IPv4 address pool")

    def take(self, network: Network, owner: str) -> str:
        """The next free address of a network."""
        block = ip_network(network.subnet)
        size = block.num_addresses - 3
        for _ in range(size):
            network.last = network.last % size + 1
            found = str(IPv4Address(int(block.network_address) + 1 + network.last))
            if found not in network.taken:
                network.taken[found] = owner
                return found
        return ""

    # --- services -------------------------------------------------------------------------------

    def serve(self, service: Service) -> None:
        """A service has an address on each of its networks, and its ports."""
        self._publish(service)
        spec = service.spec
        wanted = {one.id for one in spec.task.networks}
        ingress = self.state.network_named(INGRESS)
        if ingress is not None and any(one.mode == "ingress" for one in spec.endpoint.ports):
            wanted.add(ingress.id)
        if spec.endpoint.mode != "vip":
            wanted.clear()
        for id_ in [one for one in service.vips if one not in wanted]:
            self._give_back(id_, service.vips.pop(id_))
        for id_ in self.state.networks:
            if id_ in wanted and id_ not in service.vips:
                service.vips[id_] = self.take(self.state.networks[id_], service.id)

    def _publish(self, service: Service) -> None:
        for key in [one for one, owner in self.ports.items() if owner == service.id]:
            del self.ports[key]
        kept, service.ports = service.ports, {}
        for port in service.spec.endpoint.ports:
            if port.mode != "ingress":
                continue
            number = port.published or kept.get(port, 0)
            if not number or ((number, port.protocol) in self.ports and not port.published):
                number = self._free(port.protocol)
            self.ports[number, port.protocol] = service.id
            service.ports[port] = number

    def _free(self, protocol: str) -> int:
        for number in range(FIRST_PORT, LAST_PORT + 1):
            if (number, protocol) not in self.ports:
                return number
        raise Refused("no dynamic port available")

    def check(self, ports: tuple[Port, ...], service: str, name: str) -> None:
        """Refused where another service has a port already."""
        for port in ports:
            owner = self.ports.get((port.published, port.protocol))
            if port.mode == "ingress" and owner is not None and owner != service:
                other = self.state.services.get(owner)
                said = "" if other is None else f"'{other.name}' ({owner})"
                raise Refused(
                    f"rpc error: code = InvalidArgument desc = port '{port.published}' is already "
                    f"in use by service {said} as an ingress port"
                )

    def release(self, service: Service) -> None:
        """A service is gone."""
        for key in [one for one, owner in self.ports.items() if owner == service.id]:
            del self.ports[key]
        for id_, address in service.vips.items():
            self._give_back(id_, address)
        service.vips.clear()

    def _give_back(self, network: str, address: str) -> None:
        known = self.state.networks.get(network)
        if known is not None:
            known.taken.pop(address, None)

    # --- tasks ----------------------------------------------------------------------------------

    def attach(self, task: Task) -> None:
        """A task has an address on each network of its service."""
        for one in task.spec.networks:
            network = self.state.networks.get(one.id)
            if network is not None and one.id not in task.addresses:
                task.addresses[one.id] = self.take(network, task.id)

    def detach(self, task: Task) -> None:
        """Nobody remembers it."""
        for id_, address in task.addresses.items():
            self._give_back(id_, address)
        task.addresses.clear()
