"""Commands that change containers: start, stop, kill, rm, restart, pause, rename, update."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError, InputError, Refused
from simulator.look.views import ContainerView
from simulator.shell import kinds, lookup
from simulator.shell.docker.run_flags import LIMITS, SIGNAL, asked
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.units import parse_duration
from simulator.world.commands import (
    Attach,
    Command,
    KillContainer,
    PauseContainer,
    RemoveContainer,
    RenameContainer,
    RestartContainer,
    StartContainer,
    StopContainer,
    UnpauseContainer,
    UpdateContainer,
    WaitForContainer,
)

if TYPE_CHECKING:
    from simulator.shell.session import Session

_CONTAINERS = (Argument("CONTAINER", kinds.CONTAINER, "name or id", repeat=True),)
_FOR_EVER_S = 1e6


def _grace(text: str) -> float:
    """Seconds from stop to kill; -1 waits for ever."""
    return _FOR_EVER_S if text == "-1" else float(parse_duration(text))


_GRACE = Flag(
    ("-t", "--time", "--timeout"),
    "seconds from stop to kill (-1: never)",
    Kind("duration", _grace),
)


_STOP_SIGNAL = Flag(("-s", "--signal"), "signal that asks it, instead of its own", SIGNAL)


def _stop(call: Call, one: ContainerView) -> Command:
    return StopContainer(name=one.name, grace_s=call["timeout"], signal=call["signal"])


def _each(
    session: Session, call: Call, command: Callable[[ContainerView], Command]
) -> Iterable[str]:
    """A command for each container that was named, after its name has been looked up."""
    lines: list[str] = []
    for name in call["CONTAINER"]:
        try:
            found = lookup.container(session.reader, name, call["host"])
            lines += session.do(command(found))
        except DrydockError as error:
            session.fail(call, error)
    return lines


def _all(
    session: Session, call: Call, command: Callable[[ContainerView], Command]
) -> Iterable[str]:
    """The same side by side: the line takes as long as the slowest of them."""
    lines, waits = [], []
    for name in call["CONTAINER"]:
        try:
            found = lookup.container(session.reader, name, call["host"])
            waits.append(session.begin(command(found)))
        except DrydockError as error:
            session.fail(call, error)
    for reply in waits:
        try:
            lines += session.outcome(reply)
        except DrydockError as error:
            session.fail(call, error)
    return lines


@verb(
    "docker start",
    "Start containers that were created or have exited",
    arguments=_CONTAINERS,
    aliases=("docker container start",),
    flags=(
        Flag(("-a", "--attach"), "print what it prints, until it ends"),
        Flag(("-i", "--interactive"), "the same, and lines go to a shell in it"),
    ),
    examples=("docker start web", "docker start -a job"),
    known="--checkpoint --detach-keys",
)
def start(session: Session, call: Call) -> Iterable[str]:
    """Start."""
    attach = call["attach"] or call["interactive"]
    if attach and len(call["CONTAINER"]) > 1:
        raise Refused("you cannot start and attach multiple containers at once")
    if not attach:
        return _each(session, call, lambda one: StartContainer(name=one.name))
    found = lookup.container(session.reader, call["CONTAINER"][0], call["host"])
    command = StartContainer(name=found.name, attach=True)
    return session.do(command, session.attached_wait_s)


@verb(
    "docker attach",
    "Print what a container prints from now on; lines go to a shell that is its process 1",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "name or id"),),
    aliases=("docker container attach",),
    examples=("docker attach web",),
    known="--detach-keys --no-stdin --sig-proxy",
)
def attach(session: Session, call: Call) -> Iterable[str]:
    """Attach."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    return session.do(Attach(container=found.name), session.attached_wait_s)


@verb(
    "docker wait",
    "Wait until containers have ended; print their exit codes",
    arguments=_CONTAINERS,
    aliases=("docker container wait",),
    examples=("docker wait job",),
)
def wait(session: Session, call: Call) -> Iterable[str]:
    """Wait for each in turn."""
    return _each(session, call, lambda one: WaitForContainer(name=one.name))


@verb(
    "docker stop",
    "Ask containers to stop (SIGTERM); kill them when the grace period of 10 s is over",
    arguments=_CONTAINERS,
    flags=(_GRACE, _STOP_SIGNAL),
    aliases=("docker container stop",),
    destructive=True,
    examples=("docker stop web", "docker stop -t 30 web1 web2"),
)
def stop(session: Session, call: Call) -> Iterable[str]:
    """Stop."""
    return _all(session, call, lambda one: _stop(call, one))


@verb(
    "docker restart",
    "Stop containers and start them again",
    arguments=_CONTAINERS,
    flags=(_GRACE, _STOP_SIGNAL),
    aliases=("docker container restart",),
    destructive=True,
    examples=("docker restart web",),
)
def restart(session: Session, call: Call) -> Iterable[str]:
    """Restart."""
    return _each(
        session,
        call,
        lambda one: RestartContainer(name=one.name, grace_s=call["timeout"], signal=call["signal"]),
    )


@verb(
    "docker kill",
    "Send a signal to containers, SIGKILL unless said otherwise",
    arguments=_CONTAINERS,
    flags=(Flag(("-s", "--signal"), "signal", SIGNAL, default="KILL"),),
    aliases=("docker container kill",),
    destructive=True,
    examples=("docker kill web", "docker kill -s TERM web"),
)
def kill(session: Session, call: Call) -> Iterable[str]:
    """Kill."""
    return _all(session, call, lambda one: KillContainer(name=one.name, signal=call["signal"]))


@verb(
    "docker rm",
    "Remove containers",
    arguments=_CONTAINERS,
    flags=(
        Flag(("-f", "--force"), "also when running: kill it first"),
        Flag(("-v", "--volumes"), "with its anonymous volumes"),
    ),
    aliases=("docker container rm", "docker remove", "docker container remove"),
    destructive=True,
    examples=("docker rm web", "docker rm -f $(docker ps -aq)"),
    known="-l --link",
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Remove."""

    def command(one: ContainerView) -> Command:
        if one.state in ("running", "paused", "restarting", "starting") and not call["force"]:
            raise Refused(
                f'cannot remove container "/{one.name}": container is {one.state}: '
                "stop the container before removing or force remove"
            )
        return RemoveContainer(name=one.name, force=call["force"], volumes=call["volumes"])

    return _all(session, call, command)


@verb(
    "docker pause",
    "Freeze all processes of containers; requests in them wait",
    arguments=_CONTAINERS,
    aliases=("docker container pause",),
    examples=("docker pause web",),
)
def pause(session: Session, call: Call) -> Iterable[str]:
    """Pause."""
    return _all(session, call, lambda one: PauseContainer(name=one.name))


@verb(
    "docker unpause",
    "Let all processes of paused containers go on",
    arguments=_CONTAINERS,
    aliases=("docker container unpause",),
    examples=("docker unpause web",),
)
def unpause(session: Session, call: Call) -> Iterable[str]:
    """Unpause."""
    return _all(session, call, lambda one: UnpauseContainer(name=one.name))


@verb(
    "docker rename",
    "Give a container another name",
    arguments=(
        Argument("CONTAINER", kinds.CONTAINER, "name or id"),
        Argument("NEW_NAME", kinds.NAME, "the name it gets"),
    ),
    aliases=("docker container rename",),
    examples=("docker rename web old-web",),
)
def rename(session: Session, call: Call) -> Iterable[str]:
    """Rename."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    return session.do(RenameContainer(name=found.name, new_name=call["NEW_NAME"]))


@verb(
    "docker update",
    "Change limits of containers, running or not",
    arguments=_CONTAINERS,
    flags=LIMITS,
    aliases=("docker container update",),
    examples=(
        "docker update --cpus 2 web",
        "docker update -m 512m --memory-swap 1g --restart always web",
    ),
    known="--cpu-rt-period --cpu-rt-runtime --cpuset-mems",
)
def update(session: Session, call: Call) -> Iterable[str]:
    """Update."""
    limits = asked(LIMITS, call)
    if not limits:
        raise InputError(
            "docker update: you must provide one or more flags when using this command",
            expected="for example --cpus 2 or -m 512m",
        )
    return _each(session, call, lambda one: UpdateContainer(name=one.name, **limits))
