"""The images of one machine: tags that move, images, and layers stored once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simulator.errors import InputError, Refused, nearest
from simulator.image.model import Image, Layer
from simulator.image.reference import Reference


@dataclass(slots=True)
class StoredImage:
    """An image on a machine. ``holders`` maps container names to whether they run."""

    image: Image
    first_seen_s: float = 0.0
    last_used_s: float | None = None
    tags: list[str] = field(default_factory=list)
    holders: dict[str, bool] = field(default_factory=dict)

    @property
    def dangling(self) -> bool:
        """True when no tag names the image: `<none>:<none>`."""
        return not self.tags


@dataclass(frozen=True, slots=True)
class Removal:
    """One line of `docker rmi`: ``Untagged: python:3.12`` or ``Deleted: sha256:…``."""

    action: str
    name: str

    def __str__(self) -> str:
        return f"{self.action}: {self.name}"


class ImageStore:
    """What `docker images` lists on one machine. Names are kept in canonical form."""

    def __init__(self) -> None:
        self._images: dict[str, StoredImage] = {}
        self._tags: dict[str, str] = {}
        self._layers: dict[str, tuple[Layer, int]] = {}
        self.disk_bytes = 0
        """Bytes on disk: every layer counted once, however many images use it."""
        self.disk_files = 0
        """Files, folders and links of these layers."""
        self.changed: Callable[[], None] = _nobody
        """Told when what it takes of its disk has changed."""

    def add(
        self, image: Image, reference: Reference | str | None = None, *, now_s: float = 0.0
    ) -> StoredImage:
        """Store an image, with its layers that are missing, and tag it when a name is given."""
        stored = self._images.get(image.digest)
        if stored is None:
            stored = StoredImage(image, now_s)
            self._images[image.digest] = stored
            for layer in _unique(image):
                kept, users = self._layers.get(layer.digest, (layer, 0))
                self._layers[layer.digest] = (kept, users + 1)
                if not users:
                    self._count(layer, 1)
        if reference is not None:
            self._point(_canonical(reference), image.digest)
        return stored

    def tag(self, source: str, target: Reference | str) -> None:
        """Let another name point at an image; a name that pointed elsewhere moves."""
        self._point(_canonical(target), self.get(source).image.digest)

    def untag(self, reference: Reference | str) -> None:
        """Take a name away; the image stays, dangling if that was its last name."""
        name = _canonical(reference)
        digest = self._tags.pop(name, None)
        if digest is None:
            raise Refused(f"No such image: {Reference.parse(str(reference)).short()}")
        self._images[digest].tags.remove(name)

    def get(self, text: Reference | str) -> StoredImage:
        """The image of a name, a digest or the first digits of an image ID; Refused if none."""
        stored = self.find(text)
        if stored is None:
            short = str(text)
            near = nearest(short, [Reference.parse(name).short() for name in self._tags])
            hint = f"; did you mean '{near}'?" if near else ""
            raise Refused(f"No such image: {short}{hint}")
        return stored

    def find(self, text: Reference | str) -> StoredImage | None:
        """As ``get``, or None."""
        if isinstance(text, str):
            bare = text.removeprefix("sha256:").lower()
            if len(bare) >= 4 and not bare.strip("0123456789abcdef"):
                hits = [one for key, one in self._images.items() if key[7:].startswith(bare)]
                if len(hits) == 1:
                    return hits[0]
            try:
                text = Reference.parse(text)
            except InputError:
                return None
        found = self._by_digest(text.digest) if text.digest is not None else None
        digest = self._tags.get(text.canonical())
        return self._images[digest] if digest is not None else found

    def remove(self, text: str, *, force: bool = False, prune: bool = True) -> list[Removal]:
        """What `docker rmi` does: untag, and delete the image when no name is left.

        Refused, in Docker's words, while a container uses it unless forced (never while one
        runs), and for an ID that several repositories name.
        """
        stored = self.get(text)
        by_name = self._name_of(text, stored)
        last = by_name is None or len(stored.tags) <= 1
        if last:
            self._refuse_in_use(text, stored, by_name, force)
        elif by_name is not None:
            self.untag(by_name)
            return [Removal("Untagged", Reference.parse(by_name).short())]
        if by_name is None and len(stored.tags) > 1 and not force:
            raise Refused(
                f"conflict: unable to delete {stored.image.id} (must be forced) - "
                "image is referenced in multiple repositories"
            )
        names = [by_name] if by_name is not None else list(stored.tags)
        lines = [Removal("Untagged", Reference.parse(name).short()) for name in names]
        for name in names:
            self.untag(name)
        if stored.holders or not prune:
            return lines
        return lines + self._delete(stored)

    def acquire(
        self, digest: str, holder: str, *, running: bool = False, now_s: float = 0.0
    ) -> None:
        """Note that a container uses an image, and whether it runs; call again to change that."""
        stored = self._images[digest]
        stored.holders[holder] = running
        stored.last_used_s = now_s

    def release(self, digest: str, holder: str, *, now_s: float = 0.0) -> None:
        """Note that a container was removed."""
        stored = self._images.get(digest)
        if stored is not None and stored.holders.pop(holder, None) is not None:
            stored.last_used_s = now_s

    def held(self, digest: str) -> StoredImage | None:
        """The image of a digest, as its own name says it; None where it is not here."""
        return self._images.get(digest)

    def images(self) -> list[StoredImage]:
        """All images, newest first, then by digest."""
        return sorted(self._images.values(), key=lambda one: (-one.first_seen_s, one.image.digest))

    def names(self) -> dict[str, str]:
        """Canonical name to image digest, sorted by name."""
        return dict(sorted(self._tags.items()))

    def dangling(self) -> list[StoredImage]:
        """Images without a name."""
        return [one for one in self.images() if one.dangling]

    def prune(self, *, everything: bool = False) -> list[Removal]:
        """`docker image prune [--all]`: dangling (or all) images that no container uses."""
        lines: list[Removal] = []
        for stored in self.images():
            if stored.holders or (stored.tags and not everything):
                continue
            for name in list(stored.tags):
                self.untag(name)
                lines.append(Removal("Untagged", Reference.parse(name).short()))
            lines.extend(self._delete(stored))
        return lines

    def delete(self, digest: str) -> int:
        """Remove an image with all its names, whoever uses it; the bytes that came free."""
        stored = self._images[digest]
        before = self.disk_bytes
        for name in list(stored.tags):
            self.untag(name)
        self._delete(stored)
        return before - self.disk_bytes

    def has_layer(self, digest: str) -> bool:
        """True when a layer is on disk."""
        return digest in self._layers

    def missing_layers(self, image: Image) -> list[Layer]:
        """The layers that a pull must download, in order, each once."""
        return [layer for layer in _unique(image) if layer.digest not in self._layers]

    @property
    def layers(self) -> list[Layer]:
        """Every layer on disk, once."""
        return [layer for layer, _ in self._layers.values()]

    def unique_bytes(self, digest: str) -> int:
        """Bytes that deleting this image would free."""
        layers = _unique(self._images[digest].image)
        return sum(one.size_bytes for one in layers if self._layers[one.digest][1] == 1)

    def reclaimable_bytes(self) -> int:
        """Bytes of layers that only images without containers use."""
        used = {
            layer.digest
            for one in self._images.values()
            if one.holders
            for layer in one.image.layers
        }
        return sum(one.size_bytes for one, _ in self._layers.values() if one.digest not in used)

    def _point(self, name: str, digest: str) -> None:
        before = self._tags.get(name)
        if before == digest:
            return
        if before is not None:
            self._images[before].tags.remove(name)
        self._tags[name] = digest
        self._images[digest].tags.append(name)

    def _by_digest(self, digest: str) -> StoredImage | None:
        for stored in self._images.values():
            if digest in (stored.image.digest, stored.image.manifest_digest):
                return stored
        return None

    def _name_of(self, text: str, stored: StoredImage) -> str | None:
        """The tag that the text names, or None when it is an ID or a digest."""
        try:
            name = Reference.parse(text).canonical()
        except InputError:
            return None
        return name if name in stored.tags else None

    def _refuse_in_use(
        self, text: str, stored: StoredImage, by_name: str | None, force: bool
    ) -> None:
        running = sorted(name for name, runs in stored.holders.items() if runs)
        if running and (by_name is None or not force):
            how = "cannot be forced" if by_name is None else "must force"
            raise Refused(
                f"conflict: unable to remove {text} ({how}) - container {running[0]} "
                f"is using its referenced image {stored.image.id}"
            )
        if stored.holders and not force:
            raise Refused(
                f"conflict: unable to remove {text} (must force) - container "
                f"{min(stored.holders)} is using its referenced image {stored.image.id}"
            )

    def _delete(self, stored: StoredImage) -> list[Removal]:
        del self._images[stored.image.digest]
        lines = [Removal("Deleted", stored.image.digest)]
        for layer in reversed(_unique(stored.image)):
            kept, users = self._layers.pop(layer.digest)
            if users > 1:
                self._layers[layer.digest] = (kept, users - 1)
            else:
                lines.append(Removal("Deleted", layer.digest))
                self._count(kept, -1)
        return lines

    def _count(self, layer: Layer, sign: int) -> None:
        self.disk_bytes += sign * layer.size_bytes
        self.disk_files += sign * layer.inodes
        self.changed()


def _nobody() -> None:
    """Nobody wants to know."""


def _unique(image: Image) -> list[Layer]:
    return list({layer.digest: layer for layer in image.layers}.values())


def _canonical(reference: Reference | str) -> str:
    parsed = Reference.parse(reference) if isinstance(reference, str) else reference
    return parsed.canonical()


def total_bytes(layers: Iterable[Layer]) -> int:
    """Uncompressed bytes of layers, each counted once."""
    return sum({layer.digest: layer.size_bytes for layer in layers}.values())
