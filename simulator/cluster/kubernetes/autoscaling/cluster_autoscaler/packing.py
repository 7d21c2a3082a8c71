"""How many new nodes of one shape take the pods that wait (``binpacking_estimator.go``). Pure.

Pods alike are packed together, the largest first. Where it matters which node a pod is on (spread,
affinity) each is asked for in a trial of the scheduler; else arithmetic says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.asked import Asked, asked_by
from simulator.cluster.kubernetes.scheduler.plugin import Verdict

HOSTNAME = "kubernetes.io/hostname"
SPREAD = "PodTopologySpread"


class Room(Protocol):
    """Nodes as if they were there."""

    def add_node(self, node: Node) -> None:
        """As if there were one more node."""

    def refusal(self, pod: Pod, node: str) -> Verdict | None:
        """Why a node does not take a pod."""

    def place(self, pod: Pod, node: str) -> None:
        """As if a pod were on a node."""


class Alike(msgspec.Struct, frozen=True):
    """Pods that wait and are the same to a scheduler."""

    pods: tuple[Pod, ...]

    @property
    def sample(self) -> Pod:
        """Any of them."""
        return self.pods[0]


class Estimate(msgspec.Struct, frozen=True):
    """So many nodes would take these pods."""

    nodes: int
    pods: tuple[Pod, ...]
    groups: tuple[int, ...]
    """Which of the groups had pods among them."""


def alike(pods: Sequence[Pod]) -> list[Alike]:
    """Pods by what they are to a scheduler, in the order in which they came."""
    found: dict[tuple[int, str, int], list[Pod]] = {}
    for pod in pods:
        key = pod.template.number, pod.meta.namespace, pod.priority
        found.setdefault(key, []).append(pod)
    return [Alike(tuple(each)) for each in found.values()]


def in_order(groups: Sequence[Alike], template: Node) -> list[int]:
    """Indices of groups, those first whose pods take most of a node."""

    def share(index: int) -> float:
        asked, had = groups[index].sample.requests, template.status.allocatable
        cpu = asked.cpu_millis / had.cpu_millis if had.cpu_millis else 0.0
        return cpu + (asked.memory_bytes / had.memory_bytes if had.memory_bytes else 0.0)

    return sorted(range(len(groups)), key=lambda index: -share(index))


def estimate(
    room: Room,
    template: Node,
    groups: Sequence[Alike],
    most: int | None = None,
    daemons: Sequence[Pod] = (),
    existing: Sequence[str] = (),
) -> Estimate:
    """Pack groups, each of which an empty node of this shape takes.

    ``most``: at most so many new nodes (None: no limit). ``daemons``: pods that every new node has.
    ``existing``: names of the nodes that are there.
    """
    if any(positional(one.sample) for one in groups):
        return _asked(room, template, groups, most, daemons, existing)
    bins: list[Bin] = []
    placed: dict[int, int] = {}
    for index in in_order(groups, template):
        asked = asked_by(groups[index].sample.template)
        left = count = len(groups[index].pods)
        for one in bins:
            left -= one.take(asked, left)
        while left and (most is None or len(bins) < most):
            one = Bin(template, daemons)
            took = one.take(asked, left)
            if not took:
                break
            bins.append(one)
            left -= took
        placed[index] = count - left
    return _summed(groups, placed, len(bins))


def positional(pod: Pod) -> bool:
    """Whether it matters to a pod where others are."""
    spec = pod.spec
    affinity = spec.affinity
    near, apart = affinity.pod_affinity, affinity.pod_anti_affinity
    hard = any(
        one.when_unsatisfiable == "DoNotSchedule" for one in spec.topology_spread_constraints
    )
    return hard or bool(near and near.required) or bool(apart and apart.required)


def _summed(groups: Sequence[Alike], placed: dict[int, int], nodes: int) -> Estimate:
    pods = [pod for index in sorted(placed) for pod in groups[index].pods[: placed[index]]]
    return Estimate(nodes, tuple(pods), tuple(sorted(each for each, n in placed.items() if n)))


class Bin:
    """What is left of a new node."""

    def __init__(self, template: Node, daemons: Sequence[Pod]) -> None:
        had = template.status.allocatable
        self.left = {
            "cpu": had.cpu_millis, "memory": had.memory_bytes, "storage": had.ephemeral_bytes,
            **dict(had.extended),
        }  # fmt: skip
        self.pods = had.pods
        self.ports: set[tuple[str, int]] = set()
        for pod in daemons:
            self.take(asked_by(pod.template), 1)

    def take(self, asked: Asked, wanted: int) -> int:
        """Put as many of some pods alike here as fit; how many that are."""
        ports = {(protocol, number) for _, protocol, number in asked.ports}
        if ports & self.ports:
            return 0
        found = min([wanted, self.pods, *self._fitting(asked)])
        if ports:
            found = min(found, 1)
        if found <= 0:
            return 0
        for name, amount in _amounts(asked):
            self.left[name] = self.left.get(name, 0) - found * amount
        self.pods -= found
        self.ports |= ports
        return found

    def _fitting(self, asked: Asked) -> Iterator[int]:
        for name, amount in _amounts(asked):
            yield self.left.get(name, 0) // amount


def _amounts(asked: Asked) -> list[tuple[str, int]]:
    own = [("cpu", asked.cpu), ("memory", asked.memory), ("storage", asked.storage)]
    return [(name, amount) for name, amount in (*own, *asked.extended) if amount]


# --- where it matters where others are ------------------------------------------------------------


def _asked(
    room: Room,
    template: Node,
    groups: Sequence[Alike],
    most: int | None,
    daemons: Sequence[Pod],
    existing: Sequence[str],
) -> Estimate:
    packer = _Packer(room, template, most, daemons, existing)
    placed: dict[int, int] = {}
    for index in in_order(groups, template):
        placed[index] = packer.pack(groups[index].pods)
    return _summed(groups, placed, len(packer.used))


class _Packer:
    """Puts pods on new nodes one by one, each where the scheduler would take it."""

    def __init__(
        self,
        room: Room,
        template: Node,
        most: int | None,
        daemons: Sequence[Pod],
        existing: Sequence[str],
    ) -> None:
        self.room = room
        self.template = template
        self.most = most
        self.daemons = daemons
        self.existing = existing
        self.names: list[str] = []
        self.used: set[str] = set()

    def pack(self, pods: Sequence[Pod]) -> int:
        """How many of some pods alike found a place; the first that finds none ends it."""
        for number, pod in enumerate(pods):
            if not (self._on_one(pod, self.names) or self._on_new(pod)):
                return number
        return len(pods)

    def _on_one(self, pod: Pod, names: Sequence[str]) -> bool:
        for name in reversed(names):
            if self.room.refusal(pod, name) is None:
                self._put(pod, name)
                return True
        return False

    def _put(self, pod: Pod, name: str) -> None:
        self.room.place(pod, name)
        if name in self.names:
            self.used.add(name)

    def _on_new(self, pod: Pod) -> bool:
        if self._only_hostnames(pod) and self._on_one(pod, self.existing):
            return True
        empty = bool(self.names) and self.names[-1] not in self.used
        if empty or (self.most is not None and len(self.names) >= self.most):
            return False
        self._add()
        return self._on_one(pod, self.names[-1:])

    def _only_hostnames(self, pod: Pod) -> bool:
        """Whether the newest node refuses it for being too full of its kind."""
        if not self.names:
            return False
        refused = self.room.refusal(pod, self.names[-1])
        keys = [one.topology_key for one in pod.spec.topology_spread_constraints]
        return refused is not None and refused.plugin == SPREAD and HOSTNAME in keys

    def _add(self) -> None:
        name = f"{self.template.name}-{len(self.names)}"
        labels = {**self.template.meta.labels, HOSTNAME: name}
        meta = replace(self.template.meta, name=name, labels=labels, uid=name)
        self.room.add_node(replace(self.template, meta=meta))
        for pod in self.daemons:
            own = replace(pod, meta=replace(pod.meta, uid=f"{pod.meta.uid}/{name}"))
            self.room.place(own, name)
        self.names.append(name)
