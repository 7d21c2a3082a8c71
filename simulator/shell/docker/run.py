"""``docker run`` and ``docker create``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError, Place
from simulator.files import read_text
from simulator.machine import bandwidth
from simulator.shell import kinds
from simulator.shell.docker import network_flags, run_flags
from simulator.shell.grammar import Argument, Call
from simulator.shell.registry import verb
from simulator.world.commands import RunContainer

if TYPE_CHECKING:
    from simulator.shell.session import Session

_MAX_ENV_FILE_BYTES = 1 << 20
_ARGUMENTS = (
    Argument("IMAGE", kinds.IMAGE, "the image to make it from"),
    Argument("COMMAND", kinds.WORD, "program and arguments", optional=True, repeat=True),
)


def _consistent(values: dict[str, Any]) -> None:
    """What the client refuses by looking at the flags alone."""
    network_flags.check(values)
    if values["rm"] and (values["restart"] or "no") != "no":
        raise InputError("conflicting options: cannot specify both --restart and --rm")
    named = [key for key in values if key.startswith("health_") and values[key] is not None]
    if values["no_healthcheck"] and named:
        raise InputError("--no-healthcheck conflicts with --health-* options")
    bandwidth.check(values["cpus"], values["cpu_period"], values["cpu_quota"])


@verb(
    "docker run",
    "Create a container from an image and start it; pull the image first if it is not here",
    arguments=_ARGUMENTS,
    flags=run_flags.RUN,
    aliases=("docker container run",),
    trailing=True,
    known=run_flags.KNOWN,
    validate=_consistent,
    examples=(
        "docker run -d --name web -p 8080:80 nginx",
        "docker run -d --name web1 --network shop --network-alias web --cpus 0.5 -m 256m myapp",
        "docker run -d --workload 'server cpu=20ms workers=4' --alias api python:3.12-slim",
        "docker run --rm --workload 'batch cpu=30s' python:3.12-slim",
        "docker run --rm alpine sh -c 'uname -r; nproc'",
        "docker run -it --name box ubuntu bash",
    ),
    details=(
        "What its command prints is printed; with -it the lines that follow go to a shell in it,\n"
        "until 'exit' or Ctrl-D ('undo', 'redo', 'rewind' and 'advance' are heard there, too).\n"
        "A workload says what the program does: 'server cpu=20ms workers=4', 'batch cpu=30s',\n"
        "'hog threads=4', 'leak rate=1MiB/s', 'idle', 'exit code=1 after=2s'. Without --workload\n"
        "it is the image's label drydock.workload, or what is known of the base image.\n"
        "'help workloads' tells all that they take."
    ),
)
def run(session: Session, call: Call) -> Iterable[str]:
    """Run a container; attached (without ``-d``) the line waits until it exits."""
    if call["detach"]:
        return session.do(container(session, call, start=True))
    before = session.world.now
    lines = session.do(container(session, call, start=True), session.attached_wait_s)
    if session.world.now - before >= session.attached_wait_s:
        lines.append(
            f"(still running after {session.attached_wait_s:g}s; it goes on. "
            "'docker run -d' gives the prompt back at once)"
        )
    return lines


@verb(
    "docker create",
    "Create a container without starting it",
    arguments=_ARGUMENTS,
    flags=run_flags.CREATE,
    aliases=("docker container create",),
    trailing=True,
    known=run_flags.KNOWN,
    validate=_consistent,
    examples=("docker create --name web nginx", "docker start web"),
)
def create(session: Session, call: Call) -> Iterable[str]:
    """Create only."""
    return session.do(container(session, call, start=False))


def container(session: Session, call: Call, *, start: bool) -> RunContainer:
    """The command that a call of ``docker run`` means."""
    asked = {"runtime": session.default_runtime, **run_flags.asked(run_flags.CREATE, call)}
    for key, text in network_flags.notes(call.values):
        session.note(key, text)
    return RunContainer(
        image=call["IMAGE"],
        name=call["name"],
        command=call["COMMAND"],
        env=variables(session, call),
        labels=dict(call["label"]),
        **asked,
        **network_flags.asked(call.values),
        pull=call["pull"],
        quiet=call["quiet"],
        detach=call.values.get("detach", True),
        start=start,
        machine=call["host"],
    )


def variables(session: Session, call: Call) -> dict[str, str]:
    """Those of files, and over them those of flags."""
    env: dict[str, str] = {}
    for name in call["env_file"]:
        env |= _env_of(session, name)
    return env | dict(call["env"])


def _env_of(session: Session, name: str) -> dict[str, str]:
    path = session.path(name)
    env: dict[str, str] = {}
    text = read_text(path, limit_bytes=_MAX_ENV_FILE_BYTES, what="env file")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                key, value = kinds.PAIR.parse(line.lstrip())
            except InputError as error:
                raise error.at(Place(name, number, 1)) from None
            env[key] = value
    return env
