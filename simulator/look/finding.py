"""Finding one thing by what people call it, without looking at the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.image.reference import Reference
from simulator.look import from_model
from simulator.look.views import MachineView
from simulator.machine.container import Container, containers_on
from simulator.machine.host import Host, Machine
from simulator.machine.virtual_machine import VirtualMachine, guests_on

if TYPE_CHECKING:
    from simulator.world.world import World

SHORT = 12
"""Digits of an id as tools print it."""


class Finder:
    """Containers by name, by id, and by the beginning of an id.

    Ids are indexed by as much of them as tools print. A container that the index does not know
    was made since: then it is made anew, once for each time that something is not found.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._short: dict[str, list[Container]] = {}

    def containers(self, word: str, on: str | None) -> list[Container]:
        """Those of this name or id; where there is none, those with an id that begins so.

        ``on``: only those of the daemon of that machine.
        """
        exact = [one for one in self._named(word, on) if _on(one, on)]
        exact = exact or [one for one in self._begun(word, on) if one.id == word]
        return exact or self._begun(word, on)

    def _named(self, word: str, on: str | None) -> list[Container]:
        """By what daemons call them: that of the machine, else the current one, else any."""
        fleet = self._world.fleet
        found = fleet.roster.called(word, on or fleet.current)
        if found or word not in fleet.containers:
            return found
        return [fleet.containers[word]]

    def _begun(self, word: str, on: str | None) -> list[Container]:
        if not word:
            return []
        known = self._known(word)
        if not known:
            self._index()
            known = self._known(word)
        return [one for one in known if _on(one, on)]

    def _known(self, word: str) -> list[Container]:
        """Containers in the index whose id begins so, as far as they still exist."""
        if len(word) < SHORT:
            found = [one for key, each in self._short.items() if key.startswith(word)
                     for one in each]  # fmt: skip
        else:
            found = [one for one in self._short.get(word[:SHORT], ()) if one.id.startswith(word)]
        return [one for one in found if self._world.containers.get(one.name) is one]

    def _index(self) -> None:
        self._short = {}
        for one in self._world.containers.values():
            self._short.setdefault(one.id[:SHORT], []).append(one)


def _on(container: Container, on: str | None) -> bool:
    return on is None or container.daemon.name == on


def machines(world: World) -> Iterator[Machine]:
    """All hosts, each followed by the virtual machines in it, depth first."""
    for host in world.hosts():
        yield from _with_guests(host)


def _with_guests(machine: Machine) -> Iterator[Machine]:
    yield machine
    for vm in guests_on(machine.kernel):
        yield from _with_guests(vm)


def machine_view(machine: Machine) -> MachineView:
    """What docker commands can be sent to."""
    hardware, kernel = machine.hardware, machine.kernel
    return MachineView(
        name=machine.name,
        host=machine.host.name,
        is_vm=isinstance(machine, VirtualMachine),
        cores=float(hardware.cores),
        memory_bytes=hardware.memory_bytes,
        architecture=machine.host.hardware.architecture,
        kernel=from_model.kernel_view(kernel),
        price_per_hour=machine.price_per_hour if isinstance(machine, Host) else 0.0,
        stalled=machine.host.tenancy.is_stalled(kernel),
    )


def containers_of(machine: Machine) -> Iterator[Container]:
    """The containers that a daemon knows: on its kernel, and each in a guest made for it."""
    if isinstance(machine, VirtualMachine) and machine.owner:
        return
    yield from containers_on(machine.kernel)
    for vm in guests_on(machine.kernel):
        if vm.owner:
            yield from containers_on(vm.kernel)


def image_names(world: World) -> list[str]:
    """References of the images on all machines, each once."""
    stores = (machine.images.store for machine in machines(world))
    names = dict.fromkeys(name for store in stores for name in store.names())
    return list(dict.fromkeys(Reference.parse(name).short() for name in names))
