"""The network as pods see it: names of the cluster, Services' addresses, other pods.

Names are found as CoreDNS finds them (kubernetes/dns, ``specification.md``), with the search list
and ``ndots:5`` of a kubelet's ``resolv.conf``. A connection to a Service goes to one of the pods
that the proxies list; where they list none it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from simulator.cluster.columns import drawn
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.fences import number_of
from simulator.cluster.kubernetes.traffic.flows import Port
from simulator.cluster.kubernetes.traffic.lines import Lines, worked
from simulator.cluster.kubernetes.traffic.proxies import Proxies
from simulator.engine.simulation import Simulation
from simulator.machine.container import Container
from simulator.node.networks import mac_of
from simulator.node.reaching import LOOPBACK, Line, Reached, Surroundings
from simulator.node.wiring import Wiring
from simulator.programs.pauses import Asks

DOMAIN = "cluster.local"
NAME_SERVER = "10.96.0.10"
API_SERVER = "10.96.0.1"
NDOTS = 5
POD, SPACE = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace"


class Inside:
    """Finds what each pod's network looks like. One for a cluster."""

    def __init__(self, sim: Simulation, store: Store, proxies: Proxies, lines: Lines) -> None:
        self.sim = sim
        self.store = store
        self.proxies = proxies
        self.fences = proxies.barriers.fences
        self.lines = lines

    def around(self, wiring: Wiring, container: Container) -> Surroundings | None:
        """The network of a pod's container; None for one that is of no pod."""
        labels = wiring.spec(container).labels
        pod = self.store.get(Pod, labels.get(SPACE, ""), labels.get(POD, ""))
        return None if pod is None else PodSurroundings(wiring, container, self, pod)

    # --- names --------------------------------------------------------------------------------

    def resolve(self, name: str) -> tuple[str, ...]:
        """The addresses of a full name of the cluster's domain."""
        words = name.removesuffix(f".{DOMAIN}").split(".")
        if len(words) == 3 and words[2] == "pod":
            return (words[0].replace("-", "."),)
        if len(words) == 3 and words[2] == "svc":
            return self._service(words[1], words[0])
        if len(words) == 4 and words[3] == "svc":
            return self._member(words[2], words[1], words[0])
        return ()

    def _service(self, namespace: str, name: str) -> tuple[str, ...]:
        if (namespace, name) == ("default", "kubernetes"):
            return (API_SERVER,)
        service = self.store.get(Service, namespace, name)
        if service is None:
            return ()
        if service.spec.type == "ExternalName":
            return self.resolve(service.spec.external_name)
        if not service.spec.headless:
            return (service.spec.cluster_ip,) if service.spec.cluster_ip else ()
        return tuple(pod.status.ip for pod in self._ready(service))

    def _member(self, namespace: str, name: str, host: str) -> tuple[str, ...]:
        """One pod of a Service by its own name: ``db-0.db``."""
        service = self.store.get(Service, namespace, name)
        if service is None:
            return ()
        return tuple(pod.status.ip for pod in self._ready(service) if pod.name == host)

    def _ready(self, service: Service) -> Iterator[Pod]:
        behind = self.proxies.endpoints.services.get(service.key)
        for one in behind.endpoints.values() if behind is not None else ():
            pod = self.store.get(Pod, *one.pod) if one.ready else None
            if pod is not None:
                yield pod

    # --- connections --------------------------------------------------------------------------

    def to_service(self, address: str, port: int, asker: Pod) -> Reached | None:
        """What becomes of a connection to a Service's address; None where none has it."""
        for service in self.store.all(Service):
            if service.spec.cluster_ip == address:
                for one in service.spec.ports:
                    if one.port == port:
                        return self._to(service, one.target_port or one.port, address, asker)
                return Reached("timeout" if port else "", address)
        return None

    def to_node_port(self, address: str, port: int, asker: Pod) -> Reached | None:
        """The same for a port of all nodes."""
        if not any(one.status.address == address for one in self.store.all(Node)):
            return None
        for service in self.store.all(Service):
            for one in service.spec.ports:
                if one.node_port == port and port:
                    return self._to(service, one.target_port or one.port, address, asker)
        return None

    def _to(self, service: Service, target: Port, address: str, asker: Pod) -> Reached:
        behind = self.proxies.endpoints.services.get(service.key)
        if behind is None:
            return Reached("refused", address)
        behind.listing.settle(self.sim.now)
        listed = sorted(behind.listing.listed)
        if not listed:
            return Reached("refused", address)
        title = f"{asker.namespace}/{asker.name}"
        at = drawn(crc32(title.encode()), round(self.sim.now * 1000), len(listed))
        pod = self.store.get(Pod, *listed[at])
        if pod is None:
            return Reached("refused", address)
        return self.to_pod(pod, target, address, asker)

    def to_pod(self, pod: Pod, port: Port, address: str, asker: Pod) -> Reached:
        """What becomes of a connection to a port of a pod; what is fenced off is dropped."""
        number = number_of(pod, port)
        if asker.key != pod.key and not self.fences.lets(asker, pod, number):
            return Reached("timeout", address)
        if not port:
            return Reached("", address)
        server = self.proxies.pods.server_of(pod, port)
        return Reached("refused", address) if server is None else Reached("", address, server)

    def pod_at(self, address: str) -> Pod | None:
        """The pod of an address that has not ended."""
        for pod in self.store.all(Pod):
            if pod.status.ip == address and not pod.status.over:
                return pod
        return None


class PodSurroundings(Surroundings):
    """The network as it is seen from inside a container of a pod."""

    def __init__(self, wiring: Wiring, container: Container, inside: Inside, pod: Pod) -> None:
        super().__init__(wiring, container)
        self.inside = inside
        self.pod = pod

    @property
    def _search(self) -> tuple[str, ...]:
        return f"{self.pod.namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN

    def lookup(self, name: str) -> tuple[str, ...]:
        """By its own hosts, then by the cluster's name server, as its search list says."""
        plain = name.lower().rstrip(".")
        known = super().lookup(plain) if plain in self._hosts_names() else ()
        if known:
            return known
        tried = [f"{plain}.{one}" for one in self._search]
        whole = name.endswith(".") or plain.count(".") >= NDOTS
        for one in (
            (plain,) if name.endswith(".") else (plain, *tried) if whole else (*tried, plain)
        ):
            found = self.inside.resolve(one) if one.endswith(DOMAIN) else ()
            if found:
                return found
        return super().lookup(name)

    def _hosts_names(self) -> set[str]:
        return {word for _, names in self.hosts() for word in names}

    def hosts(self) -> list[tuple[str, list[str]]]:
        """The lines of ``/etc/hosts``, as the kubelet writes them."""
        if self.on_host:
            return super().hosts()
        return [(LOOPBACK, ["localhost"]), (self.pod.status.ip, [self.pod.name.lower()])]

    def files(self) -> dict[str, str]:
        """``/etc/hosts`` and ``/etc/resolv.conf`` of a pod."""
        hosts = [f"{address}\t{' '.join(names)}" for address, names in self.hosts()]
        resolv = [f"search {' '.join(self._search)}", f"nameserver {NAME_SERVER}",
                  f"options ndots:{NDOTS}"]  # fmt: skip
        return {
            "/etc/hosts": "\n".join(["# Kubernetes-managed hosts file.", *hosts]),
            "/etc/resolv.conf": "\n".join(resolv),
        }

    def addresses(self) -> list[str]:
        """The pod's own address."""
        return [self.pod.status.ip] if self.pod.status.ip else []

    def interfaces(self) -> list[tuple[str, str, int, str, str]]:
        """One: the pod's."""
        if self.on_host:
            return super().interfaces()
        address = self.pod.status.ip
        router = f"{address.rpartition('.')[0]}.1"
        return [("eth0", address, 24, mac_of(address), router)] if address else []

    def takes_load(self, host: str, port: int) -> bool:
        """Whether requests that come again and again reach pods that work for each: by the address
        of a Service, where any pod is behind it."""
        addresses = self.lookup(host)
        stream = self.inside.lines.stream(addresses[0], port) if addresses else None
        return stream is not None and bool(stream.endpoints)

    def dial(self, asks: Asks, name: str) -> Line | None:
        """Begin to ask; None where nobody works for it."""
        addresses = self.lookup(asks.host)
        return self.inside.lines.dial(addresses[0], asks, self.pod.key, name) if addresses else None

    counts = True

    def worked(self, server: Container) -> float:
        """One request costs a pod its CPU, behind those who are in it."""
        return worked(server)

    def reach(self, name: str, port: int, protocol: str = "tcp") -> Reached:
        """Connect to a port at a name or an address of the cluster, or outside it."""
        addresses = self.lookup(name)
        if not addresses:
            return Reached("unknown")
        address = addresses[0]
        if address == self.pod.status.ip or address == LOOPBACK:
            return self.inside.to_pod(self.pod, port, address, self.pod)
        found = self.inside.to_service(address, port, self.pod)
        if found is None:
            found = self.inside.to_node_port(address, port, self.pod)
        if found is not None:
            return found
        other = self.inside.pod_at(address)
        if other is not None:
            return self.inside.to_pod(other, port, address, self.pod)
        if not self.inside.fences.lets_out(self.pod, address, port):
            return Reached("timeout", address)
        return super().reach(name, port, protocol)
