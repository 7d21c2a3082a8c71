"""What a DaemonSet knows of its nodes, and the sums of that."""

from __future__ import annotations

import msgspec

from simulator.cluster.kubernetes.objects.meta import Key


class Spot(msgspec.Struct, frozen=True, gc=False):
    """One node as a DaemonSet counts it."""

    wanted: bool = False
    scheduled: bool = False
    misplaced: bool = False
    ready: bool = False
    available: bool = False
    updated: bool = False


class Place(msgspec.Struct):
    """What one DaemonSet knows of its nodes."""

    pods: dict[str, dict[Key, None]] = {}
    """Its pods by node."""
    node_of: dict[Key, str] = {}
    spots: dict[str, Spot] = {}
    old: dict[str, None] = {}
    """Nodes whose pod is of another revision."""
    wanted: int = 0
    scheduled: int = 0
    misplaced: int = 0
    ready: int = 0
    available: int = 0
    updated: int = 0

    def put(self, node: str, spot: Spot | None) -> None:
        """A node is so from now on."""
        before = self.spots.pop(node, Spot())
        after = spot or Spot()
        if spot is not None:
            self.spots[node] = spot
        self.wanted += after.wanted - before.wanted
        self.scheduled += after.scheduled - before.scheduled
        self.misplaced += after.misplaced - before.misplaced
        self.ready += after.ready - before.ready
        self.available += after.available - before.available
        self.updated += after.updated - before.updated
