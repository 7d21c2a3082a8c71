"""Commands on what lies on a machine's disk: pruning, archives, writable layers, commits."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.builder import BuildCache
from simulator.image.model import Image
from simulator.image.reference import Reference
from simulator.image.writable import WritableLayer
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.units import format_bytes
from simulator.world import sites
from simulator.world.changes import changed_config
from simulator.world.depot import Archive
from simulator.world.image_commands import (
    CommitContainer,
    CopyIntoContainer,
    LoadImages,
    PruneBuildCache,
    PruneContainers,
    PruneImages,
    SaveImages,
)
from simulator.world.images import target_name
from simulator.world.jobs import Job, Reply

if TYPE_CHECKING:
    from simulator.world.world import World

MAX_ARCHIVES = 100
MAX_COPIED = 100_000


# --- prune ------------------------------------------------------------------------------------


def prune_images(world: World, command: PruneImages) -> Reply:
    """Remove images without a name, or all that no container uses."""
    store = world.machine(command.machine).images.store
    before = store.disk_bytes
    removed = [str(line) for line in store.prune(everything=command.everything)]
    head = ["Deleted Images:", *removed, ""] if removed else []
    return Reply((*head, f"Total reclaimed space: {format_bytes(before - store.disk_bytes)}"))


def prune_cache(world: World, command: PruneBuildCache) -> Reply:
    """Forget a builder's cache, its cache mounts included."""
    machine = world.machine(command.machine)
    cache = world.build_caches.get(machine.name, BuildCache())
    records = len(cache)
    freed = cache.size_bytes + sites.foreign_bytes(world, machine)
    cache.prune()
    world.depot.foreign.pop(machine.name, None)
    return Reply((f"{records} records deleted", f"Total:\t{format_bytes(freed)}"))


def prune_containers(world: World, command: PruneContainers) -> Reply:
    """Remove the containers that do not run."""
    from simulator.world.containers import drop

    machine = world.machine(command.machine)
    gone = [
        one
        for one in world.containers.values()
        if one.daemon is machine and one.state in ("created", "exited", "dead")
    ]
    freed = world.depot.written_bytes(gone)
    for one in gone:
        drop(world, one)
    ids = ["Deleted Containers:", *(one.id for one in gone), ""] if gone else []
    return Reply((*ids, f"Total reclaimed space: {format_bytes(freed)}"))


# --- save and load ----------------------------------------------------------------------------


def save(world: World, command: SaveImages) -> Reply:
    """Write images into an archive, uncompressed, every layer once."""
    machine = world.machine(command.machine)
    machine.need_up()
    if command.archive not in world.depot.archives and len(world.depot.archives) >= MAX_ARCHIVES:
        raise Refused(f"there are {MAX_ARCHIVES} archives already")
    kept: dict[str, tuple[Image, list[str]]] = {}
    for text in command.references:
        stored = machine.images.store.get(text)
        names = kept.setdefault(stored.image.digest, (stored.image, []))[1]
        named = Reference.parse(text).canonical() in stored.tags if _is_name(text) else False
        names += [text] if named else []
    held = tuple((image, tuple(names)) for image, names in kept.values())
    archive = Archive(command.archive, machine.name, held)
    if archive.size_bytes > machine.images.room_bytes():
        raise Refused(
            f"write {command.archive}: no space left on device: "
            f"{format_bytes(archive.size_bytes)} needed"
        )
    job = world.new_job(f"docker save {command.archive}")
    world.sim.start(_saving(world, machine, archive, job))
    return Reply((), job)


def _is_name(text: str) -> bool:
    try:
        Reference.parse(text)
    except InputError:
        return False
    return True


def _saving(world: World, machine: Machine, archive: Archive, job: Job) -> Process:
    yield world.network.start((machine.disk,), archive.size_bytes).done
    world.depot.archives[archive.name] = archive
    packed = sum(
        {one.digest: one.transfer_bytes for image, _ in archive.images for one in image.layers}
        .values()
    )  # fmt: skip
    job.lines.append(
        f"{archive.name}: {format_bytes(archive.size_bytes)} (a push would send "
        f"{format_bytes(packed)} compressed, and only layers that are missing)"
    )
    job.finish()


def load(world: World, command: LoadImages) -> Reply:
    """Read the images of an archive; from another machine it travels first."""
    machine = world.machine(command.machine)
    machine.need_up()
    archive = world.depot.archives.get(command.archive)
    if archive is None:
        raise Refused(f"open {command.archive}: no such file or directory")
    client = machine.images
    needed = sum(
        layer.size_bytes
        for image, _ in archive.images
        for layer in client.store.missing_layers(image)
    )
    if needed > client.room_bytes():
        raise Refused(f"write: no space left on device: {format_bytes(needed)} needed")
    job = world.new_job(f"docker load {command.archive}")
    world.sim.start(_loading(world, machine, archive, job))
    return Reply((), job)


def _loading(world: World, machine: Machine, archive: Archive, job: Job) -> Process:
    origin = world.machines.get(archive.machine)
    client = machine.images
    if origin is not None and origin.host is not machine.host:
        sender = origin.images
        yield world.network.start((sender.nic_out, client.nic_in), archive.size_bytes).done
        if sender.site is not None:
            usd = sender.site.egress_usd(archive.size_bytes, client.site)
            world.depot.charge(world.now, f"copy of {archive.name}", archive.size_bytes, usd)
    yield world.network.start((machine.disk,), archive.size_bytes).done
    for image, names in archive.images:
        client.store.add(image, now_s=world.now)
        for name in names:
            reference = Reference.parse(name)
            client.store.add(image, reference, now_s=world.now)
            world.depot.forget_name(machine.name, reference)
            job.lines.append(f"Loaded image: {reference.short()}")
        if not names:
            job.lines.append(f"Loaded image ID: {image.digest}")
    job.finish()


# --- writable layers --------------------------------------------------------------------------


def writable(world: World, container: Container) -> WritableLayer:
    """The writable layer of a container that may be written to; Refused for a read-only one."""
    if container.settings.read_only:
        raise Refused(f"container {container.name} has a read-only root: Read-only file system")
    return world.depot.writable(container)


def commit(world: World, command: CommitContainer) -> Reply:
    """An image of what a container has written."""
    container = world.container(command.container)
    reference = target_name(command.reference) if command.reference else None
    config = changed_config(container.image.config, command.changes)
    image = world.depot.writable(container).commit(
        config=config, message=command.message, now_s=world.now
    )
    client = container.daemon.images
    client.store.add(image, reference, now_s=world.now)
    if reference is not None:
        world.depot.forget_name(container.daemon.name, reference)
    return Reply((image.digest,))


def copy_into(world: World, command: CopyIntoContainer) -> Reply:
    """Put files into the writable layer; their sizes are what counts."""
    container = world.container(command.container)
    layer = writable(world, container)
    if len(command.files) > MAX_COPIED:
        raise InputError("too many files", found=len(command.files), expected=f"to {MAX_COPIED:,}")
    for path, size in command.files:
        if not path.startswith("/") or size < 0:
            raise InputError("bad path in a container", found=path, expected="an absolute path")
    total = sum(size for _, size in command.files)
    if total > container.daemon.images.room_bytes():
        raise Refused(f"no space left on device: {format_bytes(total)} needed")
    for path, size in command.files:
        layer.write(posixpath.normpath(path), size)
    return Reply((f"Successfully copied {format_bytes(total)} to {container.name}",))
