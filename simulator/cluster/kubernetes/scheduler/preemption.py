"""DefaultPreemption: room for a pod by ending less important ones."""

from __future__ import annotations

import msgspec
import numpy as np

from simulator.cluster.columns import Ints, drawn
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.budgets import Budgets
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.diagnosis import Diagnosis, listed
from simulator.cluster.kubernetes.scheduler.victims import (
    HARMFUL,
    HARMLESS,
    NO_VICTIMS,
    UNKNOWN,
    DryRuns,
    Tried,
    Victims,
)

NOT_HELPFUL = "Preemption is not helpful for scheduling"
TOLD_SINCE = 24
"""1.MINOR from which the message of a pod says why preemption does not help."""
NEVER = "not eligible due to preemptionPolicy=Never."
TERMINATING = "not eligible due to a terminating pod on the nominated node."


class Search(msgspec.Struct, frozen=True):
    """What came of looking for victims: some, or why there are none."""

    victims: Victims | None = None
    message: str = ""
    keeps: bool = False
    """Whether the pod keeps its nomination: nobody was looked for."""


class Preemption:
    """Finds victims for a pod that fits nowhere."""

    def __init__(self, cycle: Cycle, budgets: Budgets) -> None:
        self.cycle = cycle
        self.runs = DryRuns(cycle, budgets)
        self._tells = cycle.state.profile.minor >= TOLD_SINCE

    def search(self, pod: Pod, diagnosis: Diagnosis) -> Search:
        """The node on which the least is lost, with its victims; or the reasons."""
        found = self._search(pod, diagnosis)
        return found if self._tells else msgspec.structs.replace(found, message="")

    def _search(self, pod: Pod, diagnosis: Diagnosis) -> Search:
        helpless = self.ineligible(pod)
        if helpless:
            return Search(message=f"preemption: {helpless}", keeps=True)
        places = diagnosis.resolvable
        if not len(places):
            return Search(message=_message(diagnosis.nodes, {NOT_HELPFUL: diagnosis.nodes}))
        if not self._anybody_less(pod):
            return self._in_vain(diagnosis, {NO_VICTIMS[0]: len(places)})
        tried = self.runs.begin(pod, self.cycle.prepared(pod))
        candidates = self._candidates(pod, diagnosis, tried)
        if not len(candidates):
            return self._in_vain(diagnosis, tried.why(diagnosis.resolvable))
        return Search(tried.best(candidates))

    def _in_vain(self, diagnosis: Diagnosis, reasons: dict[str, int]) -> Search:
        helpless = diagnosis.nodes - len(diagnosis.resolvable)
        if helpless:
            reasons[NOT_HELPFUL] = reasons.get(NOT_HELPFUL, 0) + helpless
        return Search(message=_message(diagnosis.nodes, reasons))

    def ineligible(self, pod: Pod) -> str:
        """Why a pod may not take the place of others; nothing where it may."""
        if pod.template.spec.preemption_policy == "Never":
            return NEVER
        node = self.cycle.nominations.node_of(pod) or pod.status.nominated_node
        place = self.cycle.state.columns.places.get(node)
        if place is None:
            return ""
        leaving = [
            one
            for one in self.cycle.state.columns.order[place].pods.values()
            if one.deleting and one.priority < pod.priority
        ]
        if not leaving:
            return ""
        verdict = self.cycle.verdict(pod, place)
        return "" if verdict is not None and not verdict.resolvable else TERMINATING

    def _anybody_less(self, pod: Pod) -> bool:
        return any(one < pod.priority for one in self.cycle.state.priorities)

    def candidates_wanted(self, nodes: int) -> int:
        """How many nodes with victims are enough."""
        config = self.cycle.state.config
        share = nodes * config.min_candidates_percentage // 100
        return min(nodes, max(share, config.min_candidates_absolute))

    def _candidates(self, pod: Pod, diagnosis: Diagnosis, tried: Tried) -> Ints:
        """Nodes with victims, those that break no budget first: enough of them, or all."""
        places = diagnosis.resolvable
        wanted = self.candidates_wanted(len(places))
        start = drawn(self.cycle.seed, -self.cycle.cycles, len(places))
        ordered = np.concatenate((places[start:], places[:start]))
        for end in range(wanted, len(ordered) + wanted, wanted):
            self._try(pod, ordered[end - wanted : end], tried)
            status = tried.status[ordered[:end]]
            harmless = np.cumsum(status == HARMLESS)
            enough = np.cumsum(status >= HARMLESS) >= wanted
            stops = np.flatnonzero(enough & (harmless > 0))
            if len(stops):
                ordered = ordered[: int(stops[0]) + 1]
                break
        status = tried.status[ordered]
        return np.concatenate((ordered[status == HARMLESS], ordered[status == HARMFUL]))

    def _try(self, pod: Pod, places: Ints, tried: Tried) -> None:
        for place in places[tried.status[places] == UNKNOWN].tolist():
            tried.put(place, self.runs.run(pod, place))


def _message(nodes: int, reasons: dict[str, int]) -> str:
    return f"preemption: 0/{nodes} nodes are available: {listed(reasons.items())}."
