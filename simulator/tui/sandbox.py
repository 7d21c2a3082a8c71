"""A desk without a lesson: one world to begin with, and others that branch from it."""

from __future__ import annotations

from simulator.ports import Outcome
from simulator.tui.ports import SessionPort
from simulator.tui.worlds import Worlds

FOLLOWED_S = 10 * 86_400.0
"""How long logs and the like are followed, in simulated seconds: until one leaves them."""
MOST_LINES = 200
"""Lines of each world that are remembered."""


class Sandbox:
    """A desk at which lines go to the world that is worked in."""

    def __init__(self, session: SessionPort, title: str = "sandbox") -> None:
        session.follow_s = FOLLOWED_S
        self.worlds = Worlds(session)
        self.title = title

    @property
    def session(self) -> SessionPort:
        """The session over the world that is worked in."""
        return self.worlds.current.session

    def execute(self, line: str) -> Outcome:
        """Carry out a line."""
        outcome = self.session.execute(line, wait=False)
        if outcome.error is None:
            lines = self.worlds.current.lines
            lines.append(line)
            del lines[:-MOST_LINES]
        return outcome
