"""The networks of one daemon: bridge, host and none from the start, and bridges that people make.

A bridge is a subnet, the containers on it, and names for them (not on the default one). How
containers come to be on it is in ``wiring.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from simulator.errors import InputError, Refused
from simulator.node import addresses
from simulator.node.addresses import Addresses, Subnet
from simulator.node.errors import AddressTaken, NoAddress
from simulator.node.publishing import ANY

PREDEFINED = ("bridge", "host", "none")
GATEWAY = "docker_gwbridge"
GATEWAY_BOX = "ingress-sbox"
"""The bridge by which tasks leave a machine, and the end of the routing mesh on it."""
BRIDGE_PORTS = 1023
"""Interfaces that a Linux bridge takes (BR_MAX_PORTS of 1024; number 0 is none)."""

ENABLE_ICC = "com.docker.network.bridge.enable_icc"
HOST_BINDING = "com.docker.network.bridge.host_binding_ipv4"
BRIDGE_OPTIONS = (ENABLE_ICC, HOST_BINDING)
"""Options of the bridge driver that have their effect here: whether containers on it reach each
other, and the address at which ports are published without one."""
_DEFAULT_OPTIONS = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
    "com.docker.network.bridge.name": "docker0",
    "com.docker.network.driver.mtu": "1500",
}
_GATEWAY_OPTIONS = {
    "com.docker.network.bridge.enable_icc": "false",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.name": GATEWAY,
}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A network as somebody wants it. Nothing: the daemon chooses."""

    name: str
    driver: str = "bridge"
    subnet: str = ""
    ip_range: str = ""
    gateway: str = ""
    internal: bool = False
    attachable: bool = False
    labels: dict[str, str] = {}
    options: dict[str, str] = {}


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A container on a network, while it runs."""

    network: str
    network_id: str
    id: str
    address: str = ""
    length: int = 0
    """Bits of the prefix of its address."""
    gateway: str = ""
    mac: str = ""
    names: tuple[str, ...] = ()
    """Names by which others on the network find it."""


@dataclass(slots=True)
class Network:
    """One network of one daemon."""

    id: str
    name: str
    driver: str
    created_at: float
    subnet: Subnet | None = None
    """None: it hands no addresses out."""
    internal: bool = False
    attachable: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    """By identity of the container, in the order in which they came."""
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    """Addresses by name, then by identity of the container; the default bridge has none."""
    addresses: Addresses | None = None
    holders: dict[str, str] = field(default_factory=dict)
    """The containers by address."""

    @property
    def lets_talk(self) -> bool:
        """Whether containers on it reach each other."""
        return self.options.get(ENABLE_ICC, "true") not in ("false", "0")

    @property
    def binding(self) -> str:
        """The address of the machine where ports are published that name none; nothing: all."""
        address = self.options.get(HOST_BINDING, "")
        return "" if address == ANY else address

    @property
    def user_defined(self) -> bool:
        """Whether somebody made it."""
        return self.name not in PREDEFINED

    def add(self, container: str, title: str, wanted: str, mac: str, names: list[str]) -> Endpoint:
        """A container joins; Refused where there is no address, or no room on the bridge."""
        address = self._address(wanted, title)
        endpoint = Endpoint(
            network=self.name,
            network_id=self.id,
            id=hashlib.sha256(f"{self.id}/{container}".encode()).hexdigest(),
            address=address,
            length=0 if self.subnet is None else self.subnet.length,
            gateway="" if self.subnet is None else self.subnet.gateway,
            mac=mac or (mac_of(address) if address else ""),
            names=tuple(dict.fromkeys(names)) if self.user_defined else (),
        )
        self.endpoints[container] = endpoint
        for name in endpoint.names:
            self.names.setdefault(name, {})[container] = address
        if address:
            self.holders[address] = container
        return endpoint

    def _address(self, wanted: str, title: str) -> str:
        if self.addresses is None:
            return ""
        try:
            address = self.addresses.take(wanted)
        except NoAddress as none:
            raise Refused(f"{none}: {self.name} ({self.id})") from None
        if len(self.endpoints) >= BRIDGE_PORTS:
            self.addresses.give_back(address)
            bridge = "docker0" if not self.user_defined else f"br-{self.id[:12]}"
            raise Refused(
                f"failed to create endpoint {title} on network {self.name}: adding interface "
                f"veth{hashlib.sha256(title.encode()).hexdigest()[:7]} to bridge {bridge} failed: "
                f"exchange full"
            )
        return address

    def drop(self, container: str) -> None:
        """A container leaves; its address and its names are free."""
        endpoint = self.endpoints.pop(container, None)
        if endpoint is None:
            return
        for name in endpoint.names:
            self.names[name].pop(container, None)
            if not self.names[name]:
                del self.names[name]
        if self.addresses is not None:
            self.addresses.give_back(endpoint.address)
            self.holders.pop(endpoint.address, None)

    def rename(self, container: str, name: str) -> Endpoint:
        """A container on it has another name: its first one, before all aliases."""
        before = self.endpoints[container]
        names = tuple(dict.fromkeys((name, *before.names[1:])))
        for one in before.names:
            self.names.get(one, {}).pop(container, None)
            if not self.names.get(one):
                self.names.pop(one, None)
        for one in names:
            self.names.setdefault(one, {})[container] = before.address
        after = msgspec.structs.replace(before, names=names)
        self.endpoints[container] = after
        return after


def mac_of(address: str) -> str:
    """The hardware address that a bridge gives with an address: 02:42 and its four bytes."""
    return ":".join(("02", "42", *(f"{int(part):02x}" for part in address.split("."))))


class Networks:
    """The networks of one daemon, by name in the order in which they were made."""

    def __init__(self, machine: str, now: float) -> None:
        self.machine = machine
        self.all: dict[str, Network] = {}
        self._made = 0
        self.beyond: Callable[[str], Network | None] | None = None
        """Who knows networks over several machines that containers here may join."""
        self._add(Wish(name="bridge", options=_DEFAULT_OPTIONS), now)
        for name in ("host", "none"):
            driver = "null" if name == "none" else "host"
            self.all[name] = Network(self._new_id(name), name, driver, now)

    def _new_id(self, name: str) -> str:
        """64 hexadecimal digits, which depend on the machine and on how many came before."""
        self._made += 1
        text = f"network/{self.machine}/{name}/{self._made}"
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, word: str) -> Network:
        """The network of a name, an identity, or of the one identity that begins so."""
        found = self.all.get(word)
        hits = [found] if found else [one for one in self.all.values() if one.id.startswith(word)]
        if not hits or not word:
            wider = None if self.beyond is None else self.beyond(word)
            if wider is None:
                raise Refused(f"network {word} not found")
            return wider
        if len(hits) > 1:
            raise Refused(
                f"network {word} is ambiguous ({len(hits)} matches found based on ID prefix)"
            )
        return hits[0]

    def knows(self, name: str) -> bool:
        """Whether there is a network of this name, here or over several machines."""
        try:
            return name in self.all or (self.beyond is not None and self.beyond(name) is not None)
        except Refused:
            return True  # nobody may join it, and it is there

    def create(self, wish: Wish, now: float) -> Network:
        """Make one; Refused for a name or a subnet in use, InputError for what is none."""
        if wish.name in PREDEFINED:
            raise Refused(f"operation is not permitted on predefined {wish.name} network")
        if wish.name in self.all:
            raise Refused(f"network with name {wish.name} already exists")
        check_driver(wish.driver)
        return self._add(wish, now)

    def _add(self, wish: Wish, now: float) -> Network:
        subnet = self._subnet(wish)
        try:
            pool = Addresses(subnet)
        except AddressTaken:
            text = f"failed to allocate gateway ({subnet.gateway}): Address already in use"
            raise Refused(text) from None
        made = Network(
            self._new_id(wish.name),
            wish.name,
            "bridge",
            now,
            msgspec.structs.replace(subnet, gateway=pool.gateway),
            wish.internal,
            wish.attachable,
            wish.labels,
            wish.options,
            addresses=pool,
        )
        self.all[wish.name] = made
        return made

    def _subnet(self, wish: Wish) -> Subnet:
        used = [one.subnet.block for one in self.all.values() if one.subnet is not None]
        if not wish.subnet:
            if wish.gateway or wish.ip_range:
                raise InputError("every ip-range or gateway must have a corresponding subnet")
            return Subnet(addresses.free_subnet(used))
        block = addresses.parse_block(wish.subnet)
        within = addresses.parse_block(wish.ip_range, "ip-range") if wish.ip_range else ""
        if within and not addresses.is_part(within, block):
            raise InputError(f"no matching subnet for range {within}")
        gateway = addresses.parse_address(wish.gateway) if wish.gateway else ""
        if gateway and not addresses.lies_in(gateway, block):
            raise InputError(f"no matching subnet for gateway {gateway}")
        addresses.check_overlap(block, used)
        return Subnet(block, within, gateway, asked=True)

    def remove(self, network: Network) -> None:
        """Delete one; Refused for one that was there from the start, or that somebody is on."""
        if not network.user_defined:
            raise Refused(f"{network.name} is a pre-defined network and cannot be removed")
        if network.endpoints:
            raise InUse(network)
        del self.all[network.name]

    # --- swarms ---------------------------------------------------------------------------------

    def open_gateway(self, now: float) -> None:
        """The machine is a member of a swarm: a bridge leads from its tasks to outside."""
        bridge = self.all.get(GATEWAY)
        if bridge is None:
            bridge = self._add(Wish(name=GATEWAY, options=_GATEWAY_OPTIONS), now)
        if GATEWAY_BOX not in bridge.endpoints:
            bridge.add(GATEWAY_BOX, GATEWAY_BOX, "", "", [])

    def close_gateway(self) -> None:
        """It is no member any more: the bridge stays, as Docker leaves it."""
        self.beyond = None
        if GATEWAY in self.all:
            self.all[GATEWAY].drop(GATEWAY_BOX)


class InUse(Refused):
    """Containers are on a network that was to be removed."""

    def __init__(self, network: Network) -> None:
        super().__init__(f"network {network.name} has active endpoints")
        self.network = network


def check_driver(driver: str) -> None:
    """Refuse, by name, what is no bridge."""
    if driver in ("host", "null"):
        raise Refused(f'only one instance of "{driver}" network is allowed')
    if driver != "bridge":
        raise Refused(
            f"networks of the driver '{driver}' are not modelled; a network of one host is a "
            "bridge (--driver bridge)"
        )
