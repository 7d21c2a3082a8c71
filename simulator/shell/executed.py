"""A program that is run inside: asked of the model where it changes nothing, or else a command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.node.insides import Changes, environment, somebody
from simulator.programs.pauses import Ended
from simulator.programs.running import at_once
from simulator.world.commands import Execute
from simulator.world.execs import EXEC_FAILED

if TYPE_CHECKING:
    from simulator.shell.session import Session


def executed(session: Session, asked: Execute) -> Iterable[str]:
    """What a program in a container prints; one that changes nothing is no command."""
    if not asked.detach:
        seen = _looked(session, asked)
        if seen is not None:
            return seen
    return session.do(asked, session.attached_wait_s)


def _looked(session: Session, asked: Execute) -> list[str] | None:
    """What a command prints that changes nothing and takes no time; None for all others."""
    container = session.world.container(asked.container)
    node = session.world.fleet.node_of(container)
    cwd = asked.workdir or container.image.config.workdir or "/"
    who = somebody(container, asked.user)
    try:
        printed, pause = at_once(
            node.processes.inside.view(container, who, looking=True), asked.argv,
            environment(container, who, tty=asked.tty) | asked.env, cwd,
            interactive=asked.interactive, failed=EXEC_FAILED,
        )  # fmt: skip
    except Changes:
        return None
    return told(session, printed, pause.code) if isinstance(pause, Ended) else None


def told(session: Session, printed: list[tuple[str, str]], code: int) -> list[str]:
    """What it printed; an error where its exit code says so."""
    errors = "".join(text for stream, text in printed if stream == "stderr" and code)
    shown = "".join(text for stream, text in printed if stream == "stdout" or not code)
    lines = shown.split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    if code:
        session.say(lines)
        raise Refused(f"{errors.rstrip()} (exit code {code})".strip())
    return lines
