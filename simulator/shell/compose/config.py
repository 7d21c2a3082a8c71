"""``docker compose config`` and ``version``: what the files say when all is said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from simulator.cluster.compose.labels import VERSION, service_hash
from simulator.cluster.compose.project import Project, image_of, in_order
from simulator.shell import kinds
from simulator.shell.compose.common import SERVICES, check_services, compose_verb, project_of
from simulator.shell.compose.source import Folder, environment
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
        return _environment(session, call)
    whole = document(project)
    if call["format"] == "json":
        return json.dumps(whole, indent=2, ensure_ascii=False).split("\n")
    return yaml_lines(whole)


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


def _environment(session: Session, call: Call) -> list[str]:

    folder = Folder(session, str(call["project_directory"] or ""))
    found = environment(folder, tuple(call["env_file"]), call["shell_variable"])
    return [f"{key}={found[key]}" for key in sorted(found)]


def document(project: Project) -> dict[str, Any]:
    """A project as one mapping, in the order in which the tool prints it."""
    found: dict[str, Any] = {"name": project.name}
    for kind in ("services", "networks", "volumes", "secrets", "configs"):
        some = getattr(project, kind)
        if some or kind == "services":
            found[kind] = {key: _sorted(some[key]) for key in sorted(some)}
    return found


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value


def yaml_lines(value: Any) -> list[str]:
    """YAML as Go's encoder writes it: lists indented, doubtful words in double quotes."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists, and quotes texts that would be read as something else."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> Any:
        found = cast(Any, dumper).resolve(yaml.ScalarNode, data, (True, False))
        doubtful = found != "tag:yaml.org,2002:str"
        style = "|" if "\n" in data else '"' if doubtful else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Dumper.add_representer(str, text)
    whole = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return str(whole).rstrip("\n").split("\n")


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
