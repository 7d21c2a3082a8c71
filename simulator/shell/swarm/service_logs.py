"""``docker service logs``: what the tasks of a service have written, line by line in time.

Source: docker/cli, ``cli/command/service/logs.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.shell import kinds
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.moments import MOMENT
from simulator.shell.docker.watching import TAIL
from simulator.shell.following import FOLLOW_S, Following
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.results import OfClient
from simulator.shell.swarm.common import SHORT, service_of, swarm_of

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Task
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session


@verb(
    "docker service logs",
    "Print what the tasks of a service, or one task, have written",
    arguments=(Argument("SERVICE|TASK", Kind("service", kinds.TEXT.parse, "swarm service"),
                        "name or id"),),
    flags=(
        Flag(("-f", "--follow"), f"go on for at most {FOLLOW_S:g}s"),
        Flag(("-n", "--tail"), "the last lines of each task only ('all' for all)", TAIL),
        Flag(("-t", "--timestamps"), "with the time of each line"),
        Flag(("--since",), "from 30s (ago), or a date, on", MOMENT),
        Flag(("--no-trunc",), "whole identities"),
        Flag(("--no-task-ids",), "no identities of tasks"),
        Flag(("--no-resolve",), "identities of nodes instead of names"),
        Flag(("--raw",), "without the names of tasks in front"),
    ),
    known="--details",
    examples=("docker service logs web", "docker service logs --tail 5 web"),
)  # fmt: skip
def logs(session: Session, call: Call) -> Iterable[str]:
    """Oldest first."""
    swarm, word = swarm_of(session, call), call["SERVICE|TASK"]
    chosen = _Chosen(swarm, word)
    since = call["since"].at(session.world.now) if call["since"] is not None else 0.0

    def lines() -> list[str]:
        return _lines(swarm, chosen.tasks(), call, since)

    if not call["follow"]:
        return lines()
    end = session.world.now + session.follow_s
    return session.follow(
        Following(
            lambda: session.world.now, end, lines, lambda: not chosen.there(),
            f"(no longer followed after {session.follow_s:g}s)", f"docker service logs -f {word}",
        )
    )  # fmt: skip


class _Chosen:
    """The tasks of a service, or one task."""

    def __init__(self, swarm: Swarm, word: str) -> None:
        self.swarm = swarm
        self.service = self.task = ""
        try:
            self.service = service_of(swarm, word).id
        except Refused:
            found = [one for one in swarm.state.tasks if one.startswith(word)]
            if len(found) != 1:
                raise OfClient(f"no such task or service: {word}") from None
            self.task = found[0]

    def there(self) -> bool:
        """Whether anything of it is still known."""
        state = self.swarm.state
        return self.service in state.services or self.task in state.tasks

    def tasks(self) -> list[Task]:
        """Those whose output is meant."""
        if self.task:
            one = self.swarm.state.tasks.get(self.task)
            return [] if one is None else [one]
        return self.swarm.state.tasks_of(self.service)


def _lines(swarm: Swarm, tasks: list[Task], call: Call, since: float) -> list[str]:
    written = sorted(_written(swarm, tasks, call, since), key=lambda one: one[0])
    width = max((len(name) for _, name, _ in written), default=0)
    found = []
    for time, name, text in written:
        stamp = f"{timestamp(time)} " if call["timestamps"] else ""
        found.append(f"{stamp}{text}" if call["raw"] else f"{stamp}{name:<{width}}    | {text}")
    return found


def _written(
    swarm: Swarm, tasks: list[Task], call: Call, since: float
) -> Iterator[tuple[float, str, str]]:
    """Time, who, and the line."""
    for task in tasks:
        seat = swarm.agents.seats.get(task.node)
        run = None if seat is None else seat.runs.get(task.id)
        if seat is None or run is None or run.container is None:
            continue
        log = [one for one in run.container.log if one[0] >= since]
        tail = call["tail"]
        for time, text in log if tail is None else log[max(0, len(log) - tail) :]:
            yield time, _who(task, seat.node.hostname, call), text


def _who(task: Task, hostname: str, call: Call) -> str:
    name = task.name
    if not call["no_task_ids"]:
        name += f".{task.id if call['no_trunc'] else task.id[:SHORT]}"
    return f"{name}@{task.node if call['no_resolve'] else hostname}"
