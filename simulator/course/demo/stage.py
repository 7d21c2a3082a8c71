"""A demonstration under way: which beat it is at, its worlds, what was measured, the votes.

A screen calls ``play(until)`` frame by frame with the simulated time that the frame may reach; a
pipe calls ``finish()``. Going back builds the world anew from its lines, which comes to the same
world. Beside a branch stands the world that it branched from, as it was played.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulator.course.canon import play_script, sight_of
from simulator.course.demo.model import Beat, Demo, Figure, Reveal, Scene
from simulator.course.expression import Value
from simulator.course.judging import Sight
from simulator.course.model import ScriptLine
from simulator.course.player import Player, Typed
from simulator.course.session import Session, SessionFactory, open_session
from simulator.course.template import show
from simulator.errors import InputError, Refused

MAX_COUNT = 100_000
NOT_YET = "-"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with its value as text; ``before`` is that of the original, beside a branch."""

    label: str
    value: str
    before: str = ""


@dataclass(slots=True)
class _Played:
    """A scene that was played: its world, and when it began and ended in it."""

    scene: Scene
    session: Session
    path: tuple[Scene, ...]
    """What had been played in this world before it."""
    began: float
    ended: float | None = None
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A vote beside what happened."""

    ask: str
    options: tuple[str, ...]
    counts: tuple[int, ...]
    right: int
    """Index of the option that came true."""


class Stage:
    """One show. Methods raise ``InputError`` or ``Refused``, with the text to show."""

    def __init__(
        self, demo: Demo, seed: int | None = None, factory: SessionFactory | None = None
    ) -> None:
        self.demo = demo
        self.seed = demo.seed if seed is None else seed
        self.factory = factory or open_session
        self.votes: dict[str, tuple[int, ...]] = {}
        self.index = 0
        self._played: dict[str, _Played] = {}
        self._path: list[Scene] = []
        self._player: Player | None = None
        self._session = self._fresh()

    # --- where it is --------------------------------------------------------------------------

    @property
    def beat(self) -> Beat:
        """The beat that is shown."""
        return self.demo.beats[self.index]

    @property
    def session(self) -> Session:
        """The world as it is now."""
        return self._session

    @property
    def begun(self) -> bool:
        """Whether the scene of this beat plays or has played."""
        scene = self.beat.scene
        return scene is not None and scene.id in self._played

    @property
    def playing(self) -> bool:
        """Whether the scene of this beat is under way."""
        return self._player is not None and not self._player.done

    @property
    def done(self) -> bool:
        """Whether nothing of this beat is left to be played."""
        scene = self.beat.scene
        return scene is None or (scene.id in self._played and not self.playing)

    def next(self) -> bool:
        """Go on to the next beat; what is left of a scene is played. False at the end."""
        if not self.done:
            self.finish()
        if self.index + 1 >= len(self.demo.beats):
            return False
        self.index += 1
        return True

    def back(self) -> bool:
        """Rewind to the beginning of this beat, or of the one before it; False at the start."""
        target = self.index if self.begun else self.index - 1
        if target < 0:
            return False
        self.go(target)
        return True

    def go(self, index: int) -> None:
        """Rewind, or go on, to the beginning of a beat: the world is as it was then."""
        if not 0 <= index < len(self.demo.beats):
            raise InputError("no such beat", found=index + 1, expected=f"1 to {self.demo.beats}")
        self._session, self._played, self._path, self._player = self._fresh(), {}, [], None
        self.index = 0
        while self.index < index:
            self.next()

    # --- what happens -------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin the scene of this beat; Refused where there is none, or it has begun."""
        scene = self.beat.scene
        if scene is None:
            raise Refused("nothing is played at this beat")
        if self.begun:
            raise Refused("this has been played: go back to play it again")
        if scene.of:
            self._session = self._where_began(scene.of)
        elif scene.fresh:
            self._session, self._path = self._fresh(), []
        self._played[scene.id] = _Played(
            scene, self._session, tuple(self._path), self._session.world.now
        )
        session = self._session
        self._player = Player(
            self._script(scene), lambda: session, lambda line: session.execute(line, False)
        )
        self._path.append(scene)

    def play(self, until: float) -> list[Typed]:
        """Play on until a simulated time at the latest; the lines typed, with what they printed."""
        if self._player is None or self._player.done:
            return []
        typed = self._player.play(until)
        if self._player.failed is not None:
            raise InputError(
                f"this line was refused: {self._player.failed}", place=self._player.failed_at
            )
        if self._player.done:
            self._measure()
        return typed

    def finish(self) -> list[Typed]:
        """Play what is left of this beat's scene, begun or not."""
        if self.beat.scene is not None and not self.begun:
            self.begin()
        return self.play(float("inf"))

    def _fresh(self) -> Session:
        session = self.factory(self.seed, self.demo.folder)
        play_script(session, self.demo.setup)
        return session

    def _where_began(self, name: str) -> Session:
        """A new world, as it was when a scene began."""
        session = self._fresh()
        self._path = list(self._played[name].path)
        for scene in self._path:
            play_script(session, self._script(scene))
        return session

    def _script(self, scene: Scene) -> list[ScriptLine]:
        """All lines of a scene, those of the original behind its own."""
        return [*scene.lines, *(self.demo.scene(scene.of).lines if scene.of else ())]

    def _measure(self) -> None:
        """What the scene that has ended came to."""
        scene = self.beat.scene
        assert scene is not None
        played = self._played[scene.id]
        played.ended = played.session.world.now
        sight = self._sight(played)
        played.values = {figure.name: _measured(sight, figure) for figure in scene.figures}

    # --- what is shown ------------------------------------------------------------------------

    def text(self) -> str:
        """The narration of this beat, measured now."""
        return self._here().text(self.beat.say)

    def after(self) -> str:
        """What is said after the scene; empty until it has been played."""
        if self.beat.then is None or not self.done:
            return ""
        return self._here().text(self.beat.then)

    def figures(self) -> list[Shown]:
        """What the scene of this beat came to, beside its original; empty until it is over."""
        scene = self.beat.scene
        if scene is None or not self.done:
            return []
        before = self._played.get(scene.of)
        return [
            Shown(
                one.label,
                show(self._played[scene.id].values[one.name], one.format),
                show(before.values[one.name], one.format) if before is not None else "",
            )
            for one in scene.figures
        ]

    def watched(self) -> list[Shown]:
        """The figures to be watched as they are now, beside the original's at the same moment."""
        scene = self.beat.scene
        mine = self._played.get(scene.id) if scene is not None else None
        before = self._played.get(scene.of) if scene is not None and mine is not None else None
        if mine is None or before is None:
            sight = self._here()
            return [Shown(one.label, _value(one, sight)) for one in self.demo.watch]
        passed = mine.session.world.now - mine.began
        now, then = self._sight(mine), self._sight(before, before.began + passed)
        return [Shown(one.label, _value(one, now), _value(one, then)) for one in self.demo.watch]

    def outcome(self, reveal: Reveal) -> Outcome:
        """A vote beside what happened."""
        vote = self.demo.votes()[reveal.vote]
        sight = self._here()
        right = next((i for i, one in enumerate(reveal.right) if sight.value(one)), None)
        if right is None:
            raise InputError("none of the options came true", place=reveal.place)
        counts = self.votes.get(vote.id, (0,) * len(vote.options))
        return Outcome(vote.ask, vote.options, counts, right)

    def shown_s(self) -> float:
        """Real seconds that the scenes played so far take, each at its own speed."""
        return sum(
            (one.ended - one.began) / one.scene.speed
            for one in self._played.values() if one.ended is not None
        )  # fmt: skip

    def broken_claims(self) -> list[str]:
        """What this beat claims and is not so."""
        sight = self._here()
        return [f"{one.place}: {one.text}" for one in self.beat.claims if not sight.value(one)]

    def count(self, votes: Sequence[int]) -> None:
        """Note the votes of the class, one number an option."""
        vote = self.beat.vote
        if vote is None:
            raise Refused("there is no vote at this beat")
        if len(votes) != len(vote.options) or not all(0 <= one <= MAX_COUNT for one in votes):
            raise InputError("one count for each option", found=" ".join(map(str, votes[:10])),
                             expected=f"{len(vote.options)} numbers")  # fmt: skip
        self.votes[vote.id] = tuple(votes)

    # --- measuring ----------------------------------------------------------------------------

    def _here(self) -> Sight:
        last = next(reversed(self._played.values()), None)
        if last is None or last.session is not self._session:
            return self._look(self._session, 0.0, None)
        return self._sight(last)

    def _sight(self, played: _Played, now: float | None = None) -> Sight:
        return self._look(played.session, played.began, now)

    def _look(self, session: Session, start: float, now: float | None) -> Sight:
        marks = {name: (one.began, one.ended) for name, one in self._played.items()
                 if one.session is session}  # fmt: skip
        values = {f"{name}_{key}": value for name, one in self._played.items()
                  for key, value in one.values.items()}  # fmt: skip
        sight = sight_of(session, marks, start, self.seed)
        at = {} if now is None else {"now": now}
        return Sight(sight.measures, {**sight.variables, **values, **at})


def _measured(sight: Sight, figure: Figure) -> Value:
    """A figure of a scene that has ended; of what never came, such as an answer, it is infinite."""
    try:
        return sight.value(figure.expression)
    except InputError:
        return math.inf


def _value(figure: Figure, sight: Sight) -> str:
    try:
        return show(sight.value(figure.expression), figure.format)
    except InputError:
        return NOT_YET


def read_counts(text: str) -> list[int]:
    """``12 3 0``, as it is typed; InputError where it is no list of numbers."""
    words: Iterable[str] = text.replace(",", " ").split()
    counts = []
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 7):
            raise InputError("a count is a number", found=word, expected="for example 12 3 0")
        counts.append(int(word))
    return counts
