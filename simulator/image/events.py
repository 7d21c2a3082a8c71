"""What happens to images, as facts: pulled, pushed, extracted, collected.

``host`` is the machine that pulls or pushes, ``reference`` the name as people type it, ``layer``
the twelve digits of a layer's digest. Bytes are compressed bytes unless the name says unpacked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulator.engine import Event
from simulator.units import format_bytes, format_span


@dataclass(frozen=True, slots=True)
class PullStarted(Event):
    """A machine knows which layers it lacks and begins to fetch them."""

    host: str
    reference: str
    platform: str
    layers: int
    present_layers: int
    wanted_bytes: int

    def sentence(self) -> str:
        """The event in words."""
        return (
            f"{self.host} pulls {self.reference} ({self.platform}): {self.layers} layers, "
            f"{self.present_layers} already here, {format_bytes(self.wanted_bytes)} to fetch"
        )


@dataclass(frozen=True, slots=True)
class LayerDownloaded(Event):
    """All compressed bytes of a layer have arrived."""

    host: str
    layer: str
    transferred_bytes: int
    seconds: float

    def sentence(self) -> str:
        """The event in words."""
        size = format_bytes(self.transferred_bytes)
        return f"{self.host} downloaded layer {self.layer}: {size} in {format_span(self.seconds)}"


@dataclass(frozen=True, slots=True)
class LayerExtracted(Event):
    """A layer is unpacked on disk, after all layers below it."""

    host: str
    layer: str
    unpacked_bytes: int
    seconds: float

    def sentence(self) -> str:
        """The event in words."""
        size = format_bytes(self.unpacked_bytes)
        return f"{self.host} extracted layer {self.layer}: {size} in {format_span(self.seconds)}"


@dataclass(frozen=True, slots=True)
class ImagePulled(Event):
    """An image is ready to run; a lazy one still fetches most of its bytes on demand."""

    _level: ClassVar[str] = "good"

    host: str
    reference: str
    digest: str
    transferred_bytes: int
    seconds: float
    lazy: bool = False

    def sentence(self) -> str:
        """The event in words."""
        how = " lazily" if self.lazy else ""
        return (
            f"{self.host} pulled {self.reference}{how}: {format_bytes(self.transferred_bytes)} "
            f"in {format_span(self.seconds)}"
        )


@dataclass(frozen=True, slots=True)
class PullFailed(Event):
    """A pull was refused or broke off."""

    _level: ClassVar[str] = "bad"

    host: str
    reference: str
    reason: str

    def sentence(self) -> str:
        """The event in words."""
        return f"{self.host} could not pull {self.reference}: {self.reason}"


@dataclass(frozen=True, slots=True)
class PullBackedOff(Event):
    """A pull was skipped because the last failure is too recent."""

    _level: ClassVar[str] = "warn"

    host: str
    reference: str
    remaining_s: float

    def sentence(self) -> str:
        """The event in words."""
        wait = format_span(self.remaining_s)
        return f"{self.host} backs off pulling {self.reference} for another {wait}"


@dataclass(frozen=True, slots=True)
class LayerPushed(Event):
    """A layer is in the registry: ``pushed``, ``exists`` already, or ``mounted`` from elsewhere."""

    host: str
    registry: str
    layer: str
    outcome: str
    transferred_bytes: int
    origin: str = ""

    def sentence(self) -> str:
        """The event in words."""
        said = {
            "pushed": f"uploaded: {format_bytes(self.transferred_bytes)}",
            "exists": "already exists there",
            "mounted": f"mounted from {self.origin}",
        }[self.outcome]
        return f"{self.host} to {self.registry}: layer {self.layer} {said}"


@dataclass(frozen=True, slots=True)
class ImagePushed(Event):
    """A tag in a registry points at an image that was pushed."""

    _level: ClassVar[str] = "good"

    host: str
    reference: str
    digest: str
    transferred_bytes: int
    seconds: float

    def sentence(self) -> str:
        """The event in words."""
        return (
            f"{self.host} pushed {self.reference}: {format_bytes(self.transferred_bytes)} "
            f"in {format_span(self.seconds)}"
        )


@dataclass(frozen=True, slots=True)
class PushFailed(Event):
    """A push was refused or broke off."""

    _level: ClassVar[str] = "bad"

    host: str
    reference: str
    reason: str

    def sentence(self) -> str:
        """The event in words."""
        return f"{self.host} could not push {self.reference}: {self.reason}"


@dataclass(frozen=True, slots=True)
class BlobsCollected(Event):
    """A registry deleted the blobs that no manifest names any more."""

    registry: str
    blobs: int
    freed_bytes: int

    def sentence(self) -> str:
        """The event in words."""
        freed = format_bytes(self.freed_bytes)
        return f"registry {self.registry} deleted {self.blobs} unreferenced blobs: {freed}"


@dataclass(frozen=True, slots=True)
class ImagesCollected(Event):
    """A machine's disk was too full, and unused images were deleted; sizes unpacked."""

    host: str
    images: int
    wanted_bytes: int
    freed_bytes: int

    def sentence(self) -> str:
        """The event in words."""
        enough = "" if self.freed_bytes >= self.wanted_bytes else ", which is not enough"
        return (
            f"{self.host} deleted {self.images} unused images: {format_bytes(self.freed_bytes)} "
            f"of the {format_bytes(self.wanted_bytes)} wanted{enough}"
        )
