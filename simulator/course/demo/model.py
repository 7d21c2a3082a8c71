"""A demonstration as data: beats with narration, runs, votes; what one YAML file says, frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.course.expression import Expression
from simulator.course.model import ScriptLine
from simulator.course.template import Template
from simulator.errors import Place

WORDS_A_SECOND = 2.5
"""How fast narration is spoken."""
VOTE_S = 40.0
"""How long a class takes to raise its hands, talk, and raise them again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is shown: what it is called, how it is measured, in which format."""

    name: str
    label: str
    expression: Expression
    format: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Typed lines that are played before everybody.

    ``of`` names another scene: then the world is put back to where that one began, ``lines`` are
    typed first, and the lines of the other follow: a branch beside the original.
    """

    id: str
    title: str
    place: Place
    lines: tuple[ScriptLine, ...]
    figures: tuple[Figure, ...]
    of: str = ""
    fresh: bool = False
    """Whether it begins in a world that only the set-up has touched."""
    speed: float = 4.0
    """Simulated seconds in a real one."""


@dataclass(frozen=True, slots=True)
class Vote:
    """A question to the class."""

    id: str
    ask: str
    options: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Reveal:
    """The outcome of a vote: the first option whose expression is true is what happened."""

    vote: str
    right: tuple[Expression, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Beat:
    """One moment of the show: something is said, then something may happen."""

    title: str
    place: Place
    say: Template
    then: Template | None = None
    """Said when the scene has been played."""
    vote: Vote | None = None
    reveal: Reveal | None = None
    scene: Scene | None = None
    claims: tuple[Expression, ...] = ()
    """What must be true after it, so that the narration is."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A whole demonstration."""

    id: str
    title: str
    point: str
    """What it comes to, in a sentence."""
    place: Place
    minutes: int
    seed: int
    setup: tuple[ScriptLine, ...]
    watch: tuple[Figure, ...]
    beats: tuple[Beat, ...]
    folder: Path | None = None
    simplified: str = ""

    def scenes(self) -> Iterator[Scene]:
        """All scenes, in the order of the show."""
        return (beat.scene for beat in self.beats if beat.scene is not None)

    def scene(self, name: str) -> Scene:
        """The scene of this id."""
        return next(one for one in self.scenes() if one.id == name)

    def votes(self) -> dict[str, Vote]:
        """All votes by id."""
        return {beat.vote.id: beat.vote for beat in self.beats if beat.vote is not None}

    def spoken_s(self) -> float:
        """Seconds that the narration takes, votes included, scenes not."""
        texts = [text for beat in self.beats for text in (beat.say, beat.then) if text is not None]
        words = sum(len(text.source.split()) for text in texts)
        return words / WORDS_A_SECOND + VOTE_S * len(self.votes())
