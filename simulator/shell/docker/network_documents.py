"""Networks as ``docker network inspect`` and ``docker inspect`` print them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.errors import Refused
from simulator.look.networks import NetworkView


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
        "Scope": "local",
        "Driver": one.driver,
        "EnableIPv4": True,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": {}, "Config": _config(one)},
        "Internal": one.internal,
        "Attachable": one.attachable,
        "Ingress": False,
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


def _config(one: NetworkView) -> list[dict[str, str]]:
    if one.subnet is None:
        return []
    within = {"IPRange": one.subnet.within} if one.subnet.within else {}
    return [{"Subnet": one.subnet.block, **within, "Gateway": one.subnet.gateway}]
