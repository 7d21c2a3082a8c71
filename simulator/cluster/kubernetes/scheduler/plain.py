"""The plain loop: node by node, pod by pod, as upstream does it. The columns answer alike.

It is what they are held against, and measured against. It shares with them the rules of a single
node, the order, and the draw between equals; it counts nothing ahead.
"""

from __future__ import annotations

import numpy as np

from simulator.cluster.columns import ints
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Ints
from simulator.cluster.kubernetes.scheduler.cycle import Cycle, nodes_to_find
from simulator.cluster.kubernetes.scheduler.eyes import Eyes, Walking
from simulator.cluster.kubernetes.scheduler.node_affinity import named_nodes


class PlainLoop:
    """Decides like a ``Cycle``, with its state, without its columns."""

    def __init__(self, cycle: Cycle) -> None:
        self.cycle = cycle
        self.eyes: Eyes = Walking(cycle.state.columns, cycle.state.counting)
        self.start = 0
        self.cycles = 0

    def schedule(self, pod: Pod) -> tuple[str, dict[str, int]]:
        """The node, or nothing and the reasons with their counts."""
        columns = self.cycle.state.columns
        columns.refresh()
        self.cycles += 1
        places, reasons = self._search(pod)
        if not places:
            return "", reasons
        chosen = ints(places)
        if len(places) > 1:
            total = self.totals(pod, chosen)
            self.cycle.cycles = self.cycles
            return columns.order[self.cycle.best(chosen, total)].node.name, {}
        return columns.order[places[0]].node.name, {}

    def _search(self, pod: Pod) -> tuple[list[int], dict[str, int]]:
        columns = self.cycle.state.columns
        count = len(columns.order)
        seen = self.cycle.seen(pod, self.eyes)
        named = named_nodes(pod)
        every = [(self.start + step) % count for step in range(count)] if count else []
        if named is not None:
            every = [one for one in every if columns.order[one].node.name in named]
        wanted = nodes_to_find(len(every), self.cycle.state.config.percentage)
        found: list[int] = []
        reasons: dict[str, int] = {}
        looked = 0
        for place in every:
            looked += 1
            refused = self.cycle.verdict(pod, place, self.eyes, seen)
            if refused is None:
                found.append(place)
                if len(found) >= wanted:
                    break
            for reason in () if refused is None else refused.reasons:
                reasons[reason] = reasons.get(reason, 0) + 1
        self.start = (self.start + looked) % max(1, count)
        return found, reasons

    def totals(self, pod: Pod, chosen: Ints) -> Ints:
        """Weighed sums of all scores, each node asked alone."""
        total = np.zeros(len(chosen), dtype=np.int64)
        for plugin in self.cycle.scores:
            ready = plugin.prepare_score(pod)
            if ready is None:
                continue
            seen = plugin.see_scores(pod, ready, chosen, self.eyes)
            raw = ints([plugin.score_node(pod, seen, place) for place in chosen.tolist()])
            total += plugin.weight * plugin.normalise(raw)
        return total
