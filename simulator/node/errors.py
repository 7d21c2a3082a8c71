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
