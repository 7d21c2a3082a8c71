"""``docker ps``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.errors import InputError, unknown
from simulator.look.views import ContainerView
from simulator.node.mounting import MountPoint
from simulator.shell import kinds, lookup
from simulator.shell.docker.filtering import passing, told
from simulator.shell.docker.ports import displayed
from simulator.shell.formats import listing
from simulator.shell.grammar import Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import ellipsis
from simulator.units import format_ago, format_bytes, format_duration

if TYPE_CHECKING:
    from simulator.shell.session import Session

COLUMNS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "CreatedAgo": "CREATED",
    "Status": "STATUS",
    "Ports": "PORTS",
    "Names": "NAMES",
}
HEADINGS = {
    **COLUMNS,
    "RunningFor": "CREATED",
    "State": "STATE",
    "Labels": "LABELS",
    "Size": "SIZE",
    "Machine": "MACHINE",
    "Networks": "NETWORKS",
    "Mounts": "MOUNTS",
    "LocalVolumes": "LOCAL VOLUMES",
}
ACTIVE = ("running", "paused", "restarting")
_STATES = ("created", "restarting", "running", "removing", "paused", "exited", "dead")
FILTERS = (
    "ancestor", "exited", "expose", "health", "id", "label", "name", "network", "publish",
    "status", "volume",
)  # fmt: skip
FILTER = Flag(("-f", "--filter"), told("status=exited", FILTERS), kinds.PAIR, repeat=True)
FORMAT = Flag(("--format",), "'json', 'table ...' or a Go template", kinds.text("template"))
NO_TRUNC = Flag(("--no-trunc",), "do not cut long columns")
QUIET = Flag(("-q", "--quiet"), "only ids")


@verb(
    "docker ps",
    "List the running containers of the current machine (-a: all)",
    flags=(
        Flag(("-a", "--all"), "also those that do not run"),
        QUIET,
        NO_TRUNC,
        FILTER,
        FORMAT,
        Flag(("-n", "--last"), "the last created ones", kinds.integer("count", -1, 1_000_000)),
        Flag(("-l", "--latest"), "the latest created one"),
        Flag(("-s", "--size"), "bytes that each has written, and with its image"),
    ),
    aliases=("docker container ls", "docker container ps", "docker container list"),
    examples=(
        "docker ps -a",
        "docker ps --filter status=exited --format '{{.Names}}: {{.Status}}'",
        "docker -H vm1 ps",
    ),
)
def ps(session: Session, call: Call) -> Iterable[str]:
    """List containers, newest first."""
    reader, now = session.reader, session.world.now
    found = [
        one
        for machine in lookup.chosen(reader, call["host"])
        for one in reader.containers_on(machine.name)
    ]
    passes = passing(call["filter"], filter_of)
    stated = any(key in ("status", "exited") for key, _ in call["filter"])
    last = 1 if call["latest"] else call["last"]
    if not (call["all"] or stated or last is not None):
        found = [one for one in found if one.state in ACTIVE]
    found = [one for one in found if passes(one)]
    found.sort(key=lambda one: -one.created_at)
    if last is not None and last >= 0:
        found = found[:last]
    if call["quiet"] and not call["format"]:
        return [one.id if call["no_trunc"] else one.id[:12] for one in found]
    if call["host"] == lookup.EVERYWHERE:
        found = [replace(one, local_name=one.name) for one in found]
    if not call["format"]:
        _note_full_tables(session, call["host"])
    rows = [row(one, now, call["no_trunc"]) for one in found]
    columns = {**COLUMNS, "Size": "SIZE"} if call["size"] else COLUMNS
    return listing(rows, columns, call["format"], HEADINGS)


def _note_full_tables(session: Session, on: str | None) -> None:
    for machine in lookup.chosen(session.reader, on):
        if machine.stalled:
            session.note(
                f"full {machine.name}",
                f"(nobody on {machine.name} gets a new process: 'why {machine.name}')",
            )


def command_text(one: ContainerView) -> str:
    """Its command as the daemon lists it: words with blanks in quotes (moby, container/view.go)."""
    if not one.argv:
        return one.command
    words = [f"'{word}'" if " " in word else word for word in one.argv[1:]]
    return " ".join((one.argv[0], *words))


def row(one: ContainerView, now: float, whole: bool = False) -> dict[str, str]:
    """The fields of ``docker ps --format`` of one container."""
    command = command_text(one) if whole else ellipsis(command_text(one), 20)
    created = format_ago(now - one.created_at)
    return {
        "ID": one.id if whole else one.id[:12],
        "Image": one.image if whole or "@" not in one.image else lookup.familiar(one.image),
        "Command": f'"{command}"',
        "CreatedAgo": created,
        "RunningFor": created,
        "Status": status(one, now),
        "Ports": displayed(one.published, one.exposed),
        "Names": one.local_name or one.name,
        "State": state(one),
        "Labels": ",".join(f"{key}={value}" for key, value in one.labels.items()),
        "Size": size(one),
        "Machine": one.machine,
        "Networks": ",".join(networks(one)),
        "Mounts": ",".join(_mount(point, whole) for point in one.mounts),
        "LocalVolumes": str(sum(point.type == "volume" for point in one.mounts)),
    }


def _mount(point: MountPoint, whole: bool) -> str:
    name = point.name or point.source
    return name if whole else ellipsis(name, 15)


def size(one: ContainerView) -> str:
    """The SIZE column: what it has written, and that with its image."""
    whole = format_bytes(one.written_bytes + one.image_bytes)
    return f"{format_bytes(one.written_bytes)} (virtual {whole})"


def status(one: ContainerView, now: float) -> str:
    """The STATUS column: ``Up 2 minutes``, ``Exited (137) 3 seconds ago``."""
    up = f"Up {format_duration(now - (one.started_at if one.started_at is not None else now))}"
    if one.state == "running":
        health = "health: starting" if one.health == "starting" else one.health
        return f"{up} ({health})" if health else up
    if one.state == "paused":
        return f"{up} (Paused)"
    ended = format_ago(now - (one.finished_at if one.finished_at is not None else now))
    if state(one) == "exited":
        return f"Exited ({one.exit_code or 0}) {ended}"
    if one.state == "restarting":
        return f"Restarting ({one.exit_code or 0}) {ended}"
    return {"created": "Created", "dead": "Dead"}.get(state(one), one.state)


def state(one: ContainerView) -> str:
    """Docker's word for a state: one that is being started is still what it was before."""
    if one.state != "starting":
        return one.state
    return "created" if one.started_at is None else "exited"


def networks(one: ContainerView) -> list[str]:
    """The networks that a container is on, or would be on if it ran."""
    here = [endpoint.network for endpoint in one.endpoints]
    asked = [asked.network for asked in one.spec.attached]
    return here or [name for name in asked if not name.startswith("container:")]


Test = Callable[[ContainerView], bool]


def filter_of(key: str, value: str) -> Test:
    """What one ``--filter`` asks of a container."""
    if key not in _FILTERS:
        raise unknown("filter", key, _FILTERS)
    return _FILTERS[key](value)


def _is_port(wanted: str, port: str) -> bool:
    number, _, protocol = wanted.partition("/")
    return port == f"{number}/{protocol or 'tcp'}"


def _publish(value: str) -> Test:
    return lambda one: any(_is_port(value, f"{port.at}/{port.protocol}") for port in one.published)


def _status(value: str) -> Test:
    if value not in _STATES:
        raise unknown("status", value, _STATES)
    return lambda one: state(one) == value


def _exited(value: str) -> Test:
    if not value.isascii() or not value.isdigit() or len(value) > 3:
        raise InputError("bad exit code", found=value, expected="0 to 255")
    return lambda one: state(one) == "exited" and one.exit_code == int(value)


def _label(value: str) -> Test:
    key, equals, wanted = value.partition("=")
    return lambda one: key in one.labels and (not equals or one.labels[key] == wanted)


_FILTERS: Mapping[str, Callable[[str], Test]] = {
    "ancestor": lambda value: lambda one: one.image in (value, f"{value}:latest"),
    "exited": _exited,
    "expose": lambda value: lambda one: any(_is_port(value, port) for port in one.exposed),
    "health": lambda value: lambda one: (one.health or "none") == value,
    "id": lambda value: lambda one: one.id.startswith(value),
    "label": _label,
    "name": lambda value: lambda one: value.strip("/^$") in one.name,
    "network": lambda value: lambda one: value in networks(one),
    "publish": _publish,
    "status": _status,
    "volume": lambda value: (
        lambda one: any(value in (point.name, point.destination) for point in one.mounts)
    ),
}
