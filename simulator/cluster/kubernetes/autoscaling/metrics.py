"""The metrics pipeline: what an autoscaler and ``kubectl top`` are told, late and averaged.

A kubelet's cAdvisor reads counters every housekeeping interval; metrics-server asks all kubelets
every resolution, and serves the rate between the last two different readings. Only containers
that are there are read: what a cold one does is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import floor
from typing import cast

import msgspec

from simulator.calibration import Calibration
from simulator.cluster.kubernetes.autoscaling.requests import Count
from simulator.cluster.kubernetes.kubelet.kubelets import Kubelets
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Pod
from simulator.cluster.kubernetes.store import Store
from simulator.engine.simulation import Simulation
from simulator.machine.container import Container
from simulator.machine.kernel import Kernel

Use = Mapping[str, tuple[float, float]]
"""Cores and bytes by container."""


class Sample(msgspec.Struct, frozen=True):
    """What is served of a pod: use by container, when it was read, and over how long."""

    use: Use
    time: float
    window: float


class Reading(msgspec.Struct, frozen=True):
    """Counters of all warm containers, and of all nodes, at one time."""

    time: float
    pods: Mapping[str, Mapping[str, tuple[float, int]]]
    """CPU-seconds and bytes by uid of the pod and name of the container."""
    nodes: Mapping[str, tuple[float, int]]
    counts: Mapping[str, Count] = {}
    """Requests by uid, of pods and Ingresses of which somebody wants to know."""


FRESH_S = 10.0
"""metrics-server, ``freshContainerMinMetricsResolution``."""


class Metrics:
    """The kubelets' readings and metrics-server of a cluster."""

    def __init__(
        self, sim: Simulation, store: Store, kubelets: Kubelets, constants: Calibration
    ) -> None:
        self.sim = sim
        self.store = store
        self.kubelets = kubelets
        self.read_s = constants.value("control.kubelet.housekeeping_s")
        self.scrape_s = constants.value("control.metrics_server.resolution_s")
        self._newest: Reading | None = None
        self._scraped: tuple[Reading, ...] = ()
        self.wanted: Callable[[], Collection[str]] = _nobody
        """The pods, by uid, whose requests are counted."""
        self.arrived: Callable[[], Mapping[str, Count]] = _nowhere
        """Requests that came to Ingresses, by uid."""
        self.closed = False
        """Whether the cluster is no more: nobody reads and nobody scrapes."""
        sim.at(self._next(self.read_s), self._read)
        sim.at(self._next(self.scrape_s), self._scrape)

    def _next(self, every_s: float) -> float:
        return (floor(self.sim.now / every_s + 1e-9) + 1) * every_s

    def _read(self) -> None:
        if self.closed:
            return
        house = self.kubelets.house
        boxes = {name: box for name, box in house.boxes.items() if box.lives and box.up}
        kernels = {name: box.daemon.machine.kernel for name, box in boxes.items()}
        every = [one for kernel in kernels.values() for one in _on(kernel)]
        used = dict(zip(every, _used(every), strict=True))
        pods: dict[str, dict[str, tuple[float, int]]] = {}
        wanted = self.wanted()
        counts = {**dict.fromkeys(wanted, Count()), **self.arrived()}
        for one, (life, name) in house.by_container.items():
            if one.running and one in used:
                pods.setdefault(life.uid, {})[name] = used[one], one.memory.resident
                if life.uid in wanted and one.station is not None:
                    counts[life.uid] = counts[life.uid].plus(self._count(one))
        nodes = {
            name: (_used_of(kernel, used), kernel.memory.usage) for name, kernel in kernels.items()
        }
        self._newest = Reading(self.sim.now, pods, nodes, counts)
        self.sim.at(self._next(self.read_s), self._read)

    def _count(self, one: Container) -> Count:
        assert one.station is not None
        return Count(one.station.taken, one.station.area_in_system(self.sim.now))

    def _scrape(self) -> None:
        if self.closed:
            return
        newest = self._newest
        if newest is not None and newest not in self._scraped[-1:]:
            self._scraped = (*self._scraped[-1:], newest)
        self.sim.at(self._next(self.scrape_s), self._scrape)

    # --- what is served ---------------------------------------------------------------------------

    def sample(self, pod: Pod) -> Sample | None:
        """What a pod used between the two readings that are served; None while one of its
        containers was in the last of them only, unless it is so fresh that its start is as good
        as a reading (metrics-server, ``pkg/storage/pod.go``).

        A cold one holds what its program does, and computes nothing.
        """
        if len(self._scraped) < 2:
            return None
        old, new = self._scraped
        window = new.time - old.time
        use: dict[str, tuple[float, float]] = {}
        before, after = old.pods.get(pod.meta.uid, {}), new.pods.get(pod.meta.uid, {})
        for one in _running(pod):
            since = one.running_since
            if since is None or (since > new.time and one.name not in after):
                continue
            span = new.time - old.time
            if old.time < since <= new.time:
                span = new.time - since
                if not FRESH_S <= span < self.scrape_s:
                    return None
            window = min(window, span)
            if one.name in after:
                base = before.get(one.name, (0.0, 0))[0]
                cores = max(0.0, after[one.name][0] - base) / span
                use[one.name] = cores, float(after[one.name][1])
            else:
                cold = self.kubelets.usage(pod).get(one.name)
                if cold is not None:
                    use[one.name] = 0.0, float(cold[1])
        return Sample(use, new.time, window) if use else None

    def requests(self, uid: str, since: float) -> tuple[Count, float] | None:
        """What came to a pod or an Ingress between the two readings that are served, and the
        seconds between them; None of one that is not older than both, or was not counted."""
        if len(self._scraped) < 2 or since > self._scraped[0].time:
            return None
        old, new = (one.counts.get(uid) for one in self._scraped)
        if old is None or new is None:
            return None
        return new.since(old), self._scraped[1].time - self._scraped[0].time

    def of(self, pod: Pod) -> Use | None:
        """Use by container of a pod."""
        found = self.sample(pod)
        return None if found is None else found.use

    def of_node(self, name: str) -> tuple[float, float] | None:
        """Cores and bytes of a node; what cold pods hold is in it."""
        if len(self._scraped) < 2:
            return None
        old, new = self._scraped
        if name not in new.nodes:
            return (0.0, 0.0) if name in self.kubelets.house.boxes else None
        used, memory = new.nodes[name]
        before = old.nodes.get(name, (used, 0))[0]
        return max(0.0, used - before) / (new.time - old.time), memory + self._cold_bytes(name)

    def _cold_bytes(self, name: str) -> int:
        box = self.kubelets.house.boxes.get(name)
        return 0 if box is None else box.cold_bytes


def _running(pod: Pod) -> Iterator[ContainerStatus]:
    """Its containers, and those that run beside them from before they start."""
    yield from pod.status.containers
    if pod.status.init_containers:
        beside = {one.name for one in pod.spec.init_containers if one.is_sidecar}
        yield from (one for one in pod.status.init_containers if one.name in beside)


def _nobody() -> Collection[str]:
    """Nobody wants to know."""
    return ()


def _nowhere() -> Mapping[str, Count]:
    """Nobody wants to know."""
    return {}


def _used(containers: list[Container]) -> list[float]:
    """CPU-seconds of each since it was made, all solved in one go."""
    if not containers:
        return []
    fabric = containers[0].fabric
    fabric.settle()
    stations = [one.station for one in containers if one.station is not None]
    used = iter(fabric.used(stations))
    return [
        one.cpu_before_s + (0.0 if one.station is None else one.pacing.cpu_s(next(used)))
        for one in containers
    ]


def _used_of(kernel: Kernel, used: Mapping[Container, float]) -> float:
    """CPU-seconds of a machine: ``Kernel.used_s``, with what is known of its containers."""
    own = sum([used[one] for one in _on(kernel)])
    return kernel.used_before_s + own + sum([vm.kernel.used_s for vm in kernel.vms.values()])


def _on(kernel: Kernel) -> Iterable[Container]:
    """The containers of a kernel, which knows less of them."""
    return cast("Iterable[Container]", kernel.containers.values())
