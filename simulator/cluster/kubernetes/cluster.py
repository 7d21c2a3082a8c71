"""One cluster: everything of it is put together here, and none of its parts knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from simulator.calibration import Calibration
from simulator.cluster.kubernetes.api.kinds import Kinds
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.autoscaler import ClusterAutoscaler
from simulator.cluster.kubernetes.autoscaling.horizontal import Autoscalers
from simulator.cluster.kubernetes.autoscaling.labelled import Labelled
from simulator.cluster.kubernetes.autoscaling.metrics import Metrics
from simulator.cluster.kubernetes.autoscaling.sources import Sources
from simulator.cluster.kubernetes.autoscaling.vertical.recommender import Recommender
from simulator.cluster.kubernetes.controllers.control import Controllers
from simulator.cluster.kubernetes.kubelet.kubelets import Kubelets
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Condition, Meta, Object
from simulator.cluster.kubernetes.objects.node import (
    Namespace,
    Node,
    NodeSpec,
    NodeStatus,
)
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.server.admission.chain import Admission
from simulator.cluster.kubernetes.server.requests import Requests
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.storage.storage import Storage
from simulator.cluster.kubernetes.store import Store, Table
from simulator.cluster.kubernetes.traffic import published
from simulator.cluster.kubernetes.traffic.flows import Balancing
from simulator.cluster.kubernetes.traffic.front_door import FrontDoor
from simulator.cluster.kubernetes.traffic.network import Network
from simulator.cluster.supply import Supply
from simulator.engine.simulation import Simulation
from simulator.machine.workload import Workload
from simulator.node.node import Node as Daemon

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
EVICTION_BYTES = 100 << 20
"""kubelet, ``evictionHard``: memory.available."""
RESERVED = ((1, 0.06), (1, 0.01), (2, 0.005))
"""CPU that is kept for the system: 6 % of the first core, 1 % of the next, 0.5 % of two more, and
0.25 % of all others, as managed clusters do (GKE)."""
RESERVED_REST = 0.0025


class Cluster:
    """An API server with its store, controllers, scheduler, kubelets and network."""

    def __init__(
        self,
        name: str,
        sim: Simulation,
        constants: Calibration,
        supply: Supply,
        balancing: Balancing,
        read_program: Callable[[str], Workload],
        profile: Profile,
        seed: int,
    ) -> None:
        self.name = name
        self.sim = sim
        self.profile = profile
        self.created = sim.now
        self.store = Store()
        self.recorder = Recorder(sim.clock)
        self.naming = Naming(seed, name)
        self.templates = Templates()
        self.kinds = Kinds()
        self.server = Server(sim, self.store, self.recorder, self.naming)
        self.admission = Admission(self.server, self.templates)
        self.requests = Requests(self.server, self.kinds, Builder(self.templates))
        self.kubelets = Kubelets(self.server, supply, constants, read_program)
        self.controllers = Controllers(self.server, self.templates, profile)
        self.scheduler = Scheduler(self.server, profile, seed, budgets=self.controllers.disruptions)
        self.network = Network(
            sim, self.server, self.kubelets, balancing, name,
            constants.value("kubernetes.node.endpoint_lag_s"),
        )  # fmt: skip
        self.kubelets.house.listener = self.network
        self.storage = Storage(self.server, self.scheduler, constants)
        self.kubelets.house.sources.claims = self.storage
        self.kubelets.pulls.arrived = self.scheduler.image_here
        self.kubelets.pressure.gone = self.scheduler.image_gone
        self.metrics = Metrics(sim, self.store, self.kubelets, constants)
        self.sources = Sources()
        self.node_autoscaler: ClusterAutoscaler | None = None
        """Where groups of nodes grow and shrink by themselves."""
        self.autoscalers = Autoscalers(
            self.server, self.metrics, self.network.routes, self.sources, profile
        )
        self.recommender = Recommender(self.server, self.metrics, Labelled(self.store))
        for word in NAMESPACES:
            labels = {"kubernetes.io/metadata.name": word}
            self.server.create(
                Namespace(kind="Namespace", api_version="v1", meta=Meta(word, labels=labels))
            )
        self.front_door = FrontDoor(self.server)

    # --- reading --------------------------------------------------------------------------------

    def table(self, kind: str) -> Table:
        """The objects of a kind, those included that are only made when somebody looks."""
        if kind in published.MADE:
            return published.table(kind, self.store, self.network.proxies.endpoints.services)
        return self.store.table(kind)

    def find(self, kind: str, namespace: str, name: str) -> Object | None:
        """The object of a kind by name; None: there is none."""
        if kind in published.MADE:
            return self.table(kind).namespaces.get(namespace, {}).get(name)
        return self.store.find(kind, namespace, name)

    # --- nodes ------------------------------------------------------------------------------------

    def add_node(
        self,
        daemon: Daemon,
        address: str,
        labels: Mapping[str, str],
        taints: tuple[Taint, ...] = (),
        most_pods: int = 110,
    ) -> Node:
        """A machine joins, and is ready at once."""
        name = daemon.name
        self.kubelets.add(name, daemon, address)
        daemon.wiring.around = self.network.inside.around
        hardware = daemon.machine.hardware
        capacity = Resources(
            round(hardware.cores * 1000), hardware.memory_bytes, hardware.disk_bytes, (), most_pods
        )
        words = {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": hardware.os,
            "kubernetes.io/arch": hardware.architecture,
            "beta.kubernetes.io/os": hardware.os,
            "beta.kubernetes.io/arch": hardware.architecture,
            **labels,
        }
        info = {
            "architecture": hardware.architecture,
            "kernelVersion": daemon.machine.kernel.version,
            "kubeletVersion": version_of(self.profile),
            "operatingSystem": hardware.os,
            "containerRuntimeVersion": "containerd://2.1.4",
            "osImage": "Ubuntu 24.04 LTS",
        }
        return self.server.create(
            Node(
                kind="Node",
                api_version="v1",
                meta=Meta(name, labels=words),
                spec=NodeSpec(taints=taints),
                status=NodeStatus(
                    capacity, allocatable(capacity), _healthy(self.sim.now), address, info
                ),
            )
        )

    def machine_changed(self, name: str) -> None:
        """A machine of a node is off, or up again."""
        box = self.kubelets.house.boxes.get(name)
        if box is None:
            return
        if not box.up and box.silent_since is None:
            box.silent_since = self.sim.now
            self.kubelets.falling.node_fell(name)
            self.controllers.nodes.fell_silent(name)
        elif box.up and box.silent_since is not None:
            box.silent_since = None
            self.controllers.nodes.heard_again(name)
            self.kubelets.falling.node_returned(name)

    def close(self) -> None:
        """It is no more: nodes let go of what they run, and nothing is left to look after.

        Whoever owns others goes before them, so that nobody makes them anew.
        """
        self.metrics.closed = self.front_door.closed = True
        if self.node_autoscaler is not None:
            self.node_autoscaler.groups.clear()
        for name in list(self.kubelets.house.boxes):
            self.kubelets.drop(name)
        last = ("Pod", "Node", "Namespace")
        kinds = [kind for kind in self.store.tables if kind not in last]
        for kind in (*kinds, *last):
            for one in list(self.store.table(kind)):
                self.store.drop(one)


def allocatable(capacity: Resources) -> Resources:
    """What pods may have of a node: without what is kept for the system and for eviction."""
    left, kept = capacity.cpu_millis / 1000, 0.0
    for cores, share in RESERVED:
        part = min(left, cores)
        kept += part * share
        left -= part
    kept += left * RESERVED_REST
    return replace(
        capacity,
        cpu_millis=capacity.cpu_millis - round(kept * 1000),
        memory_bytes=max(0, capacity.memory_bytes - EVICTION_BYTES),
        ephemeral_bytes=capacity.ephemeral_bytes * 9 // 10,
    )


def _healthy(now: float) -> tuple[Condition, ...]:
    quiet = (
        ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    )
    found = [Condition(type_, "False", why, text, now, now) for type_, why, text in quiet]
    ready = Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now, now)
    return (*found, ready)


def version_of(profile: Profile) -> str:
    """The version that nodes of a profile say they have."""
    return "v1.36.0" if profile.name == "newest" else f"v{profile.name.removeprefix('k8s-')}.0"
