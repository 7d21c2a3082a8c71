"""NodeName: a pod that names its node goes there and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.scheduler.columns import Bools
from simulator.cluster.kubernetes.scheduler.plugin import Change, Plugin, Refusal, Verdict

REASON = "node(s) didn't match the requested node name"


class NodeName(Plugin):
    """A filter by name."""

    name = "NodeName"
    filters = True

    def concerns(self, template: Template) -> bool:
        """Whether it names a node."""
        return bool(template.spec.node_name)

    def prepare(self, pod: Pod) -> Any:
        """The node that it names; None where it names none."""
        return pod.spec.node_name or None

    def of_node(self, pod: Pod, seen: Any, place: int) -> Refusal:
        """Whether it is this one."""
        if self.state.columns.order[place].node.name == seen:
            return None
        return Verdict((REASON,), resolvable=False, changes=(Change("name", (seen,)),))

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """The same for all."""
        mask = np.zeros(len(self.state.columns.order), dtype=np.bool_)
        place = self.state.columns.places.get(ready)
        if place is not None:
            mask[place] = True
        return mask
