"""What the daemon of a machine does with its containers when it starts and when it stops."""

from __future__ import annotations

from simulator.engine.calendar import Action
from simulator.machine.container import Container, containers_below
from simulator.machine.host import Machine


def containers_of(machine: Machine) -> list[Container]:
    """The containers of a machine's daemon, those in guests of their own included."""
    return [one for one in containers_below(machine.kernel) if one.daemon is machine]


def come_back(machine: Machine) -> list[Container]:
    """The daemon starts: containers come back by their restart policy."""
    mine = containers_of(machine)
    for container in mine:
        container.found_dead()
    back = [one for one in mine if one.comes_back]
    for container in back:
        container.start()
    return back


class Stopping:
    """A daemon that stops its containers side by side, and what follows when all have ended."""

    def __init__(self, machine: Machine, then: Action) -> None:
        alive = [one for one in containers_of(machine) if one.lives]
        self._then = then
        self._left = len(alive)
        for container in alive:
            container.stop(by_hand=False)
            container.when_over(self._ended)
        if not alive:
            then()

    def _ended(self) -> None:
        self._left -= 1
        if not self._left:
            self._then()
