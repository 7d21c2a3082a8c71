"""What can be done to volumes, as data."""

from __future__ import annotations

from simulator.world.commands import Command


class CreateVolume(Command, frozen=True):
    """``docker volume create``; nothing happens to one that is there."""

    name: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    machine: str | None = None


class RemoveVolume(Command, frozen=True):
    """``docker volume rm``: a volume that no container has, and all that is in it."""

    name: str
    machine: str | None = None


class PruneVolumes(Command, frozen=True):
    """``docker volume prune``: anonymous volumes that no container has, or all such."""

    everything: bool = False
    machine: str | None = None
