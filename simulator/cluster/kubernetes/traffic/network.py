"""All of a cluster's requests: addresses, endpoints, proxies, routes."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.traffic.flows import Balancing
from simulator.cluster.kubernetes.traffic.inside import Inside
from simulator.cluster.kubernetes.traffic.lines import Lines
from simulator.cluster.kubernetes.traffic.proxies import Pods, Proxies
from simulator.cluster.kubernetes.traffic.routes import Routes
from simulator.cluster.kubernetes.traffic.services import ServiceAddresses
from simulator.engine.simulation import Simulation
from simulator.traffic.service import Service as Stream


class Network:
    """Made once for a cluster; ``find`` is asked for every name that traffic is sent to."""

    def __init__(
        self, sim: Simulation, server: Server, pods: Pods, balancing: Balancing, cluster: str,
        lag_s: float,
    ) -> None:  # fmt: skip
        """``lag_s``: from a change of endpoints until the proxies of all nodes know it."""
        self.addresses = ServiceAddresses(server)
        self.proxies = Proxies(sim, server.store, pods, balancing, lag_s)
        self.routes = Routes(server.store, self.proxies, cluster)
        lines = Lines(sim, server.store, self.proxies, self.routes)
        self.inside = Inside(sim, server.store, self.proxies, lines)

    def find(self, word: str) -> Stream | None:
        """The stream of requests to what a word means in this cluster, if it means anything."""
        return self.routes.find(word)

    def loads(self, pod: Key) -> bool:
        """Whether a program of a pod asks a Service again and again."""
        return any(line.pod == pod for flow in self.proxies.flows.values() for line in flow.lines)

    def listening(self, pod: Pod) -> None:
        """A container of a pod begins to answer."""
        self.proxies.listening(pod)
