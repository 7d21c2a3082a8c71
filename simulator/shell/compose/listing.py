"""``docker compose ps``, ``ls``, ``images``, ``volumes``, ``port``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.cluster.compose import labels
from simulator.errors import InputError, Refused, unknown
from simulator.look.views import ContainerView
from simulator.shell import kinds, lookup
from simulator.shell.compose.common import (
    SERVICE,
    SERVICES,
    check_services,
    compose_verb,
    container,
    named_project,
    node_of,
)
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT, NO_TRUNC, QUIET, row, state
from simulator.shell.docker.ports import joined
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.tables import table
from simulator.units import format_ago, format_bytes

if TYPE_CHECKING:
    from simulator.shell.session import Session

COLUMNS = {
    "Name": "NAME", "Image": "IMAGE", "Command": "COMMAND", "Service": "SERVICE",
    "RunningFor": "CREATED", "Status": "STATUS", "Ports": "PORTS",
}  # fmt: skip
HEADINGS = {
    **COLUMNS, "ID": "CONTAINER ID", "Project": "PROJECT", "State": "STATE", "Size": "SIZE",
    "Labels": "LABELS", "CreatedAt": "CREATED AT",
}  # fmt: skip
_STATES = ("paused", "restarting", "removing", "running", "dead", "created", "exited")


def views_of(
    session: Session, call: Call, project: str, services: Iterable[str] = ()
) -> list[ContainerView]:
    """The containers of a project as listings show them, by name."""
    wanted = list(services)
    machine = node_of(session, call).name
    found = [
        one
        for one in session.reader.containers_on(machine)
        if one.labels.get(labels.PROJECT) == project
        and (not wanted or one.labels.get(labels.SERVICE) in wanted)
    ]
    return sorted(found, key=lambda one: one.local_name or one.name)


def _status(text: str) -> str:
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError("arguments to --filter should be in form KEY=VAL")
    if key != "status":
        raise InputError(f"unknown filter {key}")
    return _state(value)


def _state(value: str) -> str:
    if value not in _STATES:
        raise unknown("status", value, _STATES)
    return value


@compose_verb(
    "ps",
    "List the running containers of a project (-a: all)",
    arguments=(SERVICES,),
    flags=(
        Flag(("-a", "--all"), "also those that do not run, and those of 'run'"),
        QUIET,
        NO_TRUNC,
        Flag(("--services",), "names of services only"),
        Flag(("--status",), "only those in this state",
             Kind("status", _state, choices=_STATES), repeat=True),
        Flag(("--filter",), "status=STATE", Kind("filter", _status)),
        Flag(("--no-orphans",), "not those of services that the files do not have"),
        FORMAT,
    ),
    examples=("docker compose ps", "docker compose ps -a --format json"),
)  # fmt: skip
def ps(session: Session, call: Call) -> Iterable[str]:
    """By name."""
    project = named_project(session, call)
    check_services(project, call["SERVICE"])
    wanted = call["SERVICE"] or (project.services if call["no_orphans"] else ())
    found = views_of(session, call, project.name, wanted)
    states = [*call["status"], *([call["filter"]] if call["filter"] else [])]
    if states:
        found = [one for one in found if state(one) in states]
    elif not call["all"]:
        found = [one for one in found if state(one) in ("running", "paused", "restarting")]
    if not call["all"]:
        found = [one for one in found if one.labels.get(labels.ONE_OFF) != "True" or states]
    if call["quiet"]:
        return [one.id for one in found]
    if call["services"]:
        return list(dict.fromkeys(one.labels[labels.SERVICE] for one in found))
    rows = [_row(one, session.world.now, call["no_trunc"]) for one in found]
    if call["format"] == "json":
        return [json.dumps(dict(sorted(one.items())), ensure_ascii=False) for one in rows]
    return listing(rows, COLUMNS, call["format"], HEADINGS)


def _row(one: ContainerView, now: float, whole: bool) -> dict[str, Any]:
    found: dict[str, Any] = row(one, now, whole)
    found.pop("Machine")
    found.pop("CreatedAgo")
    return {
        **found,
        "Name": found["Names"],
        "Project": one.labels.get(labels.PROJECT, ""),
        "Service": one.labels.get(labels.SERVICE, ""),
        "CreatedAt": timestamp(one.created_at),
        "ExitCode": one.exit_code or 0,
        "Health": one.health or "",
        "Publishers": [
            {"URL": port.address, "TargetPort": port.port, "PublishedPort": port.at,
             "Protocol": port.protocol}
            for port in one.published
        ],
    }  # fmt: skip


@compose_verb(
    "ls",
    "List the projects whose containers run",
    flags=(
        Flag(("-a", "--all"), "also those of which nothing runs"),
        Flag(("-q", "--quiet"), "names only"),
        Flag(("--filter",), "name=NAME", kinds.PAIR, repeat=True),
        Flag(("--format",), "table or json", kinds.choice("format", ("table", "json")), "table"),
    ),
    examples=("docker compose ls", "docker compose ls -a"),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """By name, with how many containers are in which state."""
    machine = node_of(session, call).name
    found: dict[str, list[ContainerView]] = {}
    for one in session.reader.containers_on(machine):
        name = one.labels.get(labels.PROJECT)
        if name and (call["all"] or state(one) in ("running", "paused", "restarting")):
            found.setdefault(name, []).append(one)
    for key, value in call["filter"]:
        if key != "name":
            raise InputError(f"invalid filter '{key}'")
        found = {name: some for name, some in found.items() if value in name}
    names = sorted(found)
    if call["quiet"]:
        return names
    rows = [(name, _states_of(found[name]), _files_of(found[name])) for name in names]
    if call["format"] == "json":
        shown = [{"Name": a, "Status": b, "ConfigFiles": c} for a, b, c in rows]
        return [json.dumps(shown, ensure_ascii=False)]
    return table(("NAME", "STATUS", "CONFIG FILES"), rows)


def _states_of(some: list[ContainerView]) -> str:
    counts: dict[str, int] = {}
    for one in some:
        counts[state(one)] = counts.get(state(one), 0) + 1
    return ", ".join(f"{name}({counts[name]})" for name in sorted(counts))


def _files_of(some: list[ContainerView]) -> str:
    found = dict.fromkeys(
        file for one in some for file in one.labels.get(labels.FILES, "").split(",")
    )
    return ",".join(found)


@compose_verb(
    "images",
    "List the images that the containers of a project are made of",
    arguments=(SERVICES,),
    flags=(
        Flag(("-q", "--quiet"), "ids only"),
        Flag(("--format",), "table or json", kinds.choice("format", ("table", "json")), "table"),
    ),
    examples=("docker compose images",),
)
def images(session: Session, call: Call) -> Iterable[str]:
    """By container."""
    project = named_project(session, call)
    check_services(project, call["SERVICE"])
    found = views_of(session, call, project.name, call["SERVICE"])
    node = node_of(session, call)
    rows = [_image(one, node.containers[one.id], session.world.now) for one in found]
    if call["quiet"]:
        return list(dict.fromkeys(one["ID"].removeprefix("sha256:") for one in rows))
    if call["format"] == "json":
        return [json.dumps([{k: v for k, v in one.items() if k[0] != "_"} for one in rows])]
    return table(
        ("CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"),
        [
            (one["ContainerName"], one["Repository"], one["Tag"], one["Platform"],
             one["ID"].removeprefix("sha256:")[:12], format_bytes(one["Size"]), one["_ago"])
            for one in rows
        ],
    )  # fmt: skip


def _image(one: ContainerView, container_: Any, now: float) -> dict[str, Any]:
    repository, _, tag = lookup.familiar(one.image).rpartition(":")
    store = container_.daemon.images.store
    kept = next((each for each in store.images() if each.image.id == container_.image.id), None)
    seen = now if kept is None else kept.first_seen_s
    return {
        "ID": container_.image.id,
        "ContainerName": one.local_name,
        "Repository": repository or "<none>",
        "Tag": tag or "<none>",
        "Platform": str(container_.image.platform),
        "Size": container_.image.size_bytes,
        "_ago": format_ago(now - seen),
    }


@compose_verb(
    "volumes",
    "List the volumes of a project",
    arguments=(SERVICES,),
    flags=(
        Flag(("-q", "--quiet"), "names only"),
        Flag(("--format",), "table or json", kinds.choice("format", ("table", "json")), "table"),
    ),
    examples=("docker compose volumes",),
)
def volumes(session: Session, call: Call) -> Iterable[str]:
    """By name."""
    project = named_project(session, call)
    check_services(project, call["SERVICE"])
    services = call["SERVICE"] or project.services
    used = {
        one.get("source")
        for name in services
        for one in project.services.get(name, {}).get("volumes") or ()
    }
    known = node_of(session, call).storage.volumes.all
    keys = [key for key in project.volumes if key in used or not call["SERVICE"]]
    names = sorted(
        project.volumes[key]["name"] for key in keys if project.volumes[key]["name"] in known
    )
    if call["quiet"]:
        return names
    if call["format"] == "json":
        return [json.dumps({"Driver": "local", "Name": name}) for name in names]
    return table(("VOLUME NAME", "DRIVER"), [(name, "local") for name in names])


_PORT = Kind("port", lambda text: _port(text))


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise InputError("invalid port", found=text, expected="1 to 65535")
    return int(text)


@compose_verb(
    "port",
    "Where a port of a service is to be had at the machine",
    arguments=(SERVICE, Argument("PRIVATE_PORT", _PORT, "as 80")),
    flags=(
        Flag(("--protocol",), "tcp or udp", kinds.choice("protocol", ("tcp", "udp")), "tcp"),
        Flag(("--index",), "which of its containers", kinds.integer("number", 0, 100_000), 0),
    ),
    examples=("docker compose port web 80",),
)
def port(session: Session, call: Call) -> Iterable[str]:
    """``0.0.0.0:8080``."""
    project = named_project(session, call)
    one = container(session, call, project, call["SERVICE"], call["index"])
    wanted, protocol = call["PRIVATE_PORT"], call["protocol"]
    published = node_of(session, call).wired(one).ports
    for each in published:
        if (each.port, each.protocol) == (wanted, protocol):
            return [joined(each.address, str(each.at))]
    known = ", ".join(f"{each.port}/{each.protocol}" for each in published)
    raise Refused(f"no port {wanted}/{protocol} for container {one.local_name}: {known}")
