"""Measures of images, builds, and files in containers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulator.errors import InputError, unknown
from simulator.image.builder.cache import looks_secret
from simulator.image.builder.findings import find_in_files
from simulator.image.model import Image, Manifest
from simulator.image.reference import Reference
from simulator.look.finding import Finder
from simulator.look.from_model import images
from simulator.node.portability import on_machine
from simulator.world.events import ImageBuilt

if TYPE_CHECKING:
    from simulator.world.world import World

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")


class ImageMeasures:
    """Functions over the images of one world; sizes in bytes, times in seconds."""

    _world: World

    def image_size(self, reference: str) -> int:
        """Size in bytes of an image on the current machine."""
        return self._image(reference).size_bytes

    def image_layers(self, reference: str) -> int:
        """How many layers an image has."""
        return len(self._image(reference).layers)

    def image_exists(self, reference: str) -> bool:
        """Whether an image is on a host."""
        tag = reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"
        rows = (row for host in self._world.hosts() for row in images(host))
        return any(row.reference == tag for row in rows)

    def secrets(self, reference: str) -> int:
        """Secrets that anybody who has an image can read: in layers, settings and history."""
        image = self._image(reference)
        found = sum(len(find_in_files(layer, 0)) for layer in image.layers)
        found += sum(looks_secret(name) for name in image.config.environment)
        for line in image.history:
            if line.created_by.startswith(("RUN |", "ARG ")):
                names = _ASSIGNED.findall(line.created_by.partition(" /bin/")[0])
                found += sum(looks_secret(name) for name in dict.fromkeys(names))
        return found

    def file_exists(self, container: str, path: str) -> bool:
        """Whether a path is there in a container, its volumes included."""
        called = Finder(self._world).containers(container, None)
        if not called:
            raise unknown("container", container, list(self._world.containers))
        node = self._world.fleet.node_of(called[0])
        return bool(node.storage.files(called[0]).exists(path))

    def image_has(self, reference: str, path: str) -> bool:
        """Whether a path can be seen in an image: what a later layer removed cannot."""
        from simulator.image.union import FileSystem

        return FileSystem(self._image(reference).layers).exists(path)

    def verdict(self, image: str, machine: str) -> str:
        """Whether an image runs on a machine: ``native``, ``emulated`` or ``refused``."""
        machines = self._world.machines
        if machine not in machines:
            raise unknown("machine", machine, machines)
        return on_machine(machines[machine], self._manifest(image)).runs

    # --- builds -----------------------------------------------------------------------------------

    def cached_steps(self, reference: str) -> int:
        """Cached steps of the newest build of an image; -1 when it was never built."""
        event = self._newest(reference)
        return -1 if event is None else event.cached

    def rebuilt_steps(self, reference: str) -> int:
        """Steps of the newest build of an image that were carried out."""
        event = self._build(reference)
        return event.steps - event.cached

    def build_seconds(self, reference: str) -> float:
        """How long the newest build of an image took, pulls included."""
        return self._build(reference).seconds

    def builds(self, reference: str) -> int:
        """How often an image was built so far."""
        return len(self._builds(reference))

    def _build(self, reference: str) -> ImageBuilt:
        event = self._newest(reference)
        if event is None:
            raise InputError("this image was not built yet", found=reference)
        return event

    def _newest(self, reference: str) -> ImageBuilt | None:
        return next(reversed(self._builds(reference)), None)

    def _builds(self, reference: str) -> list[ImageBuilt]:
        """Oldest first."""
        names = (reference, f"{reference}:latest", reference.removesuffix(":latest"))
        events = (entry.event for entry in self._world.journal)
        return [one for one in events if isinstance(one, ImageBuilt) and one.subject in names]

    # --- finding ----------------------------------------------------------------------------------

    def _image(self, reference: str) -> Image:
        """The image of a name on the current machine, or on the first that has it."""
        world = self._world
        here = [world.machine(None)] if world.current_machine else []
        for machine in [*here, *world.hosts()]:
            stored = machine.images.store.find(reference)
            if stored is not None:
                return stored.image
        raise InputError("no machine has this image (yet)", found=reference)

    def _manifest(self, name: str) -> Manifest:
        """What the registry of an image has, where one has it; else the image that is here."""
        world, reference = self._world, Reference.parse(name)
        if world.depot.registries.has(reference):
            kept = world.depot.registries.of(reference).repositories.get(reference.repository)
            pushed = kept and kept.manifests.get(kept.tags.get(reference.tag_or_latest, ""))
            if pushed:
                return pushed
        if world.current_machine:
            found = world.depot.list_of(world.current_machine, reference)
            if found is not None:
                return found
        return self._image(name)
