"""How a person wants a project brought to what its files say."""

from __future__ import annotations

import msgspec


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How containers are brought to what is wanted."""

    named: tuple[str, ...] = ()
    """Services that were asked for; nothing: all."""
    recreate: str = "diverged"
    """diverged, force or never, for those."""
    recreate_dependencies: str = "diverged"
    timeout_s: float | None = None
    renew_volumes: bool = False
    """New anonymous volumes instead of those of the container before."""
    remove_orphans: bool = False
    ignore_orphans: bool = False
    assume_yes: bool = False
    """Whether what the tool asks is answered with yes: volumes are made anew, and lose what is in
    them."""


class Images(msgspec.Struct, frozen=True, kw_only=True):
    """Where images come from before containers are made."""

    pull: str = ""
    """always, missing, never; nothing: as each service says."""
    build: str = ""
    """``always`` or ``never``; nothing: where the image is not there."""
    quiet: bool = False
