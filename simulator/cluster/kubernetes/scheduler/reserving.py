"""Pods that have a place and no node yet: their volumes are bound, or made, first.

Upstream's ``VolumeBinding`` reserves, and its ``PreBind`` waits until all claims are
bound. Meanwhile the pod takes the room of its node.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.plugin import State
from simulator.engine.calendar import Entry
from simulator.engine.simulation import Simulation

TIMEOUT_S = 600.0
"""How long the scheduler waits for volumes (``bindTimeoutSeconds``)."""
TOO_LATE = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded'


class Place:
    """A pod, the node that is kept for it, and when that is given up."""

    __slots__ = ("limit", "node", "pod")

    def __init__(self, pod: Pod, node: str, limit: Entry) -> None:
        self.pod = pod
        self.node = node
        self.limit = limit


class Reservations:
    """The places that are kept. ``late``: told of a pod that has waited for too long."""

    def __init__(self, sim: Simulation, state: State, late: Callable[[Key], None]) -> None:
        self._sim = sim
        self._state = state
        self._late = late
        self._places: dict[Key, Place] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def node_of(self, key: Key) -> str:
        """The node that is kept for a pod; nothing where none is."""
        found = self._places.get(key)
        return "" if found is None else found.node

    def keep(self, pod: Pod, node: str) -> None:
        """A pod takes its room on a node from now on."""
        limit = self._sim.at(self._sim.now + TIMEOUT_S, self._late, pod.key)
        self._places[pod.key] = Place(pod, node, limit)
        self._state.add(pod, node)

    def give_up(self, key: Key) -> str:
        """It takes that room no more; the node that was kept."""
        found = self._places.pop(key, None)
        if found is None:
            return ""
        found.limit.cancel()
        self._state.remove(found.pod, found.node)
        return found.node

    def on(self, node: str) -> list[Key]:
        """Pods for which a node is kept."""
        return [key for key, one in self._places.items() if one.node == node]
