"""Pods that wait for a node: to be tried now, after a back-off, or when something changes.

Those that wait for something are kept by template and by who refused them, so that an event is
compared with a template once, not with each of its pods; and not at all where it cannot help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from typing import TypeAlias

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.selecting import as_template
from simulator.engine.calendar import Entry
from simulator.engine.simulation import Simulation

FIRST_S, MOST_S = 1.0, 10.0
"""kube-scheduler, ``podInitialBackoffSeconds`` and ``podMaxBackoffSeconds``."""

HELPS: dict[str, tuple[str, ...]] = {
    "node-added": (
        "NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts",
        "NodeResourcesFit", "VolumeBinding", "PodTopologySpread", "InterPodAffinity",
    ),
    "node-changed": (
        "NodeUnschedulable", "TaintToleration", "NodeAffinity", "NodeResourcesFit",
        "VolumeBinding", "PodTopologySpread", "InterPodAffinity",
    ),
    "node-gone": ("PodTopologySpread",),
    "pod-gone": ("NodePorts", "NodeResourcesFit", "PodTopologySpread", "InterPodAffinity"),
    "pod-placed": ("PodTopologySpread", "InterPodAffinity"),
    "claim-changed": ("VolumeBinding",),
}  # fmt: skip
"""Which refusals may be over after which event."""
BY_POD = ("PodTopologySpread", "InterPodAffinity")
"""Filters for which it matters which pod it was."""

Matters: TypeAlias = Callable[[Pod, Pod], bool]
"""Whether a pod that came or went matters to one that waits, for the filters ``BY_POD``."""


def backoff_s(attempts: int) -> float:
    """How long a pod is not tried again after so many attempts in vain: 1, 2, 4, 8, 10, 10 s."""
    return min(MOST_S, FIRST_S * 2.0 ** max(0, min(attempts - 1, 10)))


class Waiting:
    """One pod without a node."""

    __slots__ = ("attempts", "group", "plugins", "pod", "since")

    def __init__(self, pod: Pod) -> None:
        self.pod = pod
        self.attempts = 0
        self.plugins: tuple[str, ...] = ()
        """Which refused it."""
        self.since = pod.meta.created
        """When it began to wait, or was last tried."""
        self.group: Alike | None = None


class Alike:
    """Pods of one template that the same filters refused, and that wait for something."""

    __slots__ = ("keys", "plugins", "sample")

    def __init__(self, sample: Pod, plugins: tuple[str, ...]) -> None:
        self.sample = sample
        self.plugins = plugins
        self.keys: dict[Key, None] = {}


class Pending:
    """All pods without a node; tells ``work`` when there is something to try."""

    def __init__(
        self, sim: Simulation, flush_s: float, work: Callable[[], None], matters: Matters
    ) -> None:
        self._sim = sim
        self._flush_s = flush_s
        self._work = work
        self._matters = matters
        self._active: list[tuple[int, float, int, Key]] = []
        self._backing_off: dict[Key, Entry] = {}
        self._unschedulable: dict[Key, None] = {}
        """In the order in which they were tried."""
        self._groups: dict[tuple[object, ...], Alike] = {}
        self._by_plugin: dict[str, dict[tuple[object, ...], Alike]] = {}
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

    def refusals(self) -> Iterator[tuple[Pod, Mapping[Key, None]]]:
        """Those that wait until something changes: one of each kind, and the keys of all alike."""
        for group in self._groups.values():
            yield group.sample, group.keys

    def backing_off(self) -> Iterator[Key]:
        """Those that are tried again after a while."""
        return iter(self._backing_off)

    def add(self, pod: Pod) -> None:
        """A pod wants a node; one that is known already is another than before."""
        waiting = self.pods.get(pod.key)
        if waiting is None:
            self.pods[pod.key] = waiting = Waiting(pod)
            self._push(waiting)
        else:
            waiting.pod = pod

    def changed(self, pod: Pod) -> None:
        """A pod was changed by somebody: that may help it."""
        self.add(pod)
        if pod.key in self._unschedulable:
            self._again(pod.key)

    def drop(self, key: Key) -> None:
        """A pod has a node, or is gone."""
        waiting = self.pods.pop(key, None)
        if waiting is None:
            return
        self._leave(key, waiting)
        entry = self._backing_off.pop(key, None)
        if entry is not None:
            entry.cancel()

    def _push(self, waiting: Waiting) -> None:
        self._number += 1
        pod = waiting.pod
        heappush(self._active, (-pod.priority, waiting.since, self._number, pod.key))
        self._arm(self._sim.now)

    def _arm(self, time: float) -> None:
        if not self._armed:
            self._armed = True
            self._sim.at(time, self._begin)

    def _begin(self) -> None:
        self._armed = False
        self._work()

    def next(self) -> Waiting | None:
        """The next pod to try: the most important, of those the one that waits longest."""
        while self._active:
            key = heappop(self._active)[3]
            waiting = self.pods.get(key)
            if (
                waiting is not None
                and key not in self._backing_off
                and key not in self._unschedulable
            ):
                return waiting
        return None

    def later(self, seconds: float) -> None:
        """Go on with what is left after a while."""
        if self._active:
            self._arm(self._sim.now + seconds)

    # --- in vain ----------------------------------------------------------------------------------

    def refused(self, waiting: Waiting, plugins: tuple[str, ...]) -> None:
        """No node took it: it waits until something happens that may help."""
        pod = waiting.pod
        if pod.key not in self.pods:
            return
        self._leave(pod.key, waiting)
        waiting.attempts += 1
        waiting.plugins = plugins
        waiting.since = self._sim.now
        self._unschedulable[pod.key] = None
        self._join(waiting)
        if self._flush is None:
            self._flush = self._sim.at(self._sim.now + self._flush_s, self._flushed)

    def _join(self, waiting: Waiting) -> None:
        pod, plugins = waiting.pod, waiting.plugins
        at = _alike(pod, plugins)
        group = self._groups.get(at)
        if group is None:
            group = self._groups[at] = Alike(pod, plugins)
            for plugin in plugins:
                self._by_plugin.setdefault(plugin, {})[at] = group
        group.keys[pod.key] = None
        waiting.group = group

    def _leave(self, key: Key, waiting: Waiting) -> None:
        self._unschedulable.pop(key, None)
        group, waiting.group = waiting.group, None
        if group is None:
            return
        group.keys.pop(key, None)
        if not group.keys:
            at = _alike(group.sample, group.plugins)
            del self._groups[at]
            for plugin in group.plugins:
                del self._by_plugin[plugin][at]

    def happened(self, event: str, pod: Pod | None = None) -> None:
        """Something happened: those whom it may help are tried again, after their back-off."""
        if not self._unschedulable:
            return
        for plugin in HELPS[event]:
            for group in list(self._by_plugin.get(plugin, {}).values()):
                if pod is None or plugin not in BY_POD or self._matters(group.sample, pod):
                    for key in list(group.keys):
                        self._again(key)

    def move_all(self) -> None:
        """Whoever waits is tried again, after its back-off."""
        for key in list(self._unschedulable):
            self._again(key)

    def _again(self, key: Key) -> None:
        waiting = self.pods[key]
        self._leave(key, waiting)
        ready = waiting.since + backoff_s(waiting.attempts)
        if ready <= self._sim.now:
            self._push(waiting)
        else:
            self._backing_off[key] = self._sim.at(ready, self._backed_off, key)

    def _backed_off(self, key: Key) -> None:
        self._backing_off.pop(key, None)
        waiting = self.pods.get(key)
        if waiting is not None:
            self._push(waiting)

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


def _alike(pod: Pod, plugins: tuple[str, ...]) -> tuple[object, ...]:
    own = pod.template.number if as_template(pod) else pod.key
    return own, pod.meta.namespace, plugins
