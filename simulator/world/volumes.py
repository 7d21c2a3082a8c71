"""Commands on the volumes of a machine's daemon."""

from __future__ import annotations

from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.storage_facts import Pruned
from simulator.world.volume_commands import CreateVolume, PruneVolumes, RemoveVolume


def create(fleet: Fleet, command: CreateVolume) -> Reply:
    """Make a volume; its name is the answer."""
    node = fleet.node(command.machine)
    node.machine.need_up()
    volumes = node.storage.volumes
    if command.name is None:
        made = volumes.create_anonymous(f"{node.name} {len(volumes.all)} {fleet.now!r}")
        made.labels |= dict(command.labels)
    else:
        made = volumes.create(command.name, dict(command.labels))
    return Reply((made.name,))


def remove(fleet: Fleet, command: RemoveVolume) -> Reply:
    """Delete a volume."""
    node = fleet.node(command.machine)
    node.machine.need_up()
    node.storage.volumes.remove(command.name)
    return Reply((command.name,))


def prune(fleet: Fleet, command: PruneVolumes) -> Reply:
    """Delete the volumes that nobody has."""
    node = fleet.node(command.machine)
    node.machine.need_up()
    gone = node.storage.volumes.prune(everything=command.everything)
    names = tuple(name for name, _ in gone)
    return Reply((Pruned("Volumes", names, sum(size for _, size in gone)),))
