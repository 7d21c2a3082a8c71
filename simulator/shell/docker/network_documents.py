"""Networks as ``docker network inspect`` and ``docker inspect`` print them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused
from simulator.look.networks import NetworkView, ServedView, peers_on, served_on

if TYPE_CHECKING:
    from simulator.cluster.swarm.swarm import Swarm


def meant(known: Iterable[NetworkView], word: str) -> NetworkView:
    """The network of a name, of an identity, or of the one identity that begins so."""
    known = list(known)
    hits = [one for one in known if word in (one.name, one.id)]
    hits = hits or [one for one in known if one.id.startswith(word)]
    if len(hits) != 1:
        raise Refused(f"network {word} not found" if not hits else f"network {word} is ambiguous")
    return hits[0]


def document(one: NetworkView, created: str) -> dict[str, Any]:
    """A network with Docker's key names; ``created``: its date, as tools write dates."""
    return {
        "Name": one.name,
        "Id": one.id,
        "Created": created,
        "Scope": one.scope,
        "Driver": one.driver,
        "EnableIPv4": True,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": {}, "Config": _config(one)},
        "Internal": one.internal,
        "Attachable": one.attachable,
        "Ingress": one.ingress,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Options": dict(one.options),
        "Labels": dict(one.labels),
        "Containers": {
            container: {
                "Name": name,
                "EndpointID": endpoint.id,
                "MacAddress": endpoint.mac,
                "IPv4Address": f"{endpoint.address}/{endpoint.length}" if endpoint.address else "",
                "IPv6Address": "",
            }
            for container, name, endpoint in one.containers
        },
    }


def over_nodes(one: NetworkView, swarm: Swarm, *, verbose: bool) -> dict[str, Any]:
    """What is told of a network over all nodes besides: the nodes and services on it."""
    found: dict[str, Any] = {} if one.here else {"Containers": None}
    peers = list(peers_on(swarm, one.id)) if one.here else []
    if peers:
        found["Peers"] = [{"Name": name, "IP": address} for name, address in peers]
    if verbose:
        found["Services"] = {each.name: _served(each) for each in served_on(swarm, one.id)}
    return found


def _served(one: ServedView) -> dict[str, Any]:
    tasks = [{"Name": name, "EndpointIP": address, "Info": {"Host IP": host}}
             for name, address, host in one.tasks]  # fmt: skip
    return {"VIP": one.vip, "Ports": list(one.ports), "Tasks": tasks}


def _config(one: NetworkView) -> list[dict[str, str]]:
    if one.subnet is None:
        return []
    within = {"IPRange": one.subnet.within} if one.subnet.within else {}
    return [{"Subnet": one.subnet.block, **within, "Gateway": one.subnet.gateway}]
