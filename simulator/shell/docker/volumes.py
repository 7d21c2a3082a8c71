"""``docker volume``: what outlives containers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError, InputError, Refused, unknown
from simulator.node.volumes import Volume
from simulator.shell import formats, kinds, lookup
from simulator.shell.docker.filtering import passing, told
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT, QUIET
from simulator.shell.docker.storage_flags import volume_document
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.units import format_bytes
from simulator.world.volume_commands import CreateVolume, PruneVolumes, RemoveVolume

if TYPE_CHECKING:
    from simulator.shell.session import Session

_VOLUMES = Argument("VOLUME", kinds.text("volume", "volume"), "", repeat=True)
FILTERS = ("dangling", "driver", "label", "name")
_FILTER = Flag(("-f", "--filter"), told("dangling=true", FILTERS), kinds.PAIR, repeat=True)
COLUMNS = {"Driver": "DRIVER", "Name": "VOLUME NAME"}
HEADINGS = {
    **COLUMNS,
    "Scope": "SCOPE",
    "Mountpoint": "MOUNTPOINT",
    "Labels": "LABELS",
    "Links": "LINKS",
    "Size": "SIZE",
    "Status": "STATUS",
    "Availability": "AVAILABILITY",
    "Group": "GROUP",
}
Test = Callable[[Volume], bool]


def _local(value: str) -> str:
    if value != "local":
        raise InputError(
            f'error looking up volume plugin {value}: plugin "{value}" not found',
            expected="local, the only driver that is modelled",
        )
    return value


@verb(
    "docker volume create",
    "Create a volume: files that outlive containers",
    arguments=(Argument("VOLUME", kinds.text("name"), "its name", optional=True),),
    flags=(
        Flag(("-d", "--driver"), "local is the only one", Kind("string", _local), "local"),
        Flag(("--label",), "set a label", kinds.PAIR, repeat=True),
        Flag(
            ("-o", "--opt"),
            "",
            kinds.TEXT,
            refused="volumes lie on the machine's disk; for memory use 'docker run --tmpfs'",
        ),
        Flag(("--name",), "", kinds.TEXT, refused="give the name without a flag"),
    ),
    examples=("docker volume create data",),
    known="--availability --group --limit-bytes --required-bytes --scope --secret --sharing "
    "--topology-preferred --topology-required --type",
)
def create(session: Session, call: Call) -> Iterable[str]:
    """Create; one that is there is left as it is."""
    lookup.machine(session.reader, call["host"])
    return session.do(CreateVolume(name=call["VOLUME"], labels=call["label"], machine=call["host"]))


@verb(
    "docker volume ls",
    "List the volumes of the current machine",
    flags=(QUIET, _FILTER, FORMAT),
    aliases=("docker volume list",),
    examples=("docker volume ls", "docker volume ls -q --filter dangling=true"),
    known="--cluster",
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """By name, as the real tool."""
    passes = passing(call["filter"], _test)
    volumes = _table(session, call)
    found = [volumes[name] for name in sorted(volumes)]
    found = [one for one in found if passes(one)]
    if call["quiet"] and not call["format"]:
        return [one.name for one in found]
    return formats.listing([_row(one) for one in found], COLUMNS, call["format"], HEADINGS)


@verb(
    "docker volume inspect",
    "Everything known about volumes, as JSON",
    arguments=(_VOLUMES,),
    flags=(Flag(("-f", "--format"), "Go template, as '{{.Mountpoint}}'", kinds.TEXT),),
    examples=("docker volume inspect data",),
)
def inspect(session: Session, call: Call) -> Iterable[str]:
    """What is found is shown, what is not is an error each."""
    volumes = _table(session, call)
    found = []
    for name in call["VOLUME"]:
        if name in volumes:
            found.append(document(volumes[name]))
        else:
            session.fail(call, Refused(f"get {name}: no such volume"))
    if call["format"] == "json":
        return [json.dumps(one, ensure_ascii=False) for one in found]
    if call["format"]:
        return [line for one in found for line in formats.render(call["format"], one).split("\n")]
    return json.dumps(found, indent=4, ensure_ascii=False).split("\n")


@verb(
    "docker volume rm",
    "Remove volumes that no container has, with all that is in them",
    arguments=(_VOLUMES,),
    flags=(Flag(("-f", "--force"), "one that is not there is no error"),),
    aliases=("docker volume remove",),
    examples=("docker volume rm data",),
    destructive=True,
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Each that can be removed is."""
    volumes = _table(session, call)
    lines: list[str] = []
    for name in call["VOLUME"]:
        if call["force"] and name not in volumes:
            lines.append(name)
            continue
        try:
            lines += session.do(RemoveVolume(name=name, machine=call["host"]))
        except DrydockError as error:
            session.fail(call, error)
    return lines


@verb(
    "docker volume prune",
    "Remove the anonymous volumes that no container has (-a: named ones too)",
    flags=(
        Flag(("-a", "--all"), "named ones too"),
        Flag(("-f", "--force"), "", ignored=True),
        Flag(("--filter",), "", kinds.PAIR, refused="what is pruned cannot be filtered here"),
    ),
    examples=("docker volume prune -a",),
    destructive=True,
)
def prune(session: Session, call: Call) -> Iterable[str]:
    """Prune."""
    lookup.machine(session.reader, call["host"])
    return session.do(PruneVolumes(everything=call["all"], machine=call["host"]))


def _table(session: Session, call: Call) -> dict[str, Volume]:
    name = lookup.machine(session.reader, call["host"]).name
    return session.world.fleet.node(name).storage.volumes.all


def _test(key: str, value: str) -> Test:
    if key == "dangling":
        wanted = {"true": True, "1": True, "false": False, "0": False}
        if value not in wanted:
            raise InputError("invalid filter 'dangling'", found=value, expected="true or false")
        return lambda one: (not one.users) == wanted[value]
    if key == "name":
        return lambda one: value in one.name
    if key == "driver":
        return lambda _: value == "local"
    if key == "label":
        name, equals, said = value.partition("=")
        return lambda one: name in one.labels and (not equals or one.labels[name] == said)
    raise unknown("filter", key, FILTERS)


def _row(one: Volume) -> dict[str, str]:
    return {
        "Availability": "N/A",
        "Driver": "local",
        "Group": "N/A",
        "Labels": ",".join(f"{key}={value}" for key, value in one.labels.items()),
        "Links": "N/A",
        "Mountpoint": one.mountpoint,
        "Name": one.name,
        "Scope": "local",
        "Size": "N/A",
        "Status": "N/A",
    }


def document(one: Volume) -> dict[str, Any]:
    """A volume with Docker's key names."""
    return volume_document(one, timestamp(one.created_at)[:19] + "Z")


def space_rows(volumes: Iterable[Volume]) -> list[list[str]]:
    """Rows of ``docker system df -v``: name, links, size."""
    return [
        [one.name, str(len(one.users)), format_bytes(one.tree.size_bytes)]
        for one in sorted(volumes, key=lambda one: one.name)
    ]
