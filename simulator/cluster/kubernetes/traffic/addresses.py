"""Addresses that Services are given: one of the cluster's own, and ports of all nodes."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address, IPv4Network

SERVICES = IPv4Network("10.96.0.0/12")
"""kubeadm, ``--service-cluster-ip-range``."""
NODE_PORTS = range(30_000, 32_768)
"""kube-apiserver, ``--service-node-port-range``."""
FIRST = 10
"""The addresses below are those of the API server (.1) and of the name server (.10)."""


class Addresses:
    """What is given, and what is free. The same name gets the same address where it is free."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        """By address: the key of who has it."""
        self._ports: dict[int, str] = {}

    def address(self, owner: str, wanted: str = "") -> str | None:
        """An address for a Service; None where the wanted one is taken or is none of ours."""
        if wanted:
            return self._take(wanted, owner)
        span = SERVICES.num_addresses - FIRST - 2
        start = _number(owner) % span
        for step in range(span):
            found = str(SERVICES.network_address + FIRST + 1 + (start + step) % span)
            if found not in self._given:
                return self._take(found, owner)
        return None

    def _take(self, address: str, owner: str) -> str | None:
        if not self.is_ours(address) or self._given.get(address, owner) != owner:
            return None
        self._given[address] = owner
        return address

    def is_ours(self, address: str) -> bool:
        """Whether Services may have an address."""
        try:
            return IPv4Address(address) in SERVICES
        except ValueError:
            return False

    def node_port(self, owner: str, wanted: int = 0) -> int | None:
        """A port of all nodes; None where the wanted one is taken or outside the range."""
        if wanted:
            if wanted not in NODE_PORTS or self._ports.get(wanted, owner) != owner:
                return None
            self._ports[wanted] = owner
            return wanted
        start = _number(owner) % len(NODE_PORTS)
        for step in range(len(NODE_PORTS)):
            port = NODE_PORTS[(start + step) % len(NODE_PORTS)]
            if port not in self._ports:
                self._ports[port] = owner
                return port
        return None

    def free(self, address: str, ports: tuple[int, ...] = ()) -> None:
        """Nobody has these any more."""
        self._given.pop(address, None)
        for port in ports:
            self._ports.pop(port, None)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
