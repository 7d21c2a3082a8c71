"""What the API server adds to a Service: an address of the cluster, ports of the nodes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.meta import Data
from simulator.cluster.kubernetes.objects.networking import (
    Service,
    ServicePort,
    ServiceSpec,
    ServiceStatus,
)
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.traffic.addresses import Addresses
from simulator.errors import Refused

BALANCER_S = 5.0
"""Seconds until a cloud has a load balancer's address: an assumption."""
OUTSIDE = ("NodePort", "LoadBalancer")


class ServiceAddresses:
    """Gives addresses and node ports, and takes them back."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.addresses = Addresses()
        self._balancers = 0
        server.admit("Service", self.admit)
        server.store.watch(Service, self._changed)

    def admit(self, old: Service | None, new: Service) -> Service:
        """The Service with what it did not state; Refused where it wants what it cannot have."""
        if new.spec.type == "ExternalName":
            return new
        owner = "/".join(new.key)
        spec = new.spec
        if not spec.headless:
            wanted = spec.cluster_ip or ("" if old is None else old.spec.cluster_ip)
            wanted = "" if wanted == "None" else wanted
            spec = replace(spec, cluster_ip=self._address(owner, wanted))
        if spec.type in OUTSIDE:
            spec = replace(spec, ports=tuple(self._port(owner, old, one) for one in spec.ports))
        return replace(new, spec=spec, data=_written(new.data, spec))

    def _address(self, owner: str, wanted: str) -> str:
        found = self.addresses.address(owner, wanted)
        if found is None:
            raise Refused(f"spec.clusterIPs: Invalid value: {wanted}: provided IP is not available")
        return found

    def _port(self, owner: str, old: Service | None, port: ServicePort) -> ServicePort:
        had = (
            next((one.node_port for one in old.spec.ports if one.port == port.port), 0)
            if old is not None
            else 0
        )
        wanted = port.node_port or had
        found = self.addresses.node_port(owner, wanted)
        if found is None:
            raise Refused(
                f"spec.ports[0].nodePort: Invalid value: {wanted}: provided port is "
                "already allocated or not in the valid range 30000-32767"
            )
        return replace(port, node_port=found)

    # --- what follows ---------------------------------------------------------------------------

    def _changed(self, old: Service | None, new: Service | None) -> None:
        if old is not None:
            kept = set() if new is None else {one.node_port for one in new.spec.ports}
            gone = tuple(one.node_port for one in old.spec.ports if one.node_port not in kept)
            address = old.spec.cluster_ip
            same = new is not None and new.spec.cluster_ip == address
            self.addresses.free("" if same else address, gone)
        was = "" if old is None else old.spec.type
        if new is not None and new.spec.type == "LoadBalancer" != was:
            self.server.sim.at(self.server.sim.now + BALANCER_S, self._balanced, new)

    def _balanced(self, service: Service) -> None:
        now = self.server.store.get(Service, *service.key)
        if now is None or now.meta.uid != service.meta.uid or now.spec.type != "LoadBalancer":
            return
        self._balancers += 1
        high, low = divmod(self._balancers, 254)
        self.server.update_status(now, ServiceStatus((f"203.0.{113 + high}.{low + 1}",)))


def _written(data: Data, spec: ServiceSpec) -> Data:
    """The same as data: what was given is written into what was said."""
    said: dict[str, Any] = dict(data.get("spec", {}))
    if spec.cluster_ip:
        said["clusterIP"] = spec.cluster_ip
        said["clusterIPs"] = [spec.cluster_ip]
    if "ports" in said:
        said["ports"] = [
            {**port, "nodePort": given.node_port} if given.node_port else dict(port)
            for port, given in zip(said["ports"], spec.ports, strict=True)
        ]
    return {**data, "spec": said}
