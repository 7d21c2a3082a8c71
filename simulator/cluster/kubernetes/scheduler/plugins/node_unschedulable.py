"""NodeUnschedulable: no pods on cordoned nodes, unless they tolerate that."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Kind
from simulator.cluster.kubernetes.scheduler.plugin import Change, Refusal, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.by_kind import ByKind

CORDONED = Taint("node.kubernetes.io/unschedulable", "NoSchedule")
REASON = "node(s) were unschedulable"


class NodeUnschedulable(ByKind):
    """A filter of cordoned nodes."""

    name = "NodeUnschedulable"

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """Whether nodes of a kind take the pod."""
        if not kind.unschedulable:
            return None
        if any(one.tolerates(CORDONED) for one in pod.spec.tolerations):
            return None
        return Verdict((REASON,), resolvable=False, changes=(Change("uncordon"),))
