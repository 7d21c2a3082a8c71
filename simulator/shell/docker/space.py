"""Disk space: ``docker system df`` and everything that prunes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.image.builder import BuildCache
from simulator.machine.host import Machine
from simulator.node.volumes import Volumes
from simulator.shell import kinds, lookup, stored
from simulator.shell.docker.listing import ACTIVE, command_text, status
from simulator.shell.docker.volumes import space_rows
from simulator.shell.grammar import Call, Flag
from simulator.shell.notes import page_cache
from simulator.shell.registry import verb
from simulator.shell.tables import ellipsis, table
from simulator.units import format_ago, format_bytes
from simulator.world.commands import Command
from simulator.world.image_commands import PruneBuildCache, PruneContainers, PruneImages
from simulator.world.network_commands import PruneNetworks
from simulator.world.sites import cache_only_bytes
from simulator.world.volume_commands import PruneVolumes

if TYPE_CHECKING:
    from simulator.shell.session import Session

_FORCE = Flag(("-f", "--force"), "", ignored=True)
_FILTER = Flag(("--filter",), "", refused="what is pruned cannot be filtered here")


@verb(
    "docker system df",
    "Disk space of images, containers and build cache; layers are counted once",
    flags=(Flag(("-v", "--verbose"), "every image: what it shares and what is its own"),),
    examples=("docker system df", "docker system df -v"),
    known="--format",
)
def disk(session: Session, call: Call) -> Iterable[str]:
    """The summary as the real tool prints it, then what of the images is in memory."""
    here = stored.machine(session, call["host"])
    store = here.images.store
    cache = session.world.build_caches.get(here.name, BuildCache())
    node = session.world.fleet.node(here.name)
    own = list(node.containers.values())
    active = sum(bool(one.holders) for one in store.images())
    written = node.written_bytes()
    idle = sum(node.written_bytes(one) for one in own if one.state not in ACTIVE)
    only = cache_only_bytes(session.world.depot, here)
    rows = [
        _row("Images", len(store.images()), active, store.disk_bytes, store.reclaimable_bytes()),
        _row("Containers", len(own), sum(one.state in ACTIVE for one in own), written, idle),
        _volumes(node.storage.volumes),
        _row("Build Cache", len(cache), 0, cache.size_bytes, only),
    ]
    lines = table(("TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"), rows)
    if call["verbose"]:
        lines += ["", "Images space usage:", "", *_images(here)]
        lines += ["", "Containers space usage:", "", *_containers(session, here)]
        rows = space_rows(node.storage.volumes.all.values())
        lines += ["", "Local Volumes space usage:", ""]
        lines += table(("VOLUME NAME", "LINKS", "SIZE"), rows)
        lines += ["", f"Build cache usage: {format_bytes(cache.size_bytes)}"]
    cached = page_cache(here)
    return [*lines, "", *cached] if cached else lines


def _row(name: str, total: int, active: int, size: int, free: int) -> list[str]:
    share = f" ({free * 100 // size}%)" if size else ""
    return [name, str(total), str(active), format_bytes(size), format_bytes(free) + share]


def _volumes(volumes: Volumes) -> list[str]:
    every = volumes.all.values()
    idle = sum(one.tree.size_bytes for one in every if not one.users)
    used = sum(bool(one.users) for one in every)
    return _row("Local Volumes", len(every), used, volumes.size_bytes, idle)


def _containers(session: Session, here: Machine) -> list[str]:
    now = session.world.now
    rows = [
        [
            one.id[:12],
            one.image,
            f'"{ellipsis(command_text(one), 20)}"',
            str(sum(point.type == "volume" for point in one.mounts)),
            format_bytes(one.written_bytes),
            format_ago(now - one.created_at),
            status(one, now),
            one.local_name or one.name,
        ]
        for one in session.reader.containers_on(here.name)
    ]
    titles = (
        "CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES",
    )  # fmt: skip
    return table(titles, rows)


def _images(here: Machine) -> list[str]:
    store = here.images.store
    rows = []
    for one in store.images():
        own = store.unique_bytes(one.image.digest)
        for name in one.tags or ["<none>:<none>"]:
            repository, _, tag = name.rpartition(":")
            rows.append(
                [
                    repository.removeprefix("docker.io/library/").removeprefix("docker.io/"),
                    tag,
                    one.image.id,
                    format_bytes(one.image.size_bytes),
                    format_bytes(one.image.size_bytes - own),
                    format_bytes(own),
                    str(len(one.holders)),
                ]
            )
    return table(
        ("REPOSITORY", "TAG", "IMAGE ID", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"), rows
    )


@verb(
    "docker image prune",
    "Remove images without a name (-a: all that no container uses)",
    flags=(Flag(("-a", "--all"), "all that no container uses"), _FORCE, _FILTER),
    examples=("docker image prune -a",),
    destructive=True,
)
def image_prune(session: Session, call: Call) -> Iterable[str]:
    """Prune images."""
    lookup.machine(session.reader, call["host"])
    return session.do(PruneImages(everything=call["all"], machine=call["host"]))


@verb(
    "docker container prune",
    "Remove the containers that do not run",
    flags=(_FORCE, _FILTER),
    examples=("docker container prune",),
    destructive=True,
)
def container_prune(session: Session, call: Call) -> Iterable[str]:
    """Prune containers."""
    lookup.machine(session.reader, call["host"])
    return session.do(PruneContainers(machine=call["host"]))


@verb(
    "docker builder prune",
    "Empty the build cache, cache mounts included",
    flags=(
        Flag(("-a", "--all"), "", ignored=True),
        _FORCE,
        _FILTER,
        Flag(("--keep-storage", "--max-used-space"), "", kinds.BYTES,
             refused="the cache is emptied as a whole"),
    ),
    aliases=("docker buildx prune",),
    examples=("docker builder prune",),
    destructive=True,
)  # fmt: skip
def builder_prune(session: Session, call: Call) -> Iterable[str]:
    """Prune the build cache."""
    lookup.machine(session.reader, call["host"])
    return session.do(PruneBuildCache(machine=call["host"]))


@verb(
    "docker system prune",
    "Remove stopped containers, unused networks, images without a name and the build cache",
    flags=(
        Flag(("-a", "--all"), "all images that no container uses"),
        _FORCE,
        _FILTER,
        Flag(("--volumes",), "anonymous volumes that no container has, too"),
    ),
    examples=("docker system prune -a",),
    destructive=True,
)
def system_prune(session: Session, call: Call) -> Iterable[str]:
    """Prune all of them; what came free altogether comes last."""
    here = stored.machine(session, call["host"])
    before = here.images.store.disk_bytes + here.images.elsewhere()
    lines: list[str] = []
    commands: list[Command] = [
        PruneContainers(machine=here.name),
        PruneNetworks(machine=here.name),
    ]
    commands += [PruneVolumes(machine=here.name)] if call["volumes"] else []
    commands += [
        PruneImages(everything=call["all"], machine=here.name),
        PruneBuildCache(machine=here.name),
    ]
    for command in commands:
        done = [line for line in session.do(command) if not line.startswith(("Total", "0 rec"))]
        lines += done
    freed = before - here.images.store.disk_bytes - here.images.elsewhere()
    return [*lines, f"Total reclaimed space: {format_bytes(freed)}"]
