"""Several worlds beside each other: the one that is worked in, and those branched from it.

A branch is a copy of a world at an instant: same seed, same arrivals, until something else is typed
in it. Only one world is worked in; the others are brought to its instant by :meth:`Worlds.level`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from simulator.errors import InputError, Refused
from simulator.tui.ports import SessionPort

NAMES = ("a", "b", "c", "d")
"""Names of worlds in the order in which they are made; there are no more at once."""


@dataclass(slots=True, eq=False)
class Branch:
    """One of the worlds.

    ``since`` is the simulated time at which it left the world called ``of``; the first one left
    none. ``lines`` are what was typed in it since then.
    """

    name: str
    session: SessionPort
    since: float = 0.0
    of: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Its simulated time in seconds."""
        return self.session.world.now


class Worlds:
    """At least one world, of which one is worked in."""

    def __init__(self, session: SessionPort) -> None:
        self._all = [Branch(NAMES[0], session)]
        self.current = self._all[0]

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def others(self) -> list[Branch]:
        """All but the one that is worked in."""
        return [one for one in self._all if one is not self.current]

    def named(self, name: str) -> Branch:
        """A world by its name. Raises ``InputError`` where there is none."""
        for one in self._all:
            if one.name == name:
                return one
        names = ", ".join(one.name for one in self._all)
        raise InputError("no such world", found=name, expected=names)

    def branch(self) -> Branch:
        """A second world that is as this one is now; it is worked in from here on.

        Raises ``Refused`` where there are too many.
        """
        taken = {one.name for one in self._all}
        name = next((one for one in NAMES if one not in taken), None)
        if name is None:
            raise Refused(f"there are {len(NAMES)} worlds, which is the most; close one first")
        old = self.current
        copy = old.session.branch()
        copy.speed, copy.paused = old.session.speed, old.session.paused
        self._all.append(Branch(name, copy, old.now, old.name))
        self._all.sort(key=lambda one: one.name)
        self.current = self.named(name)
        return self.current

    def turn(self, name: str) -> Branch:
        """Work in another world; time passes there as it did here."""
        old, new = self.current, self.named(name)
        new.session.speed, new.session.paused = old.session.speed, old.session.paused
        self.current = new
        return new

    def close(self, name: str) -> None:
        """Forget a world. Raises ``Refused`` for the only one."""
        gone = self.named(name)
        if len(self._all) == 1:
            raise Refused("this is the only world")
        self._all.remove(gone)
        if gone is self.current:
            self.turn_to_first()

    def turn_to_first(self) -> None:
        """Work in the first world there is."""
        self.current = self._all[0]

    def level(
        self,
        keep_going: Callable[[], bool] | None = None,
        script: Sequence[tuple[float, str]] = (),
    ) -> bool:
        """Bring the others to the instant of the one that is worked in, one after another.

        Those that are behind go on, and the script's lines are typed in them on the way; one that
        is ahead stays where it is. False where ``keep_going`` stopped it.
        """
        to = self.current.now
        return all(_go_on(one.session, to, keep_going, script) for one in self.others)


def _go_on(
    session: SessionPort,
    to: float,
    keep_going: Callable[[], bool] | None,
    script: Sequence[tuple[float, str]],
) -> bool:
    for at, line in script:
        if session.world.now < at <= to:
            if not session.advance(at, keep_going):
                return False
            session.execute(line, wait=False)
    reached = session.world.now >= to or session.advance(to, keep_going)
    session.results.clear()  # who typed it works elsewhere now; its journal tells what came of it
    return reached
