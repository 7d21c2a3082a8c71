"""What a node refuses, as data: whoever asked finds the words that its users know."""

from __future__ import annotations

from simulator.errors import Refused


class NameTaken(Refused):
    """Another container of this node has the name."""

    def __init__(self, name: str, holder: str) -> None:
        """``holder``: the identity of the container that has it."""
        super().__init__(f"the name {name} is in use by container {holder[:12]}")
        self.name = name
        self.holder = holder


class StillRunning(Refused):
    """Only a container that has ended can be removed without force."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"container {name} is {state}")
        self.name = name
        self.state = state


class NoSubnet(Refused):
    """Every default subnet is in use."""

    def __init__(self) -> None:
        super().__init__("all predefined address pools have been fully subnetted")


class OverlappingSubnet(Refused):
    """Another network has addresses of this block."""

    def __init__(self, block: str) -> None:
        super().__init__("invalid pool request: Pool overlaps with other one on this address space")
        self.block = block


class AddressTaken(Refused):
    """Somebody else has this address."""

    def __init__(self, address: str) -> None:
        super().__init__("Address already in use")
        self.address = address


class NoAddress(Refused):
    """No address of a network is free."""

    def __init__(self) -> None:
        super().__init__("no available IPv4 addresses on this network's address pools")


class PortTaken(Refused):
    """A port of the machine is published already."""

    def __init__(self, address: str, port: int) -> None:
        super().__init__(f"Bind for {address}:{port} failed: port is already allocated")
        self.address, self.port = address, port


class PortInUse(Refused):
    """A program listens on a port of the machine."""

    def __init__(self, address: str, port: int, protocol: str) -> None:
        super().__init__(
            f"failed to bind host port {address}:{port}/{protocol}: address already in use"
        )
        self.address, self.port = address, port


class NoPort(Refused):
    """No port of a range is free."""

    def __init__(self) -> None:
        super().__init__("all ports are allocated")
