"""Nodes and pods for the scheduler alone: no store, no time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Node, NodeSpec, NodeStatus
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod, PodStatus
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.scheduler.columns import Columns
from simulator.cluster.kubernetes.scheduler.config import DEFAULT, Config
from simulator.cluster.kubernetes.scheduler.counting import Counting
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.plugin import State

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
Data = Mapping[str, Any]
NEWEST = Profile()


class Bench:
    """A scheduler with its nodes; pods that it decided about are on their nodes at once."""

    def __init__(
        self,
        profile: Profile = NEWEST,
        config: Config = DEFAULT,
        seed: int = 1,
        namespaces: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.namespaces = dict(namespaces or {})
        self.services: list[tuple[str, Mapping[str, str]]] = []
        columns = Columns()
        counting = Counting(columns, self._labels)
        self.state = State(columns, counting, profile, config)
        self.cycle = Cycle(self.state, seed, self._defaults)
        self.templates = Templates()
        self._made = 0

    def _labels(self, namespace: str) -> Mapping[str, str]:
        return self.namespaces.get(namespace, {})

    def _defaults(self, pod: Pod) -> LabelSelector | None:
        for namespace, selector in self.services:
            labels = pod.meta.labels
            if namespace == pod.namespace and selector.items() <= dict(labels).items():
                return LabelSelector(selector)
        return None

    def node(
        self,
        name: str,
        resources: Resources,
        labels: Data | None = None,
        taints: Sequence[Taint] = (),
        cordoned: bool = False,
    ) -> Node:
        """A node that is there from now on; its name is one of its labels."""
        node = node_of(name, resources, {HOSTNAME: name, **(labels or {})}, taints, cordoned)
        self.state.columns.put(node)
        return node

    def pod(
        self,
        spec: Data,
        labels: Data | None = None,
        *,
        name: str = "",
        namespace: str = "default",
        priority: int = 0,
        status: PodStatus | None = None,
        deleting: float | None = None,
    ) -> Pod:
        """A pod that is nowhere yet."""
        self._made += 1
        template = self.templates.of(spec, labels or {})
        uid = f"uid-{self._made}"
        meta = Meta(
            name or f"pod-{self._made}", namespace, uid, template.labels, deleting_since=deleting
        )
        return Pod(
            kind="Pod", api_version="v1", meta=meta, template=template, priority=priority,
            status=status or PodStatus(),
        )  # fmt: skip

    def decide(self, pod: Pod) -> str:
        """The node that a pod goes to; nothing where none takes it."""
        node = self.cycle.schedule(pod).node
        if node:
            self.state.add(pod, node)
        return node


def node_of(
    name: str,
    resources: Resources,
    labels: Mapping[str, str],
    taints: Sequence[Taint] = (),
    cordoned: bool = False,
) -> Node:
    """A node as the API has it."""
    return Node(
        kind="Node",
        api_version="v1",
        meta=Meta(name, labels=labels),
        spec=NodeSpec(cordoned, tuple(taints)),
        status=NodeStatus(resources, resources),
    )


def spec_of(cpu: str = "100m", memory: str = "500Mi", **more: Any) -> Data:
    """The specification of a pod with one container."""
    requests = {"cpu": cpu, "memory": memory}
    container = {"name": "app", "image": "app", "resources": {"requests": requests}}
    return {"containers": [container], **more}


def term(key: str, **labels: str) -> Data:
    """A term of an affinity between pods."""
    return {"labelSelector": {"matchLabels": labels}, "topologyKey": key}


def weighted(weight: int, key: str, **labels: str) -> Data:
    """A preferred term."""
    return {"weight": weight, "podAffinityTerm": term(key, **labels)}


def spread(key: str, when: str, skew: int = 1, **labels: str) -> Data:
    """A spread constraint."""
    return {
        "maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": when,
        "labelSelector": {"matchLabels": labels},
    }  # fmt: skip
