"""What comes of commands on what lies on disks and in registries, as data."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.world.facts import Fact


@dataclass(frozen=True, slots=True)
class ImageGone(Fact):
    """A name of an image is gone, or a layer of it: Untagged or Deleted."""

    action: str
    name: str


@dataclass(frozen=True, slots=True)
class Pruned(Fact):
    """What was removed of a kind, in order, and how many bytes that freed; None: not counted."""

    kind: str
    gone: tuple[str | ImageGone, ...]
    freed_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class CachePruned(Fact):
    """A builder forgot its records."""

    records: int
    freed_bytes: float


@dataclass(frozen=True, slots=True)
class ArchiveSaved(Fact):
    """Images lie in an archive; a push would send ``packed_bytes`` of them."""

    archive: str
    size_bytes: float
    packed_bytes: float


@dataclass(frozen=True, slots=True)
class ImageLoaded(Fact):
    """An image came out of an archive: under a name, or with none (then ``digest``)."""

    name: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FilesCopied(Fact):
    """Files went into a container, or out of it."""

    size_bytes: float
    goal: str


@dataclass(frozen=True, slots=True)
class CopiedUp(Fact):
    """Files of an image were copied whole into the layer of a container that wrote to them."""

    size_bytes: float


@dataclass(frozen=True, slots=True)
class RegistryCollected(Fact):
    """A registry deleted what nobody names: manifests and blobs, by digest."""

    manifests: tuple[str, ...]
    blobs: tuple[str, ...]
    freed_bytes: float


@dataclass(frozen=True, slots=True)
class LoggedIn(Fact):
    """A registry knows a machine's user."""


@dataclass(frozen=True, slots=True)
class LoggedOut(Fact):
    """A registry knows a machine's user no longer, or never did."""

    registry: str
    was_known: bool
