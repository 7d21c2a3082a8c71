"""Filters that look at what many nodes have in common: each kind of node is asked once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints, Kind
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, Refusal, State, Tally, Verdict

MOST_MASKS = 2000


class ByKind(Plugin):
    """A filter whose answer is the same for all nodes of a kind, remembered by template."""

    filters = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._masks: dict[int, Bools | None] = {}
        self._epoch = -1

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """Whether nodes of a kind take the pod."""
        raise NotImplementedError

    def of_node(self, pod: Pod, seen: Any, place: int) -> Refusal:
        """The answer for the node's kind."""
        return self.of_kind(pod, self.state.columns.order[place].kind)

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """One look at each kind; None where all take it."""
        columns = self.state.columns
        if self._epoch != columns.kinds_epoch or len(self._masks) > MOST_MASKS:
            self._epoch, self._masks = columns.kinds_epoch, {}
        number = pod.template.number
        if number not in self._masks:
            answers = np.array([self.of_kind(pod, kind) is None for kind in columns.kinds])
            mask = answers[columns.kind] if len(answers) else np.ones(0, dtype=np.bool_)
            self._masks[number] = None if mask.all() else mask
        return self._masks[number]

    def tally(self, pod: Pod, ready: Any, failing: Ints) -> Tally:
        """One look at each kind."""
        found: dict[Verdict, list[Ints]] = {}
        for number, places in by_number(self.state.columns.kind, failing):
            refused = self.of_kind(pod, self.state.columns.kinds[number])
            if refused is not None:
                plain = Verdict(refused.reasons, refused.resolvable, self.name)
                found.setdefault(plain, []).append(places)
        return [(one, np.concatenate(places)) for one, places in found.items()]


def by_number(numbers: Ints, places: Ints) -> Iterator[tuple[int, Ints]]:
    """Places with the same number (not less than 0) together."""
    own = numbers[places]
    if len(own) and (own == own[0]).all():
        yield int(own[0]), places
        return
    for number in np.flatnonzero(np.bincount(own)).tolist():
        yield number, places[own == number]
