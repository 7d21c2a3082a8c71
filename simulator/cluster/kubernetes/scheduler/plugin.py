"""What a plugin of the scheduler is: a filter, a score, or both, each with two faces.

``of_node`` and ``score_node`` ask one node, with words; ``of_all`` and ``score_all`` answer for all
in columns. What both need of a pod is worked out once, in ``prepare``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

import msgspec
import numpy as np

from simulator.cluster.columns import Part
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.scheduler.columns import Bools, Columns, Ints
from simulator.cluster.kubernetes.scheduler.config import DEFAULT, MOST_SCORE, Config
from simulator.cluster.kubernetes.scheduler.counting import Counting
from simulator.cluster.kubernetes.scheduler.eyes import Counts, Eyes
from simulator.cluster.kubernetes.scheduler.images import Images


class Change(msgspec.Struct, frozen=True, gc=False):
    """What would have to be otherwise for a node to take a pod, as data: a word and its details.

    ``free`` resource missing; ``tolerate`` key value effect; ``uncordon``; ``label`` key operator
    values; ``name`` node; ``port`` number; ``spread`` key value count least skew; ``with`` key
    value; ``without`` key value pods; ``volume`` reason.
    """

    what: str
    details: tuple[str | int, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """Why a node does not take a pod; ``resolvable``: less on it might help."""

    reasons: tuple[str, ...]
    resolvable: bool = True
    plugin: str = ""
    changes: tuple[Change, ...] = ()


Refusal: TypeAlias = Verdict | None
Tally: TypeAlias = Iterable[tuple[Verdict, Ints]]
"""Verdicts, each with the places of the nodes that it is about."""


class State:
    """What plugins look at: the nodes, who is where, which rules hold."""

    def __init__(
        self, columns: Columns, counting: Counting, profile: Profile, config: Config = DEFAULT
    ) -> None:
        self.columns = columns
        self.counting = counting
        self.profile = profile
        self.config = config
        self.counts: Eyes = Counts(columns, counting)
        self.images = Images(columns)
        self.priorities: dict[int, int] = {}
        """How many placed pods there are of each priority."""

    def add(self, pod: Pod, node: str) -> None:
        """A pod is on a node."""
        if self.columns.find(pod, node) is not None:
            return
        self.columns.add(pod, node)
        self.counting.add(pod, node)
        self.priorities[pod.priority] = self.priorities.get(pod.priority, 0) + 1

    def remove(self, pod: Pod, node: str) -> None:
        """A pod is on it no more."""
        known = self.columns.find(pod, node)
        if known is None:
            return
        self.columns.remove(known, node)
        self.counting.remove(known, node)
        left = self.priorities.get(known.priority, 0) - 1
        self.priorities[known.priority] = left
        if left <= 0:
            del self.priorities[known.priority]

    def update(self, pod: Pod, node: str) -> None:
        """A pod on a node is another than before."""
        row = self.columns.rows.get(node)
        known = None if row is None else row.pods.get(pod.meta.uid)
        if known is None or row is None or known.template is not pod.template:
            self.remove(pod, node)
            self.add(pod, node)
            return
        row.pods[pod.meta.uid] = pod
        if known.meta is pod.meta and known.status.started_at == pod.status.started_at:
            return
        if known.deleting != pod.deleting or known.meta.labels is not pod.meta.labels:
            self.counting.remove(known, node)
            self.counting.add(pod, node)
            self.columns.note(row)
        elif known.status.started_at != pod.status.started_at:
            self.columns.note(row)

    @property
    def version(self) -> tuple[int, int, int, int]:
        """Changes whenever a decision might."""
        columns = self.columns
        return columns.epoch, columns.kinds_epoch, len(columns.log), self.counting.changes


class Steady(Protocol):
    """Scores by what a pod asks for: of some rows at once, and of one; a node's change only when
    something on it does."""

    def of_part(self, key: Any, part: Any) -> Any:
        """The scores of a part of the rows."""

    def of_place(self, key: Any, place: int) -> Any:
        """The score of one row."""


class Plugin:
    """Both faces of a filter and of a score; a plugin has those that it says it has."""

    name = ""
    filters = False
    scores = False
    reverse = False
    normalised = False

    def __init__(self, state: State) -> None:
        self.state = state
        self.weight = dict(state.config.weights).get(self.name, 0)
        self.steady: Steady | None = None
        """Of a score by what ``prepare_score`` says, which is not normalised."""

    # --- the filter -------------------------------------------------------------------------------

    def concerns(self, template: Template) -> bool:
        """Whether pods of a template ever concern the filter; asked once for each template."""
        return True

    def prepare(self, pod: Pod) -> Any:
        """What of a pod the filter goes by; None: it does not concern this filter."""
        return self

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """Which nodes take the pod; None: all."""
        return None

    def see(self, pod: Pod, ready: Any, eyes: Eyes) -> Any:
        """What ``of_node`` goes by: the same as ``ready``, with what is seen of placed pods."""
        return ready

    def of_node(self, pod: Pod, seen: Any, place: int) -> Refusal:
        """Whether one node takes the pod."""
        return None

    def tally(self, pod: Pod, ready: Any, failing: Ints) -> Tally:
        """Why nodes fail that do, the places of those with the same reasons together."""
        seen = self.see(pod, ready, self.state.counts)
        found: dict[Verdict, list[int]] = {}
        for place in failing.tolist():
            refused = self.of_node(pod, seen, place)
            if refused is not None:
                plain = Verdict(refused.reasons, refused.resolvable, self.name)
                found.setdefault(plain, []).append(place)
        return [(one, np.array(places, dtype=np.int64)) for one, places in found.items()]

    # --- the score --------------------------------------------------------------------------------

    def prepare_score(self, pod: Pod) -> Any:
        """What of a pod the score goes by; None: it makes no difference."""
        return self

    def score_all(self, pod: Pod, ready: Any, chosen: Part) -> Ints | None:
        """The raw scores of all chosen nodes; None: no difference."""
        return None

    def see_scores(self, pod: Pod, ready: Any, chosen: Ints, eyes: Eyes) -> Any:
        """What ``score_node`` goes by."""
        return ready

    def score_node(self, pod: Pod, seen: Any, place: int) -> int:
        """The raw score of one of the chosen nodes."""
        return 0

    def normalise(self, raw: Ints) -> Ints:
        """Scores from 0 to 100 out of raw ones."""
        return default_normalise(raw, self.reverse) if self.normalised else raw


def default_normalise(raw: Ints, reverse: bool, most: int = MOST_SCORE) -> Ints:
    """Shares of the largest, with integer division (upstream, ``DefaultNormalizeScore``)."""
    highest = int(raw.max(initial=0))
    if highest == 0:
        return raw * 0 + most if reverse else raw
    scaled: Ints = most * raw // highest
    return most - scaled if reverse else scaled
