"""The tree of hosts, kernels and what runs on them, read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from simulator.look import from_model
from simulator.look.answers import TreeRow
from simulator.look.outline import Outline, Words, matching
from simulator.machine.container import Container, containers_on
from simulator.machine.host import Host, Machine
from simulator.machine.kernel import Kernel
from simulator.machine.virtual_machine import VirtualMachine, guests_on

if TYPE_CHECKING:
    from simulator.world.world import World

Thing = Host | Kernel | VirtualMachine | Container


class Place(NamedTuple):
    """Where something stands in the tree."""

    key: str
    kind: str
    thing: Thing
    machine: Machine
    depth: int
    ends: tuple[bool, ...]


class Branch(NamedTuple):
    """A host and what is below it, or a part of that."""

    keys: tuple[str, ...]
    places: tuple[Place, ...]

    def part(self, numbers: Sequence[int]) -> Branch:
        """Only these rows of it."""
        keys, places = self
        return Branch(tuple(keys[one] for one in numbers), tuple(places[one] for one in numbers))


class Listing(NamedTuple):
    """Rows that somebody asked for: their keys, and where each stands."""

    outline: Outline
    branches: list[Branch]


class Tree:
    """The branches of a world; one that did not change since it was last asked for is kept."""

    def __init__(self, world: World, views: from_model.Kept) -> None:
        """``views``: those made before, to be used again."""
        self._world = world
        self._views = views
        self._kept: dict[str, tuple[list[object], Branch]] = {}
        """By host: what its branch was made of, and the branch."""

    def listing(self, root: str | None, text: str) -> Listing:
        """All rows, or those at and below one; only those that contain a text, and their ways."""
        found = self._below(root) if root is not None else None
        branches = self._branches() if found is None else [found]
        if text.strip("!"):
            branches = [one.part(self._found(one, text)) for one in branches]
        return Listing(Outline([one.keys for one in branches]), branches)

    def rows(self, listing: Listing, first: int, count: int) -> tuple[TreeRow, ...]:
        """Some rows of a listing, from the top."""
        outline = listing.outline
        numbers = range(max(0, first), min(first + count, len(outline)))
        places = (outline.place(number) for number in numbers)
        return tuple(self._row(listing.branches[piece].places[at]) for piece, at in places)

    def way(self, key: str) -> list[str]:
        """The machines down to the one with a key, in words: ``host a``, ``vm v``."""
        branch = self._branch_of(key)
        way: list[Place] = []
        for place in branch.places if branch is not None else ():
            while way and way[-1].depth >= place.depth:
                way.pop()
            way.append(place)
            if place.key == key:
                return [f"{one.kind} {one.thing.name}" for one in way if one.kind != "kernel"]
        return []

    # --- branches ---------------------------------------------------------------------------------

    def _branches(self) -> list[Branch]:
        before = self._kept
        self._kept = {
            host.name: _branch(host, before.get(host.name)) for host in self._world.hosts()
        }
        return [branch for _, branch in self._kept.values()]

    def _branch_of(self, key: str) -> Branch | None:
        machine = self._world.machines.get(key.partition("/")[2])
        if machine is None:
            return None
        return _branch(machine.host, self._kept.get(machine.host.name))[1]

    def _below(self, root: str) -> Branch | None:
        branch = self._branch_of(root)
        if branch is None or root not in branch.keys:
            return None
        start = branch.keys.index(root)
        end = start + 1
        while end < len(branch.keys) and branch.places[end].depth > branch.places[start].depth:
            end += 1
        return Branch(branch.keys[start:end], branch.places[start:end])

    def _found(self, branch: Branch, text: str) -> list[int]:
        rows = (Words(one.depth, one.kind, self._words(one)) for one in branch.places)
        return matching(rows, text)

    def _words(self, place: Place) -> str:
        """What a row is found by: what it is called, how it is, what it is made of."""
        thing = place.thing
        if isinstance(thing, Container):
            return from_model.container_words(self._world, thing)
        if isinstance(thing, VirtualMachine):
            return f"{thing.name} vm {thing.kernel.state} {thing.runtime.name} {thing.stage}"
        if isinstance(thing, Host):
            hardware = thing.hardware
            state = thing.kernel.state
            return f"{thing.name} host {state} {hardware.architecture} {hardware.os} {thing.region}"
        return f"kernel {thing.version} {thing.state}"

    # --- rows -------------------------------------------------------------------------------------

    def _row(self, place: Place) -> TreeRow:
        world, thing, hardware = self._world, place.thing, place.machine.hardware
        key, kind, depth, ends = place.key, place.kind, place.depth, place.ends
        if isinstance(thing, Container):
            broken, reached_from = from_model.intrusion(world, thing.name)
            view = from_model.kept_view(world, thing, self._views)
            cores, memory = float(hardware.cores), hardware.memory_bytes
            return TreeRow(key, kind, depth, ends, view, cores, memory, broken, reached_from)
        if isinstance(thing, Kernel):
            return TreeRow(key, kind, depth, ends, from_model.kernel_view(thing))
        make = from_model.host_view if isinstance(thing, Host) else from_model.vm_view
        return TreeRow(
            key, kind, depth, ends, make(world, thing),  # type: ignore[arg-type]
            float(hardware.cores), hardware.memory_bytes,
        )  # fmt: skip


def _branch(host: Host, known: tuple[list[object], Branch] | None) -> tuple[list[object], Branch]:
    made_of = list(_parts(host))
    if known is not None and known[0] == made_of:
        return known
    places = tuple(_places(host))
    return made_of, Branch(tuple(one.key for one in places), places)


def _parts(machine: Machine) -> Iterator[object]:
    yield machine
    kernel = machine.kernel
    yield kernel
    yield from containers_on(kernel)
    for vm in guests_on(kernel):
        yield from _parts(vm)


def _places(host: Host) -> Iterator[Place]:
    yield Place(f"host/{host.name}", "host", host, host, 0, ())
    yield from _on_kernel(host, 1, ())


def _on_kernel(machine: Machine, depth: int, ends: tuple[bool, ...]) -> Iterator[Place]:
    kernel = machine.kernel
    yield Place(f"kernel/{kernel.name}", "kernel", kernel, machine, depth, ends)
    left = len(kernel.containers) + len(kernel.vms)
    for one in containers_on(kernel):
        left -= 1
        key = f"container/{one.id}"
        yield Place(key, "container", one, machine, depth + 1, (*ends, left == 0))
    for vm in guests_on(kernel):
        left -= 1
        below = (*ends, left == 0)
        yield Place(f"vm/{vm.name}", "vm", vm, vm, depth + 1, below)
        yield from _on_kernel(vm, depth + 2, below)
