"""NetworkPolicies: whose connections a pod takes, and to whom it may make some.

A pod that no policy of a direction selects is open that way; one that some select takes what any of
them lets through, and nothing else. What is not let through is dropped: it times out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec

from simulator.cluster.kubernetes.objects.networking import NetworkPolicy, Peer
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store

INGRESS, EGRESS = "Ingress", "Egress"
CONTROLLER_SPACE = "ingress-nginx"


class Origin(msgspec.Struct, frozen=True):
    """Where requests come from that no pod of the model sends."""

    address: str
    space: str = ""
    """The namespace of the pod that sends them on; nothing: they come from outside."""
    labels: Mapping[str, str] = {}


OUTSIDE = Origin("198.51.100.10")
"""A client anywhere (RFC 5737): only a rule of addresses can mean it."""
CONTROLLER = Origin(
    "10.244.255.254", CONTROLLER_SPACE,
    {"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"},
)  # fmt: skip
"""The pod of ingress-nginx, as its manifests name it: requests by Ingress come from there."""


class Fences:
    """Asks the policies of a cluster. Nothing is asked where there are none."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def lets(self, asker: Pod, target: Pod, port: int, protocol: str = "TCP") -> bool:
        """Whether a connection from one pod to a port of another passes."""
        if not self.store.table(NetworkPolicy.KIND).count:
            return True
        return self._open(asker, target, EGRESS, target, port, protocol) and self._open(
            target, asker, INGRESS, target, port, protocol
        )

    def lets_out(self, asker: Pod, address: str, port: int, protocol: str = "TCP") -> bool:
        """Whether a connection from a pod to an address outside passes."""
        policies = self._of(asker, EGRESS)
        return not policies or any(
            _port_fits(rule.ports, port, protocol, None)
            and (not rule.to or any(_holds(peer.ip_block, address) for peer in rule.to))
            for one in policies
            for rule in one.spec.egress
        )

    def lets_in(self, origin: Origin, target: Pod, port: int, protocol: str = "TCP") -> bool:
        """Whether a request that no pod of the model sends passes to a port of one."""
        policies = self._of(target, INGRESS)
        return not policies or any(
            _port_fits(rule.ports, port, protocol, target)
            and (not rule.from_ or any(self._means(peer, origin, target) for peer in rule.from_))
            for one in policies
            for rule in one.spec.ingress
        )

    def _means(self, peer: Peer, origin: Origin, target: Pod) -> bool:
        """Whether a peer is where a request comes from."""
        if peer.ip_block is not None:
            return _holds(peer.ip_block, origin.address)
        if not origin.space:
            return False
        if peer.namespace_selector is None:
            near = target.namespace == origin.space
        else:
            space = self.store.get(Namespace, "", origin.space)
            own = {"kubernetes.io/metadata.name": origin.space, **origin.labels}
            labels = own if space is None else space.meta.labels
            near = peer.namespace_selector.matches(labels)
        return near and (peer.pod_selector is None or peer.pod_selector.matches(origin.labels))

    def keepers(self, pod: Pod, direction: str = INGRESS) -> tuple[str, ...]:
        """The names of the policies that fence a pod in, one way."""
        return tuple(one.name for one in self._of(pod, direction))

    def _of(self, pod: Pod, direction: str) -> list[NetworkPolicy]:
        """The policies that fence a pod in, one way."""
        return [
            one
            for one in self.store.within(NetworkPolicy, pod.namespace).values()
            if direction in one.spec.policy_types and one.spec.pod_selector.matches(pod.meta.labels)
        ]

    def _open(
        self, fenced: Pod, other: Pod, direction: str, target: Pod, port: int, protocol: str
    ) -> bool:
        policies = self._of(fenced, direction)
        if not policies:
            return True
        for one in policies:
            rules: Iterable[Any] = one.spec.ingress if direction == INGRESS else one.spec.egress
            for rule in rules:
                peers = rule.from_ if direction == INGRESS else rule.to
                known = not peers or any(self._is(peer, other, fenced.namespace) for peer in peers)
                if known and _port_fits(rule.ports, port, protocol, target):
                    return True
        return False

    def _is(self, peer: Peer, pod: Pod, namespace: str) -> bool:
        """Whether a peer, as a policy of a namespace names it, is this pod."""
        if peer.ip_block is not None:
            return _holds(peer.ip_block, pod.status.ip)
        if peer.namespace_selector is None:
            near = pod.namespace == namespace
        else:
            space = self.store.get(Namespace, "", pod.namespace)
            near = space is not None and peer.namespace_selector.matches(space.meta.labels)
        return near and (peer.pod_selector is None or peer.pod_selector.matches(pod.meta.labels))


def _holds(block: Mapping[str, Any] | None, address: str) -> bool:
    """Whether an address lies in a block, and in none of its exceptions."""
    if block is None or not address:
        return False
    where = ip_address(address)
    inside = where in ip_network(str(block.get("cidr", "")), strict=False)
    return inside and not any(
        where in ip_network(str(one), strict=False) for one in block.get("except") or ()
    )


def _port_fits(
    ports: Iterable[Mapping[str, Any]], port: int, protocol: str, target: Pod | None
) -> bool:
    """Whether a rule speaks of a port: by number, by a range, by the name that its pod gives it."""
    listed = list(ports)
    if not listed:
        return True
    for one in listed:
        if str(one.get("protocol", "TCP")) != protocol:
            continue
        wanted = one.get("port")
        if wanted is None:
            return True
        if isinstance(wanted, int):
            if wanted <= port <= int(one.get("endPort") or wanted):
                return True
        elif target is not None and port in _named(target, str(wanted)):
            return True
    return False


def _named(pod: Pod, name: str) -> list[int]:
    return [
        int(each.container_port)
        for container in pod.spec.containers
        for each in container.ports
        if each.name == name
    ]


def number_of(pod: Pod, port: int | str | None) -> int:
    """A port of a pod by number; one that is named is looked up."""
    if isinstance(port, str):
        return next(iter(_named(pod, port)), 0)
    return port or 0
