"""The processes of a container, by the numbers that it sees and by those of its machine."""

from __future__ import annotations

from dataclasses import replace

from simulator.machine.container import Container
from simulator.machine.seat import Proc

_NUMBERS = 6
"""Numbers that what the runtime did before the program has used up."""
_MOST_SHOWN = 20


def commands_of(container: Container) -> list[str]:
    """What its process 1 is, what that started, and so on down to its program."""
    found = [" ".join(words) for words in container.settings.first.commands]
    own, doing = " ".join(container.settings.command), container.doing
    if doing is not None and (found[-1:] != [doing] or not container.doing_last):
        init = found[:1] if container.settings.first.passed_on else []
        return [*init, own] if doing == own else [*init, own, doing]
    return found or [" ".join(container.settings.command) or container.settings.workload.kind]


def inside(container: Container, user: str) -> tuple[Proc, ...]:
    """By the numbers that it sees, from process 1 down to its program, and what a bomb has made."""
    commands = commands_of(container)
    found = [
        Proc(_NUMBERS + at if at else 1, user, command, ppid=_NUMBERS + at - 1 if at > 1 else at)
        for at, command in enumerate(commands)
    ]
    program = found[-1]
    found[-1] = replace(program, rss_bytes=container.memory.resident, cpu_s=container.cpu_seconds)
    next_one = _NUMBERS + len(commands)
    found += [
        Proc(next_one + each, user, f"{commands[-1]} &", ppid=program.pid)
        for each in range(min(container.bomb_processes, _MOST_SHOWN))
    ]
    return tuple(found)


def outside(container: Container, owner: str, commands: list[str] | None = None) -> list[Proc]:
    """By the numbers of its machine; ``commands``: instead of what it runs."""
    commands = commands_of(container) if commands is None else commands
    pid, last = container.pid, len(commands) - 1
    found = [
        Proc(pid + at, owner, command, ppid=pid + at - 1 if at else 1)
        for at, command in enumerate(commands)
    ]
    used = container.memory.resident, container.cpu_seconds
    found[last] = replace(found[last], rss_bytes=used[0], cpu_s=used[1])
    return found
