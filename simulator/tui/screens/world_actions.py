"""What if from here: branches of the world, and which of them is worked in."""

from __future__ import annotations

from simulator.errors import InputError, Refused
from simulator.tui.screens.time_actions import TimeActions
from simulator.tui.widgets.bars import time_text
from simulator.tui.worlds import Worlds

BRANCH, WORLD = "branch", "world"
LEVEL_S = 0.03
"""Wall seconds a frame in which worlds that are not worked in may catch up."""


class WorldActions(TimeActions):
    """Actions on worlds beside each other."""

    @property
    def worlds(self) -> Worlds | None:
        """The worlds of this desk; None where there is but one, as in a lesson."""
        worlds = getattr(self.driver.desk, "worlds", None)
        return worlds if isinstance(worlds, Worlds) else None

    def action_branch(self) -> None:
        """A second world from here on, in which one tries something else."""
        with self.reporting():
            self._branch()
        self.look()

    def action_next_world(self) -> None:
        """Work in the next of the worlds."""
        worlds = self.worlds
        if worlds is None or len(worlds) == 1:
            self.flash("there is one world; b branches what if from here")
            return
        names = [one.name for one in worlds]
        self.turn_to_world(names[(names.index(worlds.current.name) + 1) % len(names)])

    def goes_to_world(self, line: str) -> bool:
        """Do what ``branch``, ``world b`` or ``world b close`` asks; False for other lines."""
        words = line.split()
        if not words or words[0] not in (BRANCH, WORLD) or self.driver.session.prompt is not None:
            return False
        self.driver.say("typed", line)
        with self.reporting():
            match words[1:]:
                case [] if words[0] == BRANCH:
                    self._branch()
                case [] if words[0] == WORLD:
                    self._tell_of_worlds()
                case [name] if words[0] == WORLD:
                    self.turn_to_world(name)
                case [name, "close"] if words[0] == WORLD:
                    self._close_world(name)
                case _:
                    raise InputError(
                        "bad words", found=line, expected="branch, world, world b, world b close"
                    )
        return True

    def _branch(self) -> None:
        if self.worlds is None:
            raise Refused("a lesson has one world; 'what-if 1m LINE' compares within it")
        new = self.worlds.branch()
        self._arrive_in_world()
        self.driver.say(
            "note",
            f"this is world {new.name}, as {new.of} is at {time_text(new.since)}: what you type "
            f"happens here only; B turns to the other",
        )

    def turn_to_world(self, name: str) -> None:
        """Work in another world."""
        if self.worlds is None:
            raise Refused("a lesson has one world")
        if self.driver.job is not None:
            self.driver.leave()
        self.worlds.turn(name)
        self._arrive_in_world()
        self.look()

    def _close_world(self, name: str) -> None:
        if self.worlds is None:
            raise Refused("a lesson has one world")
        self.worlds.close(name)
        self._arrive_in_world()
        self.driver.say("note", f"world {name} is closed; this is {self.worlds.current.name}")

    def _tell_of_worlds(self) -> None:
        for one in self.worlds or ():
            left = f", left {one.of} at {time_text(one.since)}" if one.of else ""
            typed = f", {len(one.lines)} lines typed" if one.lines else ""
            self.driver.say("out", f"{one.name}  at {time_text(one.now)}{left}{typed}")

    def _arrive_in_world(self) -> None:
        """Another world is on the screen: nothing of the one before it stays."""
        self.rewind_to = None
        self.driver.replayed()
        self.events.forget()
        reader = self.driver.session.reader
        if self.map.root is not None and self.map.root not in reader.outline():
            self.map.drill(None)
        self.world_word = self._world_word()

    def _world_word(self) -> str:
        worlds = self.worlds
        return f"world {worlds.current.name}" if worlds is not None and len(worlds) > 1 else ""

    def tick(self) -> None:
        """One frame; worlds beside this one go on as far as time allows."""
        super().tick()
        worlds = self.worlds
        if worlds is None or len(worlds) == 1 or self.replaying:
            return
        until = self.driver.clock() + LEVEL_S
        worlds.level(lambda: self.driver.clock() < until, self.driver.script)
