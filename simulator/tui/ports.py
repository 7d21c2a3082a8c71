"""What the front end needs of a session and of a world, and nothing more.

The real ones are ``simulator.shell.Session`` and ``simulator.world.World``; tests bring others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from simulator.ports import Outcome, Prompt
from simulator.shell.contexts import Context

if TYPE_CHECKING:
    from simulator.look.answers import BusyContainer, Totals, TreeRow
    from simulator.look.cluster_facts import ClusterFacts, View
    from simulator.look.pages import Page, Place
    from simulator.look.swarm_facts import SwarmFacts
    from simulator.look.views import EventView, SeriesView, ServiceView


class WorldPort(Protocol):
    """A world that can be advanced and looked at."""

    @property
    def now(self) -> float:
        """Simulated seconds."""

    @property
    def seed(self) -> int:
        """The seed that, with the commands, is the whole history."""

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Go to an absolute simulated time; False when stopped earlier."""

    def step(self) -> bool:
        """Go to the next instant at which something happens."""

    def logs(self, container: str) -> list[tuple[float, str]]:
        """What a container wrote, with its times."""


class ReaderPort(Protocol):
    """Whoever looks at a world."""

    @property
    def event_count(self) -> int:
        """How many events there were."""

    @property
    def current_machine(self) -> str | None:
        """The machine that docker talks to."""

    def totals(self) -> Totals:
        """How much there is of everything."""

    def outline(self, root: str | None = None, text: str = "") -> Sequence[str]:
        """Keys of the rows of the map at and below one, of those that contain a text."""

    def rows(
        self, first: int, count: int, root: str | None = None, text: str = ""
    ) -> tuple[TreeRow, ...]:
        """Some of these rows."""

    def cluster(self, view: View, first: int, count: int) -> ClusterFacts | SwarmFacts | None:
        """What is shown of a cluster; None where there is none."""

    def page(self, place: Place, first: int, count: int) -> Page:
        """What is shown of kernels or images; an error where it is gone."""

    def way(self, key: str) -> list[str]:
        """The machines down to one, in words."""

    def services(self) -> tuple[ServiceView, ...]:
        """All services."""

    def busiest(self, service: str | None, count: int) -> tuple[BusyContainer, ...]:
        """Containers worth a curve."""

    def kind_of(self, name: str) -> str:
        """What bears a name: service, container, host or vm."""

    def series(
        self, names: Iterable[str], points: int = 120, since: float = 0.0
    ) -> Mapping[str, SeriesView]:
        """Recorded series after a time, thinned."""

    def events(self, last: int = 200, after: int = -1) -> tuple[EventView, ...]:
        """The newest events, of those numbered higher than ``after``."""

    def explain(self, name: str) -> list[str]:
        """Why is it so? Lines about a thing by name."""


class CompletionPort(Protocol):
    """A word that could stand at the cursor."""

    @property
    def text(self) -> str:
        """The word."""

    @property
    def start(self) -> int:
        """It replaces the line from here to the cursor."""

    @property
    def help(self) -> str:
        """What it means, in a few words."""


class SessionPort(Prompt, Protocol):
    """Typed lines against a world; undo and rewind replace the world."""

    speed: float
    follow_s: float
    paused: bool
    ended: bool
    cleared: bool
    kube: Context
    """Which cluster kubectl speaks to."""

    @property
    def world(self) -> WorldPort:
        """The world as it is now."""

    @property
    def reader(self) -> ReaderPort:
        """Who looks at the world as it is now."""

    @property
    def prompt(self) -> str | None:
        """What a program inside a container shows to who types at it; None where nobody does."""

    def complete(self, line: str, cursor: int) -> Sequence[CompletionPort]:
        """Words that could stand at the cursor."""

    def poll(self) -> list[Any]:
        """Go on with lines whose jobs are done."""

    def branch(self) -> SessionPort:
        """A session over a copy of the world as it is now."""


class DeskPort(Protocol):
    """Where a person sits: a session, and what typing at it means (a lesson notes attempts)."""

    @property
    def session(self) -> SessionPort:
        """The session as it is now; a lesson replaces it when it starts a fresh world."""

    def execute(self, line: str) -> Outcome:
        """Carry out a line that the person typed."""


class PlaybackPort(Protocol):
    """Lines that type themselves, each when its time has come or the prompt is back."""

    @property
    def done(self) -> bool:
        """Whether all have been typed and have ended."""

    @property
    def failed(self) -> str | None:
        """The error at which it stopped."""

    @property
    def next_line(self) -> str | None:
        """What will be typed next."""

    def play(self, until: float) -> Sequence[tuple[str, Outcome]]:
        """Go on, at most to a simulated time; lines typed meanwhile and what they answered."""

    def stop(self) -> None:
        """Leave the rest untyped."""
