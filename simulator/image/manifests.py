"""What a name in a registry stands for: one image, or a list of them."""

from __future__ import annotations

from simulator.image.model import Image, Index, Manifest


def images_of(manifest: Manifest) -> tuple[Image, ...]:
    """The images behind a manifest: itself, or one for each platform of a list."""
    return manifest.images if isinstance(manifest, Index) else (manifest,)


def manifest_digest(manifest: Manifest) -> str:
    """The digest a registry serves an image or a list under."""
    return manifest.digest if isinstance(manifest, Index) else manifest.manifest_digest
