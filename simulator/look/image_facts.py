"""What is shown of images: rows of a store, layers, files of a layer, steps of a build."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.world.build_facts import LastBuild, Planned


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """An image on a machine, or a name of it."""

    key: str
    machine: str
    reference: str
    id: str
    size_bytes: int
    own_bytes: int
    """Bytes of layers that no other image on this machine has."""
    layers: int
    used_by: int
    """Containers that were made of it."""
    built_at: float | None
    """When it was built here, in simulated seconds; None: pulled."""
    since: float


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The images of a machine."""

    key: str
    machine: str
    images: int
    disk_bytes: int
    """Bytes on disk: each layer once."""
    listed_bytes: int
    """The same images if none shared a layer."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image as a whole."""

    reference: str
    machine: str
    platform: str
    size_bytes: int
    efficiency: float
    wasted_bytes: int
    wastes: tuple[tuple[str, int, int], ...]
    """Paths that are stored more than once: path, copies, bytes."""
    built: LastBuild | None


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """A layer of an image, from the bottom."""

    key: str
    number: int
    count: int
    id: str
    size_bytes: int
    image_bytes: int
    added: int
    changed: int
    removed: int
    wasted_bytes: int
    created_by: str
    shared_with: tuple[str, ...]
    """Other images on this machine that have it."""
    step: Planned | None
    """The step that made it, where it was built here."""


@dataclass(frozen=True, slots=True)
class PathFacts:
    """A path of a layer; a folder stands for what is below it."""

    key: str
    name: str
    ends: tuple[bool, ...]
    """For each level down to its own: whether nothing follows on that level."""
    folder: bool
    open: bool
    kind: str
    """added, changed, removed; mixed for folders that hold several."""
    size_bytes: int
    files: int
