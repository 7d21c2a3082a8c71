"""What containers are called: by their daemon, and in a world of many daemons.

A name is a daemon's own: two of them may each have a ``web``. In a world a container is called so
as well, unless another is already; then it is called ``machine/name``, and for as long as it has
that name. So every container has one name that no other has, which commands, events and series
carry, and people may say the short one wherever it is clear whom they mean.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.errors import Refused, nearest
from simulator.machine.container import Container
from simulator.machine.host import Machine


class Roster:
    """All containers of a world, by what they are called in it and by what their daemons say."""

    def __init__(self) -> None:
        self.containers: dict[str, Container] = {}
        """By what each is called in the world, in the order of creation."""
        self._short: dict[str, dict[str, Container]] = {}
        """By what daemons call them, then by machine."""

    def title(self, name: str, machine: Machine) -> str:
        """What a container is called that a machine's daemon calls ``name``."""
        return f"{machine.name}/{name}" if name in self.containers else name

    def add(self, container: Container) -> None:
        """One more."""
        self.containers[container.name] = container
        self._short.setdefault(container.local_name, {})[container.daemon.name] = container

    def drop(self, container: Container, name: str, local_name: str) -> None:
        """One less, of these names."""
        del self.containers[name]
        same = self._short[local_name]
        del same[container.daemon.name]
        if not same:
            del self._short[local_name]

    def called(self, word: str, here: str | None = None) -> list[Container]:
        """Those whom a name means: on the machine ``here`` if one is there, else everywhere."""
        same = self._short.get(word, {})
        if here is not None and here in same:
            return [same[here]]
        if same:
            return list(same.values())
        machine, slash, name = word.rpartition("/")
        found = self._short.get(name, {}).get(machine) if slash else None
        return [] if found is None else [found]

    def get(self, word: str) -> Container:
        """The container that a command means: by name, or by an id or what an id begins with."""
        found = self.containers.get(word)
        hits = [found] if found is not None else self.called(word)
        if not hits and word:
            hits = [one for one in self.containers.values() if one.id.startswith(word)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise ambiguous(word, hits)
        raise Refused(no_such("container", word, self.containers))


def ambiguous(word: str, found: Iterable[Container]) -> Refused:
    """The refusal of a name that means several containers, with what would be clear."""
    clear = ", ".join(f"{one.daemon.name}/{one.local_name}" for one in found)
    return Refused(f"'{word}' means several containers: {clear}")


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """The daemon's sentence for an unknown name, with the nearest one."""
    close = nearest(name, known)
    hint = f"; did you mean '{close}'?" if close else ""
    return f"No such {what}: {name}{hint}"
