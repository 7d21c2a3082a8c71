"""Images of all machines, the layers of one, the files of a layer, and how it was built."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from simulator.errors import Refused, unknown
from simulator.image.explore import ADDED, CHANGED, REMOVED, Exploration, explore
from simulator.image.model import Image
from simulator.image.reference import Reference
from simulator.image.store import ImageStore, StoredImage
from simulator.look.image_facts import ImageFacts, LayerFacts, StoredFacts, StoreFacts
from simulator.look.layer_tree import Folders
from simulator.look.pages import Listing, Place, keep
from simulator.world.build_facts import LastBuild, Planned

if TYPE_CHECKING:
    from simulator.world.world import World

NO_NAME = "<none>:<none>"
MOST_SHARERS = 6
MOST_WASTES = 12

_exploration = lru_cache(maxsize=4)(explore)
"""An image never changes; whoever scrolls through its layers asks again and again."""


# --- all of them ----------------------------------------------------------------------------------


def stores(world: World, place: Place) -> Listing:
    """What each machine has."""
    keys = [f"store/{name}" for name in world.machines]
    return Listing(keep(keys, place.filter), partial(_store, world))


def _store(world: World, key: str) -> StoreFacts | None:
    machine = world.machines.get(key.partition("/")[2])
    if machine is None:
        return None
    store = machine.images.store
    found = store.images()
    listed = sum(one.image.size_bytes for one in found)
    return StoreFacts(key, machine.name, len(found), store.disk_bytes, listed)


def images(world: World, place: Place) -> Listing:
    """The images of the machine ``within``: newest first, each once a name."""
    if place.within not in world.machines:
        raise unknown("machine", place.within, world.machines)
    keys = keep(_names(world, place.within), place.filter)
    head = _store(world, f"store/{place.within}")
    return Listing(keys, partial(_stored, world), head, (f"on {place.within}",))


def _names(world: World, machine: str) -> list[str]:
    """Keys of what a machine has: ``image/MACHINE/DIGEST REFERENCE``."""
    return [
        f"image/{machine}/{one.image.digest} {name}"
        for one in world.machines[machine].images.store.images()
        for name in [Reference.parse(tag).short() for tag in one.tags] or [NO_NAME]
    ]


def _parts(key: str) -> tuple[str, str, str]:
    """Machine, digest and reference of a key."""
    rest, _, reference = key.partition("/")[2].partition(" ")
    machine, _, digest = rest.rpartition("/")
    return machine, digest, reference


def _find(world: World, key: str) -> tuple[ImageStore, StoredImage]:
    machine, digest, reference = _parts(key)
    store = world.machines[machine].images.store if machine in world.machines else None
    found = store.find(digest.removeprefix("sha256:")) if store is not None else None
    if store is None or found is None:
        raise Refused(f"No such image: {reference}")
    return store, found


def _stored(world: World, key: str) -> StoredFacts | None:
    try:
        store, found = _find(world, key)
    except Refused:
        return None
    machine, _, reference = _parts(key)
    image = found.image
    own = store.unique_bytes(image.digest)
    built = world.depot.builds.get(image.digest)
    return StoredFacts(
        key, machine, reference, image.id, image.size_bytes, own, len(image.layers),
        len(found.holders), built.at_s if built is not None else None, found.first_seen_s,
    )  # fmt: skip


# --- one of them ----------------------------------------------------------------------------------


def layers(world: World, place: Place) -> Listing:
    """The layers of the image with the key ``within``, from the bottom."""
    store, found = _find(world, place.within)
    explored, built = _exploration(found.image), world.depot.builds.get(found.image.digest)
    keys = [f"layer/{number}" for number in range(1, len(explored.layers) + 1)]
    keys = ["build/", *keys] if built is not None else keys
    head = _head(place.within, found.image, explored, built)
    row = partial(_layer, store, found, explored, _made_by(built))
    words = partial(_words, explored)
    return Listing(keep(keys, place.filter, words), row, head, _crumbs(place.within))


def _words(explored: Exploration, key: str) -> str:
    return explored.layers[int(key[6:]) - 1].created_by if key[6:] else key


def _crumbs(key: str) -> tuple[str, ...]:
    machine, _, reference = _parts(key)
    return (f"on {machine}", reference)


def _head(key: str, image: Image, found: Exploration, built: LastBuild | None) -> ImageFacts:
    machine, _, reference = _parts(key)
    wastes = tuple((one.path, one.copies, one.size_bytes) for one in found.wastes[:MOST_WASTES])
    return ImageFacts(
        reference, machine, str(image.platform), found.size_bytes, found.efficiency,
        found.wasted_bytes, wastes, built,
    )  # fmt: skip


def _made_by(built: LastBuild | None) -> dict[str, Planned]:
    """The step that made each layer, by digest; those of the base image have none."""
    graph = built.graph if built is not None else ()
    return {one.layer: one for one in graph if one.layer}


def _layer(
    store: ImageStore, stored: StoredImage, found: Exploration, made: dict[str, Planned], key: str
) -> LayerFacts | str:
    if key == "build/":
        return key
    number = int(key.rpartition("/")[2])
    one = found.layers[number - 1]
    sharing = [
        name
        for other in store.images()
        if other is not stored and any(each.digest == one.digest for each in other.image.layers)
        for name in [Reference.parse(tag).short() for tag in other.tags] or [NO_NAME]
    ]
    counts = Counter({kind: one.count(kind) for kind in (ADDED, CHANGED, REMOVED)})
    return LayerFacts(
        key, number, len(found.layers), one.digest.partition(":")[2][:12], one.size_bytes,
        max(1, found.size_bytes), counts[ADDED], counts[CHANGED], counts[REMOVED],
        one.wasted_bytes, " ".join(one.created_by.removesuffix("# buildkit").split()),
        tuple(sharing[:MOST_SHARERS]), made.get(one.digest),
    )  # fmt: skip


def files(world: World, place: Place) -> Listing:
    """The tree of a layer: ``within`` is the image's key, then ``|`` and the layer's number."""
    key, _, number = place.within.rpartition("|")
    _, found = _find(world, key)
    explored = _exploration(found.image)
    at = int(number) if number.isdigit() and 1 <= int(number) <= len(explored.layers) else 1
    tree = Folders(explored.layers[at - 1].changes, place.opened)
    keys = tree.matching(place.filter) if place.filter else tree.keys
    crumbs = (*_crumbs(key), f"layer {at} of {len(explored.layers)}")
    return Listing(keys, tree.row, explored.layers[at - 1], crumbs)


def build(world: World, place: Place) -> Listing:
    """The graph of the newest build of an image."""
    _, found = _find(world, place.within)
    built = world.depot.builds.get(found.image.digest)
    steps = built.graph if built is not None else ()
    rows = {f"step/{number}": (number, one) for number, one in enumerate(steps)}
    return Listing(list(rows), rows.__getitem__, built, (*_crumbs(place.within), "build"))
