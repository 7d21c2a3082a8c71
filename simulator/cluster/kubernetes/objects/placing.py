"""What a pod says of where it wants to be: affinity, spread, tolerations; and taints of nodes."""

from __future__ import annotations

import msgspec

from simulator.cluster.kubernetes.objects.selectors import (
    LabelSelector,
    NodeSelector,
    NodeSelectorTerm,
)


class Taint(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Keeps pods away from a node: ``NoSchedule``, ``PreferNoSchedule`` or ``NoExecute``."""

    key: str
    effect: str
    value: str = ""
    added: float | None = None
    """When, in simulated seconds (``timeAdded``), of NoExecute."""


class Toleration(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Which taints do not keep a pod away; nothing stated matches everything."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None

    def tolerates(self, taint: Taint) -> bool:
        """Whether this taint does not matter (core/v1, ``ToleratesTaint``)."""
        if self.effect and self.effect != taint.effect:
            return False
        if self.key and self.key != taint.key:
            return False
        if self.operator == "Exists":
            return True
        return bool(self.key) and self.value == taint.value


class PreferredNode(msgspec.Struct, frozen=True, gc=False):
    """A term that adds its weight to the score of nodes that match."""

    weight: int
    preference: NodeSelectorTerm


class NodeAffinity(msgspec.Struct, frozen=True, gc=False):
    """Which nodes a pod must, or would rather, be on."""

    required: NodeSelector | None = msgspec.field(
        default=None, name="requiredDuringSchedulingIgnoredDuringExecution"
    )
    preferred: tuple[PreferredNode, ...] = msgspec.field(
        default=(), name="preferredDuringSchedulingIgnoredDuringExecution"
    )


class PodTerm(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Pods, and the topology in which one wants to be with them or without."""

    topology_key: str
    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


class WeightedPodTerm(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A term that adds its weight to a node's score."""

    weight: int
    pod_affinity_term: PodTerm


class PodAffinity(msgspec.Struct, frozen=True, gc=False):
    """With which pods (or without which) a pod must, or would rather, be."""

    required: tuple[PodTerm, ...] = msgspec.field(
        default=(), name="requiredDuringSchedulingIgnoredDuringExecution"
    )
    preferred: tuple[WeightedPodTerm, ...] = msgspec.field(
        default=(), name="preferredDuringSchedulingIgnoredDuringExecution"
    )


class Affinity(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """All of a pod's affinities."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class SpreadConstraint(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How unevenly pods may lie over the domains of a topology."""

    max_skew: int
    topology_key: str
    when_unsatisfiable: str
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str = "Honor"
    node_taints_policy: str = "Ignore"
    match_label_keys: tuple[str, ...] = ()
