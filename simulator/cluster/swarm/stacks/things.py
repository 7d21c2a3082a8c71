"""Networks, secrets and configs of a stack, as a swarm is asked for them.

Source: docker/cli, ``cli/compose/convert/compose.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.cluster.swarm.stacks.converting import NAMESPACE, named
from simulator.cluster.swarm.stacks.reading import StackFile
from simulator.errors import InputError
from simulator.node.networks import PREDEFINED

OVERLAY = "overlay"
LOCAL = ("bridge", "macvlan", "ipvlan")
"""Drivers whose networks are of one machine."""


@dataclass(frozen=True, slots=True)
class NetworkWish:
    """A network that a stack makes."""

    key: str
    """What the file calls it."""
    name: str
    labels: Mapping[str, str]
    options: Mapping[str, str]
    driver: str = OVERLAY
    internal: bool = False
    attachable: bool = False
    subnet: str = ""


@dataclass(frozen=True, slots=True)
class FileWish:
    """A secret or config that a stack keeps; ``path``: the file that it comes from."""

    kind: str
    name: str
    labels: Mapping[str, str]
    path: str


def users_of(file: StackFile, network: str) -> list[str]:
    """The services that are on a network, by its key in the file."""
    return [
        key for key, one in file.services.items() if network in (one.get("networks") or ["default"])
    ]


def networks_of(stack: str, file: StackFile) -> tuple[list[NetworkWish], list[str]]:
    """Those that services of it are on: to be made, and the names of those that must be there."""
    used = {one for each in file.services.values() for one in each.get("networks") or ["default"]}
    wishes: dict[str, NetworkWish] = {}
    external: dict[str, None] = {}
    for key in sorted(used):
        given = file.things["networks"].get(key) or {}
        if given.get("external"):
            external[str(given["name"])] = None
        elif key in file.things["networks"] or key == "default":
            wish = _network(stack, key, file)
            wishes[wish.name] = wish
    return list(wishes.values()), [one for one in external if one not in PREDEFINED]


def _network(stack: str, key: str, file: StackFile) -> NetworkWish:
    given = file.things["networks"].get(key) or {}
    ipam = given.get("ipam") or {}
    blocks = [str(one["subnet"]) for one in ipam.get("config") or () if one.get("subnet")]
    if len(blocks) > 1 or (ipam.get("driver") or "default") != "default":
        raise InputError(f"networks.{key}.ipam is not modelled",
                         expected="one subnet of the default driver")  # fmt: skip
    return NetworkWish(
        key=key,
        name=named(stack, key, file.things["networks"]),
        labels={**(given.get("labels") or {}), NAMESPACE: stack},
        options=dict(given.get("driver_opts") or {}),
        driver=str(given.get("driver") or OVERLAY),
        internal=bool(given.get("internal")),
        attachable=bool(given.get("attachable")),
        subnet=blocks[0] if blocks else "",
    )


def files_of(stack: str, kind: str, file: StackFile) -> list[FileWish]:
    """Its secrets, or its configs."""
    found = []
    for key, given in file.things[f"{kind}s"].items():
        if given.get("external"):
            continue
        for word, why in (("driver", "the managers keep secrets themselves"),
                          ("template_driver", "contents are not templates here")):  # fmt: skip
            if given.get(word):
                raise InputError(f"{kind}s.{key}.{word} is not modelled: {why}")
        found.append(
            FileWish(kind, named(stack, key, file.things[f"{kind}s"]),
                     {**(given.get("labels") or {}), NAMESPACE: stack}, str(given["file"]))
        )  # fmt: skip
    return found
