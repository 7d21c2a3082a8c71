"""Which of several groups grows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.packing import Estimate
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import GroupSpec
from simulator.errors import unknown


class Option(msgspec.Struct, frozen=True):
    """A group that could grow, by how many nodes, and which pods these would take."""

    group: GroupSpec
    estimate: Estimate


def waste(one: Option) -> float:
    """The mean part of CPU and memory of the new nodes that would not be asked for."""
    had = one.group.template.status.allocatable
    nodes = max(1, one.estimate.nodes)
    cpu = sum(pod.requests.cpu_millis for pod in one.estimate.pods)
    memory = sum(pod.requests.memory_bytes for pod in one.estimate.pods)
    idle_cpu = 1.0 - cpu / (had.cpu_millis * nodes) if had.cpu_millis else 0.0
    idle_memory = 1.0 - memory / (had.memory_bytes * nodes) if had.memory_bytes else 0.0
    return idle_cpu + idle_memory


def price(one: Option) -> float:
    """What an hour of the new nodes costs for each pod that they take."""
    return one.group.price_per_hour * one.estimate.nodes / max(1, len(one.estimate.pods))


def check_words(words: str) -> None:
    """InputError where a word names no expander."""
    for word in words.split(",") if words else ():
        if word != "random" and word not in _KEYS:
            raise unknown("expander", word, (*_KEYS, "random"))


def best(options: Sequence[Option], words: str, draw: Callable[[int], int]) -> Option:
    """The option that an expander (or several in turn, ``priority,least-waste``) chooses.

    Those that are equal are drawn among: ``draw(n)`` is 0 to n - 1.
    """
    left = list(options)
    for word in words.split(","):
        if word == "random":
            break
        key = _KEYS[word]
        least = min(key(one) for one in left)
        left = [one for one in left if key(one) <= least + 1e-12]
    return left[0] if len(left) == 1 else left[draw(len(left))]


_KEYS: dict[str, Callable[[Option], float]] = {
    "least-nodes": lambda one: float(one.estimate.nodes),
    "least-waste": waste,
    "most-pods": lambda one: -float(len(one.estimate.pods)),
    "price": price,
    "priority": lambda one: -float(one.group.priority),
}
