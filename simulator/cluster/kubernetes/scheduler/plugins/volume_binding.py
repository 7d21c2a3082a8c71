"""VolumeBinding: nodes from which a pod's claims can be reached, or where they can be made.

What volumes there are is known to whoever binds them (``Claims``). To the scheduler a claim is
where it allows a pod to be, as a selector of nodes, and why not elsewhere.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.selectors import NodeSelector
from simulator.cluster.kubernetes.scheduler.columns import Bools
from simulator.cluster.kubernetes.scheduler.node_affinity import selector_matches
from simulator.cluster.kubernetes.scheduler.plugin import Change, Plugin, Refusal, State, Verdict

UNBOUND = "pod has unbound immediate PersistentVolumeClaims"
CONFLICT = "node(s) had volume node affinity conflict"
NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind"
MOST_KEPT = 1000


class Needs(msgspec.Struct, frozen=True):
    """What a pod's claims allow. ``problem``: why no node will do, in upstream's words."""

    problem: str = ""
    nodes: tuple[tuple[NodeSelector, str], ...] = ()
    """Selectors that a node must match, all of them, with the reason where it does not."""


class Claims(Protocol):
    """Who knows volumes, claims and classes."""

    def needs(self, pod: Pod) -> Needs | None:
        """What a pod's claims allow; None where it has none that matter."""

    def bind(self, pod: Pod, node: str) -> None:
        """A pod goes to a node: claims that waited for that are bound, or made there."""

    def bound(self, pod: Pod) -> bool:
        """Whether all claims of a pod have their volumes."""


class VolumeBinding(Plugin):
    """A filter by what a pod's claims allow."""

    name = "VolumeBinding"
    filters = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.claims: Claims | None = None
        self._kept: dict[NodeSelector, Bools] = {}
        self._epoch = -1

    def concerns(self, template: Template) -> bool:
        """Whether it has volumes."""
        return bool(template.spec.volumes)

    def prepare(self, pod: Pod) -> Needs | None:
        """What its claims allow; None where it has no claims."""
        if self.claims is None or not pod.template.spec.volumes:
            return None
        return self.claims.needs(pod)

    def of_all(self, pod: Pod, ready: Needs) -> Bools | None:
        """Nodes that every selector matches."""
        mask: Bools | None = None
        for selector, _ in ready.nodes:
            own = self._mask(selector)
            mask = own if mask is None else mask & own
        return mask

    def _mask(self, selector: NodeSelector) -> Bools:
        columns = self.state.columns
        if self._epoch != columns.epoch or len(self._kept) > MOST_KEPT:
            self._epoch, self._kept = columns.epoch, {}
        found = self._kept.get(selector)
        if found is None:
            nodes = [row.node for row in columns.order]
            each = [selector_matches(selector, one.meta.labels, one.name) for one in nodes]
            found = self._kept[selector] = np.array(each, dtype=np.bool_)
        return found

    def of_node(self, pod: Pod, seen: Any, place: int) -> Refusal:
        """Why one node will not do."""
        node = self.state.columns.order[place].node
        for selector, reason in seen.nodes:
            if not selector_matches(selector, node.meta.labels, node.name):
                change = Change("volume", (reason,))
                return Verdict((reason,), resolvable=False, changes=(change,))
        return None
