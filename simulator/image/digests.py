"""Content addresses: sha256 over a canonical text, as registries name blobs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def sha256_of(data: bytes) -> str:
    """The digest ``sha256:<64 hex>`` of some bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(*parts: object) -> str:
    """One digest for a sequence of plain values; parts cannot run into each other."""
    return digest_of_all(parts)


def digest_of_all(parts: Iterable[object]) -> str:
    """As ``digest_of``, for an iterable: each part is written with its length in front."""
    running = hashlib.sha256()
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        running.update(b"%d:" % len(data))
        running.update(data)
    return "sha256:" + running.hexdigest()


def short(digest: str, length: int = 12) -> str:
    """The first hex digits of a digest, as `docker images` prints them."""
    return digest.partition(":")[2][:length] if ":" in digest else digest[:length]
