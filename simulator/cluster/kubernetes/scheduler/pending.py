"""Pods that wait for a node: to be tried now, after a back-off, or when something changes."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.engine.calendar import Entry
from simulator.engine.simulation import Simulation

FIRST_S, MOST_S = 1.0, 10.0
"""kube-scheduler, ``podInitialBackoffSeconds`` and ``podMaxBackoffSeconds``."""

HELPS: dict[str, tuple[str, ...]] = {
    "node-added": (
        "NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts",
        "NodeResourcesFit", "PodTopologySpread", "InterPodAffinity", "VolumeBinding",
    ),
    "node-changed": (
        "NodeUnschedulable", "TaintToleration", "NodeAffinity", "NodeResourcesFit",
        "PodTopologySpread", "InterPodAffinity",
    ),
    "pod-gone": ("NodePorts", "NodeResourcesFit", "PodTopologySpread", "InterPodAffinity"),
    "pod-placed": ("PodTopologySpread", "InterPodAffinity"),
    "claim-changed": ("VolumeBinding",),
}  # fmt: skip
"""Which refusals may be over after which event."""


class Waiting:
    """One pod that was tried in vain."""

    __slots__ = ("attempts", "plugins", "pod", "since")

    def __init__(self, pod: Pod) -> None:
        self.pod = pod
        self.attempts = 0
        self.plugins: tuple[str, ...] = ()
        """Which refused it."""
        self.since = 0.0


class Pending:
    """All pods without a node; tells ``work`` when there is something to try."""

    def __init__(self, sim: Simulation, flush_s: float, work: Callable[[], None]) -> None:
        self._sim = sim
        self._flush_s = flush_s
        self._work = work
        self._active: list[tuple[int, float, int, Key]] = []
        self._backing_off: dict[Key, Entry] = {}
        self._unschedulable: dict[Key, None] = {}
        self.pods: dict[Key, Waiting] = {}
        self._number = 0
        self._armed = False
        self._flush: Entry | None = None

    def __len__(self) -> int:
        return len(self.pods)

    def counts(self) -> tuple[int, int, int]:
        """Pods to be tried now, after a back-off, and when something changes."""
        active = len(self.pods) - len(self._backing_off) - len(self._unschedulable)
        return active, len(self._backing_off), len(self._unschedulable)

    def add(self, pod: Pod) -> None:
        """A pod wants a node; one that is known already is another than before."""
        waiting = self.pods.get(pod.key)
        if waiting is None:
            self.pods[pod.key] = Waiting(pod)
            self._push(pod)
        else:
            waiting.pod = pod

    def changed(self, pod: Pod) -> None:
        """A pod was changed by somebody: that may help it."""
        self.add(pod)
        if pod.key in self._unschedulable:
            self._again(pod.key)

    def drop(self, key: Key) -> None:
        """A pod has a node, or is gone."""
        self.pods.pop(key, None)
        self._unschedulable.pop(key, None)
        entry = self._backing_off.pop(key, None)
        if entry is not None:
            entry.cancel()

    def _push(self, pod: Pod) -> None:
        self._number += 1
        heappush(self._active, (-pod.priority, pod.meta.created, self._number, pod.key))
        if not self._armed:
            self._armed = True
            self._sim.at(self._sim.now, self._begin)

    def _begin(self) -> None:
        self._armed = False
        self._work()

    def next(self) -> Waiting | None:
        """The next pod to try: the most important, of those the oldest."""
        while self._active:
            _, _, _, key = heappop(self._active)
            waiting = self.pods.get(key)
            if waiting is not None and key not in self._backing_off:
                return waiting
        return None

    def later(self, seconds: float) -> None:
        """Go on with what is left after a while."""
        if self._active and not self._armed:
            self._armed = True
            self._sim.at(self._sim.now + seconds, self._begin)

    # --- in vain ----------------------------------------------------------------------------------

    def refused(self, waiting: Waiting, plugins: tuple[str, ...]) -> None:
        """No node took it: it waits until something happens that may help."""
        key = waiting.pod.key
        if key not in self.pods:
            return
        waiting.attempts += 1
        waiting.plugins = plugins
        waiting.since = self._sim.now
        self._unschedulable.pop(key, None)
        self._unschedulable[key] = None
        if self._flush is None:
            self._flush = self._sim.at(self._sim.now + self._flush_s, self._flushed)

    def happened(self, event: str) -> None:
        """Something happened: those whom it may help are tried again, after their back-off."""
        if not self._unschedulable:
            return
        helps = HELPS[event]
        for key in list(self._unschedulable):
            plugins = self.pods[key].plugins
            if not plugins or any(one in helps for one in plugins):
                self._again(key)

    def _again(self, key: Key) -> None:
        waiting = self.pods[key]
        del self._unschedulable[key]
        wait = min(MOST_S, FIRST_S * 2 ** max(0, min(waiting.attempts - 1, 10)))
        ready = waiting.since + wait
        if ready <= self._sim.now:
            self._push(waiting.pod)
        else:
            self._backing_off[key] = self._sim.at(ready, self._backed_off, key)

    def _backed_off(self, key: Key) -> None:
        self._backing_off.pop(key, None)
        waiting = self.pods.get(key)
        if waiting is not None:
            self._push(waiting.pod)

    def _flushed(self) -> None:
        """Whoever has waited for long is tried again, whatever happened."""
        self._flush = None
        oldest = self._sim.now - self._flush_s
        for key in list(self._unschedulable):
            since = self.pods[key].since
            if since > oldest + 1e-9:
                self._flush = self._sim.at(since + self._flush_s, self._flushed)
                return
            self._again(key)
