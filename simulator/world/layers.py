"""Commands on what lies on a machine's disk: pruning, archives, writable layers, commits."""

from __future__ import annotations

from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.builder import BuildCache
from simulator.image.model import Image
from simulator.image.reference import Reference
from simulator.machine.host import Machine
from simulator.node.making import given
from simulator.units import format_bytes
from simulator.world import sites
from simulator.world.changes import changed_config
from simulator.world.depot import Archive, Depot
from simulator.world.fleet import Fleet
from simulator.world.image_commands import (
    CommitContainer,
    LoadImages,
    PruneBuildCache,
    PruneContainers,
    PruneImages,
    SaveImages,
)
from simulator.world.images import target_name
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.storage_facts import ArchiveSaved, CachePruned, ImageGone, ImageLoaded, Pruned

MAX_ARCHIVES = 100


# --- prune ------------------------------------------------------------------------------------


def prune_images(fleet: Fleet, command: PruneImages) -> Reply:
    """Remove images without a name, or all that no container uses."""
    store = fleet.machine(command.machine).images.store
    before = store.disk_bytes
    removed = store.prune(everything=command.everything)
    gone = tuple(ImageGone(one.action, one.name) for one in removed)
    return Reply((Pruned("Images", gone, before - store.disk_bytes),))


def prune_cache(fleet: Fleet, depot: Depot, command: PruneBuildCache) -> Reply:
    """Forget a builder's cache, its cache mounts included."""
    machine = fleet.machine(command.machine)
    cache = depot.caches.get(machine.name, BuildCache())
    records = len(cache)
    freed = cache.size_bytes + sites.foreign_bytes(depot, machine)
    cache.prune()
    depot.foreign.pop(machine.name, None)
    machine.space.changed()
    return Reply((CachePruned(records, freed),))


def prune_containers(fleet: Fleet, command: PruneContainers) -> Reply:
    """Remove the containers that do not run."""
    node = fleet.node(command.machine)
    gone = [one for one in node.containers.values() if one.state in ("created", "exited", "dead")]
    freed = sum(node.written_bytes(one) for one in gone)
    for one in gone:
        node.forget(one)
    return Reply((Pruned("Containers", tuple(one.id for one in gone), freed),))


# --- save and load ----------------------------------------------------------------------------


def save(fleet: Fleet, depot: Depot, jobs: Jobs, command: SaveImages) -> Reply:
    """Write images into an archive, uncompressed, every layer once."""
    machine = fleet.machine(command.machine)
    machine.need_up()
    if command.archive not in depot.archives and len(depot.archives) >= MAX_ARCHIVES:
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
    job = jobs.new(f"docker save {command.archive}")
    fleet.parts.sim.start(_saving(depot, machine, archive, job))
    return Reply((), job)


def _is_name(text: str) -> bool:
    try:
        Reference.parse(text)
    except InputError:
        return False
    return True


def _saving(depot: Depot, machine: Machine, archive: Archive, job: Job) -> Process:
    yield depot.parts.network.start((machine.disk,), archive.size_bytes).done
    depot.archives[archive.name] = archive
    machine.space.changed()
    packed = sum(
        {one.digest: one.transfer_bytes for image, _ in archive.images for one in image.layers}
        .values()
    )  # fmt: skip
    job.lines.append(ArchiveSaved(archive.name, archive.size_bytes, packed))
    job.finish()


def load(fleet: Fleet, depot: Depot, jobs: Jobs, command: LoadImages) -> Reply:
    """Read the images of an archive; from another machine it travels first."""
    machine = fleet.machine(command.machine)
    machine.need_up()
    archive = depot.archives.get(command.archive)
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
    job = jobs.new(f"docker load {command.archive}")
    fleet.parts.sim.start(_loading(fleet, depot, machine, archive, job))
    return Reply((), job)


def _loading(fleet: Fleet, depot: Depot, machine: Machine, archive: Archive, job: Job) -> Process:
    origin = fleet.machines.get(archive.machine)
    client = machine.images
    if origin is not None and origin.host is not machine.host:
        sender = origin.images
        yield depot.parts.network.start((sender.nic_out, client.nic_in), archive.size_bytes).done
        if sender.site is not None:
            usd = sender.site.egress_usd(archive.size_bytes, client.site)
            depot.charge(f"copy of {archive.name}", archive.size_bytes, usd)
    yield depot.parts.network.start((machine.disk,), archive.size_bytes).done
    for image, names in archive.images:
        client.store.add(image, now_s=fleet.now)
        for name in names:
            reference = Reference.parse(name)
            client.store.add(image, reference, now_s=fleet.now)
            depot.forget_name(machine.name, reference)
            job.lines.append(ImageLoaded(reference.short()))
        if not names:
            job.lines.append(ImageLoaded(digest=image.digest))
    job.finish()


# --- writable layers --------------------------------------------------------------------------


def commit(fleet: Fleet, depot: Depot, command: CommitContainer) -> Reply:
    """An image of what a container has written."""
    container = fleet.container(command.container)
    reference = target_name(command.reference) if command.reference else None
    config = changed_config(container.image.config, command.changes)
    space = container.daemon.space
    if fleet.node_of(container).written_bytes(container) > space.free_bytes:
        raise Refused("failed to export layer: write: no space left on device")
    image = (
        fleet.node_of(container)
        .writable(container)
        .commit(
            config=config,
            message=command.message,
            now_s=fleet.now,
            command=given(container.image, fleet.node_of(container).spec(container)),
        )
    )
    client = container.daemon.images
    client.store.add(image, reference, now_s=fleet.now)
    if reference is not None:
        depot.forget_name(container.daemon.name, reference)
    return Reply((image.digest,))
