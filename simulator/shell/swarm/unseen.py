"""What is said of an image that no registry has: each node then goes by what it has itself.

Source: moby, ``daemon/cluster/services.go`` (``digestWarning``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.cluster.swarm.swarm import Swarm

_WARNING = (
    "image {0} could not be accessed on a registry to record\nits digest. Each node will access "
    "{0} independently,\npossibly leading to different nodes running different\nversions of the "
    "image.\n"
)


def unseen(swarm: Swarm, machine: str, image: str) -> list[str]:
    """A warning, where the manager that is asked cannot look the image up."""
    return _WARNING.format(image).split("\n") if swarm.pinned(image, machine) is None else []
