"""Published ports: how people write them, and which of a machine's are taken.

``[ADDRESS:][HOST_PORT[-LAST]:]PORT[-LAST][/tcp|udp|sctp]``, as Docker reads it. Without an address
a port is taken on all addresses; two that bind the same port of the same address exclude each
other, and so do one of all addresses and one of any.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import msgspec

from simulator.errors import InputError
from simulator.node.errors import NoPort, PortInUse, PortTaken

EXPECTED = "[IP:][HOST_PORT:]CONTAINER_PORT[/tcp|/udp]"
PROTOCOLS = ("tcp", "udp", "sctp")
ANY = "0.0.0.0"
"""All IPv4 addresses of a machine."""
ANY_6 = "::"
FIRST_RANDOM, LAST_RANDOM = 32768, 60999
"""Linux's ports for whoever asks for none (ip_local_port_range), which Docker takes from."""
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


class Publication(msgspec.Struct, frozen=True):
    """One port of a container that is to be had at the machine: ``first`` to ``last`` there, any
    of which will do; 0 leaves the choice to the daemon."""

    port: int
    protocol: str = "tcp"
    address: str = ""
    first: int = 0
    last: int = 0


class Published(msgspec.Struct, frozen=True):
    """A port of a container that is to be had at an address and a port of its machine."""

    port: int
    protocol: str
    address: str
    at: int


def parse_publication(text: str) -> tuple[Publication, ...]:
    """What ``-p`` says: a port, or as many as a range has. InputError names what is wrong."""
    body, slash, protocol = text.partition("/")
    if (slash and protocol.lower() not in PROTOCOLS) or not body:
        raise _bad(text)
    address, host, container = _split(text, body)
    first, last = _range(text, container)
    protocol = protocol.lower() or "tcp"
    if host in ("", "0"):
        return tuple(Publication(port, protocol, address) for port in range(first, last + 1))
    at, until = _range(text, host)
    if first == last:
        return (Publication(first, protocol, address, at, until),)
    if until - at != last - first:
        raise InputError(
            f"invalid ranges specified for container and host Ports: {container} and {host}"
        )
    return tuple(
        Publication(first + one, protocol, address, at + one, at + one)
        for one in range(last - first + 1)
    )


def _split(text: str, body: str) -> tuple[str, str, str]:
    """Address, port or ports of the machine, port or ports of the container."""
    rest, _, container = body.rpartition(":")
    if not rest:
        return "", "", container
    if rest.endswith("]") and rest.startswith("["):
        raise _bad(text)
    head, colon, host = rest.rpartition(":")
    if not colon:
        return "", rest, container
    return _address(text, head), host, container


def _address(text: str, address: str) -> str:
    plain = address.removeprefix("[").removesuffix("]") if address.startswith("[") else address
    try:
        return str(IPv6Address(plain) if ":" in plain else IPv4Address(plain))
    except AddressValueError:
        raise InputError("invalid IP address in a port", found=text, expected=EXPECTED) from None


def _range(text: str, ports: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(ports)
    if match is None:
        raise _bad(text)
    first, last = int(match[1]), int(match[2] or match[1])
    if not 0 < first <= last < 65536:
        raise _bad(text)
    return first, last


def _bad(text: str) -> InputError:
    return InputError("invalid port", found=text, expected=EXPECTED)


def parse_exposed(text: str) -> tuple[str, ...]:
    """``80``, ``80/udp`` or ``80-82`` as ``80/tcp``, ...: ports that a container says it has."""
    body, slash, protocol = text.partition("/")
    if slash and protocol.lower() not in PROTOCOLS:
        raise _bad(text)
    first, last = _range(text, body)
    return tuple(f"{port}/{protocol.lower() or 'tcp'}" for port in range(first, last + 1))


class Ports:
    """The ports of one network namespace that somebody has, and who has them."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, int], dict[str, tuple[str, bool]]] = {}
        """By protocol and port: by address, who has it and whether a program listens itself."""
        self._last: dict[tuple[str, str, int, int], int] = {}
        """The port that was given last out of a range: the next search begins behind it."""

    def publish(self, wanted: Publication, holder: str) -> tuple[Published, ...]:
        """Take a port as asked; PortTaken, PortInUse or NoPort where that cannot be."""
        addresses = (wanted.address,) if wanted.address else (ANY, ANY_6)
        if wanted.first and wanted.first == wanted.last:
            at = wanted.first
            self._refuse_taken(addresses, at, wanted.protocol)
        else:
            at = self._search(addresses, wanted)
        for address in addresses:
            self._taken.setdefault((wanted.protocol, at), {})[address] = (holder, False)
        return tuple(Published(wanted.port, wanted.protocol, one, at) for one in addresses)

    def check(self, wanted: Publication) -> None:
        """Refuse a port that somebody has; PortTaken or PortInUse."""
        addresses = (wanted.address,) if wanted.address else (ANY, ANY_6)
        self._refuse_taken(addresses, wanted.first, wanted.protocol)

    def listen(self, port: int, protocol: str, holder: str) -> bool:
        """A program of this namespace listens on all addresses; False where somebody has it."""
        if self._taken.get((protocol, port)):
            return False
        self._taken[(protocol, port)] = {ANY: (holder, True), ANY_6: (holder, True)}
        return True

    def give_back(self, protocol: str, port: int, holder: str) -> None:
        """Whatever somebody had of a port is free again."""
        here = self._taken.get((protocol, port), {})
        for address in [one for one, (who, _) in here.items() if who == holder]:
            del here[address]
        if not here:
            self._taken.pop((protocol, port), None)

    def all(self) -> list[tuple[str, str, int]]:
        """Protocol, address and port of all that somebody has."""
        return [
            (protocol, address, port)
            for (protocol, port), here in self._taken.items()
            for address in here
        ]

    def holder(self, address: str, port: int, protocol: str = "tcp") -> str | None:
        """Who is reached at an address and a port."""
        here = self._taken.get((protocol, port), {})
        found = here.get(address) or here.get(ANY_6 if ":" in address else ANY)
        return None if found is None else found[0]

    def _conflict(self, addresses: tuple[str, ...], port: int, protocol: str) -> str | None:
        """The address at which somebody else has a port that is wanted."""
        here = self._taken.get((protocol, port))
        if here:
            for address in addresses:
                for other in here:
                    if (":" in other) == (":" in address) and (
                        other == address or {other, address} & {ANY, ANY_6}
                    ):
                        return other
        return None

    def _refuse_taken(self, addresses: tuple[str, ...], port: int, protocol: str) -> None:
        other = self._conflict(addresses, port, protocol)
        if other is None:
            return
        if self._taken[(protocol, port)][other][1]:
            raise PortInUse(addresses[0], port, protocol)
        raise PortTaken(other, port)

    def _search(self, addresses: tuple[str, ...], wanted: Publication) -> int:
        first, last = wanted.first or FIRST_RANDOM, wanted.last or LAST_RANDOM
        key = (addresses[0], wanted.protocol, first, last)
        port = self._last.get(key, last)
        for _ in range(last - first + 1):
            port = port + 1 if port < last else first
            if self._conflict(addresses, port, wanted.protocol) is None:
                self._last[key] = port
                return port
        raise NoPort
