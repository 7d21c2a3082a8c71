"""``docker compose config`` and ``version``: what the files say when all is said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.cluster.compose.labels import VERSION, service_hash
from simulator.cluster.compose.project import Project, image_of, in_order
from simulator.shell import kinds
from simulator.shell.compose.common import (
    SERVICES,
    check_names,
    check_services,
    compose_verb,
    project_of,
)
from simulator.shell.compose.document import document, json_lines
from simulator.shell.compose.source import Folder, environment
from simulator.shell.go_yaml import yaml_lines
from simulator.shell.grammar import Call, Flag

if TYPE_CHECKING:
    from simulator.shell.session import Session


@compose_verb(
    "config",
    "Check the files, and print what they say in long form, variables replaced",
    arguments=(SERVICES,),
    flags=(
        Flag(("-q", "--quiet"), "only check"),
        Flag(("--services",), "names of services"),
        Flag(("--volumes",), "names of volumes"),
        Flag(("--networks",), "names of networks"),
        Flag(("--images",), "names of images"),
        Flag(("--profiles",), "names of profiles"),
        Flag(("--hash",), "hashes of services: '*' or names with commas", kinds.text("services")),
        Flag(("--environment",), "the variables that ${...} may mean"),
        Flag(("--format",), "yaml or json", kinds.choice("format", ("yaml", "json")), "yaml"),
        Flag(("--no-env-resolution",), "env files stay names"),
        Flag(("-o", "--output"), "", kinds.TEXT, refused="no real file is written"),
        Flag(("--no-interpolate", "--no-normalize", "--no-path-resolution", "--no-consistency",
              "--resolve-image-digests", "--lock-image-digests", "--variables", "--models"), "",
             refused="what is printed is what 'up' reads"),
    ),
    aliases=("docker compose convert",),
    examples=("docker compose config", "docker compose config --services"),
)  # fmt: skip
def config(session: Session, call: Call) -> Iterable[str]:
    """The whole project, or names of its parts."""
    project = project_of(session, call, call["SERVICE"], resolve=not call["no_env_resolution"])
    check_names(project)
    if call["quiet"]:
        return []
    listed = _names(call, project)
    if listed is not None:
        return listed
    if call["hash"]:
        names = list(project.services) if call["hash"] == "*" else call["hash"].split(",")
        check_services(project, names)
        return [f"{name} {service_hash(project.services[name])}" for name in names]
    if call["environment"]:
        return _environment(session, call, project.name)
    if call["format"] == "json":
        lines = json_lines(document(project, natural=False))
    else:
        lines = yaml_lines(document(project))
    return [line.replace("$", "$$") for line in lines]


def _names(call: Call, project: Project) -> list[str] | None:
    if call["services"]:
        return in_order(project.services)
    for kind in ("volumes", "networks"):
        if call[kind]:
            return list(getattr(project, kind))
    if call["images"]:
        return list(dict.fromkeys(image_of(project, name) for name in project.services))
    if call["profiles"]:
        some = {**project.services, **project.disabled}.values()
        return sorted({one for service in some for one in service.get("profiles") or ()})
    return None


def _environment(session: Session, call: Call, name: str) -> list[str]:
    folder = Folder(session, str(call["project_directory"] or ""))
    found = environment(folder, tuple(call["env_file"]), call["shell_variable"])
    found.setdefault("COMPOSE_PROJECT_NAME", name)
    return [f"{key}={found[key]}" for key in sorted(found)]


@compose_verb(
    "version",
    "Which Compose this is like",
    flags=(
        Flag(("--short",), "the number only"),
        Flag(("-f", "--format"), "pretty or json", kinds.choice("format", ("pretty", "json")),
             "pretty"),
    ),
    examples=("docker compose version",),
)  # fmt: skip
def version(session: Session, call: Call) -> Iterable[str]:
    """The release whose rules these are."""
    if call["short"]:
        return [VERSION]
    if call["format"] == "json":
        return [json.dumps({"version": f"v{VERSION}"})]
    return [f"Docker Compose version v{VERSION}"]
