"""Whether a service can move to another machine, and how its image gets there.

A plan and the move itself ask the same question here, so that both give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from simulator.errors import InputError, Refused
from simulator.image.manifests import images_of
from simulator.image.model import Image, Manifest, Platform
from simulator.image.reference import Reference
from simulator.image.store import total_bytes
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.node.node import Node
from simulator.node.portability import on_machine
from simulator.node.publishing import Publication
from simulator.node.spec import ContainerSpec
from simulator.units import format_bytes
from simulator.world.depot import Depot
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.image_commands import MoveService


@dataclass(frozen=True, slots=True)
class Passage:
    """A container that can move, and what will run there."""

    old: Container
    image: Image
    """The variant for the target's processor."""
    served: bool
    """Whether the target can pull that under the name that the container has it by."""
    platform: Platform | None = None
    """What was asked for by ``--platform``, and goes on to be."""


def movable(fleet: Fleet, director: Director, name: str, target: Machine) -> list[Container]:
    """The containers that a move of a service or container is about, in the order of names."""
    running = [one for one in fleet.containers.values() if one.running]
    if name in director.services:
        found = [one for one in running if name in director.wanted(one)]
        if not found:
            raise Refused(f"service {name} has no running containers to move")
    else:
        found = [one for one in running if name in one.settings.aliases]
        found = found or [fleet.container(name)]
    away = [one for one in found if one.daemon is not target]
    if not away:
        raise Refused(f"{name} is on {target.name} already")
    idle = next((one for one in away if one.state != "running"), None)
    if idle is not None:
        raise Refused(f"container {idle.name} is {idle.state}; only what runs can be moved")
    return sorted(away, key=lambda one: one.name)


def passages(fleet: Fleet, director: Director, depot: Depot, command: MoveService) -> list[Passage]:
    """How each container of a move gets to its target; Refused where one cannot."""
    node = fleet.node(command.target)
    target = node.machine
    target.need_up()
    if not 0 <= command.drain_s <= 3600 or command.data_bytes < 0:
        raise InputError("bad drain time or size of data", expected="0 to 1h, and 0 or more bytes")
    if command.registry:
        depot.registries.get(command.registry)
    found = [
        _passage(fleet, depot, one, target, command)
        for one in movable(fleet, director, command.name, target)
    ]
    for one in found:
        _check_place(fleet, one, node)
    _check_together(fleet, found, node, command.data_bytes)
    return found


def there(fleet: Fleet, old: Container, reference: Reference) -> ContainerSpec:
    """What a container is asked to be where its image has another name."""
    return msgspec.structs.replace(
        fleet.node_of(old).spec(old),
        image=reference.short(),
        workload=None if old.settings.carried_out else old.settings.workload.text,
    )


def name_there(old: Container, target: Machine) -> str:
    """What a container is called after its move."""
    return f"{old.local_name}-{target.name}"[:63]


_PINNED = "; it was asked for with --platform"


# --- the image ------------------------------------------------------------------------------------


def _passage(
    fleet: Fleet, depot: Depot, one: Container, target: Machine, command: MoveService
) -> Passage:
    reference = Reference.parse(one.settings.image_name)
    public = _public(depot, one, reference, target)
    own = depot.list_of(one.daemon.name, reference) or one.image
    offered = own if public is None else public
    kernel = one.runtime.kernel_version if one.runtime.has_own_kernel else ""
    # A registry that is named gets what is here; without one the target may take another variant.
    asked = fleet.node_of(one).spec(one).platform
    platform = None if asked is None else Platform.parse(asked)
    found = on_machine(target, own if command.registry else offered, platform, kernel)
    if not found.ok or found.image is None:
        raise Refused(
            f"{one.name} cannot run on {target.name}: {found.reason}"
            f"{_instead(found.image, public, reference, target) if asked is None else _PINNED}"
        )
    return Passage(one, found.image, public is not None and not command.registry, platform)


def _public(depot: Depot, one: Container, reference: Reference, target: Machine) -> Manifest | None:
    """What a registry serves under the name of a container's image, if that is in it."""
    try:
        registry = depot.registries.of(reference)
        user = target.images.users.get(registry.name)
        found = registry.look_up(reference.tagged(), user=user)
    except Refused:
        return None
    same = any(each.digest == one.image.digest for each in images_of(found))
    return found if same else None


def _instead(
    image: Image | None, public: Manifest | None, reference: Reference, target: Machine
) -> str:
    """What to do about an image that was built here, for another processor."""
    ours, wanted = target.images.platform, None if image is None else image.platform
    if wanted is None or wanted.os != ours.os or wanted.architecture == ours.architecture:
        return ""
    if public is not None:
        return f"; without --registry {reference.short()} is pulled for {ours}, where it has that"
    return f"; build it for that: docker build --platform {ours} -t {reference.short()} ..."


# --- the machine ----------------------------------------------------------------------------------


def _check_place(fleet: Fleet, one: Passage, node: Node) -> None:
    """Refuse what the target's daemon would refuse: a name, limits, a runtime, networks, ports."""
    name = name_there(one.old, node.machine)
    spec = there(fleet, one.old, Reference.parse(one.old.settings.image_name))
    _check_mounts(fleet, one.old, node)
    try:
        node.plan(spec, name)
        node.wiring.admit(spec, one.old)
    except (Refused, InputError) as refusal:
        raise Refused(f"start on {node.name}: {refusal}") from None


def _check_mounts(fleet: Fleet, old: Container, node: Node) -> None:
    """Refuse what would not be there: folders of the host, and volumes that hold something else."""
    for one in fleet.node_of(old).storage.mounts(old):
        volume, source = one.volume, one.mount.source
        if volume is not None:
            other = node.storage.volumes.all.get(volume.name)
            if other is not None and other.tree.count:
                raise Refused(
                    f"{old.name} has volume {volume.name}, and {node.name} has another one of "
                    "that name that is not empty"
                )
        elif one.tree.owns(source) and one.tree.children(source):
            raise Refused(
                f"{old.name} has the folder {source} of {old.daemon.name} mounted, which does not "
                "move with it: use a volume ('docker volume create')"
            )


def _check_together(fleet: Fleet, found: list[Passage], node: Node, data_bytes: int) -> None:
    """Refuse what is too much for one machine: equal names, equal ports, the size of its disk."""
    names: dict[str, Container] = {}
    ports: dict[Publication, Container] = {}
    for one in found:
        name, spec = name_there(one.old, node.machine), fleet.node_of(one.old).spec(one.old)
        other = names.setdefault(name, one.old)
        if other is not one.old:
            raise Refused(f"{other.name} and {one.old.name} would both be {name} on {node.name}")
        for wanted in node.wiring.fixed_ports(spec, one.old):
            holder = ports.setdefault(msgspec.structs.replace(wanted, port=0), one.old)
            if holder is not one.old:
                raise Refused(
                    f"{holder.name} and {one.old.name} both publish port {wanted.first} "
                    f"on {node.name}"
                )
    store, client = node.machine.images.store, node.machine.images
    layers = [layer for one in found for layer in store.missing_layers(one.image)]
    kept = sum(fleet.node_of(one.old).storage.kept_bytes(one.old) for one in found)
    needed, room = total_bytes(layers) + data_bytes * len(found) + kept, client.room_bytes()
    if needed > room:
        raise Refused(
            f"no space left on device: {node.name} needs {format_bytes(needed)} for what moves, "
            f"{format_bytes(max(0, room))} are free"
        )
