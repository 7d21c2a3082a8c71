"""Connecting containers to networks and ports: when they start, when they end, and in between.

An endpoint exists while its container runs, as with Docker: one that has ended holds no address
and no port, so when it starts again somebody else may have them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.node.admitting import CONTAINER, NO_ADDRESS_HERE, check_connect, check_endpoint
from simulator.node.exposing import exposed, listened, publications
from simulator.node.networks import PREDEFINED, Endpoint, Network, Networks
from simulator.node.publishing import (
    Ports,
    Publication,
    Published,
    parse_exposed,
    parse_publication,
)
from simulator.node.spec import DETACHED, Attachment, ContainerSpec
from simulator.registry.registry import Registry


class Wired(msgspec.Struct, frozen=True):
    """What a running container has of networks."""

    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[Published, ...] = ()
    exposed: tuple[str, ...] = ()
    listening: tuple[tuple[str, int], ...] = ()
    """Protocols and ports that its program listens on in a namespace that it shares."""


NOTHING = Wired()


class Neighbour(msgspec.Struct, frozen=True):
    """A machine as others find it."""

    address: str
    up: bool
    wiring: Wiring


def nobody(word: str) -> Neighbour | None:
    """There is no other machine."""
    return None


@dataclass(frozen=True, slots=True)
class Shared:
    """Who answers at a port that several machines share: at which port of its own, and where."""

    wiring: Wiring
    container: Container
    port: int


class Wiring:
    """Who is on which network of a daemon, and who has which port of its machine."""

    def __init__(
        self,
        networks: Networks,
        specs: Mapping[str, ContainerSpec],
        containers: Mapping[str, Container],
        names: Mapping[str, Container],
        machine_at: Callable[[str], Neighbour | None] = nobody,
    ) -> None:
        """The containers of the daemon, by identity and by name, and what they are asked to be.

        ``machine_at``: a machine of the world, this one too, by its name or its address.
        """
        self.machine_at = machine_at
        self.around: Callable[[Wiring, Container], object] | None = None
        """Who lays a network of its own around containers: what it gives is how they see it."""
        self.mesh: Callable[[int, str], Shared | None] | None = None
        """Who answers at a port of the machine that no container on it has published: several
        machines together may share their ports."""
        self.registry_of: Callable[[Container, str, bool], Registry] | None = None
        """The registry that a container of this daemon serves under a name; what it is asked for
        is only looked at where the last is true."""
        self.networks = networks
        self.containers = containers
        self._specs, self._names = specs, names
        self.ports = Ports()
        """Those of the machine itself."""
        self._guests: dict[str, dict[str, None]] = {}
        """Who is in the namespace of another container, by the identity of that one."""
        self._shared: dict[str, Ports] = {}
        """Those of a container in whose namespace others are, by its identity."""
        self._wired: dict[str, Wired] = {}
        self._met: dict[str, dict[str, str]] = {}
        """By identity of a container: the identities of the networks that it was on, by name."""

    def of(self, container: Container) -> Wired:
        """What a container has of networks now."""
        return self._wired.get(container.id, NOTHING)

    def check(self, spec: ContainerSpec) -> None:
        """Refuse what can be seen to be wrong before the container is made.

        A network that is not there yet may be there when it starts.
        """
        for text in spec.ports:
            parse_publication(text)
        for text in spec.expose:
            parse_exposed(text)
        for asked in spec.networks:
            network = self.networks.all.get(asked.network)
            predefined = asked.network in PREDEFINED or asked.network.startswith(CONTAINER)
            if network is None and asked.address and predefined:
                raise Refused(NO_ADDRESS_HERE)
            if network is not None:
                check_endpoint(network, asked)

    def admit(self, spec: ContainerSpec, like: Container) -> None:
        """Refuse one that would not start here for a network or a port; ``like``: one that is so.

        What is shared with another container is looked for when it starts.
        """
        if spec.network_mode.startswith(CONTAINER):
            return
        for asked in spec.attached:
            check_endpoint(self.networks.get(asked.network), asked)
        for wanted in self.fixed_ports(spec, like):
            self.ports.check(wanted)

    def fixed_ports(self, spec: ContainerSpec, like: Container) -> list[Publication]:
        """The ports of the machine that it must have, and no others."""
        if spec.network_mode.startswith(CONTAINER) or spec.network_mode in ("host", "none"):
            return []
        wanted = publications(spec, like)
        return [one for one in wanted if one.first and one.first == one.last]

    def spec(self, container: Container) -> ContainerSpec:
        """What a container is asked to be."""
        return self._specs[container.id]

    def beside(self, container: Container) -> list[Container]:
        """All in the network namespace of a container, itself first."""
        root = self.root(container)
        found = [self.containers.get(one) for one in self._guests.get(root.id, ())]
        return [root, *(one for one in found if one is not None)]

    # --- from start to end ----------------------------------------------------------------------

    def join(self, container: Container) -> None:
        """It starts: addresses on its networks, its published ports; Refused, and then nothing."""
        spec = self._specs[container.id]
        if spec.network_mode.startswith(CONTAINER):
            lender = self.root(self._lender(container, spec))
            self._share(lender)
            self._guests.setdefault(lender.id, {})[container.id] = None
            return
        try:
            for asked in spec.attached:
                self._attach(container, self._meant(container, asked.network), asked)
            self._publish(container, spec)
        except Refused:
            self.leave(container)
            raise

    def _meant(self, container: Container, name: str) -> Network:
        """The network of a name; one that was made anew under it is another, as for Docker."""
        return self.networks.get(self._met.get(container.id, {}).get(name, name))

    def forget(self, container: Container) -> None:
        """It was removed."""
        self._met.pop(container.id, None)

    def leave(self, container: Container) -> None:
        """It has ended: whatever it had is free."""
        self._leave_lender(container)
        wired = self._wired.pop(container.id, None)
        if wired is None:
            return
        for endpoint in wired.endpoints:
            network = self.networks.all.get(endpoint.network)
            if network is not None:
                network.drop(container.id)
        for port in wired.ports:
            self.ports.give_back(port.protocol, port.at, container.id)
        ports = self.namespace(container)
        for protocol, number in wired.listening:
            if ports is not None:
                ports.give_back(protocol, number, container.id)

    def _leave_lender(self, container: Container) -> None:
        self._shared.pop(container.id, None)
        self._guests.pop(container.id, None)
        if self._guests and self._specs[container.id].network_mode.startswith(CONTAINER):
            root = self.root(container)
            self._guests.get(root.id, {}).pop(container.id, None)

    def _attach(self, container: Container, network: Network, asked: Attachment) -> None:
        check_endpoint(network, asked)
        names = [container.local_name, *asked.aliases, container.id[:12]]
        if container.settings.hostname:
            names.append(container.settings.hostname)
        endpoint = network.add(container.id, container.local_name, asked.address, asked.mac, names)
        if network.user_defined:
            self._met.setdefault(container.id, {})[asked.network] = network.id
        self._keep(container, endpoints=(*self.of(container).endpoints, endpoint))

    def _publish(self, container: Container, spec: ContainerSpec) -> None:
        if any(one.address for one in self.of(container).endpoints):
            self._keep(container, exposed=exposed(spec, container))
        endpoint = self._way_out(container)
        if endpoint is None:
            return
        binding = self.networks.all[endpoint.network].binding
        for wanted in publications(spec, container):
            if binding and not wanted.address:
                wanted = msgspec.structs.replace(wanted, address=binding)
            try:
                taken = self.ports.publish(wanted, container.id)
            except Refused as refusal:
                raise Refused(
                    "driver failed programming external connectivity on endpoint "
                    f"{container.local_name} ({endpoint.id}): {refusal}"
                ) from None
            self._keep(container, ports=(*self.of(container).ports, *taken))

    def _way_out(self, container: Container) -> Endpoint | None:
        """Its endpoint on the first network that leads out of the machine."""
        for endpoint in self.of(container).endpoints:
            network = self.networks.all[endpoint.network]
            if network.driver in ("bridge", "overlay") and not network.internal:
                return endpoint
        return None

    def _keep(self, container: Container, **changes: object) -> None:
        self._wired[container.id] = msgspec.structs.replace(self.of(container), **changes)

    # --- one network namespace for several ------------------------------------------------------

    def _lender(self, container: Container, spec: ContainerSpec) -> Container:
        """The container whose namespace another one uses; Refused unless it runs."""
        word = spec.network_mode.removeprefix(CONTAINER)
        found = self.find(word)
        if found is None:
            raise Refused(f"joining network namespace of container: No such container: {word}")
        if found is container:
            raise Refused("cannot join own network namespace")
        if not found.running:
            raise Refused(
                "cannot join network namespace of a non running container: container "
                f"{found.local_name} is {found.state}"
            )
        return found

    def _share(self, root: Container) -> None:
        """From now on it matters which ports its program listens on."""
        if self._specs[root.id].network_mode != "host" and root.id not in self._shared:
            self._shared[root.id] = Ports()
            if root.ready_at is not None:
                self.listen(root)

    def find(self, word: str) -> Container | None:
        """A container of this daemon by its name, or by what its identity begins with."""
        named = self._names.get(word)
        if named is not None or not word:
            return named
        return next((one for one in self._names.values() if one.id.startswith(word)), None)

    def root(self, container: Container) -> Container:
        """The container whose network namespace this one is in: mostly its own."""
        spec = self._specs[container.id]
        for _ in range(len(self._names)):
            if not spec.network_mode.startswith(CONTAINER):
                break
            lender = self.find(spec.network_mode.removeprefix(CONTAINER))
            if lender is None:
                break
            container, spec = lender, self._specs[lender.id]
        return container

    def namespace(self, container: Container) -> Ports | None:
        """The ports of a network namespace that it shares; None where it has one to itself."""
        root = self.root(container)
        if self._specs[root.id].network_mode == "host":
            return self.ports
        return self._shared.get(root.id)

    def listen(self, container: Container) -> str:
        """Its program begins to listen; what it says where somebody else has the port already."""
        ports = self.namespace(container)
        if ports is None:
            return ""
        for protocol, number in listened(self._specs[container.id], container):
            if not ports.listen(number, protocol, container.id):
                return f"bind to 0.0.0.0:{number} failed (98: Address already in use)"
            listening = (*self.of(container).listening, (protocol, number))
            self._keep(container, listening=listening)
        return ""

    # --- while it runs --------------------------------------------------------------------------

    def connect(self, container: Container, asked: Attachment) -> ContainerSpec:
        """Put it on one more network, at once where it runs; what it is asked to be from now on."""
        network = self.networks.get(asked.network)
        spec = self._specs[container.id]
        check_connect(spec, network)
        asked = msgspec.structs.replace(asked, network=network.name)
        if container.id in network.endpoints or any(
            self._same(one, network) for one in spec.attached
        ):
            raise Refused(
                f"endpoint with name {container.local_name} already exists in network "
                f"{network.name}"
            )
        check_endpoint(network, asked)
        if container.running:
            self._attach(container, network, asked)
            if not self.of(container).ports:
                self._publish(container, spec)
        aliases = tuple(dict.fromkeys((*spec.aliases, *asked.aliases)))
        return msgspec.structs.replace(spec, networks=(*spec.attached, asked), aliases=aliases)

    def disconnect(self, container: Container, network: Network) -> ContainerSpec:
        """Take it off a network, at once where it runs."""
        spec = self._specs[container.id]
        left = tuple(one for one in spec.attached if not self._same(one, network))
        if len(left) == len(spec.attached):
            raise Refused(
                f"container {container.id} is not connected to the network {network.name}"
            )
        if network.driver == "host":
            raise Refused(
                "cannot disconnect container from host network - container was created in host "
                "network mode"
            )
        self._met.get(container.id, {}).pop(network.name, None)
        if container.id in network.endpoints:
            self._detach(container, network)
        lost = {name for one in spec.attached if one not in left for name in one.aliases}
        kept = {name for one in left for name in one.aliases}
        aliases = tuple(name for name in spec.aliases if name in kept or name not in lost)
        return msgspec.structs.replace(spec, networks=left or DETACHED, aliases=aliases)

    def _detach(self, container: Container, network: Network) -> None:
        network.drop(container.id)
        wired = self.of(container)
        endpoints = tuple(one for one in wired.endpoints if one.network != network.name)
        self._keep(container, endpoints=endpoints)
        if not any(one.address for one in endpoints):
            self._keep(container, exposed=())
        if self._way_out(container) is None:
            for port in wired.ports:
                self.ports.give_back(port.protocol, port.at, container.id)
            self._keep(container, ports=())

    def _same(self, asked: Attachment, network: Network) -> bool:
        return asked.network == network.name or (
            len(asked.network) >= 12 and network.id.startswith(asked.network)
        )

    def renamed(self, container: Container) -> None:
        """Others on its networks find it by its new name."""
        endpoints = []
        for endpoint in self.of(container).endpoints:
            network = self.networks.all[endpoint.network]
            if network.user_defined:
                endpoint = network.rename(container.id, container.local_name)
            endpoints.append(endpoint)
        if endpoints:
            self._keep(container, endpoints=tuple(endpoints))
