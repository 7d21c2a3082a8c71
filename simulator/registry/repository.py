"""What a registry keeps and limits: repositories, pull limits, and the words of its refusals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from simulator.engine.backoff import TokenBucket
from simulator.errors import nearest
from simulator.image.manifests import images_of
from simulator.image.model import Image, Manifest
from simulator.image.reference import Reference


class Upstream(Protocol):
    """Images that a registry serves without having been pushed: a built-in catalogue."""

    def find(self, reference: Reference) -> Manifest | None:
        """What it serves under a reference, if anything."""

    def tags(self, reference: Reference) -> list[str]:
        """Tags of the reference's repository; empty when there is no such repository."""

    def names(self) -> list[str]:
        """Repositories in familiar form, for suggestions."""


class Transfer(Protocol):
    """A pull or a push under way."""

    def cancel(self, reason: str) -> None:
        """Break it off."""


MAX_TAGS = 100_000
BROKEN = "unexpected EOF"
DENIED = "denied: requested access to the resource is denied"
TOO_MANY = (
    "toomanyrequests: You have reached your unauthenticated pull rate limit. "
    "https://www.docker.com/increase-rate-limit"
)
TOO_MANY_KNOWN = (
    "toomanyrequests: You have reached your pull rate limit as '{user}'. "
    "You may increase the limit by upgrading. https://www.docker.com/increase-rate-limit"
)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket per client: ``pulls`` at once at most, refilled over ``period_s``."""

    pulls: float
    period_s: float

    def bucket(self) -> TokenBucket:
        """A full bucket."""
        return TokenBucket(rate_per_s=self.pulls / self.period_s, burst=self.pulls)


@dataclass(slots=True)
class Repository:
    """One name in a registry. An empty ``readers`` set means public."""

    name: str
    tags: dict[str, str] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    blobs: dict[str, None] = field(default_factory=dict)
    readers: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Collected:
    """What garbage collection deleted: digests of blobs and the bytes they took."""

    blobs: tuple[str, ...]
    manifests: tuple[str, ...]
    freed_bytes: int


def by_image(manifests: Iterable[Manifest], digest: str) -> Image | None:
    """The image inside a manifest list that has this digest."""
    for manifest in manifests:
        for image in images_of(manifest):
            if digest in (image.manifest_digest, image.digest):
                return image
    return None


def no_such_tag(reference: Reference, known: list[str]) -> str:
    """The registry's words for an unknown tag, with the nearest one."""
    text = f"manifest for {reference.short()} not found: manifest unknown: manifest unknown"
    close = nearest(reference.tag_or_latest, known)
    return f"{text}; did you mean '{reference.familiar}:{close}'?" if close else text


def drop_untagged(repository: Repository) -> list[str]:
    """Forget the manifests that no tag names; their digests."""
    tagged = set(repository.tags.values())
    gone = [digest for digest in repository.manifests if digest not in tagged]
    for digest in gone:
        del repository.manifests[digest]
    return gone
