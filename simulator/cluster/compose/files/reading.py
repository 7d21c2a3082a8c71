"""A project from its files: the way in for everybody who has some."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from simulator.cluster.compose.files import dotenv
from simulator.cluster.compose.files.canonical import long_form
from simulator.cluster.compose.files.casting import BadValue, boolean
from simulator.cluster.compose.files.checks import problems
from simulator.cluster.compose.files.loading import Loader, Source
from simulator.cluster.compose.files.relative import moved
from simulator.cluster.compose.files.short import BadForm, pairs_of
from simulator.cluster.compose.files.tree import Map, place_of, plain
from simulator.cluster.compose.project import Project, selected, with_dependencies
from simulator.errors import InputError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
KINDS = ("networks", "volumes", "secrets", "configs")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says of a project beside its files."""

    files: tuple[str, ...]
    """Relative to the project's folder."""
    home: str = "/root"
    folder: str = "app"
    """What the folder is called, for a project without a name."""
    name: str = ""
    environment: Mapping[str, str] | None = None
    """Variables, those of ``.env`` included."""
    profiles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    alone: bool = False
    """Without what the services wait for."""
    resolve: bool = True
    """Whether env files are read."""


@dataclass(frozen=True, slots=True)
class Read:
    """A project, and what the tool warns of."""

    project: Project
    warnings: tuple[str, ...] = ()


def read(source: Source, wish: Wish) -> Read:
    """The project of some files; InputError with a place for what cannot be one."""
    environment = dict(wish.environment or {})
    name = wish.name or environment.get("COMPOSE_PROJECT_NAME", "")
    if name:
        check_name(name)
    loader = Loader(source, environment, wish.home)
    name = name or _named(loader.names(wish.files), wish.folder)
    loader.environment.setdefault("COMPOSE_PROJECT_NAME", name)
    tree = loader.load(wish.files)
    whole = _model(tree, name, wish.home)
    model = {**whole, "services": {}}
    disabled: dict[str, Any] = {}
    profiles = (*wish.profiles, *_listed(environment.get("COMPOSE_PROFILES", "")))
    enabled = _enabled(whole["services"], profiles, wish.services)
    for one, service in whole["services"].items():
        (model["services"] if one in enabled else disabled)[one] = service
    _check(model, disabled, tree)
    project = Project(
        name=name, home=wish.home, files=wish.files, services=model["services"],
        disabled=disabled, **{kind: model[kind] for kind in KINDS},
        extensions={key: plain(one) for key, one in tree.items() if key.startswith("x-")},
    )  # fmt: skip
    project = selected(project, wish.services, alone=wish.alone)
    _resolve(project, source, environment, wish)
    return Read(_used(project), tuple(loader.warnings))


def check_name(name: str) -> None:
    """Refuse a name that no project may have."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f'invalid project name "{name[:60]}": must consist only of lowercase alphanumeric '
            "characters, hyphens, and underscores as well as start with a letter or number"
        )


def _named(tree: Map, folder: str) -> str:
    stated = tree.get("name")
    name = folder if stated is None else str(stated)
    found = re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")
    if not found:
        raise InputError("project name must not be empty", place=place_of(tree, ("name",)))
    return found


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


# --- long form ------------------------------------------------------------------------------------


def _model(tree: Map, name: str, home: str) -> dict[str, Any]:
    model: dict[str, Any] = {"services": {}}
    services = tree.get("services") or Map()
    for key in sorted(services):
        if services[key] is None:
            raise InputError(
                f"services.{key} must be a mapping", place=place_of(tree, ("services", key))
            )
        model["services"][key] = long_form(key, services[key], home)
    for kind in KINDS:
        found = tree.get(kind) or Map()
        model[kind] = {
            key: _thing(kind, key, found[key], name, home, tree) for key in sorted(found)
        }
    for service in model["services"].values():
        _implied(service)
    _default_network(model, name)
    return model


def _thing(kind: str, key: str, value: Any, name: str, home: str, tree: Map) -> dict[str, Any]:
    """A network, a volume, a secret or a config."""
    made = dict(plain(value) or {})
    external = made.get("external")
    try:
        if isinstance(external, dict):
            made["name"], made["external"] = external.get("name", key), True
        elif external is not None:
            made["external"] = boolean(external)
            if not made["external"]:
                del made["external"]
        for switch in ("internal", "attachable", "enable_ipv4", "enable_ipv6"):
            if made.get(switch) is not None:
                made[switch] = boolean(made[switch])
        if made.get("labels") is not None:
            made["labels"] = dict(pairs_of(made["labels"]))
    except (BadForm, BadValue) as error:
        raise InputError(f"{kind}.{key}: {error}", place=place_of(tree, (kind, key))) from None
    if made.get("file") is not None:
        made["file"] = moved(str(made["file"]), home)
    if not made.get("name"):
        made["name"] = key if made.get("external") else f"{name}_{key}"
    return made


def _implied(service: dict[str, Any]) -> None:
    """What a service waits for without saying so: links, shared namespaces, volumes of others."""
    found = dict(service.get("depends_on") or {})
    for link in service.get("links") or ():
        found.setdefault(link.split(":")[0], _dependency(restart=True))
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        mode = str(service.get(key) or "")
        if mode.startswith("service:"):
            found.setdefault(mode.removeprefix("service:"), _dependency(restart=True))
    for one in service.get("volumes_from") or ():
        if not one.startswith("container:"):
            found.setdefault(one.split(":")[0], _dependency(restart=False))
    if found:
        service["depends_on"] = found
    if service.get("pull_policy") == "if_not_present":
        service["pull_policy"] = "missing"


def _dependency(*, restart: bool) -> dict[str, Any]:
    return {"condition": "service_started", "restart": restart, "required": True}


def _default_network(model: dict[str, Any], name: str) -> None:
    used = False
    for service in model["services"].values():
        if service.get("network_mode") or service.get("provider"):
            continue
        if not service.get("networks"):
            service["networks"] = {"default": None}
        used = used or "default" in service["networks"]
    if used:
        model["networks"].setdefault("default", {"name": f"{name}_default"})


# --- profiles, consistency ------------------------------------------------------------------------


def _enabled(
    services: dict[str, Any], profiles: Iterable[str], named: Iterable[str]
) -> dict[str, None]:
    """Services without a profile, of an active one, or named; ``*`` is every profile."""
    active = list(profiles)
    for name in with_dependencies(services, named):
        if name in named:
            active += services[name].get("profiles") or ()
    found: dict[str, None] = {}
    for name, service in services.items():
        own = service.get("profiles") or ()
        if not own or "*" in active or any(one in active for one in own):
            found[name] = None
    return found


def _check(model: dict[str, Any], disabled: dict[str, Any], tree: Map) -> None:
    wrong = next(problems(model, disabled), None)
    if wrong is not None:
        path = tuple(int(one) if one.isdigit() else one for one in wrong[0])
        raise InputError(wrong[1], place=place_of(tree, path))


def _used(project: Project) -> Project:
    """Without the networks, volumes and files that no service of the project uses."""

    networks: dict[str, Any] = {}
    volumes: dict[str, Any] = {}
    for service in project.services.values():
        networks |= {one: project.networks[one] for one in service.get("networks") or ()}
        for one in service.get("volumes") or ():
            if one["type"] == "volume" and one.get("source"):
                volumes[one["source"]] = project.volumes[one["source"]]
    kept = {
        kind: {
            use["source"]: getattr(project, kind)[use["source"]]
            for service in project.services.values()
            for use in (*(service.get(kind) or ()), *((service.get("build") or {}).get(kind) or ()))
        }
        for kind in ("secrets", "configs")
    }
    return msgspec.structs.replace(
        project,
        networks={key: networks[key] for key in sorted(networks)},
        volumes={key: volumes[key] for key in sorted(volumes)},
        **{kind: {key: some[key] for key in sorted(some)} for kind, some in kept.items()},
    )


# --- env files ------------------------------------------------------------------------------------


def _resolve(project: Project, source: Source, environment: Mapping[str, str], wish: Wish) -> None:
    """Env files and label files become environment and labels; names alone get their values."""
    for service in project.services.values():
        found: dict[str, str | None] = {}
        for one in (service.get("env_file") or ()) if wish.resolve else ():
            path = _from_home(one["path"], wish.home)
            if not source.exists(path):
                if one["required"]:
                    said = f"env file {one['path']} not found: stat {one['path']}"
                    raise InputError(f"{said}: no such file or directory")
                continue
            known = {**{k: v for k, v in found.items() if v is not None}, **environment}
            if one.get("format") == "raw":
                found |= _raw(source.read(path))
            else:
                found |= dotenv.parse(source.read(path), path, known)
        for key, value in (service.get("environment") or {}).items():
            found[key] = environment.get(key) if value is None else value
        if wish.resolve:
            service.pop("env_file", None)
        if found:
            service["environment"] = {key: found[key] for key in sorted(found)}
        _labels(service, source, wish)
        build = service.get("build") or {}
        if build.get("args"):
            build["args"] = {
                key: environment.get(key) if value is None else value
                for key, value in build["args"].items()
                if value is not None or key in environment
            }


def _labels(service: dict[str, Any], source: Source, wish: Wish) -> None:
    found: dict[str, str | None] = {}
    for one in (service.pop("label_file", None) or ()) if wish.resolve else ():
        path = _from_home(one, wish.home)
        if not source.exists(path):
            raise InputError(f"label file {path} not found: no such file or directory")
        found |= dotenv.parse(source.read(path), path, {})
    if found:
        service["labels"] = {**found, **(service.get("labels") or {})}


def _raw(text: str) -> dict[str, str | None]:
    lines = (line for line in text.splitlines() if "=" in line and line[:1] != "#")
    return {line.partition("=")[0]: line.partition("=")[2] for line in lines}


def _from_home(path: str, home: str) -> str:
    """A path of the machine, as it is said from the folder of the project."""
    return posixpath.relpath(path, home) if path.startswith("/") else path
