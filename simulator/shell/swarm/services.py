"""``docker service create``, ``update``, ``scale``, ``rollback`` and ``rm``.

Source: docker/cli, ``cli/command/service``.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simulator.cluster.swarm.naming import identity
from simulator.cluster.swarm.specs import ServiceSpec
from simulator.errors import DrydockError, InputError, Refused
from simulator.image.reference import Reference
from simulator.shell import kinds
from simulator.shell.docker.run import variables
from simulator.shell.grammar import UNSAID, Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.results import OfClient
from simulator.shell.swarm import service_flags
from simulator.shell.swarm.common import each_of, machine_of, service_of, swarm_of
from simulator.shell.swarm.progress import Convergence
from simulator.shell.swarm.service_listing import SERVICE
from simulator.shell.swarm.unseen import unseen
from simulator.shell.swarm.uses import USES
from simulator.world.swarm_commands import (
    CreateSwarmService,
    RemoveSwarmService,
    UpdateSwarmService,
)
from simulator.world.swarm_services import check_service_name

if TYPE_CHECKING:
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

REPLICAS = kinds.integer("number of tasks", 0, 1_000_000)
DETACH = Flag(("-d", "--detach"), "do not wait until it is so")
QUIET = Flag(("-q", "--quiet"), "do not print how far it is")
_KNOWN = "--credential-spec --dns-option --dns-search --isolation --memory-swap --memory-swappiness"
_COMMON = (
    DETACH,
    QUIET,
    Flag(("--with-registry-auth",), "", ignored=True),
    Flag(("--no-resolve-image",), "do not ask a registry whether it has the image"),
)


# --- creating -------------------------------------------------------------------------------------


@verb(
    "docker service create",
    "Make a service: tasks that are alike, on nodes of the swarm",
    arguments=(
        Argument("IMAGE", kinds.IMAGE, "what its tasks run"),
        Argument("COMMAND", kinds.WORD, "instead of the image's", optional=True, repeat=True),
    ),
    flags=(
        Flag(("--name",), "what it is called", kinds.text("name")),
        Flag(("--mode",), "replicated, global (one on each node), or a job of either kind",
             kinds.choice("mode", ("replicated", "global", "replicated-job", "global-job"))),
        Flag(("--replicas",), "how many tasks (1)", REPLICAS),
        Flag(("--env-file",), "read variables from a file", kinds.FILE, repeat=True),
        *(one.create_flag for one in USES),
        *service_flags.flags(change=False),
        *_COMMON,
    ),
    trailing=True,
    known=f"{_KNOWN} --sysctl",
    examples=(
        "docker service create --name web --replicas 3 -p 80:80 nginx",
        "docker service create --name agent --mode global nginx",
        "docker service create -d --mode replicated-job --replicas 5 alpine echo done",
    ),
)  # fmt: skip
def create(session: Session, call: Call) -> Iterable[str]:
    """Its identity, and how far it is until all of its tasks run."""
    swarm = swarm_of(session, call)
    name = _named(swarm, call["name"])
    base = service_flags.empty(name, call["IMAGE"], tuple(call["COMMAND"]))
    spec = service_flags.changed(base, call, change=False)
    spec = _with_env_files(session, call, spec)
    spec = _with_uses(swarm, call, spec, change=False)
    warnings = _warnings(session, swarm, call, spec)
    [id_] = session.do(CreateSwarmService(
        spec=spec, pinned=not call["no_resolve_image"], machine=call["host"]
    ))  # fmt: skip
    session.say([*warnings, id_])
    return _converged(session, call, swarm, id_)


def _named(swarm: Swarm, name: str | None) -> str:
    if name is None:
        made = identity(f"{swarm.state.id}/name/{swarm.state.version}", 8)
        return f"service_{made}"
    check_service_name(name)
    return name


def _with_env_files(session: Session, call: Call, spec: ServiceSpec) -> ServiceSpec:
    if not call["env_file"]:
        return spec
    container = spec.task.container
    container = replace(container, env=variables(session, call))
    return replace(spec, task=replace(spec.task, container=container))


def _with_uses(swarm: Swarm, call: Call, spec: ServiceSpec, *, change: bool) -> ServiceSpec:
    """With its networks, secrets and configs."""
    task = spec.task
    for one in USES:
        task = replace(task, **{one.field: one.new(swarm, call, getattr(task, one.field), change)})
    return replace(spec, task=task)


def _warnings(session: Session, swarm: Swarm, call: Call, spec: ServiceSpec) -> list[str]:
    """What the client says of an image that it could not look up."""
    image = spec.task.container.image
    Reference.parse(image)
    if call["no_resolve_image"]:
        return []
    return unseen(swarm, machine_of(session, call), image)


def _converged(session: Session, call: Call, swarm: Swarm, id_: str) -> list[str]:
    """Wait until a service is what it is wanted to be, and show how far it came."""
    if call["detach"] is True:
        return []
    quiet = bool(call.values.get("quiet"))
    Convergence(session, swarm.state, swarm.state.services[id_], quiet=quiet).follow()
    return []


# --- changing -------------------------------------------------------------------------------------


def _consistent(values: dict[str, Any]) -> None:
    if values["rollback"] and any(
        value not in (None, (), False, UNSAID)
        for key, value in values.items()
        if key not in ("rollback", "detach", "quiet", "SERVICE", "host", "help",
                       "with_registry_auth", "no_resolve_image")
    ):  # fmt: skip
        raise InputError("other flags may not be combined with --rollback")


@verb(
    "docker service update",
    "Change a service: its tasks are exchanged for others where they must",
    arguments=(Argument("SERVICE", SERVICE, "name or id"),),
    flags=(
        Flag(("--image",), "what its tasks run", kinds.IMAGE),
        Flag(("--args",), "the command, instead of the image's", kinds.WORD),
        Flag(("--replicas",), "how many tasks", REPLICAS),
        Flag(("--force",), "exchange all tasks, although nothing else changes"),
        Flag(("--rollback",), "make it what it was before its last change"),
        *(flag for one in USES for flag in one.update_flags),
        *service_flags.flags(change=True),
        *_COMMON,
    ),
    validate=_consistent,
    known=f"{_KNOWN} --sysctl-add --sysctl-rm --dns-option-add "
    "--dns-option-rm --dns-search-add --dns-search-rm",
    examples=(
        "docker service update --image nginx:1.27 web",
        "docker service update --force web",
        "docker service update --env-add MODE=fast --limit-memory 256m web",
    ),
)
def update(session: Session, call: Call) -> Iterable[str]:
    """Its name, and how far the update is until it is through, or stops."""
    swarm = swarm_of(session, call)
    service = service_of(swarm, call["SERVICE"])
    warnings: list[str] = []
    if call["rollback"]:
        command = UpdateSwarmService(id=service.id, rollback=True, machine=call["host"])
    else:
        spec = _changed(swarm, call, service.spec)
        if call["image"]:
            warnings = _warnings(session, swarm, call, spec)
        asked = bool(call["image"]) and not call["no_resolve_image"]
        command = UpdateSwarmService(
            id=service.id, spec=spec, pinned=asked, machine=call["host"]
        )  # fmt: skip
    session.do(command)
    session.say([*warnings, call["SERVICE"]])
    return _converged(session, call, swarm, service.id)


def _changed(swarm: Swarm, call: Call, before: ServiceSpec) -> ServiceSpec:
    spec = service_flags.changed(before, call, change=True)
    spec = _with_uses(swarm, call, spec, change=True)
    container: dict[str, Any] = {}
    if call["image"]:
        container["image"] = call["image"]
    if call["args"] is not None:
        container["command"] = tuple(_words(call["args"]))
    task = replace(spec.task, container=replace(spec.task.container, **container))
    if call["force"]:
        task = replace(task, force_update=task.force_update + 1)
    if call["image"]:
        task = replace(task, placement=replace(task.placement, platforms=()))
    return replace(spec, task=task)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise InputError("a quote is not closed", found=text) from None


# --- scaling --------------------------------------------------------------------------------------


def _scale(text: str) -> tuple[str, int]:
    name, equals, count = text.partition("=")
    if not equals:
        raise InputError(f"invalid scale specifier '{text}'", expected="SERVICE=REPLICAS")
    return name, int(REPLICAS.parse(count))


@verb(
    "docker service scale",
    "Set how many tasks services have",
    arguments=(Argument("SERVICE=REPLICAS", Kind("scale", _scale, "swarm service"),
                        "as web=5", repeat=True),),
    flags=(DETACH,),
    examples=("docker service scale web=5", "docker service scale web=5 api=3"),
)  # fmt: skip
def scale(session: Session, call: Call) -> Iterable[str]:
    """What each is scaled to; then how far it is."""
    swarm = swarm_of(session, call)
    done: list[str] = []
    for name, count in call["SERVICE=REPLICAS"]:
        try:
            done.append(_scaled(session, call, swarm, name, count))
            session.say([f"{name} scaled to {count}"])
        except DrydockError as error:
            session.fail(call, OfClient(f"{name}: {_told(error)}"))
    for id_ in done:
        _converged(session, call, swarm, id_)
    return []


def _told(error: DrydockError) -> str:
    return f"Error response from daemon: {error}" if type(error) is Refused else str(error)


def _scaled(session: Session, call: Call, swarm: Swarm, name: str, count: int) -> str:
    service = service_of(swarm, name)
    mode = service.spec.mode
    if mode.is_global:
        raise OfClient("scale can only be used with replicated or replicated-job mode")
    changes: dict[str, int] = {"replicas": count}
    if mode.kind == "replicated-job" and mode.max_concurrent == mode.replicas:
        changes["max_concurrent"] = count
    spec = replace(service.spec, mode=replace(mode, **changes))
    session.do(UpdateSwarmService(id=service.id, spec=spec, machine=call["host"]))
    return service.id


# --- going back, and removing ---------------------------------------------------------------------


@verb(
    "docker service rollback",
    "Make a service what it was before its last change",
    arguments=(Argument("SERVICE", SERVICE, "name or id"),),
    flags=(DETACH, QUIET),
    examples=("docker service rollback web",),
)
def rollback(session: Session, call: Call) -> Iterable[str]:
    """Its name, and how far it is."""
    swarm = swarm_of(session, call)
    service = service_of(swarm, call["SERVICE"])
    session.do(UpdateSwarmService(id=service.id, rollback=True, machine=call["host"]))
    session.say([call["SERVICE"]])
    return _converged(session, call, swarm, service.id)


@verb(
    "docker service rm",
    "Remove services and their tasks",
    arguments=(Argument("SERVICE", SERVICE, "name or id", repeat=True),),
    aliases=("docker service remove",),
    destructive=True,
    examples=("docker service rm web",),
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Their names."""
    swarm = swarm_of(session, call)

    def one(word: str) -> list[str]:
        service = service_of(swarm, word)
        session.do(RemoveSwarmService(id=service.id, machine=call["host"]))
        return [word]

    return each_of(session, call, call["SERVICE"], one)
