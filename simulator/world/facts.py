"""What comes of commands, as data: who shows it finds the words (``simulator/shell/wording``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that came about; it never changes."""


Said: TypeAlias = str | Fact
"""A fact, or a text as it is: a name, an identity, what a program in a container printed."""


# --- images that travel -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotHere(Fact):
    """A container's image must be pulled first. ``image``: its short name."""

    image: str


@dataclass(frozen=True, slots=True)
class PullBegan(Fact):
    """A registry is asked for a tag of a repository."""

    tag: str
    repository: str


@dataclass(frozen=True, slots=True)
class PushBegan(Fact):
    """An image goes to ``repository``, the registry's name before it."""

    repository: str


@dataclass(frozen=True, slots=True)
class LayerMoved(Fact):
    """How far a layer is, by its digest; ``moving`` while its bytes are still counted."""

    layer: str
    status: str
    done_bytes: float = 0.0
    total_bytes: float = 0.0
    moving: bool = False


@dataclass(frozen=True, slots=True)
class PullEnded(Fact):
    """An image is here. ``status`` is the daemon's last sentence; ``later_bytes`` follow lazily."""

    digest: str
    status: str
    note: str | None = None
    """What is to be said of the tag: that another one stands in for it."""
    later_bytes: float = 0.0
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class PushEnded(Fact):
    """A registry has an image under a tag; ``size_bytes`` are those of its layers."""

    tag: str
    digest: str
    size_bytes: int


# --- services that move -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MoveStage(Fact):
    """One stage of the move of a container: push, pull, data, start or drain.

    What it was about and where, as far as there was something to do: a reference, or a name and a
    machine.
    """

    container: str
    stage: str
    seconds: float
    what: str = ""
    where: str = ""
    size_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class MoveEnded(Fact):
    """All containers of a service stand on the other machine."""

    seconds: float
    egress_usd: float
