"""DaemonSets: one pod on each node that it may be on. Each node is looked at by itself.

upstream: ``pkg/controller/daemon``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.crew import Maker
from simulator.cluster.kubernetes.controllers.placing import may_be_on, spec_for
from simulator.cluster.kubernetes.controllers.revisions import LABEL, Revisions
from simulator.cluster.kubernetes.controllers.rolling import scaled
from simulator.cluster.kubernetes.controllers.spots import Place, Spot
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.workloads import DaemonSet, DaemonSetStatus
from simulator.cluster.queue import WorkQueue

SOURCE = "daemonset-controller"


class DaemonSets:
    """The controller of DaemonSets."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.server = maker.server
        self.sim = maker.server.sim
        self.revisions = Revisions(self.server)
        self.nodes = WorkQueue(self.sim, self._sync_node)
        """Keys are a DaemonSet's ``namespace/name`` and a node."""
        self.queue = WorkQueue(self.sim, self.sync)
        self._places: dict[str, Place] = {}
        self._templates: dict[tuple[str, str, str], Template] = {}
        self.server.store.watch(DaemonSet, self._changed)
        maker.owned.watch("DaemonSet", self._pod_changed)
        self.server.store.watch(Node, self._node_changed)

    # --- what changes -----------------------------------------------------------------------------

    def _changed(self, old: DaemonSet | None, new: DaemonSet | None) -> None:
        if new is None:
            if old is not None:
                self._places.pop(old.meta.uid, None)
                self.revisions.forget(old.meta.uid)
        elif old is None or old.data is not new.data or old.meta is not new.meta:
            place = self._place(new.meta.uid)
            nodes = {node.name: None for node in self.server.store.all(Node)}
            for node in {**nodes, **place.spots}:
                self.nodes.add((_word(new), node))
            self.queue.add(new.key)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if old is not None and new is not None and old.meta is new.meta and old.spec is new.spec:
            return
        node = (new if new is not None else old).name  # type: ignore[union-attr]
        for one in self.server.store.all(DaemonSet):
            self.nodes.add((_word(one), node))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        owner = None if pod is None else pod.meta.controller
        if pod is None or owner is None or owner.kind != "DaemonSet":
            return
        if old is not None and new is not None and _same(old, new):
            return
        place = self._place(owner.uid)
        node = place.node_of.get(pod.key) or node_of(pod)
        if new is None:
            place.node_of.pop(pod.key, None)
            place.pods.get(node, {}).pop(pod.key, None)
        else:
            place.node_of[pod.key] = node
            place.pods.setdefault(node, {})[pod.key] = None
        self.nodes.add((f"{pod.namespace}/{owner.name}", node))

    def _place(self, uid: str) -> Place:
        found = self._places.get(uid)
        if found is None:
            found = self._places[uid] = Place()
        return found

    # --- one node ---------------------------------------------------------------------------------

    def _sync_node(self, key: Key) -> None:
        """The pod of one DaemonSet on one node: made, taken, counted."""
        namespace, _, name = key[0].partition("/")
        one = self.server.store.get(DaemonSet, namespace, name)
        if one is None:
            return
        place, node = self._place(one.meta.uid), self.server.store.get(Node, "", key[1])
        if one.meta.deleting_since is None:
            self._manage(one, place, key[1], node)
        place.put(key[1], self._spot(one, place, key[1], node))
        self.queue.add(one.key)

    def _manage(self, one: DaemonSet, place: Place, name: str, node: Node | None) -> None:
        here = self._here(place, name)
        if node is None or not may_be_on(one, node, running=True):
            self.maker.take(one, [pod for pod in here if not pod.deleting], SOURCE)
            return
        for pod in here:
            if pod.status.phase == "Failed" and not pod.deleting:
                text = f"Found failed daemon pod {pod.namespace}/{pod.name} on node {name}, "
                self.server.recorder.event(
                    one, "Warning", "FailedDaemonPod", f"{text}will try to kill it", SOURCE
                )
                self.maker.take(one, [pod], SOURCE)
        left = self._here(place, name)
        if not left and may_be_on(one, node, running=False):
            self._make(one, name)
        self._settle(one, [pod for pod in left if not pod.deleting])

    def _here(self, place: Place, node: str) -> list[Pod]:
        found = [self.server.store.get(Pod, *key) for key in place.pods.get(node, ())]
        return [pod for pod in found if pod is not None]

    def _settle(self, one: DaemonSet, pods: list[Pod]) -> None:
        """With surge: the old pod goes when the new one is available; of two alike the younger."""
        if len(pods) < 2:
            return
        word = self.revisions.newest(one).name
        new = [pod for pod in pods if pod.meta.labels.get(LABEL) == word]
        if any(self._available(one, pod) for pod in new):
            self.maker.take(one, [pod for pod in pods if pod not in new], SOURCE)
        self.maker.take(one, new[1:], SOURCE)

    def _make(self, one: DaemonSet, node: str) -> None:
        revision = self.revisions.newest(one).name
        template = self._template(one, node, revision)
        pod = self.maker.pod(one, template)
        if self.maker.make(one, pod, SOURCE) is not None:
            self.nodes.again((_word(one), node))
        else:
            self.nodes.forget((_word(one), node))

    def _template(self, one: DaemonSet, node: str, revision: str) -> Template:
        """Each node's pod names its node, and so has a template of its own."""
        key = one.meta.uid, revision, node
        found = self._templates.get(key)
        if found is None:
            wanted = one.spec.template
            labels = {**wanted.metadata.labels, LABEL: revision}
            spec: dict[str, Any] = spec_for(wanted.spec, node)
            meta = replace(wanted.metadata, labels=labels)
            found = self.maker.template(replace(wanted, metadata=meta, spec=spec))
            self._templates[key] = found
        return found

    def _available(self, one: DaemonSet, pod: Pod) -> bool:
        since = pod.status.ready_since
        if since is None or pod.deleting:
            return False
        left = since + one.spec.min_ready_seconds - self.sim.now
        if left > 0:
            self.nodes.add_after((_word(one), node_of(pod)), left)
        return left <= 0

    def _spot(self, one: DaemonSet, place: Place, name: str, node: Node | None) -> Spot | None:
        pods = [pod for pod in self._here(place, name) if not pod.status.over]
        word = self.revisions.newest(one).name
        active = [pod for pod in pods if not pod.deleting]
        place.old.pop(name, None)
        if any(pod.meta.labels.get(LABEL) != word for pod in active):
            place.old[name] = None
        if node is None:
            return None
        wanted = may_be_on(one, node, running=False)
        if not wanted:
            return Spot(misplaced=bool(pods))
        return Spot(
            True,
            bool(pods),
            False,
            any(pod.status.ready for pod in pods),
            any(self._available(one, pod) for pod in pods),
            any(pod.meta.labels.get(LABEL) == word for pod in active),
        )

    # --- the whole --------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Replace old pods, as many as may be missing, and say how many nodes have theirs."""
        one = self.server.store.get(DaemonSet, *key)
        if one is None:
            return
        place = self._place(one.meta.uid)
        if one.meta.deleting_since is None and one.spec.update_strategy.type != "OnDelete":
            self._roll(one, place)
        status = DaemonSetStatus(
            place.scheduled, place.wanted, place.misplaced, place.ready, place.updated,
            place.available, place.wanted - place.available, one.meta.generation,
        )  # fmt: skip
        if status != one.status:
            self.server.update_status(one, status)
        if not place.old:
            self.revisions.trim(one, [self.revisions.newest(one).name])

    def _roll(self, one: DaemonSet, place: Place) -> None:
        rolling = one.spec.update_strategy.rolling_update
        surge = scaled(rolling.max_surge, place.wanted, up=True)
        if surge:
            self._surge(one, place, surge)
            return
        most = max(1, scaled(rolling.max_unavailable, place.wanted, up=True))
        left = most - (place.wanted - place.available)
        for node in tuple(place.old):
            if left <= 0 and place.spots.get(node, Spot()).available:
                if place.wanted == place.available:
                    return
                continue
            left -= place.spots.get(node, Spot()).available
            self._replace(one, place, node)

    def _replace(self, one: DaemonSet, place: Place, node: str) -> None:
        place.old.pop(node, None)
        self.maker.take(one, self._old(one, self._here(place, node)), SOURCE)

    def _surge(self, one: DaemonSet, place: Place, most: int) -> None:
        """New pods beside the old ones, so many at once; an unavailable old one goes first."""
        for node in tuple(place.old):
            pods = [pod for pod in self._here(place, node) if not pod.deleting]
            if len(pods) > 1:
                most -= 1
            elif not place.spots.get(node, Spot()).available:
                self._replace(one, place, node)
                continue
            elif most > 0:
                most -= 1
                self._make(one, node)
            if most <= 0:
                return

    def _old(self, one: DaemonSet, pods: Iterable[Pod]) -> list[Pod]:
        word = self.revisions.newest(one).name
        return [pod for pod in pods if not pod.deleting and pod.meta.labels.get(LABEL) != word]


def node_of(pod: Pod) -> str:
    """The node that a pod is on, or that it names."""
    affinity = pod.spec.affinity.node_affinity
    if pod.node or affinity is None or affinity.required is None:
        return pod.node
    for term in affinity.required.node_selector_terms:
        for one in term.match_fields:
            if one.key == "metadata.name":
                return one.values[0]
    return ""


def _word(one: DaemonSet) -> str:
    return f"{one.namespace}/{one.name}"


def _same(old: Pod, new: Pod) -> bool:
    return (
        old.meta is new.meta
        and old.status.ready_since == new.status.ready_since
        and old.status.phase == new.status.phase
    )
