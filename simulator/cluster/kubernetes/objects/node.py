"""Nodes and namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Condition, Object
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.resources import NONE, Resources


class NodeSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is wanted of a node."""

    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    provider_id: str = msgspec.field(default="", name="providerID")
    pod_cidr: str = msgspec.field(default="", name="podCIDR")


class NodeStatus(msgspec.Struct, frozen=True, gc=False):
    """What a node has, and how it is."""

    capacity: Resources = NONE
    allocatable: Resources = NONE
    conditions: tuple[Condition, ...] = ()
    address: str = ""
    info: Mapping[str, str] = {}
    """``nodeInfo``: architecture, kernelVersion, kubeletVersion …"""
    images: tuple[tuple[str, int], ...] = ()
    """Names of images that it has, with their bytes."""


class Node(Object, frozen=True, kw_only=True, gc=False):
    """A machine that runs pods."""

    KIND: ClassVar[str] = "Node"

    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    @property
    def ready(self) -> bool:
        """Whether its kubelet says that it is well, and is heard."""
        return any(one.type == "Ready" and one.status == "True" for one in self.status.conditions)


class NamespaceStatus(msgspec.Struct, frozen=True, gc=False):
    """``Active`` or ``Terminating``."""

    phase: str = "Active"


class Namespace(Object, frozen=True, kw_only=True, gc=False):
    """A room for names."""

    KIND: ClassVar[str] = "Namespace"

    status: NamespaceStatus = NamespaceStatus()
