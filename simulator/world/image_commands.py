"""Commands on registries, on what images and containers are made of, and on moving them.

Like all commands they are frozen and carry all they need. ``machine`` names a host or a virtual
machine; None means the current one.
"""

from __future__ import annotations

import msgspec

from simulator.world.commands import Command

# --- registries ---------------------------------------------------------------------------------


class CreateRegistry(Command, frozen=True):
    """A registry of one's own. ``uplink_bytes_s`` counts in each direction.

    ``private``: only logged-in users may pull and push. ``region`` is a site such as
    ``aws/us-east-1`` ("" for none: then nobody pays egress). ``pulls`` per ``period_s`` and
    address is the rate limit.
    """

    name: str
    uplink_bytes_s: float = 125e6
    private: bool = False
    users: dict[str, str] = msgspec.field(default_factory=dict)
    region: str = ""
    pulls: float | None = None
    period_s: float = 6 * 3600.0


class RemoveRegistry(Command, frozen=True):
    """Take a registry away, with what is in it."""

    name: str


class ChangeRegistry(Command, frozen=True):
    """Change a registry, the public one included. None leaves a value as it is."""

    name: str
    uplink_bytes_s: float | None = None
    pulls: float | None = None
    period_s: float = 6 * 3600.0
    published_limits: bool = False
    """Those that the public registry has announced, for addresses and for accounts."""
    available: bool | None = None
    users: dict[str, str] = msgspec.field(default_factory=dict)


class CollectRegistry(Command, frozen=True):
    """``registry garbage-collect``: delete the blobs that no manifest names."""

    name: str
    delete_untagged: bool = False


class LogIn(Command, frozen=True):
    """``docker login`` on a machine."""

    registry: str
    user: str
    password: str
    machine: str | None = None


class LogOut(Command, frozen=True):
    """``docker logout`` on a machine."""

    registry: str
    machine: str | None = None


class PushImage(Command, frozen=True):
    """Upload what a registry lacks of an image, and set the tag."""

    reference: str
    machine: str | None = None


# --- images on a machine ------------------------------------------------------------------------


class PruneImages(Command, frozen=True):
    """``docker image prune``: images without a name, or all that no container uses."""

    everything: bool = False
    machine: str | None = None


class PruneBuildCache(Command, frozen=True):
    """``docker builder prune --all``."""

    machine: str | None = None


class PruneContainers(Command, frozen=True):
    """``docker container prune``: containers that do not run."""

    machine: str | None = None


class SaveImages(Command, frozen=True):
    """``docker save``: images as an archive of that name. No real file is written."""

    archive: str
    references: tuple[str, ...]
    machine: str | None = None


class LoadImages(Command, frozen=True):
    """``docker load``: the images of an archive; it travels when it was saved elsewhere."""

    archive: str
    machine: str | None = None


# --- the writable layer -------------------------------------------------------------------------


class CommitContainer(Command, frozen=True):
    """``docker commit``: an image from a container's writable layer."""

    container: str
    reference: str | None = None
    message: str = ""
    changes: tuple[str, ...] = ()


class CopyIntoContainer(Command, frozen=True):
    """``docker cp``: files of (path, bytes), the paths absolute in the container."""

    container: str
    files: tuple[tuple[str, int], ...]
    texts: tuple[tuple[str, str], ...] = ()
    """What small ones say, by path."""
    goal: str = ""
    """Where they go, as it was typed."""


class CopyFromContainer(Command, frozen=True):
    """``docker cp CONTAINER:PATH GOAL``: into a folder of the machine."""

    container: str
    path: str
    goal: str


# --- from place to place ------------------------------------------------------------------------


class MoveService(Command, frozen=True):
    """Move a service, or one container, to another machine by pushing and pulling its image.

    ``registry``: the registry to go through; one at the target's site is made when None.
    """

    name: str
    target: str
    registry: str | None = None
    drain_s: float = 5.0
    data_bytes: int = 0
    """What the service keeps outside its image, and must take along."""
