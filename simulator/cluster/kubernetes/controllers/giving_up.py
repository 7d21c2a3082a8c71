"""Which pods an owner gives up first (``ActivePodsWithRanks``): an order that is kept.

A rollout takes a few pods of many at each of its steps, so nobody ranks all of them at each. Time,
and every pod that goes, only move the others back: what waits in a heap stands at most too early,
and is looked at again when it comes up. Whatever moves a pod forward puts it there anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import TypeAlias

from simulator.cluster.kubernetes.controllers.crew import Maker
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
KEPT_S = 60.0
"""Seconds without a question after which an order is not kept up to date any more."""

Rank: TypeAlias = tuple[bool, int, bool, int, int, int, int, int, str]


def rank(pod: Pod, on_node: int, now: float) -> Rank:
    """Where a pod stands beside others of its owner, ``on_node`` of which are on its node.

    Without a node first, then pending, unready, cheap to delete, where more of their own are,
    ready for a short time, restarted often, and young.
    """
    status = pod.status
    ready_for = now - status.ready_since if status.ready_since is not None else 0.0
    restarts = max([one.restarts for one in status.containers], default=0)
    return (
        bool(pod.node),
        PHASES.get(status.phase, 2),
        status.ready,
        _cost(pod),
        -on_node,
        _log(ready_for),
        -restarts,
        _log(now - pod.meta.created),
        pod.meta.name,
    )


def _cost(pod: Pod) -> int:
    try:
        return int(pod.meta.annotations.get(DELETION_COST, "0"))
    except ValueError:
        return 0


def _log(seconds: float) -> int:
    """Times are compared by their order of magnitude (KEP-2185)."""
    return int(seconds).bit_length()


class Order:
    """The pods of one owner, the first to go in front."""

    __slots__ = ("_heap", "_nodes", "_pods", "_ranks", "_unfiled", "asked")

    def __init__(self, pods: Iterable[Pod]) -> None:
        self.asked = 0.0
        """When somebody last wanted to know."""
        self._pods: dict[Key, Pod] = {}
        self._nodes: dict[str, dict[Key, None]] = {}
        self._ranks: dict[Key, Rank] = {}
        """Where each stands in the heap; what else is there of it counts no more."""
        self._heap: list[tuple[Rank, Key]] = []
        self._unfiled: dict[Key, None] = {}
        """Those that may stand too late."""
        for pod in pods:
            self.put(pod)

    def __len__(self) -> int:
        return len(self._pods)

    def put(self, pod: Pod) -> None:
        """A pod is there, or is another than before."""
        key = pod.key
        before = self._pods.get(key)
        if before is not None and before.node != pod.node:
            self.drop(key)
        beside = self._nodes.setdefault(pod.node, {}) if pod.node else {}
        if key not in beside:
            self._unfiled.update(beside)  # one more beside them: they go sooner
            beside[key] = None
        self._pods[key] = pod
        self._unfiled[key] = None

    def drop(self, key: Key) -> None:
        """A pod is its owner's no more, or is going already."""
        pod = self._pods.pop(key, None)
        if pod is None:
            return
        self._ranks.pop(key, None)
        self._unfiled.pop(key, None)
        if pod.node:
            beside = self._nodes[pod.node]
            del beside[key]
            if not beside:
                del self._nodes[pod.node]

    def first(self, count: int, now: float) -> list[Pod]:
        """The first that many to go, as of now."""
        self._file(now)
        heap, found = self._heap, dict[Key, Rank]()
        while heap and len(found) < count:
            known, key = heappop(heap)
            if key in found or self._ranks.get(key) != known:
                continue
            true = self._rank(key, now)
            if true == known:
                found[key] = true
            else:
                self._push(key, true)
        for key, own in found.items():
            heappush(heap, (own, key))
        return [self._pods[key] for key in found]

    def _file(self, now: float) -> None:
        if len(self._heap) > 2 * len(self._pods) + 64:
            self._heap = sorted((own, key) for key, own in self._ranks.items())
        for key in self._unfiled:
            self._push(key, self._rank(key, now))
        self._unfiled.clear()

    def _push(self, key: Key, own: Rank) -> None:
        self._ranks[key] = own
        heappush(self._heap, (own, key))

    def _rank(self, key: Key, now: float) -> Rank:
        pod = self._pods[key]
        return rank(pod, len(self._nodes[pod.node]) if pod.node else 0, now)


class Orders:
    """The orders of those owners of one kind that give up pods just now, by uid."""

    def __init__(self, maker: Maker, kind: str) -> None:
        self._store = maker.server.store
        self._sim = maker.server.sim
        self._known: dict[str, Order] = {}
        maker.owned.watch(kind, self._changed)

    def __len__(self) -> int:
        return len(self._known)

    def first(self, uid: str, count: int) -> list[Pod]:
        """The first that many of an owner's pods to go."""
        order = self._known.get(uid)
        if order is None:
            pods: Mapping[Key, Pod] = self._store.owned(Pod, uid)
            order = self._known[uid] = Order(pod for pod in pods.values() if pod.active)
        order.asked = self._sim.now
        return order.first(count, order.asked)

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        if not self._known:
            return
        owner = None if new is None else new.meta.controller
        mine = "" if owner is None or new is None or not new.active else owner.uid
        if old is not None:
            before = old.meta.controller
            if before is not None and before.uid != mine:
                self._drop(before.uid, old.key)
        order = self._known.get(mine)
        if order is not None and new is not None:
            order.put(new)
            self._forget_old(mine, order)

    def _drop(self, uid: str, key: Key) -> None:
        order = self._known.get(uid)
        if order is not None:
            order.drop(key)
            self._forget_old(uid, order)

    def _forget_old(self, uid: str, order: Order) -> None:
        if not len(order) or self._sim.now - order.asked > KEPT_S:
            del self._known[uid]
