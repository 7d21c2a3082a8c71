"""Services, Ingresses and policies: how requests are to find pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Object
from simulator.cluster.kubernetes.objects.selectors import LabelSelector


class ServicePort(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A port of a Service and the port of its pods, by number or name."""

    port: int
    target_port: int | str | None = None
    name: str = ""
    protocol: str = "TCP"
    node_port: int = 0
    app_protocol: str = ""


class ServiceSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Which pods answer, and under which addresses."""

    selector: Mapping[str, str] = {}
    ports: tuple[ServicePort, ...] = ()
    type: str = "ClusterIP"
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    external_name: str = ""
    session_affinity: str = "None"
    publish_not_ready_addresses: bool = False
    external_traffic_policy: str = "Cluster"
    internal_traffic_policy: str = "Cluster"

    @property
    def headless(self) -> bool:
        """Whether clients are given the addresses of its pods instead of one of its own."""
        return self.cluster_ip == "None"


class ServiceStatus(msgspec.Struct, frozen=True, gc=False):
    """Addresses of its load balancer, where it has one."""

    addresses: tuple[str, ...] = ()


class Service(Object, frozen=True, kw_only=True, gc=False):
    """A name for pods."""

    KIND: ClassVar[str] = "Service"

    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


class BackendPort(msgspec.Struct, frozen=True, gc=False):
    """A port of a Service by name or number."""

    name: str = ""
    number: int = 0


class ServiceBackend(msgspec.Struct, frozen=True, gc=False):
    """A Service as the goal of a rule."""

    name: str
    port: BackendPort = BackendPort()


class Backend(msgspec.Struct, frozen=True, gc=False):
    """Where a rule leads."""

    service: ServiceBackend | None = None
    resource: Mapping[str, Any] | None = None


class Path(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A path, and how it is compared: Exact, Prefix or ImplementationSpecific."""

    path_type: str = "ImplementationSpecific"
    path: str = ""
    backend: Backend = Backend()


class Paths(msgspec.Struct, frozen=True, gc=False):
    """The paths of one host."""

    paths: tuple[Path, ...] = ()


class IngressRule(msgspec.Struct, frozen=True, gc=False):
    """A host (nothing: any) and its paths."""

    host: str = ""
    http: Paths = Paths()


class IngressSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Which requests from outside go to which Service."""

    ingress_class_name: str = ""
    default_backend: Backend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[Mapping[str, Any], ...] = ()


class IngressStatus(msgspec.Struct, frozen=True, gc=False):
    """Addresses of its controller."""

    addresses: tuple[str, ...] = ()


class Ingress(Object, frozen=True, kw_only=True, gc=False):
    """Rules by host and path."""

    KIND: ClassVar[str] = "Ingress"

    spec: IngressSpec = IngressSpec()
    status: IngressStatus = IngressStatus()


class Peer(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Who may come, or where one may go."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: Mapping[str, Any] | None = None


class IngressAllowed(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Peers (none: all) and ports (none: all) from which requests may come."""

    from_: tuple[Peer, ...] = msgspec.field(default=(), name="from")
    ports: tuple[Mapping[str, Any], ...] = ()


class EgressAllowed(msgspec.Struct, frozen=True, gc=False):
    """Peers and ports to which requests may go."""

    to: tuple[Peer, ...] = ()
    ports: tuple[Mapping[str, Any], ...] = ()


class NetworkPolicySpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Which pods are fenced in, and what is let through."""

    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressAllowed, ...] = ()
    egress: tuple[EgressAllowed, ...] = ()


class NetworkPolicy(Object, frozen=True, kw_only=True, gc=False):
    """A fence around pods."""

    KIND: ClassVar[str] = "NetworkPolicy"

    spec: NetworkPolicySpec = NetworkPolicySpec()
