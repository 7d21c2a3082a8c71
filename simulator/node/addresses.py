"""Subnets and addresses as Docker's own address management hands them out.

A network that says no subnet gets the first free one of the default pools; a container gets the
lowest free address of its network. Addresses are numbers inside and text outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from heapq import heappop, heappush
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

import msgspec

from simulator.errors import InputError
from simulator.node.errors import AddressTaken, NoAddress, NoSubnet, OverlappingSubnet

_POOLS = (
    ("172.17.0.0/16", 16), ("172.18.0.0/16", 16), ("172.19.0.0/16", 16), ("172.20.0.0/14", 16),
    ("172.24.0.0/14", 16), ("172.28.0.0/14", 16), ("192.168.0.0/16", 20),
)  # fmt: skip
"""The default pools of a daemon, each cut into subnets of a size: 31 (moby, ipamutils)."""


class Subnet(msgspec.Struct, frozen=True):
    """A block of addresses, and the part of it that is handed out."""

    block: str
    """As ``172.18.0.0/16``."""
    within: str = ""
    """A part of it (``--ip-range``); nothing: all of it."""
    gateway: str = ""
    """Its router's address; nothing: the lowest one."""
    asked: bool = False
    """Whether somebody chose it: only there may a container choose its address."""

    @property
    def length(self) -> int:
        """Bits of its prefix."""
        return int(self.block.rpartition("/")[2])


def default_subnets() -> Iterator[str]:
    """The subnets of the default pools, in the order in which they are used up."""
    for pool, size in _POOLS:
        for block in IPv4Network(pool).subnets(new_prefix=size):
            yield str(block)


def free_subnet(used: Iterable[str]) -> str:
    """The first default subnet that touches none of those in use; NoSubnet when all do."""
    taken = [_block(one) for one in used]
    for block in _defaults():
        if not any(_block(block).overlaps(one) for one in taken):
            return block
    raise NoSubnet


@lru_cache(maxsize=4096)
def _block(text: str) -> IPv4Network:
    return IPv4Network(text)


@cache
def _defaults() -> tuple[str, ...]:
    return tuple(default_subnets())


def check_overlap(block: str, used: Iterable[str]) -> None:
    """OverlappingSubnet where a block touches one that is in use."""
    wanted = IPv4Network(block)
    if any(wanted.overlaps(IPv4Network(one)) for one in used):
        raise OverlappingSubnet(block)


def parse_block(text: str, what: str = "subnet") -> str:
    """A block in CIDR notation; InputError for none, or one with bits beside its prefix."""
    address, slash, length = text.partition("/")
    try:
        if not slash or not length.isdigit():
            raise ValueError
        block = IPv4Network(text, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise InputError(f"invalid {what}", found=text, expected="as 172.28.0.0/16") from None
    if str(block.network_address) != address:
        raise InputError(f"invalid {what} {text}: it should be {block}")
    return str(block)


def parse_address(text: str) -> str:
    """An IPv4 address; InputError for what is none."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise InputError("invalid IPv4 address", found=text, expected="as 172.28.5.10") from None


def is_part(inner: str, outer: str) -> bool:
    """Whether a block is a part of another."""
    return IPv4Network(inner).subnet_of(IPv4Network(outer))


def lies_in(address: str, block: str) -> bool:
    """Whether a block has an address."""
    return IPv4Address(address) in IPv4Network(block)


class Addresses:
    """The addresses of one network: which are taken, and the lowest that is not."""

    def __init__(self, subnet: Subnet) -> None:
        """The gateway is taken at once, as are the first and the last address of the block."""
        block, within = IPv4Network(subnet.block), IPv4Network(subnet.within or subnet.block)
        ends = (int(block.network_address), int(block.broadcast_address))
        self._taken = dict.fromkeys(ends if block.prefixlen < 31 else ())
        self._next, self._last = int(within.network_address), int(within.broadcast_address)
        self._freed: list[int] = []
        """Addresses below the next one that somebody gave back; some may be taken again."""
        self.gateway = self.take(subnet.gateway)

    def take(self, wanted: str = "") -> str:
        """This address, or the lowest free one; AddressTaken, or NoAddress when there is none."""
        number = int(IPv4Address(wanted)) if wanted else self._lowest()
        if number in self._taken:
            raise AddressTaken(wanted)
        self._taken[number] = None
        return str(IPv4Address(number))

    def give_back(self, address: str) -> None:
        """It is free again."""
        number = int(IPv4Address(address))
        if number in self._taken:
            del self._taken[number]
            if number < self._next:
                heappush(self._freed, number)

    def _lowest(self) -> int:
        while self._freed:
            number = heappop(self._freed)
            if number not in self._taken:
                return number
        while self._next in self._taken:
            self._next += 1
        if self._next > self._last:
            raise NoAddress
        self._next += 1
        return self._next - 1
