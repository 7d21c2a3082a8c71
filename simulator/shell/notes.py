"""What ``why`` tells of images: platforms of containers, disk and shared pages of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.machine.host import Machine
from simulator.machine.pagecache import hot_sets
from simulator.shell import stored
from simulator.units import format_bytes
from simulator.world.portability import explain_container, explain_image

if TYPE_CHECKING:
    from simulator.shell.session import Session


def why(session: Session, name: str) -> list[str]:
    """The model's explanation of a name; one that only an image bears is explained as that."""
    world = session.world
    try:
        lines = session.reader.explain(name)
    except Refused:
        if not world.machines:
            raise
        image = stored.machine(session, None).images.store.find(name)
        if image is None:
            raise
        return explain_image(world.fleet, world.depot, name, image.image)
    more: list[str] = []
    if name in world.containers:
        more = explain_container(world.containers[name])
    elif name in world.machines:
        more = disk_lines(world.machines[name])
    at = next((i for i, line in enumerate(lines) if line == "What happened:"), len(lines))
    return [*lines[:at], *more, *lines[at:]]


def disk_lines(machine: Machine) -> list[str]:
    """Disk and page cache of a machine."""
    client = machine.images
    store = client.store
    alone = sum(one.image.size_bytes for one in store.images())
    size = format_bytes(machine.hardware.disk_bytes)
    lines = [
        f"disk: images {format_bytes(store.disk_bytes)} (without shared layers "
        f"{format_bytes(alone)}), other {format_bytes(client.elsewhere())}, of {size}"
    ]
    space = machine.space
    if space.free_bytes < space.size_bytes // 1000:
        lines.append(
            "its disk is full: writes, pulls, builds and new containers fail ('No space left on "
            "device'); 'docker system df -v' says what is on it, 'docker system prune' frees it"
        )
    return lines + page_cache(machine)


def page_cache(machine: Machine) -> list[str]:
    """Pages of image files in memory: once a kernel, however many containers read them."""
    found = hot_sets(machine.kernel)
    once = sum(one.size_bytes for one in found)
    each = sum(one.size_bytes * one.users for one in found)
    if not each:
        return []
    users = sum(one.users for one in found)
    whom = "1 container" if users == 1 else f"{users} containers"
    return [
        f"page cache: {format_bytes(once)} of image files in memory for {whom}; "
        f"{format_bytes(each)} if each had a copy of its own"
    ]
