"""``docker compose down``, ``start``, ``stop``, ``restart``, ``kill``, ``pause``, ``rm``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.cluster.compose.project import selected
from simulator.shell import kinds
from simulator.shell.compose.common import (
    SERVICES,
    TIMEOUT,
    check_services,
    compose_verb,
    containers,
    named_project,
    style_of,
    wishes_of,
)
from simulator.shell.docker.run_flags import SIGNAL
from simulator.shell.grammar import Call, Flag
from simulator.world.compose_commands import ComposeDown, ComposeOrder

if TYPE_CHECKING:
    from simulator.shell.session import Session


@compose_verb(
    "down",
    "Stop and remove the containers of a project, and its networks",
    arguments=(SERVICES,),
    flags=(
        Flag(("-v", "--volumes"), "its volumes, too, named and anonymous"),
        Flag(("--rmi",), "images, too: 'local' those that were built without a name, or 'all'",
             kinds.choice("which", ("local", "all"))),
        Flag(("--remove-orphans",), "containers of services that the files do not have, too"),
        TIMEOUT,
    ),
    destructive=True,
    examples=("docker compose down", "docker compose down -v --remove-orphans"),
)  # fmt: skip
def down(session: Session, call: Call) -> Iterable[str]:
    """Those that wait for others first."""
    project = named_project(session, call)
    names = call["SERVICE"]
    check_services(project, names)
    if names:
        project = selected(project, names, alone=True)
    return session.do(
        ComposeDown(
            project=project,
            wishes=wishes_of(call, remove_orphans=call["remove_orphans"]),
            volumes=call["volumes"],
            images=call["rmi"] or "",
            whole=not names,
            style=style_of(call),
            machine=call["host"],
        )
    )


def _order(session: Session, call: Call, kind: str, **more: Any) -> list[str]:
    project = named_project(session, call, needs=True)
    check_services(project, call["SERVICE"])
    return session.do(
        ComposeOrder(
            kind=kind, project=project, services=call["SERVICE"], style=style_of(call),
            machine=call["host"], **more,
        )
    )  # fmt: skip


@compose_verb(
    "start",
    "Start the containers of services that exist",
    arguments=(SERVICES,),
    flags=(
        Flag(("--wait",), "until services run, or are healthy where they can be"),
        Flag(("--wait-timeout",), "seconds that --wait waits at most",
             kinds.integer("seconds", 0, 1_000_000)),
    ),
    examples=("docker compose start",),
)  # fmt: skip
def start(session: Session, call: Call) -> Iterable[str]:
    """In the order in which services wait for each other."""
    return _order(
        session, call, "start", wait=call["wait"], wait_timeout_s=call["wait_timeout"] or None
    )


@compose_verb(
    "stop",
    "Stop the containers of services, and keep them",
    arguments=(SERVICES,),
    flags=(TIMEOUT,),
    destructive=True,
    examples=("docker compose stop web",),
)
def stop(session: Session, call: Call) -> Iterable[str]:
    """Those that wait for others first."""
    return _order(session, call, "stop", timeout_s=call["timeout"])


@compose_verb(
    "restart",
    "Stop the containers of services and start them again",
    arguments=(SERVICES,),
    flags=(TIMEOUT, Flag(("--no-deps",), "not those that wait for them with 'restart: true'")),
    destructive=True,
    examples=("docker compose restart web",),
)
def restart(session: Session, call: Call) -> Iterable[str]:
    """Services, and those that wait for them with ``restart: true``."""
    return _order(session, call, "restart", timeout_s=call["timeout"], alone=call["no_deps"])


@compose_verb(
    "kill",
    "Send a signal to the containers of services, SIGKILL unless said otherwise",
    arguments=(SERVICES,),
    flags=(
        Flag(("-s", "--signal"), "signal", SIGNAL, default="KILL"),
        Flag(("--remove-orphans",), "", refused="'docker compose down --remove-orphans' does it"),
    ),
    destructive=True,
    examples=("docker compose kill web",),
)
def kill(session: Session, call: Call) -> Iterable[str]:
    """Those that live."""
    return _order(session, call, "kill", signal=call["signal"])


@compose_verb(
    "pause",
    "Freeze the containers of services; requests in them wait",
    arguments=(SERVICES,),
    examples=("docker compose pause web",),
)
def pause(session: Session, call: Call) -> Iterable[str]:
    """Those that run."""
    return _order(session, call, "pause")


@compose_verb(
    "unpause",
    "Let the paused containers of services go on",
    arguments=(SERVICES,),
    examples=("docker compose unpause web",),
)
def unpause(session: Session, call: Call) -> Iterable[str]:
    """Those that are paused."""
    return _order(session, call, "unpause")


@compose_verb(
    "rm",
    "Remove the containers of services that do not run",
    arguments=(SERVICES,),
    flags=(
        Flag(("-f", "--force"), "", ignored=True),
        Flag(("-s", "--stop"), "stop them first"),
        Flag(("-v", "--volumes"), "with their anonymous volumes"),
        Flag(("-a", "--all"), "", ignored=True),
    ),
    destructive=True,
    examples=("docker compose rm -f",),
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Nobody is asked whether that is meant."""
    project = named_project(session, call, needs=False)
    found = containers(session, call, project, call["SERVICE"])
    gone = [one.local_name for one in found if call["stop"] or not one.lives]
    if not gone:
        return ["No stopped containers"]
    session.say([f"Going to remove {', '.join(gone)}"])
    return _order(session, call, "rm", stop=call["stop"], volumes=call["volumes"])
