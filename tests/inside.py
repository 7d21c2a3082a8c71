"""Programs asked in a container, or on a machine, of a living world."""

from dataclasses import dataclass

from simulator.node.insides import environment, machine_view
from simulator.programs.pauses import Waits
from simulator.programs.running import at_once


@dataclass(frozen=True)
class Answer:
    """What a command printed on both streams, its code, and how long it would run."""

    lines: tuple[str, ...]
    code: int
    seconds: float = 0.0


def answer(view, words, env=None):
    """What a command comes to in a view."""
    printed, pause = at_once(view, words, env or {})
    lines = tuple("".join(text for _, text in printed).splitlines())
    seconds = pause.seconds if isinstance(pause, Waits) else 0.0
    return Answer(lines, getattr(pause, "code", -1), seconds)


def view_of(world, name):
    """What a process in a container has around it."""
    container = world.container(name)
    return world.fleet.node_of(container).processes.inside.view(container)


def inside(world, name, *words):
    """What a command comes to in a container."""
    return answer(view_of(world, name), words, environment(world.container(name)))


def on_machine(world, name, *words):
    """What a command comes to on a machine."""
    return answer(machine_view(world.machine(name), None), words)
