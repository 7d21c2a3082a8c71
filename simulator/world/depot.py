"""What a world keeps of images outside its machines: registries, archives, lists, bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulator.errors import InputError
from simulator.image.builder import BuildCache
from simulator.image.builder.model import CacheRecord
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext
from simulator.image.model import Image, Index
from simulator.image.reference import Reference
from simulator.machine.host import Parts
from simulator.registry.registries import Registries
from simulator.registry.registry import Registry
from simulator.world.build_facts import LastBuild


@dataclass(frozen=True, slots=True)
class Egress:
    """Bytes that left a site and were charged for. ``time`` in simulated seconds."""

    time: float
    what: str
    size_bytes: float
    usd: float


@dataclass(frozen=True, slots=True)
class Archive:
    """What ``docker save`` wrote: images with their names, and the machine that holds it."""

    name: str
    machine: str
    images: tuple[tuple[Image, tuple[str, ...]], ...]

    @property
    def size_bytes(self) -> int:
        """Every layer once, uncompressed."""
        layers = {
            layer.digest: layer.size_bytes for image, _ in self.images for layer in image.layers
        }
        return sum(layers.values())


class Source(NamedTuple):
    """What an image was built from: a Dockerfile's text and name, and the files beside it."""

    text: str
    name: str
    context: BuildContext


class Depot:
    """Registries by name, archives, and what builders keep by machine: caches, lists, bases."""

    def __init__(self, parts: Parts, hub: Registry, catalogue: Catalogue) -> None:
        self.parts = parts
        self.registries = Registries(hub)
        self.catalogue = catalogue
        """Images that the public registry has."""
        self.caches: dict[str, BuildCache] = {}
        """What builders remember, by machine."""
        self.archives: dict[str, Archive] = {}
        self.lists: dict[str, dict[str, Index]] = {}
        """Multi-platform images: machine, canonical name, list."""
        self.inline: dict[str, tuple[CacheRecord, ...]] = {}
        """Cache records inside images that were built with an inline cache, by image digest."""
        self.foreign: dict[str, dict[str, Image]] = {}
        """Base images for other platforms that builders keep: machine, digest, image."""
        self.builds: dict[str, LastBuild] = {}
        """The newest build of each image, by its digest: what ran, and why."""
        self.sources: dict[str, Source] = {}
        """What was last built under a name, by canonical name, whether it succeeded or not."""
        self.bills: list[Egress] = []

    @property
    def egress_usd(self) -> float:
        """What transfers have cost so far."""
        return sum(one.usd for one in self.bills)

    def charge(self, what: str, size_bytes: float, usd: float) -> None:
        """Note a transfer that somebody pays for; nothing for a free one."""
        if usd > 0:
            self.bills.append(Egress(self.parts.sim.now, what, size_bytes, usd))

    def note(self, reference: Reference) -> str | None:
        """What is to be said of a public image whose tag another one stands in for."""
        home = self.registries.hub
        if reference.digest is not None or not self.registries.means_hub(reference):
            return None
        pushed = home.repositories.get(reference.repository)
        if pushed is not None and reference.tag_or_latest in pushed.tags:
            return None
        return self.catalogue.note(reference)

    def list_of(self, machine: str, reference: Reference) -> Index | None:
        """The manifest list that a name means on a machine, if it means one."""
        return self.lists.get(machine, {}).get(reference.canonical())

    def forget_name(self, machine: str, reference: Reference) -> None:
        """A name means something else from now on."""
        self.lists.get(machine, {}).pop(reference.canonical(), None)

    def copy_name(self, machine: str, source: str, target: Reference) -> None:
        """``docker tag``: the new name means the list that the old one means, if it does."""
        self.forget_name(machine, target)
        try:
            found = self.list_of(machine, Reference.parse(source))
        except InputError:
            return  # an image's id: it means one image
        if found is not None:
            self.lists[machine][target.canonical()] = found
