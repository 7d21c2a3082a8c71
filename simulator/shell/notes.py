"""What ``why`` tells of images: platforms of containers, disk and shared pages of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.machine.pagecache import hot_sets
from simulator.node.portability import on_machine
from simulator.shell import stored
from simulator.shell.wording.builds import last_build
from simulator.units import format_bytes
from simulator.world.portability import table

if TYPE_CHECKING:
    from simulator.shell.session import Session
    from simulator.world.world import World


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
        return _image(world, name, image.image)
    more: list[str] = []
    if name in world.containers:
        more = _platform(world.containers[name])
    elif name in world.machines:
        more = disk_lines(world.machines[name])
    at = next((i for i, line in enumerate(lines) if line == "What happened:"), len(lines))
    return [*lines[:at], *more, *lines[at:]]


def _platform(one: Container) -> list[str]:
    """That a container is emulated, or cannot run where it was started."""
    found = on_machine(one.daemon, one.image)
    return [] if found.runs == "native" else [f"platform: {found.runs}: {found.reason}"]


def _image(world: World, name: str, image: Image) -> list[str]:
    """What an image is, what its last build had to run, where it runs."""
    lines = [f"image {name}: {image.platform}, {len(image.layers)} layers"]
    last = world.depot.builds.get(image.digest)
    lines += [] if last is None else last_build(last)
    rows = table(world.fleet, image)
    return lines + [f"on {one.machine}: {one.verdict.runs}: {one.verdict.reason}" for one in rows]


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
