"""The filters in their order, and what they say of one node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.eyes import Eyes
from simulator.cluster.kubernetes.scheduler.node_affinity import named_nodes
from simulator.cluster.kubernetes.scheduler.nominating import Nominations
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, State, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from simulator.cluster.kubernetes.scheduler.plugins.node_affinity import NodeAffinity
from simulator.cluster.kubernetes.scheduler.plugins.node_name import NodeName
from simulator.cluster.kubernetes.scheduler.plugins.node_ports import NodePorts
from simulator.cluster.kubernetes.scheduler.plugins.node_resources_fit import NodeResourcesFit
from simulator.cluster.kubernetes.scheduler.plugins.node_unschedulable import NodeUnschedulable
from simulator.cluster.kubernetes.scheduler.plugins.spread_constraints import Defaults
from simulator.cluster.kubernetes.scheduler.plugins.taint_toleration import TaintToleration
from simulator.cluster.kubernetes.scheduler.plugins.topology_spread import PodTopologySpread
from simulator.cluster.kubernetes.scheduler.plugins.volume_binding import VolumeBinding

CONFLICT = "pod affinity terms conflict"
"""Of a pod whose terms name nodes, but no node in all of its fields."""

Prepared: TypeAlias = Sequence[tuple[Plugin, Any]]
"""Filters, each with what it goes by."""


class Judge:
    """Asks the filters about a pod."""

    def __init__(self, state: State, defaults: Defaults) -> None:
        self.state = state
        self.spread = PodTopologySpread(state, defaults)
        self.volumes = VolumeBinding(state)
        self.filters: list[Plugin] = [
            NodeUnschedulable(state), NodeName(state), TaintToleration(state),
            NodeAffinity(state), NodePorts(state), NodeResourcesFit(state), self.volumes,
            self.spread, InterPodAffinity(state),
        ]  # fmt: skip
        """In upstream's order: of those that refuse a node the first says why."""
        self.nominations = Nominations()
        self._named: dict[int, tuple[str, ...] | None] = {}
        self._concerned: dict[int, list[Plugin]] = {}

    def named(self, pod: Pod) -> tuple[str, ...] | None:
        """``named_nodes``, remembered by template."""
        number = pod.template.number
        if number not in self._named:
            self._named[number] = named_nodes(pod)
        return self._named[number]

    def prepared(self, pod: Pod) -> Prepared:
        """The filters that concern a pod, each with what it goes by."""
        number = pod.template.number
        filters = self._concerned.get(number)
        if filters is None:
            filters = [one for one in self.filters if one.concerns(pod.template)]
            self._concerned[number] = filters
        each = [(one, one.prepare(pod)) for one in filters]
        return [one for one in each if one[1] is not None]

    def problem(self, pod: Pod) -> tuple[str, str]:
        """Why a pod fits nowhere, whatever the nodes, and which filter says so."""
        if self.named(pod) == ():
            return CONFLICT, NodeAffinity.name
        needs = self.volumes.prepare(pod)
        return ("", "") if needs is None else (needs.problem, self.volumes.name)

    # --- nominations ------------------------------------------------------------------------------

    def nominate(self, pod: Pod, node: str) -> None:
        """Room is being made for a pod on a node."""
        self.unnominate(pod)
        self.nominations.put(pod, node)
        self._touch(node)

    def unnominate(self, pod: Pod) -> str:
        """It is nominated to no node any more; to which it was."""
        node = self.nominations.drop(pod)
        if node:
            self._touch(node)
        return node

    def _touch(self, node: str) -> None:
        row = self.state.columns.rows.get(node)
        if row is not None:
            self.state.columns.note(row)

    # --- one node ---------------------------------------------------------------------------------

    def verdict(
        self, pod: Pod, place: int, eyes: Eyes | None = None, seen: Prepared | None = None
    ) -> Verdict | None:
        """The first filter that a node fails, beside those who are nominated to it, and without."""
        nominees = self.nominations.beside(pod, self.state.columns.order[place].node.name)
        if nominees:
            node = self.state.columns.order[place].node.name
            with_them = self._beside(pod, place, node, nominees)
            if with_them is not None:
                return with_them
        if seen is None:
            seen = self.seen(pod, eyes or self.state.counts)
        return first_refusal(pod, place, seen)

    def seen(self, pod: Pod, eyes: Eyes) -> Prepared:
        """The filters that concern a pod, each with what it sees."""
        return [(one, one.see(pod, ready, eyes)) for one, ready in self.prepared(pod)]

    def _beside(self, pod: Pod, place: int, node: str, nominees: Iterable[Pod]) -> Verdict | None:
        """The first refusal if the nominees were there already; nothing is noted of that."""
        taken = list(nominees)
        for one in taken:
            self.put(one, place, node, 1)
        try:
            return first_refusal(pod, place, self.seen(pod, self.state.counts))
        finally:
            for one in taken:
                self.put(one, place, node, -1)

    def put(self, pod: Pod, place: int, node: str, sign: int) -> None:
        """As if a pod were on a node, or not: rows and counts without the log."""
        row, counting = self.state.columns.order[place], self.state.counting
        row.add(pod, self.state.columns.asked, sign)
        if sign > 0:
            counting.add(pod, node)
        else:
            counting.remove(pod, node)
        counting.changes -= 1


def first_refusal(pod: Pod, place: int, seen: Prepared) -> Verdict | None:
    """The first filter that a node fails."""
    for plugin, what in seen:
        refused = plugin.of_node(pod, what, place)
        if refused is not None:
            return Verdict(refused.reasons, refused.resolvable, plugin.name, refused.changes)
    return None
