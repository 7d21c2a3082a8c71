"""The processes of one daemon's containers that are carried out command by command.

Process 1 of a container whose command is ordinary programs, and what ``exec`` starts beside it.
Each is a ``Machine`` of ``programs/shell`` and knows what it waits for; time passes in entries of
the calendar, so that all of it can be copied at any instant.
"""

from __future__ import annotations

from typing import Any

from simulator.engine.calendar import Action
from simulator.image.identity import Identity
from simulator.machine.container import Container
from simulator.node.carrying import INTERRUPT, Execution, First, Running
from simulator.node.insides import Inside, environment
from simulator.programs.running import missing, process
from simulator.programs.view import View


class Processes:
    """All of one daemon."""

    def __init__(self, inside: Inside) -> None:
        self.inside = inside
        self.first: dict[str, First] = {}
        """Process 1 of each container that is carried out, by identity."""
        self.executions: dict[int, Execution] = {}
        """What ``exec`` started and has not ended, by number."""
        self._count = 0

    # --- process 1 ------------------------------------------------------------------------------

    def lacks(self, container: Container) -> tuple[str, int] | None:
        """Why its program cannot be started, and with which code; None when it can."""
        settings = container.settings
        if not settings.carried_out:
            return None
        env = environment(container, tty=settings.tty)
        found = missing(self.inside.view(container), settings.command, env, _cwd(container))
        if found is None:
            return None
        return (
            "failed to create task for container: failed to create shim task: OCI runtime create "
            "failed: runc create failed: unable to start container process: error during "
            f"container init: {found.says}",
            found.code,
        )

    def begin(self, container: Container) -> None:
        """Its process 1 begins."""
        settings = container.settings
        machine = process(
            settings.command,
            environment(container, tty=settings.tty),
            _cwd(container),
            interactive=settings.open_stdin,
        )
        first = First(self.inside, container, machine)
        before = self.first.get(container.id)
        self.first[container.id] = first
        if before is not None:
            before.waiting.when(_nothing)
        first.go_on()

    def trapped(self, container: Container, signal: str) -> bool:
        """Whether a trap of the script that is process 1 answers a signal, when it goes on."""
        first = self.first.get(container.id)
        if first is None or first.ended or not first.machine.deliver(signal):
            return False
        if first.machine.joins is not None:
            # A trap ends a ``wait`` at once, where what a shell runs in front is waited for.
            first.machine.joins = None
            container.sim.at(container.sim.now, first.go_on)
        return True

    def gone(self, container: Container) -> None:
        """A container has ended, and all that ran in it."""
        first = self.first.get(container.id)
        if first is not None:
            first.over(137)
        for number, one in list(self.executions.items()):
            if one.container is container:
                one.end(137)
                del self.executions[number]

    def forget(self, container: Container) -> None:
        """A container was removed."""
        self.gone(container)
        self.first.pop(container.id, None)

    # --- exec -----------------------------------------------------------------------------------

    def execute(
        self,
        container: Container,
        argv: tuple[str, ...],
        env: dict[str, str],
        cwd: str | None,
        *,
        interactive: bool,
        tty: bool,
        who: Identity | None = None,
        then: Action,
        args: tuple[Any, ...],
        view: View | None = None,
    ) -> Execution:
        """Start a process beside the first; ``then`` when it waits for a line, or has ended.

        ``view``: what is around it, where somebody has looked at this instant.
        """
        self._count += 1
        machine = process(
            argv,
            environment(container, who, tty=tty) | env,
            cwd or _cwd(container),
            interactive=interactive,
            pid=_FIRST_PID + self._count,
        )
        made = Execution(self.inside, container, machine, self._count)
        made.who = who
        self.executions[self._count] = made
        made.waiting.when(then, made, *args)
        made.go_on(view)
        if made.ended:
            del self.executions[made.number]
        return made

    def type(self, running: Running, line: str | None, then: Action, *args: Any) -> None:
        """Type a line at a process, or (None) close its input."""
        if line is None:
            running.close()
        elif line == INTERRUPT:
            running.interrupt()
        else:
            running.type(line)
        running.waiting.when(then, running, *args)
        if running.ended and isinstance(running, Execution):
            self.executions.pop(running.number, None)


def _nothing(*_: object) -> None:
    """Nobody waits for it any more."""


_FIRST_PID = 6


def _cwd(container: Container) -> str:
    return container.settings.workdir or container.image.config.workdir or "/"
