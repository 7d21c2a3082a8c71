"""``docker compose up``, ``create``, ``scale``, ``build``, ``pull``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from simulator.cluster.compose.project import Project, image_of, scaled
from simulator.cluster.compose.wishes import Images
from simulator.errors import InputError, Refused
from simulator.shell import kinds, lookup
from simulator.shell.compose.common import (
    SERVICES,
    TIMEOUT,
    builds_of,
    check_names,
    compose_verb,
    project_of,
    style_of,
    wishes_of,
)
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.world.compose_commands import ComposeUp

if TYPE_CHECKING:
    from simulator.shell.session import Session

_STILL = "(still running after {0:g}s; it goes on. 'docker compose up -d' gives the prompt back)"


def _count(text: str) -> tuple[str, int]:
    name, equals, number = text.partition("=")
    if not equals or not name or not number:
        raise InputError(f"invalid scale specifier: {text}")
    if not number.isascii() or not number.isdigit() or len(number) > 5:
        raise InputError(f"invalid scale specifier: can't parse replica value as int: {text}")
    return name, int(number)


SCALE = Kind("SERVICE=NUMBER", _count)
_PULLS = ("always", "missing", "never", "policy", "build")
_PULL = Flag(("--pull",), "when to ask the registry", kinds.choice("policy", _PULLS), "policy")
_CREATING = (
    Flag(("--build",), "build images first, also those that are there"),
    Flag(("--no-build",), "build no image"),
    _PULL,
    Flag(("--force-recreate",), "make all containers anew"),
    Flag(("--no-recreate",), "make none anew, whatever has changed"),
    Flag(("--remove-orphans",), "remove containers of services that the files do not have"),
    Flag(("--scale",), "SERVICE=NUMBER of containers", SCALE, repeat=True),
    Flag(("--quiet-pull",), "nothing is said of pulls"),
    Flag(("-y", "--yes", "--y"), "yes to what is asked: volumes that changed are made anew, empty"),
)
_UP = (
    Flag(("-d", "--detach"), "give the prompt back when they have started"),
    *_CREATING,
    Flag(("--wait",), "until services run, or are healthy where they can be"),
    Flag(("--wait-timeout",), "seconds that --wait waits at most",
         kinds.integer("seconds", 0, 1_000_000)),
    Flag(("--no-start",), "make containers, and start none"),
    Flag(("--no-deps",), "without what the services wait for"),
    Flag(("--always-recreate-deps",), "make what they wait for anew, too"),
    Flag(("-V", "--renew-anon-volumes"), "new anonymous volumes for containers made anew"),
    Flag(("--abort-on-container-exit",), "stop all when one has ended"),
    Flag(("--abort-on-container-failure",), "stop all when one has failed"),
    Flag(("--exit-code-from",), "end with the code of this service's container",
         kinds.text("service")),
    Flag(("--attach",), "show the output of these services only", kinds.text("service"),
         repeat=True),
    Flag(("--no-attach",), "do not show the output of these", kinds.text("service"),
         repeat=True),
    Flag(("--attach-dependencies",), "show the output of what they wait for, too"),
    Flag(("--no-log-prefix",), "lines without the names of containers"),
    Flag(("--timestamps",), "lines with their times"),
    Flag(("--no-color",), "", ignored=True),
    Flag(("--quiet-build",), "nothing is said of builds"),
    TIMEOUT,
    Flag(("-w", "--watch"), "", refused="files that change are not followed"),
    Flag(("--menu",), "", refused="there are no keys while containers are shown"),
)  # fmt: skip


def _consistent(values: dict[str, Any]) -> None:
    """What the tool refuses by looking at the flags alone."""
    both = "--abort-on-container-failure cannot be combined with --abort-on-container-exit"
    stops = values["abort_on_container_exit"] or bool(
        values["exit_code_from"] and not values["abort_on_container_failure"]
    )
    fails = values["abort_on_container_failure"]
    shows = values["attach_dependencies"] or values["attach"]
    if stops and fails:
        raise InputError(both)
    if values["wait"] and (stops or shows):
        raise InputError(
            "--wait cannot be combined with --abort-on-container-exit, --attach or "
            "--attach-dependencies"
        )
    if (values["detach"] or values["wait"]) and (stops or fails or shows):
        raise InputError(
            f"--{'wait' if values['wait'] else 'detach'} cannot be combined with "
            "--abort-on-container-exit, --abort-on-container-failure, --attach, "
            "--attach-dependencies or --watch"
        )
    if values["attach"] and values["attach_dependencies"]:
        raise InputError("cannot combine --attach and --attach-dependencies")
    _pairs(values)


def _pairs(values: dict[str, Any]) -> None:
    for one, other in (
        ("build", "no_build"), ("renew_anon_volumes", "no_recreate"),
        ("force_recreate", "no_recreate"), ("always_recreate_deps", "no_recreate"),
    ):  # fmt: skip
        if values.get(one) and values.get(other):
            names = sorted(f"--{key.replace('_', '-')}" for key in (one, other))
            first = [f"--{one.replace('_', '-')}", f"--{other.replace('_', '-')}"]
            shown = names if "no-recreate" in names[0] else first
            raise InputError(f"{shown[0]} and {shown[1]} are incompatible")


def images_of(call: Call) -> Images:
    """Where images come from, as far as flags say it."""
    pull = call.values.get("pull", "policy")
    build = "always" if call.values.get("build") or pull == "build" else ""
    if call.values.get("no_build"):
        build = "never"
    return Images(
        pull="" if pull in ("policy", "build", True, False, None) else pull,
        build=build,
        quiet=bool(call.values.get("quiet_pull")),
    )


def _creation(session: Session, call: Call, project: Project, operation: str) -> dict[str, Any]:
    """What ``up`` and ``create`` have in common."""
    recreate = "never" if call["no_recreate"] else "diverged"
    deep = "force" if call.values.get("always_recreate_deps") else recreate
    return {
        "project": project,
        "operation": operation,
        "images": images_of(call),
        "builds": {} if call["no_build"] else builds_of(
            session, call, project, always=call["build"] or call["pull"] == "build",
            changes={"quiet": bool(call.values.get("quiet_build"))}),
        "wishes": wishes_of(
            call,
            named=call["SERVICE"],
            recreate="force" if call["force_recreate"] else recreate,
            recreate_dependencies=deep,
            renew_volumes=bool(call.values.get("renew_anon_volumes")),
            remove_orphans=call["remove_orphans"],
            assume_yes=call["yes"],
        ),
        "style": style_of(call),
        "machine": call["host"],
    }  # fmt: skip


def _project(session: Session, call: Call, *, alone: bool = False) -> Project:
    project = project_of(session, call, call["SERVICE"], alone=alone)
    if not project.services:
        raise Refused("no service selected")
    project = scaled(project, call["scale"])
    check_scale(project)
    return project


def check_scale(project: Project) -> None:
    """Refuse several containers of one name."""
    for name, service in project.services.items():
        named = service.get("container_name")
        if named and (service.get("scale") or 1) > 1:
            raise Refused(
                f'WARNING: The "{name}" service is using the custom container name "{named}". '
                "Docker requires each container to have a unique name. Remove the custom name to "
                "scale the service"
            )
    check_names(project)


@compose_verb(
    "up",
    "Make the containers that the files want, anew where that has changed, and start them",
    arguments=(SERVICES,),
    flags=_UP,
    validate=_consistent,
    examples=(
        "docker compose up -d",
        "docker compose -f compose.yaml -f prod.yaml up -d --scale web=3",
        "docker compose up --exit-code-from test",
    ),
    details=(
        "Without -d what the containers print is shown, until all have ended. Networks, volumes\n"
        "and what services wait for (depends_on) come first. 'traffic SERVICE RATE' sends\n"
        "requests to the containers of a service."
    ),
)
def up(session: Session, call: Call) -> Iterable[str]:
    """Images, networks, volumes, containers, their start."""
    project = _project(session, call, alone=call["no_deps"])
    source = call["exit_code_from"]
    if source:
        project.service(source)
    detach = call["detach"] or call["wait"] or call["no_start"]
    stops = call["abort_on_container_exit"] or (source and not call["abort_on_container_failure"])
    command = ComposeUp(
        **_creation(session, call, project, "create" if call["no_start"] else "up"),
        detach=detach,
        wait=call["wait"],
        wait_timeout_s=call["wait_timeout"] or None,
        attach=_attached(call, project),
        prefix=not call["no_log_prefix"],
        timestamps=call["timestamps"],
        abort="exit" if stops else "failure" if call["abort_on_container_failure"] else "",
        exit_code_from=source or "",
    )
    if detach:
        return session.do(command)
    before = session.world.now
    lines = session.do(command, session.attached_wait_s)
    if session.world.now - before >= session.attached_wait_s:
        lines.append(_STILL.format(session.attached_wait_s))
    return lines


def _attached(call: Call, project: Project) -> tuple[str, ...]:
    """The services whose output is shown."""
    named = call["attach"]
    unknown = [one for one in named if one not in project.services]
    if unknown:
        raise InputError(f"cannot attach to services not included in up: {', '.join(unknown)}")
    asked = call["SERVICE"] if call["SERVICE"] and not call["attach_dependencies"] else ()
    found = named or [
        name
        for name, one in project.services.items()
        if one.get("attach", True) and (not asked or name in asked)
    ]
    return tuple(one for one in found if one not in call["no_attach"])


@compose_verb(
    "create",
    "Make the containers that the files want, and start none",
    arguments=(SERVICES,),
    flags=_CREATING,
    validate=_pairs,
    examples=("docker compose create",),
)
def create(session: Session, call: Call) -> Iterable[str]:
    """As ``up``, without the start."""
    return session.do(ComposeUp(**_creation(session, call, _project(session, call), "create")))


@compose_verb(
    "scale",
    "Have other numbers of containers of services",
    arguments=(Argument("SERVICE=REPLICAS", SCALE, "as web=3", repeat=True),),
    flags=(Flag(("--no-deps",), "without what the services wait for"),),
    examples=("docker compose scale web=3",),
)
def scale(session: Session, call: Call) -> Iterable[str]:
    """More come, those with the highest numbers go."""
    counts = dict(call["SERVICE=REPLICAS"])
    project = project_of(session, call, tuple(counts), alone=call["no_deps"])
    project = scaled(project, counts.items())
    check_scale(project)
    return session.do(
        ComposeUp(
            project=project,
            operation="scale",
            builds=builds_of(session, call, project),
            wishes=wishes_of(call, named=tuple(counts), ignore_orphans=True),
            style=style_of(call),
            machine=call["host"],
        )
    )


@compose_verb(
    "build",
    "Build the images of services that say how",
    arguments=(SERVICES,),
    flags=(
        Flag(("--no-cache",), "build every step anew"),
        Flag(("--pull",), "ask the registry for newer base images"),
        Flag(("--build-arg",), "value of an ARG", kinds.PAIR, repeat=True),
        Flag(("-q", "--quiet"), "nothing but the names of images"),
        Flag(("--push",), "push the images when they are built"),
        Flag(("--with-dependencies",), "also what the services wait for"),
        Flag(("--ssh",), "a key for RUN --mount=type=ssh", kinds.text("key")),
        Flag(("-m", "--memory"), "", refused="BuildKit has no such limit"),
        Flag(("--check",), "", refused="'docker build --check' says what is wrong of a file"),
        Flag(("--builder", "--sbom", "--provenance", "--print"), "", kinds.TEXT,
             refused="there is one builder, without attestations"),
    ),
    examples=("docker compose build", "docker compose build --no-cache web"),
)  # fmt: skip
def build(session: Session, call: Call) -> Iterable[str]:
    """Each that has a ``build``."""
    alone = bool(call["SERVICE"]) and not call["with_dependencies"]
    project = project_of(session, call, call["SERVICE"], alone=alone)
    changes: dict[str, Any] = {"quiet": call["quiet"], "push": call["push"]}
    if call["no_cache"]:
        changes["no_cache"] = True
    if call["pull"]:
        changes["pull"] = True
    if call["ssh"]:
        changes["ssh"] = (call["ssh"].partition("=")[0],)
    changes["build_args"] = dict(call["build_arg"])
    builds = builds_of(session, call, project, always=True, changes=changes)
    if not builds:
        return ["WARN[0000] No services to build"]
    return session.do(
        ComposeUp(
            project=project, operation="build", builds=builds,
            images=Images(build="always", pull="never"), style=style_of(call),
            machine=call["host"],
        )
    )  # fmt: skip


@compose_verb(
    "pull",
    "Fetch the images of services",
    arguments=(SERVICES,),
    flags=(
        Flag(("--ignore-pull-failures",), "go on where an image cannot be had"),
        Flag(("--include-deps",), "also those of what the services wait for"),
        Flag(("--ignore-buildable",), "not those that can be built"),
        Flag(("--policy",), "'missing': not those that are here",
             kinds.choice("policy", ("missing", "always")), "always"),
        Flag(("-q", "--quiet"), "nothing is said of what comes"),
    ),
    examples=("docker compose pull", "docker compose pull web"),
)  # fmt: skip
def pull(session: Session, call: Call) -> Iterable[str]:
    """Each that has an image."""
    alone = bool(call["SERVICE"]) and not call["include_deps"]
    project = project_of(session, call, call["SERVICE"], alone=alone)
    here = [one.reference for one in session.reader.images_on(_machine(session, call))]
    services = {
        name: one
        for name, one in project.services.items()
        if one.get("image")
        and not (call["ignore_buildable"] and one.get("build"))
        and not (call["policy"] == "missing" and _short(project, name) in here)
    }
    return session.do(
        ComposeUp(
            project=msgspec.structs.replace(project, services=services), operation="pull",
            images=Images(pull="always", quiet=call["quiet"]), style=style_of(call),
            ignore_pull_failures=call["ignore_pull_failures"], machine=call["host"],
        )
    )  # fmt: skip


def _machine(session: Session, call: Call) -> str:
    return lookup.machine(session.reader, call["host"]).name


def _short(project: Project, name: str) -> str:
    return lookup.familiar(image_of(project, name), whole=True)
