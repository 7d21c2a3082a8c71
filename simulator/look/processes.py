"""What is in a container: processes by both their numbers, namespaces, who falls with what."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from simulator.errors import unknown
from simulator.look.kernel_facts import FateFacts, NamespaceFacts, ProcessFacts
from simulator.look.kernels import way_to
from simulator.look.pages import Listing, Place
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.machine.kernel import Kernel
from simulator.machine.virtual_machine import VirtualMachine
from simulator.node.process_lists import inside, outside

if TYPE_CHECKING:
    from simulator.world.world import World

MOST_NAMES = 12
"""Names that are listed of those who share something."""
NOBODY = "100000"
"""The first of the users outside to whom a daemon maps those of its containers."""
PRIVATE = ("pid", "mnt", "uts", "ipc", "cgroup")
"""Namespaces that each container has to itself here: no flag of ``docker run`` shares them."""


def container(world: World, place: Place) -> Listing:
    """The rows of the container with the id ``within``; no filter, they are few."""
    one = _find(world, place.within)
    rows: dict[str, object] = {}
    for number, process in enumerate(_processes(world, one)):
        rows[f"process/{number}"] = process
    for space in _namespaces(world, one):
        rows[f"namespace/{space.kind}"] = space
    for fate in _fates(one):
        rows[f"fate/{fate.cause}"] = fate
    crumbs = (*way_to(one.machine), f"kernel {one.machine.kernel.version}", one.name)
    return Listing(list(rows), rows.__getitem__, _state(one), crumbs)


def _find(world: World, id_: str) -> Container:
    found = next((one for one in world.containers.values() if one.id == id_), None)
    if found is None:
        raise unknown("container", id_[:12], [])
    return found


def _state(one: Container) -> tuple[str, str, str]:
    """Its name, its state, what started it."""
    return one.name, one.state, one.runtime.name


def _processes(world: World, one: Container) -> list[ProcessFacts]:
    """Each process with the number that it sees itself, and the one that its machine knows."""
    if one.state not in ("running", "paused"):
        return []
    settings = one.settings
    user = one.image.config.user or "root"
    mapped = settings.hardening.userns
    outer = NOBODY if mapped and user in ("root", "0", "") else user
    seen = inside(one, user)
    known = outside(one, outer)
    last = known[-1].pid if known else one.pid
    return [
        ProcessFacts(
            known[at].pid if at < len(known) else last + 1 + at - len(known),
            each.pid, outer, user, each.command, each.cpu_s, each.rss_bytes,
        )
        for at, each in enumerate(seen)
    ]  # fmt: skip


def _namespaces(world: World, one: Container) -> Iterable[NamespaceFacts]:
    node = world.fleet.node_of(one)
    mode = node.wiring.spec(one).network_mode
    beside = [each.name for each in node.wiring.beside(one) if each is not one and each.running]
    if mode == "host":
        yield NamespaceFacts("net", False, (), note=f"that of {one.daemon.name} itself")
    else:
        note = "none but its own loopback" if mode == "none" else ""
        yield NamespaceFacts("net", not beside, *_some(beside), note=note)
    for kind in PRIVATE:
        yield NamespaceFacts(kind, True, ())
    mapped = one.settings.hardening.userns
    note = f"its root is user {NOBODY} outside" if mapped else "its users are those of the machine"
    yield NamespaceFacts("user", mapped, (), note=note)
    others = [
        each.name
        for each in one.machine.kernel.containers.values()
        if each is not one and each.running
    ]
    yield NamespaceFacts("kernel", not others, *_some(others), note="no namespace: there is one")


def _fates(one: Container) -> Iterable[FateFacts]:
    """From the smallest that could fail to the largest."""
    yield FateFacts(f"process 1 of {one.name} ends", (one.name,))
    kernel = one.machine.kernel.fate
    yield _fate(f"kernel {kernel.version} of {kernel.name} panics", kernel)
    machine: Machine = one.machine
    while isinstance(machine, VirtualMachine):
        machine = machine.on
        if machine.kernel.fate is not kernel:
            kernel = machine.kernel.fate
            yield _fate(f"kernel {kernel.version} of {kernel.name} panics", kernel)
    yield _fate(f"host {machine.name} loses power", machine.kernel)


def _fate(cause: str, kernel: Kernel) -> FateFacts:
    names = [each.name for each in kernel.all_containers() if each.running]
    return FateFacts(cause, *_some(names))


def _some(names: list[str]) -> tuple[tuple[str, ...], int]:
    """The first names, and how many more there are."""
    return tuple(islice(names, MOST_NAMES)), max(0, len(names) - MOST_NAMES)
