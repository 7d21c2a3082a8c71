"""``docker network``: the networks of a machine's daemon, and who is on them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError, InputError, Refused, unknown
from simulator.look.networks import SWARM, NetworkView
from simulator.node.addresses import parse_address, parse_block
from simulator.node.networks import BRIDGE_OPTIONS, HOST_BINDING, Wish
from simulator.node.spec import Attachment
from simulator.shell import formats, kinds, lookup
from simulator.shell.docker import network_flags, overlays
from simulator.shell.docker.filtering import passing, told
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT, NO_TRUNC, QUIET
from simulator.shell.docker.network_documents import document, meant, over_nodes
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.world.network_commands import (
    ConnectNetwork,
    CreateNetwork,
    DisconnectNetwork,
    PruneNetworks,
    RemoveNetwork,
)

if TYPE_CHECKING:
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

_COLUMNS = {"ID": "NETWORK ID", "Name": "NAME", "Driver": "DRIVER", "Scope": "SCOPE"}
_HEADINGS = {
    **_COLUMNS,
    "IPv4": "IPV4",
    "IPv6": "IPV6",
    "Internal": "INTERNAL",
    "Labels": "LABELS",
    "CreatedAt": "CREATED AT",
}
_NETWORK = Argument("NETWORK", kinds.NETWORK, "name or id")
_NETWORKS = Argument("NETWORK", kinds.NETWORK, "name or id", repeat=True)
_CONTAINER = Argument("CONTAINER", kinds.CONTAINER, "name or id")
_SWITCH = kinds.choice("switch", ("true", "false"))
FILTERS = ("name", "id", "driver", "scope", "type", "dangling", "label")
_FILTER = Flag(("-f", "--filter"), told("type=custom", FILTERS), kinds.PAIR, repeat=True)


# --- making and removing --------------------------------------------------------------------------


def _block(value: str) -> str:
    return parse_block(value)


@verb(
    "docker network create",
    "Create a network: its containers reach each other and find each other by name",
    arguments=(Argument("NETWORK", kinds.NAME, "the name it gets"),),
    flags=(
        Flag(
            ("-d", "--driver"),
            "bridge, or overlay: over all nodes of the swarm that this machine manages",
            Kind("driver", kinds.TEXT.parse, choices=("bridge", overlays.OVERLAY)),
            "bridge",
        ),
        Flag(("--subnet",), "its addresses, as 172.28.0.0/16", Kind("subnet", _block)),
        Flag(
            ("--ip-range",),
            "the part of them that containers get",
            Kind("range", lambda value: parse_block(value, "ip-range")),
        ),
        Flag(("--gateway",), "its router's address", kinds.ADDRESS),
        Flag(("--internal",), "no way out of the machine"),
        Flag(("--attachable",), "containers outside of services may join an overlay network"),
        Flag(
            ("--scope",),
            "local (bridge) or swarm (overlay)",
            kinds.choice("scope", ("local", "swarm")),
        ),
        Flag(("--label",), "set a label", kinds.PAIR, repeat=True),
        Flag(
            ("-o", "--opt"),
            "an option of the driver",
            Kind(
                "option", lambda value: _option(value), choices=(*BRIDGE_OPTIONS, *overlays.OPTIONS)
            ),
            repeat=True,
        ),
        Flag(("--ipv6",), "", refused="addresses of networks are IPv4 here"),
        Flag(("--ingress",), "", refused="a swarm has its network of the routing mesh already"),
    ),
    examples=("docker network create shop", "docker network create --subnet 172.28.0.0/16 lab"),
    known="--aux-address --config-from --config-only --ipam-driver --ipam-opt --ipv4",
    validate=overlays.check,
)
def create(session: Session, call: Call) -> Iterable[str]:
    """Its id."""
    if call["driver"] == overlays.OVERLAY:
        return overlays.create(session, call)
    wish = Wish(
        name=call["NETWORK"],
        driver=call["driver"],
        subnet=call["subnet"] or "",
        ip_range=call["ip_range"] or "",
        gateway=call["gateway"] or "",
        internal=call["internal"],
        attachable=call["attachable"],
        labels=dict(call["label"]),
        options=dict(call["opt"]),
    )
    overlays.check_name(session, call)
    return session.do(CreateNetwork(wish=wish, machine=call["host"]))


def _option(value: str) -> tuple[str, str]:
    key, text = kinds.PAIR.parse(value)
    if key not in BRIDGE_OPTIONS:
        return key, text
    return key, parse_address(text) if key == HOST_BINDING else _SWITCH.parse(text)


@verb(
    "docker network rm",
    "Remove networks that nobody is on",
    arguments=(_NETWORKS,),
    flags=(Flag(("-f", "--force"), "no error for one that does not exist"),),
    aliases=("docker network remove",),
    destructive=True,
    examples=("docker network rm shop",),
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Each of them; an error does not stop the others."""
    machine = lookup.machine(session.reader, call["host"])
    lines: list[str] = []
    for name in call["NETWORK"]:
        try:
            over = _over_all_nodes(session, name, machine.name)
            if over is not None:
                lines += overlays.remove(session, over, name, machine.name)
            else:
                lines += session.do(RemoveNetwork(name=name, machine=machine.name))
        except DrydockError as refusal:
            if not (call["force"] and str(refusal).endswith("not found")):
                session.fail(call, refusal)
    return lines


def _over_all_nodes(session: Session, word: str, machine: str) -> NetworkView | None:
    """The network of the machine's swarm that a word means."""
    try:
        found = meant(session.reader.networks_on(machine), word)
    except Refused:
        return None
    return found if found.scope == SWARM else None


@verb(
    "docker network prune",
    "Remove all networks that no running container is on",
    flags=(
        Flag(("-f", "--force"), "", ignored=True),
        Flag(("--filter",), "", refused="what is pruned cannot be filtered here"),
    ),
    destructive=True,
    examples=("docker network prune -f",),
)
def prune(session: Session, call: Call) -> Iterable[str]:
    """Their names."""
    lookup.machine(session.reader, call["host"])
    return session.do(PruneNetworks(machine=call["host"]))


# --- looking --------------------------------------------------------------------------------------


@verb(
    "docker network ls",
    "List the networks of the current machine",
    flags=(QUIET, NO_TRUNC, _FILTER, FORMAT),
    aliases=("docker network list",),
    examples=("docker network ls", "docker network ls --filter type=custom"),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """In the order of their names."""
    passes = passing(call["filter"], _test)
    found = [
        one
        for machine in lookup.chosen(session.reader, call["host"])
        for one in session.reader.networks_on(machine.name)
        if passes(one)
    ]
    found.sort(key=lambda one: _natural(one.name))
    if call["quiet"] and not call["format"]:
        return [one.id if call["no_trunc"] else one.id[:12] for one in found]
    rows = [_row(one, call["no_trunc"]) for one in found]
    return formats.listing(rows, _COLUMNS, call["format"], _HEADINGS)


def _natural(name: str) -> list[tuple[int, str]]:
    """A name by its words and numbers: net2 comes before net10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _row(one: NetworkView, whole: bool) -> dict[str, str]:
    return {
        "ID": one.id if whole else one.id[:12],
        "Name": one.name,
        "Driver": one.driver,
        "Scope": one.scope,
        "IPv4": "true",
        "IPv6": "false",
        "Internal": str(one.internal).lower(),
        "Labels": ",".join(f"{key}={value}" for key, value in one.labels.items()),
        "CreatedAt": timestamp(one.created_at),
    }


_TESTS: dict[str, Callable[[NetworkView, str], bool]] = {
    "name": lambda one, value: value in one.name,
    "id": lambda one, value: one.id.startswith(value),
    "driver": lambda one, value: one.driver == value,
    "scope": lambda one, value: one.scope == value,
    "type": lambda one, value: one.user_defined == (value == "custom"),
    "dangling": lambda one, value: (
        (one.user_defined and not one.ingress and not one.containers) == (value in ("true", "1"))
    ),
    "label": lambda one, value: _labelled(one, value),
}


def _labelled(one: NetworkView, value: str) -> bool:
    key, equals, wanted = value.partition("=")
    return key in one.labels and (not equals or one.labels[key] == wanted)


def _test(key: str, value: str) -> Callable[[NetworkView], bool]:
    if key not in _TESTS:
        raise unknown("filter", key, _TESTS)
    if key == "type" and value not in ("custom", "builtin"):
        raise InputError("invalid filter", found=f"type={value}", expected="custom or builtin")
    return lambda one: _TESTS[key](one, value)


@verb(
    "docker network inspect",
    "Everything known about networks, as JSON",
    arguments=(_NETWORKS,),
    flags=(
        Flag(("-f", "--format"), "Go template, for example '{{.Name}}'", kinds.TEXT),
        Flag(("-v", "--verbose"), "with the services on a network of a swarm, and their tasks"),
    ),
    examples=("docker network inspect bridge",),
)
def inspect(session: Session, call: Call) -> Iterable[str]:
    """With the containers that are on them."""
    machine = lookup.machine(session.reader, call["host"]).name
    known = session.reader.networks_on(machine)
    swarm = session.world.orchestras.swarm_of(machine)
    found = [_shown(known, name, swarm, verbose=call["verbose"]) for name in call["NETWORK"]]
    if call["format"] == "json":
        return [json.dumps(one, ensure_ascii=False) for one in found]
    if call["format"]:
        return [line for one in found for line in formats.render(call["format"], one).split("\n")]
    return json.dumps(found, indent=4, ensure_ascii=False).split("\n")


def _shown(
    known: Iterable[NetworkView], name: str, swarm: Swarm | None, *, verbose: bool
) -> dict[str, Any]:
    one = meant(known, name)
    shown = document(one, timestamp(one.created_at))
    if swarm is not None and one.scope == SWARM:
        shown |= over_nodes(one, swarm, verbose=verbose)
    return shown


# --- containers -----------------------------------------------------------------------------------


@verb(
    "docker network connect",
    "Put a container on one more network",
    arguments=(_NETWORK, _CONTAINER),
    flags=(
        Flag(("--alias",), "a name for it on that network", kinds.NAME, repeat=True),
        Flag(("--ip",), "its address there", kinds.ADDRESS),
        Flag(("--link",), "", refused=network_flags.NO_LINKS),
    ),
    examples=("docker network connect shop web",),
    known="--driver-opt --gw-priority --ip6 --link-local-ip",
)
def connect(session: Session, call: Call) -> Iterable[str]:
    """Nothing is printed where that goes well."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    asked = Attachment(call["NETWORK"], tuple(call["alias"]), call["ip"] or "")
    return session.do(ConnectNetwork(container=found.name, attachment=asked))


@verb(
    "docker network disconnect",
    "Take a container off a network",
    arguments=(_NETWORK, _CONTAINER),
    flags=(Flag(("-f", "--force"), "", ignored=True),),
    examples=("docker network disconnect shop web",),
)
def disconnect(session: Session, call: Call) -> Iterable[str]:
    """Nothing is printed where that goes well."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    return session.do(DisconnectNetwork(container=found.name, network=call["NETWORK"]))
