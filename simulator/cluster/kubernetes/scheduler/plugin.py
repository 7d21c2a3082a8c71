"""What a plugin of the scheduler is: a filter, a score, or both, each with two faces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.scheduler.columns import Bools, Columns, Ints
from simulator.cluster.kubernetes.scheduler.counting import Counting

MOST_SCORE = 100


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """Why a node does not take a pod; ``resolvable``: less on it might help."""

    reasons: tuple[str, ...]
    resolvable: bool = True
    plugin: str = ""


Refusal: TypeAlias = Verdict | None


class State:
    """What plugins look at: the nodes, and who is where."""

    def __init__(self, columns: Columns, counting: Counting, profile: Profile) -> None:
        self.columns = columns
        self.counting = counting
        self.profile = profile
        self.images: dict[str, tuple[int, dict[str, None]]] = {}
        """Bytes of each image, and the nodes that have it."""


class Plugin:
    """Both faces of a filter and of a score; a plugin has those that it says it has."""

    name = ""
    filters = False
    scores = False
    weight = 1
    reverse = False
    normalised = False

    def __init__(self, state: State) -> None:
        self.state = state

    def prepare(self, pod: Pod) -> Any:
        """What of a pod is the same for all nodes; None: it does not concern this plugin."""
        return self

    def of_node(self, pod: Pod, ready: Any, place: int) -> Refusal:
        """Whether one node takes the pod."""
        return None

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """Which nodes do; None: all."""
        return None

    def verdicts(
        self, pod: Pod, ready: Any, places: list[int]
    ) -> Iterable[tuple[Verdict, list[int]]]:
        """Why nodes fail that do, the places of those with the same reasons together."""
        found: dict[Verdict, list[int]] = {}
        for place in places:
            refused = self.of_node(pod, ready, place)
            if refused is not None:
                found.setdefault(refused, []).append(place)
        return found.items()

    def score_node(self, pod: Pod, ready: Any, place: int, chosen: Ints) -> int:
        """The raw score of one of the chosen nodes."""
        return 0

    def score_all(self, pod: Pod, ready: Any, chosen: Ints) -> Ints | None:
        """The raw scores of all chosen nodes; None: no difference."""
        return None

    def normalise(self, pod: Pod, ready: Any, raw: Ints, chosen: Ints) -> Ints:
        """Scores from 0 to 100 out of raw ones."""
        return default_normalise(raw, self.reverse) if self.normalised else raw


def default_normalise(raw: Ints, reverse: bool, most: int = MOST_SCORE) -> Ints:
    """Shares of the largest, with integer division (upstream, ``DefaultNormalizeScore``)."""
    highest = int(raw.max(initial=0))
    if highest == 0:
        return raw * 0 + most if reverse else raw
    scaled: Ints = most * raw // highest
    return most - scaled if reverse else scaled
