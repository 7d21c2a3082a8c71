"""Networks over all nodes of a swarm, as ``docker network`` makes and removes them on a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.errors import InputError, Refused, unknown
from simulator.look.networks import SWARM, NetworkView
from simulator.node.networks import BRIDGE_OPTIONS, PREDEFINED
from simulator.shell import lookup
from simulator.shell.grammar import Call
from simulator.world.swarm_commands import CreateSwarmNetwork, RemoveSwarmNetwork

if TYPE_CHECKING:
    from simulator.shell.session import Session

OVERLAY = "overlay"
OPTIONS = (
    "encrypted", "com.docker.network.driver.mtu", "com.docker.network.driver.overlay.vxlanid_list",
)  # fmt: skip
"""Options of the overlay driver; they are kept and shown."""


def check(values: dict[str, Any]) -> None:
    """Refuse what does not belong to the driver."""
    overlay = values["driver"] == OVERLAY
    known = OPTIONS if overlay else BRIDGE_OPTIONS
    for key, _ in values["opt"]:
        if key not in known:
            raise unknown(f"option of the {values['driver']} driver", key, known)
    scope = values["scope"] or (SWARM if overlay else "local")
    if overlay != (scope == SWARM):
        raise InputError(f"--scope {scope} of a network of the {values['driver']} driver is not "
                         "modelled", expected=SWARM if overlay else "local")  # fmt: skip
    for flag in ("ip_range", "gateway"):
        if overlay and values[flag]:
            raise InputError(f"--{flag.replace('_', '-')} of a network over all nodes is not "
                             "modelled")  # fmt: skip


def create(session: Session, call: Call) -> list[str]:
    """Its identity; Refused on a machine that is no manager."""
    name = call["NETWORK"]
    if name in PREDEFINED:
        raise Refused(f"operation is not permitted on predefined {name} network")
    check_name(session, call)
    return session.do(CreateSwarmNetwork(
        name=name, subnet=call["subnet"] or "", attachable=call["attachable"],
        internal=call["internal"], labels=dict(call["label"]), options=dict(call["opt"]),
        machine=call["host"],
    ))  # fmt: skip


def check_name(session: Session, call: Call) -> None:
    """Refuse a name that a network has which the machine knows, whoever made it."""
    name = call["NETWORK"]
    machine = lookup.machine(session.reader, call["host"]).name
    if name not in PREDEFINED and any(
        one.name == name for one in session.reader.networks_on(machine)
    ):
        raise Refused(f"network with name {name} already exists")


def remove(session: Session, one: NetworkView, word: str, machine: str) -> list[str]:
    """The word that was typed; Refused while services or containers are on it."""
    if one.ingress:
        raise InputError("removing the network of the routing mesh is not modelled", found=one.name)
    session.do(RemoveSwarmNetwork(id=one.id, machine=machine))
    return [word]
