"""What happens in a cluster, for the journal: few, frozen, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.engine import Event


@dataclass(frozen=True, slots=True)
class ClusterEvent(Event):
    """Base: ``subject`` is the pod or node that it is about, as ``namespace/name``."""

    subject: str


@dataclass(frozen=True, slots=True)
class PodScheduled(ClusterEvent):
    """A pod has a node."""

    node: str

    def sentence(self) -> str:
        """In words."""
        return f"pod {self.subject} goes to node {self.node}"


@dataclass(frozen=True, slots=True)
class PodStarted(ClusterEvent):
    """All containers of a pod run."""

    node: str

    def sentence(self) -> str:
        """In words."""
        return f"pod {self.subject} runs on node {self.node}"


@dataclass(frozen=True, slots=True)
class PodReady(ClusterEvent):
    """A pod may get requests."""

    def sentence(self) -> str:
        """In words."""
        return f"pod {self.subject} is ready"


@dataclass(frozen=True, slots=True)
class PodUnready(ClusterEvent):
    """A pod is to get no more requests."""

    reason: str

    def sentence(self) -> str:
        """In words."""
        return f"pod {self.subject} is not ready: {self.reason}"


@dataclass(frozen=True, slots=True)
class PodDeleted(ClusterEvent):
    """A pod is gone from the API."""

    def sentence(self) -> str:
        """In words."""
        return f"pod {self.subject} is gone"
