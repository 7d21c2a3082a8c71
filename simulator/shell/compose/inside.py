"""``docker compose exec``, ``run``, ``cp``, ``wait``."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.cluster.compose.project import no_service
from simulator.cluster.compose.specs import target_ports
from simulator.errors import Refused
from simulator.shell import kinds
from simulator.shell.compose.bringing import images_of
from simulator.shell.compose.common import (
    SERVICE,
    builds_of,
    check_services,
    compose_verb,
    container,
    containers,
    named_project,
    project_of,
    style_of,
    wishes_of,
)
from simulator.shell.docker import archives
from simulator.shell.executed import executed
from simulator.shell.grammar import Argument, Call, Flag
from simulator.world.commands import Execute, WaitForContainer
from simulator.world.compose_commands import ComposeRun
from simulator.world.execs import need_running

if TYPE_CHECKING:
    from simulator.shell.session import Session

_INDEX = Flag(("--index",), "which of its containers", kinds.integer("number", 0, 100_000), 0)


@compose_verb(
    "exec",
    "Run a command in a running container of a service",
    arguments=(SERVICE, Argument("COMMAND", kinds.WORD, "program and arguments", repeat=True)),
    flags=(
        Flag(("-d", "--detach"), "do not wait for its end"),
        Flag(("-e", "--env"), "set a variable", kinds.PAIR, repeat=True),
        _INDEX,
        Flag(("-T", "--no-TTY", "--no-tty"), "no terminal"),
        Flag(("-u", "--user"), "as whom: a name or a number", kinds.text("user")),
        Flag(("-w", "--workdir"), "the folder that it starts in", kinds.text("folder")),
        Flag(("-i", "--interactive"), "", ignored=True),
        Flag(("-t", "--tty"), "", ignored=True),
        Flag(("--privileged",), "", refused="it has the capabilities of its container"),
    ),
    trailing=True,
    examples=("docker compose exec web nproc", "docker compose exec db sh"),
)
def exec_(session: Session, call: Call) -> Iterable[str]:
    """As ``docker exec -it``."""
    project = named_project(session, call)
    one = container(session, call, project, call["SERVICE"], call["index"])
    need_running(one)
    return executed(
        session,
        Execute(
            container=one.name, argv=call["COMMAND"], env=dict(call["env"]), user=call["user"],
            workdir=call["workdir"], interactive=True, tty=not call["no_TTY"],
            detach=call["detach"],
        ),
    )  # fmt: skip


@compose_verb(
    "run",
    "Run a command in one more container of a service, after what it waits for has started",
    arguments=(
        SERVICE,
        Argument("COMMAND", kinds.WORD, "program and arguments", optional=True, repeat=True),
    ),
    flags=(
        Flag(("-d", "--detach"), "give the prompt back, with its name"),
        Flag(("--rm",), "remove it when it has ended"),
        Flag(("--build",), "build images first"),
        Flag(("--pull",), "when to ask the registry",
             kinds.choice("policy", ("always", "missing", "never", "policy")), "policy"),
        Flag(("--quiet-pull",), "nothing is said of pulls"),
        Flag(("--name",), "its name", kinds.NAME),
        Flag(("--entrypoint",), "instead of the image's", kinds.TEXT),
        Flag(("-e", "--env"), "set a variable", kinds.PAIR, repeat=True),
        Flag(("-l", "--label"), "set a label", kinds.PAIR, repeat=True),
        Flag(("-p", "--publish"), "publish a port", kinds.PORT, repeat=True),
        Flag(("-P", "--service-ports"), "publish the ports of the service"),
        Flag(("-u", "--user"), "as whom", kinds.text("user")),
        Flag(("-v", "--volume"), "one more mount", kinds.text("list"), repeat=True),
        Flag(("-w", "--workdir"), "the folder that it starts in", kinds.text("folder")),
        Flag(("--use-aliases",), "others find it by the name of the service"),
        Flag(("--no-deps",), "do not start what the service waits for"),
        Flag(("--remove-orphans",), "remove containers of services that the files do not have"),
        Flag(("-T", "--no-TTY", "--no-tty"), "no terminal"),
        Flag(("--cap-add",), "add a capability", kinds.text("capability"), repeat=True),
        Flag(("--cap-drop",), "drop a capability", kinds.text("capability"), repeat=True),
        Flag(("-i", "--interactive"), "", ignored=True),
        Flag(("-q", "--quiet"), "", ignored=True),
    ),
    trailing=True,
    examples=("docker compose run --rm web env", "docker compose run --no-deps web sh"),
)  # fmt: skip
def run(session: Session, call: Call) -> Iterable[str]:
    """Its output, and its exit code."""
    name = call["SERVICE"]
    whole = project_of(session, call)
    if name not in {**whole.services, **whole.disabled}:
        raise Refused(no_service(name, whole.services))
    project = project_of(session, call, (name,), alone=call["no_deps"])
    command = ComposeRun(
        project=project,
        service=name,
        name=call["name"] or "",
        changes=_changes(call, project.services[name]),
        images=images_of(call),
        builds=builds_of(session, call, project, always=call["build"]),
        wishes=wishes_of(
            call, named=(), recreate="never", recreate_dependencies="never",
            remove_orphans=call["remove_orphans"], ignore_orphans=not call["remove_orphans"],
        ),
        aliased=call["use_aliases"],
        detach=call["detach"],
        style=style_of(call),
        machine=call["host"],
    )  # fmt: skip
    return session.do(command, session.attached_wait_s)


def _changes(call: Call, service: dict[str, Any]) -> dict[str, Any]:
    """What is other in this container than in those of its service."""
    env = {key: str(value) for key, value in (service.get("environment") or {}).items()
           if value is not None}  # fmt: skip
    found: dict[str, Any] = {
        "ports": (*(target_ports(service) if call["service_ports"] else ()), *call["publish"]),
        "restart": "no",
        "remove": call["rm"],
        "env": env | dict(call["env"]),
        "tty": not call["no_TTY"] and not call["detach"],
        "open_stdin": not call["detach"],
    }
    if call["COMMAND"]:
        found["command"] = call["COMMAND"]
    if call["entrypoint"] is not None:
        words = shlex.split(call["entrypoint"])
        found["entrypoint"] = words[0] if words else ""
        found["command"] = (*words[1:], *call["COMMAND"])
    elif call["COMMAND"] and service.get("entrypoint"):
        found["command"] = (*service["entrypoint"][1:], *call["COMMAND"])
    for key, field in (("user", "user"), ("workdir", "workdir")):
        if call[key] is not None:
            found[field] = call[key]
    more = {"more_binds": call["volume"], "more_labels": dict(call["label"])}
    for key, field in (("cap_add", "cap_add"), ("cap_drop", "cap_drop")):
        if call[key]:
            found[field] = (*(service.get(key) or ()), *call[key])
    return found | {key: one for key, one in more.items() if one}


@compose_verb(
    "cp",
    "Copy files into a container of a service, or out of it into a folder of the machine",
    arguments=(
        Argument("SRC_PATH", kinds.text("path", "file"), "what is here, or SERVICE:PATH"),
        Argument("DEST_PATH", kinds.text("path"), "where it goes: SERVICE:PATH, or PATH"),
    ),
    flags=(
        Flag(("--index",), "which of its containers", kinds.integer("number", 0, 100_000), 0),
        Flag(("-a", "--archive"), "", ignored=True),
        Flag(("-L", "--follow-link"), "", refused="links are never followed"),
        Flag(("--all",), "", refused="it is one container at a time"),
    ),
    examples=("docker compose cp app.py web:/srv/",),
)
def cp(session: Session, call: Call) -> Iterable[str]:
    """As ``docker cp``, by the names of services."""
    project = named_project(session, call)
    values = {**call.values, "quiet": False}
    for key in ("SRC_PATH", "DEST_PATH"):
        name, colon, path = str(values[key]).partition(":")
        if colon and name and not values[key].startswith(("/", ".")):
            check_services(project, [name])
            found = containers(session, call, project, [name])
            if call["index"]:
                found = found[call["index"] - 1 : call["index"]]
            if not found:
                raise Refused(f'no container found for service "{name}"')
            values[key] = f"{found[0].name}:{path}"
    return archives.cp(session, replace(call, values=values))


@compose_verb(
    "wait",
    "Wait until the containers of services have ended; the exit code is that of the last",
    arguments=(Argument("SERVICE", kinds.text("service"), "names in the file", repeat=True),),
    flags=(Flag(("--down-project",), "", refused="'docker compose down' after it"),),
    examples=("docker compose wait job",),
)
def wait(session: Session, call: Call) -> Iterable[str]:
    """Each in turn."""
    project = named_project(session, call)
    found = containers(session, call, project, call["SERVICE"])
    if not found:
        raise Refused(f'no containers for project "{project.name}": not found')
    lines, code = [], 0
    for one in found:
        said = session.do(WaitForContainer(name=one.name))
        code = int(said[-1]) if said else 0
        lines.append(f'container "{one.local_name}" exited with status code {code}')
    if code:
        session.say(lines)
        raise Refused(f"(exit code {code})")
    return lines
