"""What all commands of Compose share: their options, the project that they mean, its builds."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from simulator.cluster.compose.files.loading import CANDIDATES, OVERRIDES
from simulator.cluster.compose.files.reading import Wish, check_name, read
from simulator.cluster.compose.observed import containers_of, project_from
from simulator.cluster.compose.project import Project, image_of, no_service
from simulator.cluster.compose.wishes import Wishes
from simulator.errors import InputError, Refused
from simulator.files import is_folder
from simulator.image.directory import read_directory
from simulator.image.project import read_project
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.node.node import Node
from simulator.shell import kinds, lookup
from simulator.shell.compose.source import Folder, contents, environment, sources, with_contents
from simulator.shell.compose.unmodelled import notes
from simulator.shell.grammar import Argument, Call, Flag, Handler, Kind
from simulator.shell.registry import verb
from simulator.units import parse_duration
from simulator.world.commands import BuildImage
from simulator.world.compose_output import warned

if TYPE_CHECKING:
    from simulator.shell.session import Session

STYLES = ("auto", "tty", "plain", "json", "quiet")
GLOBALS = (
    Flag(("--file",), "in front of the command, as -f: a Compose file; several: one over the other",
         kinds.FILE, repeat=True),
    Flag(("--project-name",), "in front of the command, as -p: the name of the project",
         kinds.text("name")),
    Flag(("--project-directory",), "in front of the command: where relative paths start",
         kinds.FOLDER),
    Flag(("--profile",), "in front of the command: enable services of this profile",
         kinds.text("profile"), repeat=True),
    Flag(("--env-file",), "in front of the command: variables for the files, instead of .env",
         kinds.FILE, repeat=True),
    Flag(("--progress",), "how what is done is shown",
         kinds.choice("progress", STYLES), "auto"),
    Flag(("--shell-variable",), "typed as NAME=VALUE in front of the line: a variable of files",
         kinds.PAIR, repeat=True),
    Flag(("--ansi",), "", kinds.text("when"), ignored=True),
    Flag(("--parallel",), "", kinds.integer("count", -1, 10_000), ignored=True),
    Flag(("--verbose",), "", ignored=True),
    Flag(("--all-resources",), "", refused="what no service uses is not made"),
    Flag(("--compatibility",), "", refused="names with underscores are those of Compose 1"),
    Flag(("--dry-run",), "", refused="'what-if LINE' tries a line in a copy of this world"),
)  # fmt: skip
SERVICES = Argument("SERVICE", kinds.text("service"), "only these", optional=True, repeat=True)
SERVICE = Argument("SERVICE", kinds.text("service"), "its name in the file")


def _seconds(text: str) -> float:
    return 1e6 if text == "-1" else float(parse_duration(text))


TIMEOUT = Flag(
    ("-t", "--timeout"), "seconds from stop to kill, instead of its own",
    Kind("duration", _seconds),
)  # fmt: skip


def compose_verb(name: str, summary: str, **rest: Any) -> Callable[[Handler], Handler]:
    """Register a command of Compose: with the options that all of them have."""
    flags: Sequence[Flag] = rest.pop("flags", ())
    own = {one for flag in flags for one in flag.names}
    common = [flag for flag in GLOBALS if not own.intersection(flag.names)]
    return verb(f"docker compose {name}", summary, flags=(*flags, *common), **rest)


def style_of(call: Call) -> str:
    """How progress is shown."""
    found = str(call["progress"])
    return "tty" if found == "auto" else found


# --- projects -------------------------------------------------------------------------------------


def node_of(session: Session, call: Call) -> Node:
    """The daemon that a command goes to."""
    name = lookup.machine(session.reader, call["host"]).name
    return session.world.fleet.node(name)


def _folder_of(session: Session, call: Call, files: Sequence[str]) -> str:
    if call["project_directory"]:
        return posixpath.normpath(str(call["project_directory"]))
    return posixpath.dirname(files[0]) if files else ""


def _files(session: Session, call: Call) -> tuple[list[str], list[str]]:
    """The files that are meant, relative to the session's folder; and warnings."""
    named = [str(one) for one in call["file"]]
    if "-" in named:
        raise InputError("a file from standard input is not modelled", found="-")
    folder = Folder(session, _folder_of(session, call, named))
    if not named:
        variables = environment(folder, tuple(call["env_file"]), call["shell_variable"])
        named = [one for one in variables.get("COMPOSE_FILE", "").split(":") if one]
        if named:
            return [posixpath.join(folder.folder, one) for one in named], []
    if named:
        return named, []
    found = [one for one in CANDIDATES if folder.exists(one)]
    if not found:
        return [], []
    warnings = []
    if len(found) > 1:
        warnings = [f"Found multiple config files with supported names: {', '.join(found)}",
                    f"Using {found[0]}"]  # fmt: skip
    over = [one for one in OVERRIDES if folder.exists(one)]
    return [posixpath.join(folder.folder, one) for one in (found[0], *over[:1])], warnings


def project_of(
    session: Session, call: Call, services: Iterable[str] = (), *, alone: bool = False,
    resolve: bool = True,
) -> Project:  # fmt: skip
    """The project of the files that are meant; InputError where there is none."""
    found = _read(session, call, tuple(services), alone=alone, resolve=resolve)
    if found is None:
        raise InputError("no configuration file provided: not found")
    return found


def _read(
    session: Session, call: Call, services: tuple[str, ...], *, alone: bool, resolve: bool = True
) -> Project | None:
    if call["project_name"]:
        check_name(call["project_name"])
    files, warnings = _files(session, call)
    if not files:
        return None
    folder = Folder(session, _folder_of(session, call, files))
    variables = environment(folder, tuple(call["env_file"]), call["shell_variable"])
    wish = Wish(
        files=tuple(posixpath.relpath(one, folder.folder or ".") for one in files),
        home=folder.home,
        folder=_name_of(folder),
        name=call["project_name"] or "",
        environment=variables,
        profiles=tuple(call["profile"]),
        services=services,
        alone=alone,
        resolve=resolve,
    )
    done = read(folder, wish)
    session.say([warned(text) for text in (*warnings, *done.warnings)])
    project = msgspec.structs.replace(done.project, **with_contents(done.project, variables))
    for key, text in notes(project):
        session.note(key, text)
    return msgspec.structs.replace(project, contents=contents(folder, sources(project)))


def _name_of(folder: Folder) -> str:
    return folder.path(".").resolve().name


def named_project(session: Session, call: Call, *, needs: bool = False) -> Project:
    """The project of the files, or without files what its containers tell of the one named.

    ``needs``: one of which there is nothing is an error.
    """
    name = call["project_name"] or dict(call["shell_variable"]).get("COMPOSE_PROJECT_NAME", "")
    if not call["file"]:
        found = None if name and not _files(session, call)[0] else _try(session, call)
        if found is not None:
            return found
    else:
        return project_of(session, call)
    if not name:
        raise InputError("no configuration file provided: not found")
    check_name(name)
    project = project_from(node_of(session, call), name)
    if needs and not project.services:
        raise Refused(f'no container found for project "{name}": not found')
    return project


def _try(session: Session, call: Call) -> Project | None:
    return _read(session, call, (), alone=False)


def check_services(project: Project, names: Iterable[str]) -> None:
    """Refuse services that a project does not have."""
    known = {**project.services, **project.disabled}
    for name in names:
        if name not in known:
            raise Refused(no_service(name, known))


def check_names(project: Project) -> None:
    """Refuse a name that several services want for their containers."""
    taken: dict[str, str] = {}
    for name, service in project.services.items():
        own = service.get("container_name")
        if own and own in taken:
            raise InputError(
                f'services.{name}: container name "{own}" is already in use by service {taken[own]}'
            )
        if own:
            taken[own] = name


def containers(
    session: Session, call: Call, project: Project, names: Iterable[str] = (), *,
    one_off: bool = False,
) -> list[Container]:  # fmt: skip
    """The containers of a project, or of some of its services."""
    wanted = list(names)
    check_services(project, wanted)
    node = node_of(session, call)
    return containers_of(node, project.name, wanted or None, one_off=one_off)


def container(session: Session, call: Call, project: Project, name: str, index: int) -> Container:
    """One container of a service that runs."""
    check_services(project, [name])
    found = [one for one in containers(session, call, project, [name], one_off=True) if one.running]
    if index:
        found = [one for one in found if one.settings.labels.get(_NUMBER) == str(index)]
        if not found:
            raise Refused(f'service "{name}" is not running container #{index}')
    if not found:
        raise Refused(f'service "{name}" is not running')
    return found[0]


_NUMBER = "com.docker.compose.container-number"


def wishes_of(call: Call, **more: Any) -> Wishes:
    """How containers are brought to what is wanted, as far as flags say it."""
    return Wishes(timeout_s=call.values.get("timeout"), **more)


# --- builds ---------------------------------------------------------------------------------------


def builds_of(
    session: Session, call: Call, project: Project, *, always: bool = False,
    changes: dict[str, Any] | None = None,
) -> dict[str, BuildImage]:  # fmt: skip
    """How images of services are built, of those whose build may be needed."""
    store = node_of(session, call).machine.images.store
    found = {}
    for name, service in project.services.items():
        if not service.get("build"):
            continue
        here = store.find(Reference.parse(image_of(project, name))) is not None
        if always or not here or service.get("pull_policy") == "build":
            found[name] = _build(session, call, project, name, changes or {})
    return found


def _build(
    session: Session, call: Call, project: Project, name: str, changes: dict[str, Any]
) -> BuildImage:
    wish = project.services[name]["build"]
    context = str(wish["context"])
    if "://" in context or context.startswith("git@"):
        raise InputError("a build context that is no folder is not modelled", found=context)
    folder = Folder(session, posixpath.relpath(project.home, "/root"))
    inside = posixpath.relpath(context, project.home)
    real = folder.path(inside)
    if not is_folder(real):
        raise InputError(f'unable to prepare context: path "{inside}" not found')
    text, file = wish.get("dockerfile_inline"), str(wish.get("dockerfile") or "Dockerfile")
    if text is None:
        read_ = read_project(real, _dockerfile(folder, real, file, context))
        text, file, files = read_.dockerfile, read_.dockerfile_name, read_.context
    else:
        files = read_directory(real, None)
    fields: dict[str, Any] = {
        "dockerfile": text,
        "dockerfile_name": file,
        "context": replace(files, name=inside),
        "tags": (image_of(project, name), *map(str, wish.get("tags") or ())),
        "build_args": {k: str(v) for k, v in (wish.get("args") or {}).items() if v is not None},
        "target": wish.get("target"),
        "no_cache": bool(wish.get("no_cache")),
        "platforms": tuple(wish.get("platforms") or ()),
        "platform": project.services[name].get("platform"),
        "labels": {k: str(v or "") for k, v in (wish.get("labels") or {}).items()},
        "secrets": tuple(one["source"] for one in wish.get("secrets") or ()),
        "pull": bool(wish.get("pull")),
        "stand_ins": True,
        "machine": call["host"],
    }
    args = changes.pop("build_args", None) if "build_args" in changes else None
    if args:
        fields["build_args"] |= args
    return BuildImage(**{**fields, **changes})


def _dockerfile(folder: Folder, real: Path, file: str, context: str) -> Path:
    """The Dockerfile: relative to the context, or where the machine has it."""
    if file.startswith("/root"):
        return folder.path(posixpath.relpath(file, folder.home))
    return real / file
