"""NodePorts: no two pods at the same port of a node."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.scheduler.asked import HostPort, ports_conflict
from simulator.cluster.kubernetes.scheduler.columns import Bools
from simulator.cluster.kubernetes.scheduler.plugin import Change, Plugin, Refusal, State, Verdict

REASON = "node(s) didn't have free ports for the requested pod ports"
MOST_WISHES = 200


class NodePorts(Plugin):
    """A filter by ports of the host, remembered by the ports that are wanted."""

    name = "NodePorts"
    filters = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._known: dict[tuple[HostPort, ...], list[Any]] = {}

    def concerns(self, template: Template) -> bool:
        """Whether it wants ports of its node."""
        return bool(self.state.columns.asked(template).ports)

    def prepare(self, pod: Pod) -> Any:
        """The ports that it wants; None where it wants none."""
        return self.state.columns.asked(pod.template).ports or None

    def of_node(self, pod: Pod, seen: Any, place: int) -> Refusal:
        """Whether they are free."""
        taken = ports_conflict(seen, self.state.columns.order[place].ports)
        if taken is None:
            return None
        return Verdict((REASON,), changes=(Change("port", (taken[1], taken[2])),))

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """The same for all; only nodes that changed since are asked again."""
        columns = self.state.columns
        known = self._known.get(ready)
        if known is None or known[0] != columns.epoch:
            if len(self._known) >= MOST_WISHES:
                self._known.clear()
            free = [ports_conflict(ready, row.ports) is None for row in columns.order]
            known = self._known[ready] = [
                columns.epoch, len(columns.log), np.array(free, dtype=np.bool_),
            ]  # fmt: skip
        else:
            for place in columns.log.since(known[1]):
                known[2][place] = ports_conflict(ready, columns.order[place].ports) is None
            known[1] = len(columns.log)
        found: Bools = known[2]
        return found
