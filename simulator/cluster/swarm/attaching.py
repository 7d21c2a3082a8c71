"""Containers of no service on networks over all nodes (``docker run --network``, attachable ones).

On its machine such a network is there while one of its containers is on it; the address comes from
the managers, as those of tasks do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from simulator.cluster.swarm.addresses import Addresses
from simulator.cluster.swarm.objects import Guest
from simulator.cluster.swarm.objects import Network as Overlay
from simulator.cluster.swarm.state import State
from simulator.errors import Refused
from simulator.node.addresses import Subnet
from simulator.node.networks import Endpoint, Network, mac_of
from simulator.node.node import Node as Daemon

NOT_ATTACHABLE = "rpc error: code = PermissionDenied desc = network {} not manually attachable"
NO_ANSWER = "rpc error: code = DeadlineExceeded desc = context deadline exceeded"


class Attaching:
    """Gives containers their place on the networks of one swarm."""

    def __init__(self, state: State, addresses: Addresses) -> None:
        self.state = state
        self.addresses = addresses

    def network(self, daemon: Daemon, word: str) -> Network | None:
        """The network that a word means on a machine; Refused where nobody may join it."""
        overlay = self._meant(word)
        if overlay is None:
            return None
        known = daemon.networks.all.get(overlay.name)
        if known is not None and known.id == overlay.id:
            return known
        problem = ""
        if self.state.leaderless:
            problem = NO_ANSWER
        elif not overlay.attachable:
            problem = NOT_ATTACHABLE.format(overlay.name)
        if problem:
            raise Refused(f"Could not attach to network {overlay.name}: {problem}")
        return Joined.of(overlay, daemon, self)

    def _meant(self, word: str) -> Overlay | None:
        named = self.state.network_named(word)
        if named is not None:
            return named
        every = self.state.networks.values()
        begun = [one for one in every if word and one.id.startswith(word)]
        return begun[0] if len(begun) == 1 else None


@dataclass(slots=True)
class Joined(Network):
    """A network over all nodes on one machine, with the containers that joined it there."""

    overlay: Overlay | None = None
    daemon: Daemon | None = None
    swarm: Attaching | None = None

    @classmethod
    def of(cls, overlay: Overlay, daemon: Daemon, swarm: Attaching) -> Joined:
        """As a machine sees it that is not on it yet."""
        base, _, length = overlay.subnet.partition("/")
        first = base.rsplit(".", 1)
        gateway = f"{first[0]}.{int(first[1]) + 1}"
        subnet = Subnet(f"{base}/{length}", gateway=gateway)
        return cls(
            overlay.id, overlay.name, overlay.driver, overlay.created, subnet, overlay.internal,
            overlay.attachable, dict(overlay.labels), dict(overlay.options),
            overlay=overlay, daemon=daemon, swarm=swarm,
        )  # fmt: skip

    def add(self, container: str, title: str, wanted: str, mac: str, names: list[str]) -> Endpoint:
        """A container joins; Refused where no address is left."""
        assert self.overlay is not None
        assert self.daemon is not None
        assert self.swarm is not None
        assert self.subnet is not None
        address = self.swarm.addresses.take(self.overlay, container)
        if not address:
            raise Refused(f"no available IPv4 addresses on this network's address pools: "
                          f"{self.name} ({self.id})")  # fmt: skip
        endpoint = Endpoint(
            network=self.name, network_id=self.id,
            id=hashlib.sha256(f"{self.id}/{container}".encode()).hexdigest(),
            address=address, length=self.subnet.length, gateway=self.subnet.gateway,
            mac=mac or mac_of(address), names=tuple(dict.fromkeys(names)),
        )  # fmt: skip
        self.daemon.networks.all[self.name] = self
        self.endpoints[container] = endpoint
        self.holders[address] = container
        for name in endpoint.names:
            self.names.setdefault(name, {})[container] = address
        self.overlay.guests[container] = Guest(
            self.swarm.state.naming.id(), self.daemon.name, container, address, endpoint.names
        )
        self.swarm.state.touch()
        return endpoint

    def drop(self, container: str) -> None:
        """It leaves; with the last one the network is not on the machine any more."""
        super(Joined, self).drop(container)  # slots make another class of it
        assert self.overlay is not None
        assert self.daemon is not None
        assert self.swarm is not None
        guest = self.overlay.guests.pop(container, None)
        if guest is not None:
            self.overlay.taken.pop(guest.address, None)
            self.swarm.state.touch()
        if not self.endpoints:
            self.daemon.networks.all.pop(self.name, None)
