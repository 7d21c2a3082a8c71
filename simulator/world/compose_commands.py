"""Orders to projects of Compose, as data: the project itself is in them, and what it builds.

``machine`` names a host or a virtual machine; None means the current one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.cluster.compose.project import Project
from simulator.cluster.compose.wishes import Images, Wishes
from simulator.world.commands import BuildImage, Command


class ComposeUp(Command, frozen=True, kw_only=True):
    """Make the containers of a project what its files say, and start them.

    ``create`` alone, ``scale``, ``build`` and ``pull`` are parts of it.
    """

    project: Project
    wishes: Wishes = Wishes()
    images: Images = Images()
    builds: Mapping[str, BuildImage] = {}
    """How the images of services are built."""
    operation: str = "up"
    """up, create, scale, build or pull."""
    detach: bool = True
    wait: bool = False
    wait_timeout_s: float | None = None
    attach: tuple[str, ...] = ()
    """Services whose output is shown."""
    prefix: bool = True
    timestamps: bool = False
    abort: str = ""
    """``exit``: all stop when one has ended; ``failure``: when one has failed."""
    exit_code_from: str = ""
    style: str = "tty"
    ignore_pull_failures: bool = False
    machine: str | None = None


class ComposeDown(Command, frozen=True, kw_only=True):
    """Stop and remove what a project has."""

    project: Project
    wishes: Wishes = Wishes()
    volumes: bool = False
    images: str = ""
    """``local``: those without a name of their own; ``all``."""
    whole: bool = True
    """Networks and volumes, too: not only some services."""
    style: str = "tty"
    machine: str | None = None


class ComposeOrder(Command, frozen=True, kw_only=True):
    """An order to the containers of a project that exist.

    ``kind``: start, stop, restart, kill, pause, unpause, rm.
    """

    kind: str
    project: Project
    services: tuple[str, ...] = ()
    timeout_s: float | None = None
    signal: str = "KILL"
    stop: bool = False
    """Before they are removed."""
    alone: bool = False
    """Not also those that are restarted with the services."""
    volumes: bool = False
    wait: bool = False
    wait_timeout_s: float | None = None
    style: str = "tty"
    machine: str | None = None


class ComposeRun(Command, frozen=True, kw_only=True):
    """One more container of a service, for one command."""

    project: Project
    service: str
    name: str = ""
    changes: Mapping[str, Any] = {}
    """Fields of its specification that are other than the service's."""
    images: Images = Images()
    builds: Mapping[str, BuildImage] = {}
    wishes: Wishes = Wishes()
    aliased: bool = False
    ports: bool = False
    detach: bool = False
    style: str = "tty"
    machine: str | None = None

    def __post_init__(self) -> None:
        """Several values are a tuple, as in a specification; JSON has only lists."""
        if any(isinstance(one, list) for one in self.changes.values()):
            changes = {
                key: tuple(one) if isinstance(one, list) else one
                for key, one in self.changes.items()
            }
            msgspec.structs.force_setattr(self, "changes", changes)
