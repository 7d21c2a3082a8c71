"""Groups of nodes as they are now: which are there, which are to come, which failed."""

from __future__ import annotations

from typing import Protocol

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import (
    GroupSpec,
    Settings,
)


class Provider(Protocol):
    """Who has machines: a cloud, or a stack of servers."""

    def order(self, group: str) -> str:
        """A machine of a group is to come, under the name that is told; its node joins later."""

    def give_up(self, name: str) -> None:
        """A machine that was ordered is not waited for any longer."""

    def remove(self, name: str) -> None:
        """A machine goes; nothing runs on it any more."""


class Group:
    """A group of nodes and what became of it."""

    def __init__(self, spec: GroupSpec) -> None:
        self.spec = spec
        self.nodes: dict[str, float] = {}
        """Since when each is known."""
        self.coming: dict[str, float] = {}
        """When each was ordered."""
        self.leaving: dict[str, float] = {}
        self.backoff_until = 0.0
        self._backoff_s = 0.0
        self._failed_at = 0.0

    @property
    def size(self) -> int:
        """How many nodes it is to have."""
        return len(self.nodes) + len(self.coming) - len(self.leaving)

    def failed(self, now: float, settings: Settings) -> None:
        """Nodes did not come: it is left alone for a while, longer each time."""
        if now - self._failed_at > settings.backoff_reset_s:
            self._backoff_s = 0.0
        self._failed_at = now
        doubled = min(self._backoff_s * 2, settings.most_backoff_s)
        self._backoff_s = doubled or settings.backoff_s
        self.backoff_until = now + self._backoff_s

    def came(self, name: str, now: float) -> None:
        """A node is there; a group that delivers is trusted again."""
        self.coming.pop(name, None)
        self.nodes[name] = now
        self._backoff_s = 0.0

    def gone(self, name: str) -> None:
        """A node is there no more."""
        self.nodes.pop(name, None)
        self.leaving.pop(name, None)
