"""The endpoints controller: which pods stand behind which Service, kept change by change."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.listing import DRAINING, READY, Listing
from simulator.cluster.kubernetes.traffic.selecting import Selecting, selects
from simulator.cluster.queue import WorkQueue
from simulator.engine.simulation import Simulation


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """One pod behind a Service (an entry of an EndpointSlice)."""

    pod: Key
    ip: str
    node: str
    ready: bool
    serving: bool
    terminating: bool

    @property
    def state(self) -> str:
        """What it is for the proxies; nothing: it gets no requests."""
        if self.ready:
            return READY
        return DRAINING if self.serving and self.terminating else ""


class Behind:
    """All that is behind one Service."""

    def __init__(self, lag_s: float) -> None:
        self.endpoints: dict[Key, Endpoint] = {}
        self.ready = 0
        """How many of them are ready."""
        self.listing = Listing(lag_s)
        self.changed: dict[Key, None] = {}
        """Pods to look at again."""
        self.whole = True
        """Whether all pods are to be looked at: the Service is new, or its selector is."""
        self.since = 0.0


class Endpoints:
    """Keeps ``Behind`` of every Service by watching pods; tells ``heard`` when proxies will know.

    Work is done once for each Service and instant, and only for pods that changed.
    """

    def __init__(
        self,
        sim: Simulation,
        store: Store,
        lag_s: float,
        heard: Callable[[Key, float], None],
    ) -> None:
        """``lag_s``: from a change until all proxies have it. ``heard``: of a Service, that
        something changes at a time."""
        self.sim = sim
        self.store = store
        self.lag_s = lag_s
        self.selecting = Selecting(store)
        self.services: dict[Key, Behind] = {}
        self._heard = heard
        self._queue = WorkQueue(sim, self._sync)
        store.watch(Service, self._service_changed)
        store.watch(Pod, self._pod_changed)

    # --- what changes -------------------------------------------------------------------------

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        if new is None:
            if old is not None:
                self.services.pop(old.key, None)
            return
        behind = self.services.get(new.key)
        if behind is None:
            behind = self.services[new.key] = Behind(self.lag_s)
        elif old is not None and _same_pods(old, new):
            return
        behind.whole = True
        self._queue.add(new.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if not self.services or _alike(old, new):
            return
        pod = new if new is not None else old
        assert pod is not None
        keys = self.selecting.services_of(pod)
        if old is not None and old.meta.labels is not pod.meta.labels:
            keys = tuple(dict.fromkeys((*self.selecting.services_of(old), *keys)))
        for key in keys:
            self.services[key].changed[pod.key] = None
            self._queue.add(key)

    # --- what follows -------------------------------------------------------------------------

    def _sync(self, key: Key) -> None:
        service, behind = self.store.get(Service, *key), self.services.get(key)
        if service is None or behind is None:
            return
        changed: Iterable[Key] = behind.changed
        if behind.whole:
            pods = [pod.key for pod in self.selecting.pods_of(service)]
            changed = dict.fromkeys((*behind.endpoints, *behind.changed, *pods))
        behind.whole, behind.changed = False, {}
        due = [self._update(service, behind, pod) for pod in changed]
        times = [time for time in due if time is not None]
        if times:
            self._heard(key, times[-1])

    def _update(self, service: Service, behind: Behind, key: Key) -> float | None:
        """Look at one pod; when the proxies know, if anything changes for them."""
        before = behind.endpoints.get(key)
        after = self._endpoint(service, key)
        if before == after:
            return None
        if after is None:
            del behind.endpoints[key]
        else:
            behind.endpoints[key] = after
        behind.ready += (after is not None and after.ready) - (before is not None and before.ready)
        was = "" if before is None else before.state
        state = "" if after is None else after.state
        return None if was == state else behind.listing.change(self.sim.now, key, state)

    def _endpoint(self, service: Service, key: Key) -> Endpoint | None:
        pod = self.store.get(Pod, *key)
        if pod is None or not pod.node or not pod.status.ip or pod.status.over:
            return None
        if not selects(service, pod.meta.labels):
            return None
        serving = pod.status.ready or service.spec.publish_not_ready_addresses
        ready = serving and (not pod.deleting or service.spec.publish_not_ready_addresses)
        return Endpoint(key, pod.status.ip, pod.node, ready, serving, pod.deleting)


def _same_pods(old: Service, new: Service) -> bool:
    return (
        old.spec.selector == new.spec.selector
        and old.spec.publish_not_ready_addresses == new.spec.publish_not_ready_addresses
    )


def _alike(old: Pod | None, new: Pod | None) -> bool:
    """Whether all that a pod's endpoints depend on is as it was; without a node it has none."""
    before = old if old is not None and old.node else None
    after = new if new is not None and new.node else None
    if before is None or after is None:
        return before is after
    was, now = before.status, after.status
    return (
        (was.ready_since is None) == (now.ready_since is None)
        and was.ip == now.ip
        and was.over == now.over
        and (before.meta is after.meta or _same_meta(before, after))
    )


def _same_meta(old: Pod, new: Pod) -> bool:
    return old.deleting == new.deleting and old.meta.labels == new.meta.labels
