"""The flags of ``docker run`` and ``docker create`` that are about networks and ports."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from simulator.errors import InputError
from simulator.node.addresses import parse_address
from simulator.node.networks import PREDEFINED
from simulator.node.spec import Attachment
from simulator.shell import kinds
from simulator.shell.grammar import Flag, Kind

NO_LINKS = "links are a legacy; put both on a network: 'docker network create N', '--network N'"
ALIAS_NOTE = (
    "note: Docker itself refuses this: network-scoped alias is supported only for containers in "
    "user defined networks ('docker network create N', then '--network N'). Here '{name}' is the "
    "service that 'traffic' and 'service' mean, and no name that other containers find."
)
HOST_NOTE = "WARNING: Published ports are discarded when using host network mode"
_MAC = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")


def mac(value: str) -> str:
    """A hardware address."""
    if not _MAC.fullmatch(value):
        raise InputError("not a valid mac address", found=value, expected="as 02:42:ac:11:00:02")
    return value.lower()


def _network(value: str) -> Attachment:
    """``web``, or ``name=web,alias=db,ip=172.28.0.9``."""
    if "=" not in value:
        return Attachment(kinds.NETWORK.parse(value))
    fields: dict[str, list[str]] = {"name": [], "alias": [], "ip": [], "mac-address": []}
    for part in value.split(","):
        key, _, rest = part.partition("=")
        if key not in fields or not rest:
            raise InputError(
                "invalid field of a network",
                found=part,
                expected=f"{', '.join(fields)} (KEY=VALUE)",
            )
        fields[key].append(rest)
    if len(fields["name"]) != 1:
        raise InputError("network name is not specified", found=value, expected="name=NETWORK,...")
    address = parse_address(fields["ip"][-1]) if fields["ip"] else ""
    hardware = mac(fields["mac-address"][-1]) if fields["mac-address"] else ""
    aliases = tuple(kinds.NAME.parse(one) for one in fields["alias"])
    return Attachment(fields["name"][0], aliases, address, hardware)


def _host(value: str) -> str:
    name, _, address = value.partition(":")
    if not name or not address:
        raise InputError("bad format for add-host", found=value, expected="NAME:ADDRESS")
    if address != "host-gateway":
        parse_address(address)
    return value


FLAGS = (
    Flag(("-p", "--publish"), "publish a port", kinds.PORT, repeat=True, sets="ports"),
    Flag(
        ("-P", "--publish-all"),
        "publish all exposed ports, at ports that are free",
        sets="publish_all",
        shown="PublishAllPorts",
    ),
    Flag(
        ("--expose",),
        "a port that it has, beside its image's (published with -P only)",
        kinds.EXPOSED,
        repeat=True,
        sets="expose",
    ),
    Flag(
        ("--network", "--net"),
        "a network to be on (several times: several), 'host', 'none' or 'container:NAME'",
        Kind("network", _network, "network", choices=("host", "none")),
        repeat=True,
    ),
    Flag(
        ("--network-alias",),
        "a name for it on its network; 'traffic' to the service of this name goes to it, too",
        Kind("service", kinds.NAME.parse, "service"),
        repeat=True,
    ),
    Flag(
        ("--alias",),
        "answer for this service of 'traffic' (no flag of the real docker)",
        Kind("service", kinds.NAME.parse, "service"),
        repeat=True,
    ),
    Flag(("--ip",), "its address on a network with a subnet of its own", kinds.ADDRESS),
    Flag(("--link",), "", refused=NO_LINKS),
    Flag(("--mac-address",), "its hardware address", Kind("mac", mac)),
    Flag(
        ("--add-host",),
        "a line of its /etc/hosts: NAME:ADDRESS (or NAME:host-gateway)",
        Kind("host", _host),
        repeat=True,
        sets="extra_hosts",
        shown="ExtraHosts",
    ),
    Flag(
        ("--dns",),
        "a name server instead of the host's",
        kinds.ADDRESS,
        repeat=True,
        sets="dns",
        shown="Dns",
    ),
)


def _mode(values: dict[str, Any]) -> str:
    networks: tuple[Attachment, ...] = values["network"]
    return networks[0].network if networks else "bridge"


def _user_defined(mode: str) -> bool:
    return mode not in (*PREDEFINED, "default") and not mode.startswith("container:")


def check(values: dict[str, Any]) -> None:
    """What the client refuses by looking at the flags alone."""
    names = [one.network for one in values["network"]]
    if len(names) > 1 and not all(map(_user_defined, names)):
        raise InputError(
            "conflicting options: cannot attach both user-defined and non-user-defined "
            "network-modes"
        )
    if len(set(names)) < len(names):
        raise InputError("network specified multiple times", found=" ".join(names))
    mode = _mode(values)
    if not mode.startswith("container:"):
        return
    conflicts = {
        "publish": "port publishing and the container type network mode",
        "publish_all": "port publishing and the container type network mode",
        "expose": "port exposing and the container type network mode",
        "hostname": "hostname and the network mode",
        "mac_address": "mac-address and the network mode",
        "add_host": "custom host-to-IP mapping and the network mode",
        "dns": "dns and the network mode",
    }
    for key, text in conflicts.items():
        if values[key]:
            raise InputError(f"conflicting options: {text}")


def asked(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a specification that several of these flags set together."""
    networks: tuple[Attachment, ...] = values["network"]
    names, mode = tuple(values["network_alias"]), _mode(values)
    more = {"address": values["ip"] or "", "mac": values["mac_address"] or ""}
    changes: dict[str, Any] = {key: value for key, value in more.items() if value}
    first = networks[0] if networks else Attachment("bridge")
    if _user_defined(mode) and names:
        changes["aliases"] = (*first.aliases, *names)
    if changes:
        networks = (msgspec.structs.replace(first, **changes), *networks[1:])
    scoped = [name for one in networks for name in one.aliases]
    aliases = tuple(dict.fromkeys((*names, *values["alias"], *scoped)))
    return {"networks": networks, "aliases": aliases}


def notes(values: dict[str, Any]) -> list[tuple[str, str]]:
    """What Docker would say to some of these flags, where Drydock goes on."""
    found, mode = [], _mode(values)
    if values["network_alias"] and not _user_defined(mode):
        found.append(("alias", ALIAS_NOTE.format(name=values["network_alias"][0])))
    if mode == "host" and (values["publish"] or values["publish_all"]):
        found.append(("host ports", HOST_NOTE))
    return found
