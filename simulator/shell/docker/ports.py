"""Ports and networks of containers as the real tool shows them: ``docker port``, and for others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused
from simulator.look.views import ContainerView
from simulator.node.networks import Endpoint
from simulator.node.publishing import Published, parse_publication
from simulator.node.spec import Attachment, ContainerSpec
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb(
    "docker port",
    "Published ports of a container, or of one of its ports",
    arguments=(
        Argument("CONTAINER", kinds.CONTAINER, "name or id"),
        Argument("PRIVATE_PORT", kinds.text("port"), "80 or 80/udp", optional=True),
    ),
    aliases=("docker container port",),
    examples=("docker port web",),
)
def port(session: Session, call: Call) -> Iterable[str]:
    """``80/tcp -> 0.0.0.0:8080``, a line each."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    wanted = call["PRIVATE_PORT"]
    shown = sorted(found.published, key=lambda one: (one.port, one.protocol, one.address, one.at))
    if not wanted:
        return [f"{one.port}/{one.protocol} -> {joined(one.address, str(one.at))}" for one in shown]
    number, _, protocol = wanted.partition("/")
    lines = [
        joined(one.address, str(one.at))
        for one in shown
        if (str(one.port), one.protocol) == (number, protocol or "tcp")
    ]
    if not lines:
        raise Refused(f"Error: No public port '{wanted}' published for {call['CONTAINER']}")
    return lines


def joined(address: str, number: str) -> str:
    """An address and a port; an IPv6 address stands in brackets."""
    return f"[{address}]:{number}" if ":" in address else f"{address}:{number}"


def displayed(published: Sequence[Published], exposed: Iterable[str]) -> str:
    """The PORTS column: ``0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 443/tcp``.

    Ports that follow one another and have the same number outside become a range; those with
    another number outside come last.
    """
    rows = [(one.port, one.address, one.at, one.protocol) for one in published]
    mapped = {(one.port, one.protocol) for one in published}
    for text in exposed:
        number, _, protocol = text.partition("/")
        if (int(number), protocol) not in mapped:
            rows.append((int(number), "", 0, protocol))
    groups: dict[tuple[str, str], tuple[int, int]] = {}
    done, moved = [], []
    for inside, address, outside, protocol in sorted(rows, key=_order):
        if address and outside != inside:
            moved.append(f"{joined(address, str(outside))}->{inside}/{protocol}")
            continue
        key = (address, protocol)
        first, last = groups.get(key, (inside, inside - 1))
        if inside != last + 1:
            done.append(_group(key, first, last))
            first = inside
        groups[key] = (first, inside)
    done += [_group(key, *ends) for key, ends in groups.items()]
    return ", ".join((*done, *moved))


def _order(row: tuple[int, str, int, str]) -> tuple[int, bool, str, int, str]:
    inside, address, outside, protocol = row
    return inside, ":" in address, address, outside, protocol


def _group(key: tuple[str, str], first: int, last: int) -> str:
    address, protocol = key
    ports = str(first) if first == last else f"{first}-{last}"
    return f"{joined(address, ports)}->{ports}/{protocol}" if address else f"{ports}/{protocol}"


# --- what docker inspect says -------------------------------------------------------------------


def network_mode(asked: ContainerSpec) -> str:
    """HostConfig.NetworkMode."""
    return asked.network_mode


def hostname(one: ContainerView) -> str:
    """Config.Hostname: what it was called, or what it got."""
    if one.spec.network_mode == "host":
        return one.spec.hostname or one.machine
    return one.spec.hostname or one.id[:12]


def port_bindings(asked: ContainerSpec) -> dict[str, list[dict[str, str]]]:
    """HostConfig.PortBindings: what was asked for."""
    found: dict[str, list[dict[str, str]]] = {}
    for text in asked.ports:
        for one in parse_publication(text):
            outside = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
            binding = {"HostIp": one.address, "HostPort": outside if one.first else ""}
            found.setdefault(f"{one.port}/{one.protocol}", []).append(binding)
    return found


def network_settings(one: ContainerView) -> dict[str, Any]:
    """NetworkSettings: the ports that it has now, and a place on each of its networks."""
    ports: dict[str, list[dict[str, str]] | None] = dict.fromkeys(one.exposed)
    for port in one.published:
        key = f"{port.port}/{port.protocol}"
        bound = ports.get(key) or []
        ports[key] = [*bound, {"HostIp": port.address, "HostPort": str(port.at)}]
    here = {endpoint.network: endpoint for endpoint in one.endpoints}
    asked = {each.network: each for each in one.spec.attached}
    # Who is part of a swarm's service is on the networks of that.
    names = asked if here.keys() <= asked.keys() else here
    shown = {
        name: _endpoint(asked.get(name, Attachment(network=name)), here.get(name))
        for name in names
        if not name.startswith("container:")
    }
    bridge = here.get("bridge")
    return {
        "SandboxID": one.id if one.endpoints else "",
        "Ports": ports,
        "Gateway": "" if bridge is None else bridge.gateway,
        "IPAddress": "" if bridge is None else bridge.address,
        "IPPrefixLen": 0 if bridge is None else bridge.length,
        "MacAddress": "" if bridge is None else bridge.mac,
        "Networks": shown,
    }


def _endpoint(asked: Attachment, now: Endpoint | None) -> dict[str, Any]:
    return {
        "IPAMConfig": {"IPv4Address": asked.address} if asked.address else None,
        "Links": None,
        "Aliases": list(asked.aliases) or None,
        "MacAddress": asked.mac if now is None else now.mac,
        "DriverOpts": None,
        "GwPriority": 0,
        "NetworkID": "" if now is None else now.network_id,
        "EndpointID": "" if now is None else now.id,
        "Gateway": "" if now is None else now.gateway,
        "IPAddress": "" if now is None else now.address,
        "IPPrefixLen": 0 if now is None else now.length,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": list(now.names) if now is not None and now.names else None,
    }
