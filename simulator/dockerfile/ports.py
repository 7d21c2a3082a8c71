"""Ports of EXPOSE: ``8080``, ``53/udp``, ``7000-7010/tcp``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place, nearest

PROTOCOLS = ("tcp", "udp", "sctp")
_SPEC = re.compile(r"(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port that a container listens on. Shown as ``8080/tcp``."""

    number: int
    protocol: str = "tcp"

    def __str__(self) -> str:
        return f"{self.number}/{self.protocol}"


def parse_ports(word: str, *, place: Place | None = None) -> tuple[Port, ...]:
    """The ports of one expanded word of EXPOSE; an address or host port before them is ignored.

    Raises InputError in the builder's words for anything that is no port, range or protocol.

    >>> [str(port) for port in parse_ports("80-81/udp")]
    ['80/udp', '81/udp']
    """
    numbers, slash, protocol = word.partition("/")
    protocol = protocol.lower() if slash and protocol else "tcp"
    if protocol not in PROTOCOLS:
        raise InputError(
            f"invalid proto: {shown(protocol)}",
            place=place,
            expected="one of: " + ", ".join(PROTOCOLS),
            nearest=nearest(protocol, PROTOCOLS),
        )
    match = _SPEC.fullmatch(numbers) if len(numbers) <= 100 else None
    first = int(match[1]) if match else -1
    last = int(match[2] or match[1]) if match else -1
    if match is None or not first <= last <= 65_535:
        raise InputError(
            f"invalid containerPort: {shown(numbers)}",
            place=place,
            expected="a number from 0 to 65535, or a range such as 7000-7010",
        )
    return tuple(Port(number, protocol) for number in range(first, last + 1))
