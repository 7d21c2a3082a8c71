"""The past of a world: a ladder of checkpoints, and how an earlier world is had from it.

Seed and commands are everything, so any past can be had again by a replay from time zero. A world
keeps a few copies of itself on its way, so that a replay begins at the nearest one before what is
wanted. How long the world has worked decides when a copy is taken, and nothing else: a replay from
a copy and one from zero give the same history, byte for byte.

Work is measured by the clock on the wall while the world is at it. The clock of the processor would
leave out what others do meanwhile, but asking it takes half a millisecond where a hypervisor keeps
it, which is as long as a quiet second of a small world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, Protocol, Self, TypeVar

from simulator.engine import Simulation
from simulator.engine.checkpoint import Checkpoint, can_copy
from simulator.engine.commands import CommandLog, Logged
from simulator.engine.journal import Block, Entry
from simulator.errors import Refused
from simulator.image.catalogue import Catalogue
from simulator.world.commands import Command

SHARED = (Block, Entry, Logged, Catalogue)
"""Beside values, what never changes though its type does not say so."""
MOST = 8
"""Copies kept."""
MOST_BYTES = 64 << 20
"""Bytes that they may hold together, beside what the world itself holds; a single larger one is
kept alone."""
SHARE = 0.02
"""Of the time that a world works, what copies may take."""
TYPED_SHARE = 0.3
"""Of its work since the last copy, what one before a typed line may take."""
LEAST_S = 0.5
"""Seconds of work that are replayed rather than saved; before a typed line a fifth of that."""
EVERY = 16
"""Instants between two looks at the clock, and commands of which one stands for all."""
EACH_S = 150e-6
"""Seconds that a copy takes for each thing in a world, as long as none has been taken."""


class Replayable(Protocol):
    """What has a past that can be had again: a world."""

    @property
    def sim(self) -> Simulation:
        """Its clock and its journal."""

    @property
    def log(self) -> CommandLog[Command]:
        """The commands that it carried out."""

    @property
    def now(self) -> float:
        """Its simulated time in seconds."""

    @property
    def extent(self) -> int:
        """Things in it: what a copy of it costs grows with."""

    @property
    def history(self) -> History[Any]:
        """Its copies."""

    def blank(self) -> Self:
        """One like it that has carried out nothing yet."""

    def carry_out(self, log: CommandLog[Command], to: float, *, after: int = 0) -> None:
        """Carry out the commands of a log, the first ones left out, and go on to a time."""


W = TypeVar("W", bound=Replayable)


@dataclass(frozen=True, slots=True)
class Rung(Generic[W]):
    """A copy, and where it stands in the history of its world."""

    checkpoint: Checkpoint[W]
    commands: int
    """Commands carried out before it."""
    last: Logged[Command] | None
    spent_s: float
    """Seconds of work that it took to get there."""

    def is_before(self, log: CommandLog[Command], to: float) -> bool:
        """Whether a world with this log came by here on its way to the time ``to``."""
        if self.checkpoint.time > to or self.commands > len(log):
            return False
        return self.last is None or log[self.commands - 1] is self.last


class History(Generic[W]):
    """The copies of one world. They are not part of what is copied."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        """``clock`` tells seconds; it decides when a copy is taken, never what happens."""
        self.rungs: list[Rung[W]] = []
        self.trouble: str | None = None
        """Why this world cannot be copied, if that turned out: then replays begin at zero."""
        self._clock = clock
        self._spent_s = 0.0
        self._since: float | None = None
        self._instants = self._commands = 0
        self._missed = False
        self._each_s = EACH_S
        """Seconds that the last copy took for each thing in it."""

    def __reduce__(self) -> tuple[type[History[W]], tuple[Callable[[], float]]]:
        return History, (self._clock,)

    # --- the clock ------------------------------------------------------------------------------

    def begin(self) -> None:
        """The world begins to work."""
        self._since = self._clock()

    def end(self) -> None:
        """It has stopped: what others do meanwhile is not its own."""
        self._spent_s, self._since = self.spent_s, None

    def before_command(self) -> None:
        """A command is carried out; the clock costs as much as some, so only one in many asks."""
        self._commands += 1
        if self._commands % EVERY == 0:
            self.begin()

    def after_command(self) -> None:
        """It is carried out, or was refused."""
        if self._since is not None and self._commands % EVERY == 0:
            self._spent_s += EVERY * (self._clock() - self._since)
            self._since = None

    @property
    def spent_s(self) -> float:
        """Seconds that this world has worked for, copies left out."""
        running = 0.0 if self._since is None else self._clock() - self._since
        return self._spent_s + running

    # --- taking copies --------------------------------------------------------------------------

    def passing(self, world: W) -> None:
        """An instant is over: now and then, see whether a copy is due."""
        self._instants += 1
        if self._missed or self._instants % EVERY == 0:
            # Where two instants take turns, every sixteenth may always be the one of the two at
            # which something is under way: then the next will do.
            self._missed = not self._consider(world, LEAST_S, SHARE)

    def before_line(self, world: W) -> None:
        """Somebody types a line and may take it back: stay close to it."""
        self._consider(world, LEAST_S / 5, TYPED_SHARE)

    def _consider(self, world: W, least_s: float, share: float) -> bool:
        """Take a copy where one is due; False where one is, but none can be taken now."""
        fresh = self.spent_s - (self.rungs[-1].spent_s if self.rungs else 0.0)
        # A world that grows makes the next copy dearer than the last.
        due = fresh >= max(least_s, self._each_s * world.extent / share)
        if due and self.trouble is None:
            if not can_copy(world.sim):
                return False
            self._take(world)
        return True

    def _take(self, world: W) -> None:
        spent, began = self.spent_s, self._clock()
        try:
            checkpoint = Checkpoint.of(world, world.sim, SHARED)
        except Refused as refusal:
            self.trouble = str(refusal)
            return
        copying_s = self._clock() - began
        self._each_s = copying_s / max(1, world.extent)
        if self._since is not None:
            self._since += copying_s
        log = world.log
        last = log[len(log) - 1] if len(log) else None
        self.rungs.append(Rung(checkpoint, len(log), last, spent))
        self._thin()

    def _thin(self) -> None:
        """Drop what costs a replay the least, measured by how long ago it was."""
        while len(self.rungs) > 1 and (len(self.rungs) > MOST or self._bytes() > MOST_BYTES):
            now = self.rungs[-1].spent_s
            places = [0.0, *(rung.spent_s for rung in self.rungs)]
            gaps = [
                (places[at + 1] - places[at - 1]) / max(1e-9, now - places[at - 1])
                for at in range(1, len(places) - 1)
            ]
            del self.rungs[gaps.index(min(gaps))]

    def _bytes(self) -> int:
        """What the copies hold, and what they alone keep of samples: the newest shares its own."""
        own = sum(rung.checkpoint.size_bytes for rung in self.rungs)
        kept: dict[int, int] = {}
        for rung in self.rungs[:-1]:
            kept.update(rung.checkpoint.shared_arrays)
        for shared in self.rungs[-1].checkpoint.shared_arrays:
            kept.pop(shared, None)
        return own + sum(kept.values())

    # --- going back -----------------------------------------------------------------------------

    def again(self, world: W, log: CommandLog[Command], to: float) -> W:
        """A new world that carried out ``log`` and stands at ``to``, from the nearest copy."""
        rungs = [rung for rung in self.rungs if rung.is_before(log, to)]
        if rungs:
            found, done = rungs[-1].checkpoint.restore(), rungs[-1].commands
            found.history.take_over(rungs, self._each_s)
        else:
            found, done = world.blank(), 0
        found.carry_out(log, to, after=done)
        return found

    def take_over(self, rungs: list[Rung[W]], each_s: float) -> None:
        """Another world with the same past up to the last of these copies goes on from there."""
        self.rungs = rungs
        self._spent_s = rungs[-1].spent_s
        self._each_s = each_s

    def branched(self, world: W) -> W:
        """A world of its own that is as this one is now."""
        if self.trouble is None and can_copy(world.sim):
            twin = Checkpoint.of(world, world.sim, SHARED).restore()
            twin.history.rungs = list(self.rungs)
            twin.history._spent_s = self._spent_s
            return twin
        return self.again(world, world.log, world.now)
