"""TaintToleration: no pods where they do not tolerate a taint; soft taints count against a node."""

from __future__ import annotations

from typing import Any

from simulator.cluster.columns import Part, ints
from simulator.cluster.kubernetes.objects.placing import Taint, Toleration
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Ints, Kind
from simulator.cluster.kubernetes.scheduler.plugin import Change, Refusal, State, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.by_kind import ByKind
from simulator.cluster.kubernetes.scheduler.plugins.node_unschedulable import CORDONED

HARD = ("NoSchedule", "NoExecute")
SOFT = "PreferNoSchedule"


class TaintToleration(ByKind):
    """A filter by hard taints, and a score by soft ones."""

    name = "TaintToleration"
    scores = normalised = reverse = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._soft = -1, False

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """The first taint that is not tolerated keeps the pod away."""
        taint = untolerated(pod.spec.tolerations, kind.taints)
        if taint is None:
            return None
        change = Change("tolerate", (taint.key, taint.value, taint.effect))
        return Verdict((self.says(taint),), resolvable=False, changes=(change,))

    def says(self, taint: Taint) -> str:
        """The reason in upstream's words, which changed with 1.24."""
        if self.state.profile.taint_text_new:
            return f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}"
        return f"node(s) had taint {{{taint.key}: {taint.value}}}, that the pod didn't tolerate"

    def prepare_score(self, pod: Pod) -> Any:
        """The tolerations that speak of soft taints; None where no node has any."""
        columns = self.state.columns
        if self._soft[0] != columns.kinds_epoch:
            soft = any(one.effect == SOFT for kind in columns.kinds for one in kind.taints)
            self._soft = columns.kinds_epoch, soft
        if not self._soft[1]:
            return None
        return tuple(one for one in pod.spec.tolerations if one.effect in ("", SOFT))

    def score_node(self, pod: Pod, seen: Any, place: int) -> int:
        """Taints that count against a node."""
        return _count(seen, self.state.columns.order[place].kind)

    def score_all(self, pod: Pod, ready: Any, chosen: Part) -> Ints | None:
        """The same for all, one look at each kind."""
        columns = self.state.columns
        counts = ints([_count(ready, kind) for kind in columns.kinds])
        found: Ints = counts[columns.kind[chosen]]
        return found


def untolerated(tolerations: tuple[Toleration, ...], taints: tuple[Taint, ...]) -> Taint | None:
    """The first hard taint that is not tolerated."""
    for taint in taints:
        if taint.effect in HARD and not any(one.tolerates(taint) for one in tolerations):
            return taint
    return None


def kept_away(pod: Pod, kind: Kind) -> bool:
    """Whether taints keep a pod from a kind of node, being cordoned included: a controller puts
    that taint on cordoned nodes."""
    taints = (*kind.taints, CORDONED) if kind.unschedulable else kind.taints
    return untolerated(pod.spec.tolerations, taints) is not None


def _count(tolerations: tuple[Toleration, ...], kind: Kind) -> int:
    return sum(
        one.effect == SOFT and not any(each.tolerates(one) for each in tolerations)
        for one in kind.taints
    )
