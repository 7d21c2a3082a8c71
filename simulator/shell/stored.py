"""Images as the model holds them, for commands that show more of one than a view does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.errors import InputError, Refused
from simulator.image.manifests import images_of
from simulator.image.model import Image, Manifest
from simulator.image.reference import Reference
from simulator.machine.host import Machine
from simulator.shell import lookup

if TYPE_CHECKING:
    from simulator.shell.session import Session


def machine(session: Session, name: str | None) -> Machine:
    """The model's machine of this name, or the current one; Refused where there is none."""
    return session.world.machine(lookup.machine(session.reader, name).name)


def image(session: Session, name: str, on: str | None = None) -> Image:
    """The image that a name or a beginning of an id means on a machine; Refused if none."""
    return machine(session, on).images.store.get(name).image


def manifest(session: Session, name: str, on: str | None = None) -> Manifest:
    """The image or manifest list of a name: what its registry has, where that is what is here."""
    here = machine(session, on)
    store = here.images.store
    try:
        reference = Reference.parse(name)
    except InputError:
        return store.get(name).image
    found = session.world.depot.list_of(here.name, reference)
    if found is not None:
        return found
    stored = store.find(name)
    try:
        served = in_registry(session, reference, here)
    except Refused:
        if stored is None:
            raise
        return stored.image
    same = stored is None or any(one.digest == stored.image.digest for one in images_of(served))
    return served if same or stored is None else stored.image


def in_registry(session: Session, reference: Reference, here: Machine) -> Manifest:
    """What a registry serves under a name, as the machine's user may see it."""
    registry = session.world.fleet.node(here.name).registry(reference, looking=True)
    user = here.images.users.get(registry.name)
    try:
        return registry.look_up(reference.tagged(), user=user)
    except Refused as refusal:
        raise Refused(f"No such image here, and in {registry.name}: {refusal}") from None
