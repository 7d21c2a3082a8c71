"""What the scheduler thinks of every node for a pod: worked out when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from simulator.cluster.columns import ints
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.judge import Prepared
from simulator.cluster.kubernetes.scheduler.plugin import Verdict


class PluginScore(msgspec.Struct, frozen=True):
    """One plugin's score of one node: raw, normalised, and what it counts for."""

    plugin: str
    raw: int
    score: int
    weight: int


class NodeView(msgspec.Struct, frozen=True):
    """What the scheduler thinks of one node for a pod."""

    node: str
    refusals: tuple[Verdict, ...] = ()
    """Of each filter that it fails, with what would have to change; none: it takes the pod."""
    beside: Verdict | None = None
    """Why it does not take the pod beside those that are nominated to it."""
    scores: tuple[PluginScore, ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        """The first refusal, which is the one that counts; None where the node takes the pod."""
        return self.refusals[0] if self.refusals else self.beside

    @property
    def fits(self) -> bool:
        """Whether the node takes the pod."""
        return self.verdict is None

    @property
    def total(self) -> int:
        """The sum by which nodes are compared."""
        return sum(one.score * one.weight for one in self.scores)


class Explanation(msgspec.Struct, frozen=True):
    """All nodes, in the order in which they are visited."""

    nodes: tuple[NodeView, ...]
    filters: tuple[str, ...]
    """Which filters concern the pod; all others let it pass everywhere."""
    problem: str = ""
    """Why it fits nowhere, whatever the nodes."""
    gates: tuple[str, ...] = ()
    """What keeps it from being tried at all."""

    def __iter__(self) -> Iterator[NodeView]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def best(self) -> tuple[str, ...]:
        """The nodes with the highest total; one of them is drawn."""
        fitting = [one for one in self.nodes if one.fits]
        most = max((one.total for one in fitting), default=0)
        return tuple(one.node for one in fitting if one.total == most)


def explain(cycle: Cycle, pod: Pod) -> Explanation:
    """Every verdict and score, each node asked alone; nothing is changed by that."""
    columns = cycle.state.columns
    columns.refresh()
    seen = cycle.seen(pod, cycle.state.counts)
    views = [_view(cycle, pod, place, seen) for place in range(len(columns.order))]
    fitting = [place for place, one in enumerate(views) if one.fits]
    scores = _scores(cycle, pod, fitting)
    for place in fitting:
        views[place] = msgspec.structs.replace(views[place], scores=tuple(scores[place]))
    gates = tuple(one.name for one in pod.template.spec.scheduling_gates)
    names = tuple(plugin.name for plugin, _ in seen)
    return Explanation(tuple(views), names, cycle.problem(pod)[0], gates)


def _view(cycle: Cycle, pod: Pod, place: int, seen: Prepared) -> NodeView:
    refusals = []
    for plugin, what in seen:
        refused = plugin.of_node(pod, what, place)
        if refused is not None:
            refusals.append(msgspec.structs.replace(refused, plugin=plugin.name))
    name = cycle.state.columns.order[place].node.name
    beside = None
    if not refusals and cycle.nominations.beside(pod, name):
        beside = cycle.verdict(pod, place)
    return NodeView(name, tuple(refusals), beside)


def _scores(cycle: Cycle, pod: Pod, places: list[int]) -> dict[int, list[PluginScore]]:
    found: dict[int, list[PluginScore]] = {place: [] for place in places}
    chosen = ints(places)
    for plugin in cycle.scores if places else ():
        ready = plugin.prepare_score(pod)
        if ready is None:
            continue
        seen = plugin.see_scores(pod, ready, chosen, cycle.state.counts)
        raw = ints([plugin.score_node(pod, seen, place) for place in places])
        normal = plugin.normalise(raw)
        for place, one, score in zip(places, raw.tolist(), normal.tolist(), strict=True):
            found[place].append(PluginScore(plugin.name, one, score, plugin.weight))
    return found
