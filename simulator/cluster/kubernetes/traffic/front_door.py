"""The Service ``kubernetes``: the API server of a cluster, as pods in it find it."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.networking import Service, ServicePort, ServiceSpec
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.traffic.addresses import SERVICES

KEY = ("default", "kubernetes")
PORT = 6443
"""Where an API server listens that kubeadm has made."""
AGAIN_S = 10.0
"""How often the API server looks after its own Service (``EndpointReconcilerInterval``)."""


class FrontDoor:
    """Makes the Service, and makes it anew when somebody has deleted it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.closed = False
        self._make()
        server.store.watch(Service, self._changed)

    def _changed(self, old: Service | None, new: Service | None) -> None:
        if new is None and old is not None and old.key == KEY and not self.closed:
            self.server.sim.at(self.server.sim.now + AGAIN_S, self._again, KEY)

    def _again(self, key: tuple[str, str]) -> None:
        if not self.closed and self.server.store.get(Service, *key) is None:
            self._make()

    def _make(self) -> None:
        address = str(SERVICES.network_address + 1)
        spec = ServiceSpec(ports=(ServicePort(443, PORT, "https"),), cluster_ip=address)
        labels = {"component": "apiserver", "provider": "kubernetes"}
        data = {
            "spec": {
                "clusterIP": address, "clusterIPs": [address],
                "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack",
                "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": PORT}],
                "sessionAffinity": "None", "type": "ClusterIP",
            }
        }  # fmt: skip
        meta = Meta(KEY[1], KEY[0], labels=labels)
        self.server.create(
            Service(kind="Service", api_version="v1", meta=meta, spec=spec, data=data)
        )
