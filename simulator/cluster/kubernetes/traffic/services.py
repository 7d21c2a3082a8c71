"""What the API server adds to a Service: an address of the cluster, ports of the nodes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import invalid
from simulator.cluster.kubernetes.api.validation import words
from simulator.cluster.kubernetes.objects.meta import Data
from simulator.cluster.kubernetes.objects.networking import (
    Service,
    ServicePort,
    ServiceSpec,
    ServiceStatus,
)
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.traffic.addresses import NODE_PORTS, SERVICES, Addresses

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
            spec = replace(spec, cluster_ip=self._address(new, owner, wanted))
        if spec.type in OUTSIDE:
            ports = tuple(self._port(new, old, *one) for one in enumerate(spec.ports))
            spec = replace(spec, ports=ports)
        return replace(new, spec=spec, data=_written(new.data, spec))

    def _address(self, new: Service, owner: str, wanted: str) -> str:
        found = self.addresses.address(owner, wanted)
        if found is None:
            why = (
                "provided IP is already allocated"
                if self.addresses.is_ours(wanted)
                else f"the provided IP ({wanted}) is not in the valid range. The range of valid "
                f"IPs is {SERVICES}"
            )
            text = f"failed to allocate IP {wanted}: {why}"
            raise invalid("Service", new.name, [words.invalid("spec.clusterIPs", [wanted], text)])
        return found

    def _port(self, new: Service, old: Service | None, at: int, port: ServicePort) -> ServicePort:
        had = (
            next((one.node_port for one in old.spec.ports if one.port == port.port), 0)
            if old is not None
            else 0
        )
        wanted = port.node_port or had
        found = self.addresses.node_port("/".join(new.key), wanted)
        if found is None:
            why = (
                "provided port is already allocated"
                if wanted in NODE_PORTS
                else "provided port is not in the valid range. The range of valid ports is "
                f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
            )
            path = f"spec.ports[{at}].nodePort"
            raise invalid("Service", new.name, [words.invalid(path, wanted, why)])
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
