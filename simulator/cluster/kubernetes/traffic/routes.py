"""Names that requests are sent to: Services by their names, Ingresses by host and path."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Ingress, Path, Service
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.flows import Goal
from simulator.cluster.kubernetes.traffic.proxies import Proxies
from simulator.traffic.service import Service as Stream

DOMAIN = ".svc.cluster.local"
CANARY = "nginx.ingress.kubernetes.io/canary"
CANARY_WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"
CLIENTS = 1000
"""Clients that a Service with session affinity is taken to have."""
LONGEST_CHAIN = 10
"""External names that lead to external names."""


class Routes:
    """Finds what a name means in a cluster, and keeps what was found up to date."""

    def __init__(self, store: Store, proxies: Proxies, cluster: str) -> None:
        self.store = store
        self.proxies = proxies
        self.cluster = cluster
        self._routed: dict[str, tuple[str, str]] = {}
        """Streams that go by Ingress: host and path, by what they are called."""
        store.watch(Ingress, self._ingress_changed)

    def find(self, word: str) -> Stream | None:
        """The stream of requests to what a word means; None where it means nothing here.

        ``web``, ``web.shop``, ``web.shop.svc.cluster.local``, ``web.shop:8080``, ``NODE:30080``,
        ``shop.example.com/cart``.
        """
        if word in self.proxies.flows:
            return self.proxies.flows[word].stream
        return self._service(word) or self._node_port(word) or self._ingress(word)

    # --- Services ---------------------------------------------------------------------------------

    def _service(self, word: str) -> Stream | None:
        name, _, port = word.partition(":")
        parts = name.removesuffix(DOMAIN).removesuffix(".svc").split(".")
        if len(parts) > 2:
            return None
        key = (parts[1] if len(parts) == 2 else "default", parts[0])
        service = self.store.get(Service, *key)
        return None if service is None else self._to(service, port)

    def _to(self, service: Service, port: str, steps: int = 0) -> Stream | None:
        outside = service.spec.external_name
        if service.spec.type == "ExternalName":
            return self._service(outside) if steps < LONGEST_CHAIN else None
        number: int | str | None = int(port) if port.isdigit() else port or None
        if number is not None and not any(
            number in (one.port, one.name) for one in service.spec.ports
        ):
            return None
        title = self.title(service.key) + (f":{port}" if port else "")
        return self.proxies.open(title, [Goal(service.key, number)], self._balancer(service))

    def to_port(self, service: Service, port: int) -> Stream | None:
        """The stream to a port of a Service: the Service's own where it has no other."""
        ports = service.spec.ports
        if not any(one.port == port for one in ports):
            return None
        return self._to(service, "" if len(ports) == 1 else str(port))

    def title(self, key: Key) -> str:
        """What a Service is called among all that requests are sent to."""
        namespace, name = key
        return name if namespace == "default" else f"{name}.{namespace}"

    def _balancer(self, service: Service) -> str:
        """kube-proxy's iptables mode draws an endpoint for each connection."""
        return f"sticky={CLIENTS}" if service.spec.session_affinity == "ClientIP" else "random"

    def _node_port(self, word: str) -> Stream | None:
        node, _, port = word.rpartition(":")
        if not port.isdigit() or self.store.get(Node, "", node) is None:
            return None
        for service in self.store.all(Service):
            for one in service.spec.ports:
                if one.node_port == int(port):
                    return self._to(service, one.name or str(one.port))
        return None

    # --- Ingresses --------------------------------------------------------------------------------

    def _ingress(self, word: str) -> Stream | None:
        host, slash, rest = word.removeprefix("http://").removeprefix("https://").partition("/")
        path = slash + rest or "/"
        goals = self._goals(host, path)
        if not goals:
            return None
        title = host + (path if path != "/" else "")
        if title in self.proxies.flows:
            return self.proxies.flows[title].stream
        self._routed[title] = host, path
        return self.proxies.open(title, goals, "weighted", by_ingress=True)

    def _goals(self, host: str, path: str) -> list[Goal]:
        """Where a request goes: to the most special rule, in part to that of a canary."""
        main = self._best(host, path, lambda one: CANARY not in one.meta.annotations)
        if main is None:
            return []
        canary = self._best(host, path, lambda one: CANARY in one.meta.annotations)
        if canary is None:
            return [main[1]]
        share = _share(canary[0].meta.annotations.get(CANARY_WEIGHT, "0"))
        main[1].weight, canary[1].weight = 1.0 - share, share
        return [one for _, one in (main, canary) if one.weight > 0]

    def _best(
        self, host: str, path: str, wanted: Callable[[Ingress], bool]
    ) -> tuple[Ingress, Goal] | None:
        found = [
            (rank, ingress, goal)
            for ingress in self.store.all(Ingress)
            if wanted(ingress)
            for rank, goal in _matches(ingress, host, path)
            if self.store.get(Service, *goal.service) is not None
        ]
        if not found:
            return None
        _, ingress, goal = max(found, key=lambda one: one[0])
        return ingress, goal

    def arrived_at(self, ingress: Ingress) -> int:
        """Requests so far of streams that go by this Ingress, as its controller counts them."""
        return sum(
            self.proxies.flows[title].stream.tally.arrived
            for title, (host, path) in self._routed.items()
            if any(True for _ in _matches(ingress, host, path))
        )

    def _ingress_changed(self, old: Ingress | None, new: Ingress | None) -> None:
        if old is not None and new is not None and _same_rules(old, new):
            return
        for title, (host, path) in self._routed.items():
            self.proxies.aim(title, self._goals(host, path))


def _same_rules(old: Ingress, new: Ingress) -> bool:
    return old.data is new.data and old.meta.annotations == new.meta.annotations


def _share(text: str) -> float:
    try:
        return min(100.0, max(0.0, float(text))) / 100.0
    except ValueError:
        return 0.0


def _matches(ingress: Ingress, host: str, path: str) -> Iterator[tuple[tuple[int, ...], Goal]]:
    """Rules that a request meets, each with how special it is: host, then the kind and length of
    its path (networking.k8s.io/v1, ``IngressSpec``)."""
    for rule in ingress.spec.rules:
        how = _host_rank(rule.host, host)
        for one in rule.http.paths if how else ():
            goal = _goal(ingress, one)
            if goal is not None and _path_matches(one, path):
                yield (how, len(one.path), one.path_type == "Exact"), goal
    default = ingress.spec.default_backend
    if default is not None and default.service is not None:
        service = default.service
        port = service.port.number or service.port.name or None
        yield (0, 0, 0), Goal((ingress.namespace, service.name), port)


def _goal(ingress: Ingress, path: Path) -> Goal | None:
    service = path.backend.service
    if service is None:
        return None
    return Goal((ingress.namespace, service.name), service.port.number or service.port.name or None)


def _host_rank(rule: str, host: str) -> int:
    if rule == host:
        return 3
    if rule.startswith("*.") and host.partition(".")[2] == rule[2:]:
        return 2
    return 1 if not rule else 0


def _path_matches(rule: Path, path: str) -> bool:
    if rule.path_type == "Exact":
        return rule.path == path
    prefix = rule.path.rstrip("/")
    return not prefix or path == prefix or path.startswith(prefix + "/")
