"""Garbage collection of images on a node, by the kubelet's rules.

Thresholds of the image file system start it (85 % by default) and say where to stop (80 %);
images that no container uses go in order of their last use, then of their first detection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.errors import InputError
from simulator.image.store import ImageStore


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image as the collector sees it. ``last_used_s`` is None when no container ever used it."""

    name: str
    size_bytes: int
    last_used_s: float | None = None
    first_seen_s: float = 0.0
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """What a collection did: names in the order of removal, bytes freed and wanted.

    ``enough`` is False when fewer bytes came free than were wanted: the kubelet then reports
    ``FreeDiskSpaceFailed``.
    """

    removed: tuple[str, ...] = ()
    freed_bytes: int = 0
    wanted_bytes: int = 0

    @property
    def enough(self) -> bool:
        """True when as much came free as was wanted."""
        return self.freed_bytes >= self.wanted_bytes


def free_space(
    images: Iterable[Candidate], wanted_bytes: int, now_s: float, min_age_s: float = 0.0
) -> Collection:
    """Choose images to remove until ``wanted_bytes`` are free; whole images, oldest use first."""
    unused = [image for image in images if not image.in_use]
    unused.sort(key=lambda one: (_last_used(one), one.first_seen_s, one.name))
    removed: list[str] = []
    freed = 0
    for image in unused:
        # An image used at or after now was started between detection and collection.
        used_now = image.last_used_s is not None and image.last_used_s >= now_s
        if used_now or now_s - image.first_seen_s < min_age_s:
            continue
        removed.append(image.name)
        freed += image.size_bytes
        if freed >= wanted_bytes:
            break
    return Collection(tuple(removed), freed, wanted_bytes)


def collect(
    images: Iterable[Candidate],
    capacity_bytes: int,
    available_bytes: int,
    *,
    now_s: float = 0.0,
    high_percent: int,
    low_percent: int,
    min_age_s: float = 0.0,
) -> Collection:
    """What the kubelet does about an image file system; nothing below the high threshold."""
    wanted = bytes_to_free(capacity_bytes, available_bytes, high_percent, low_percent)
    if wanted <= 0:
        return Collection()
    return free_space(images, wanted, now_s, min_age_s)


def bytes_to_free(
    capacity_bytes: int, available_bytes: int, high_percent: int, low_percent: int
) -> int:
    """Bytes above the low threshold once the high one is reached, else 0."""
    if not 0 <= low_percent <= high_percent <= 100:
        raise InputError(
            "image thresholds out of order",
            found=f"low {low_percent}, high {high_percent}",
            expected="0 <= low <= high <= 100",
        )
    if capacity_bytes <= 0:
        return 0
    available = min(available_bytes, capacity_bytes)
    usage = 100 - available * 100 // capacity_bytes
    if usage < high_percent:
        return 0
    return capacity_bytes * (100 - low_percent) // 100 - available


def candidates(store: ImageStore) -> list[Candidate]:
    """The images of a store as the collector sees them; sizes as the kubelet reports them."""
    return [
        Candidate(
            stored.image.digest,
            stored.image.size_bytes,
            stored.last_used_s,
            stored.first_seen_s,
            bool(stored.holders),
        )
        for stored in store.images()
    ]


def collect_store(
    store: ImageStore,
    capacity_bytes: int,
    used_elsewhere_bytes: int = 0,
    *,
    now_s: float,
    high_percent: int,
    low_percent: int,
    min_age_s: float,
) -> Collection:
    """Collect the images of a machine's store and really remove them.

    Shared layers stay while another image needs them, so fewer bytes may come free than the
    sizes of the images promise; the bytes reported are the true ones.
    """
    available = capacity_bytes - used_elsewhere_bytes - store.disk_bytes
    chosen = collect(
        candidates(store),
        capacity_bytes,
        available,
        now_s=now_s,
        high_percent=high_percent,
        low_percent=low_percent,
        min_age_s=min_age_s,
    )
    freed = sum(store.delete(digest) for digest in chosen.removed)
    return Collection(chosen.removed, freed, chosen.wanted_bytes)


def _last_used(image: Candidate) -> float:
    return float("-inf") if image.last_used_s is None else image.last_used_s
