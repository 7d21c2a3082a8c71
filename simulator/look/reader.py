"""Whoever looks at a world: each asks for what it shows, and nobody leaves a trace."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from simulator.look import finding, from_model, records, why
from simulator.look.answers import BusyContainer, Totals, TreeRow, Version
from simulator.look.cluster_facts import ClusterFacts, View
from simulator.look.clusters import Clusters
from simulator.look.finding import Finder
from simulator.look.networks import NetworkView, networks_of
from simulator.look.outline import Outline
from simulator.look.pages import Page, Place, page_of
from simulator.look.swarm_facts import SwarmFacts
from simulator.look.swarm_names import names_of
from simulator.look.totals import busiest, busy_view, totals
from simulator.look.tree import Listing, Tree
from simulator.look.views import (
    ContainerView,
    EventView,
    HostView,
    ImageView,
    JobView,
    MachineView,
    SeriesView,
    ServiceView,
    Snapshot,
    VmView,
)
from simulator.machine.virtual_machine import VirtualMachine

if TYPE_CHECKING:
    from simulator.machine.container import Container
    from simulator.node.metrics import Usage
    from simulator.world.world import World

Answer = TypeVar("Answer")
MOST_ANSWERS = 256
"""Answers kept; a screen asks about thirty questions, most of them for curves."""


class Reader:
    """Answers questions about one world, as many as one likes.

    As long as the version is the same, the same question gets the same object back.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: from_model.Kept = {}
        self._tree = Tree(world, self._kept)
        self._finder = Finder(world)
        self._clusters = Clusters(world)
        self._answers: dict[Hashable, tuple[Version, object]] = {}

    @property
    def version(self) -> Version:
        """Grows with every change of the world."""
        world = self.world
        return Version(world.now, len(world.log), world.journal.count, world.sampler.taken)

    def _same(self, question: Hashable, answer: Callable[[], Answer], *, timed: bool) -> Answer:
        """The answer given before, or a new one where something has changed since.

        ``timed``: where time alone makes another answer, too.
        """
        version = self.version if timed else self.version._replace(time=0.0)
        known = self._answers.get(question)
        if known is not None and known[0] == version:
            return cast(Answer, known[1])
        if len(self._answers) >= MOST_ANSWERS:
            self._answers.clear()
        made = answer()
        self._answers[question] = (version, made)
        return made

    # --- everything -------------------------------------------------------------------------------

    def totals(self) -> Totals:
        """How much there is of everything, and what is used of it."""
        return self._same("totals", lambda: totals(self.world), timed=False)

    def snapshot(
        self,
        *,
        events: int = 200,
        series: Sequence[str] = (),
        points: int = 120,
        since: float = 0.0,
    ) -> Snapshot:
        """All there is, for a small world or a report: see the other questions for parts of it."""
        question = ("snapshot", events, tuple(series), points, since)
        return self._same(
            question,
            lambda: from_model.whole(self.world, self._kept, events, series, points, since),
            timed=True,
        )

    # --- the tree of machines and containers ------------------------------------------------------

    def outline(self, root: str | None = None, text: str = "") -> Outline:
        """Keys of the rows at and below one, or of all; of those only that contain a text."""
        return self._listing(root, text).outline

    def rows(
        self, first: int, count: int, root: str | None = None, text: str = ""
    ) -> tuple[TreeRow, ...]:
        """Some rows of an outline, from its row number ``first``."""
        self._forget()
        return self._same(
            ("rows", first, count, root, text),
            lambda: self._tree.rows(self._listing(root, text), first, count),
            timed=True,
        )

    def cluster(self, view: View, first: int, count: int) -> ClusterFacts | SwarmFacts | None:
        """What a frame shows of a cluster or swarm; None where there is none."""
        return self._same(
            ("cluster", view, first, count),
            lambda: self._clusters.facts(view, first, count),
            timed=True,
        )

    def page(self, place: Place, first: int, count: int) -> Page:
        """What a frame shows of kernels, cgroups, processes, images, layers, files, builds."""
        from simulator.look.page_makers import listing  # not before somebody looks at one

        found = self._same(("listing of", place), lambda: listing(self.world, place), timed=False)
        return self._same(
            ("page", place, first, count), lambda: page_of(place, found, first, count), timed=True
        )

    def _forget(self) -> None:
        """Let go of views of containers that are gone, before they are as many as the others."""
        if len(self._kept) > 2 * len(self.world.containers) + MOST_ANSWERS:
            self._kept.clear()

    def _listing(self, root: str | None, text: str) -> Listing:
        return self._same(
            ("listing", root, text), lambda: self._tree.listing(root, text), timed=False
        )

    def way(self, key: str) -> list[str]:
        """The machines down to one, in words."""
        return self._tree.way(key)

    # --- one thing by its name --------------------------------------------------------------------

    def containers(self, word: str, on: str | None = None) -> list[ContainerView]:
        """Those of this name or id, else those with an id that begins so; on a machine, or all."""
        return [self._container(one) for one in self._finder.containers(word, on)]

    def container_names(self, on: str | None = None) -> list[str]:
        """Names of all containers, or of those of a machine, in the order of their creation."""
        found = self.world.containers.values()
        return [one.name for one in found if on is None or one.daemon.name == on]

    def container_notes(self) -> Iterator[tuple[str, str]]:
        """Names of all containers, each with its image and its state."""
        for one in self.world.containers.values():
            yield one.name, f"{one.settings.image_name}, {one.state}"

    def containers_on(self, machine: str) -> list[ContainerView]:
        """The containers that the daemon of a machine knows."""
        found = finding.containers_of(self.world.machines[machine])
        return [self._container(one) for one in found]

    def usage(self, machine: str) -> tuple[tuple[str, Usage | None], ...] | None:
        """What the metrics pipeline tells of each that runs there; None while it is off."""
        node = self.world.fleet.nodes[machine]
        if not node.metrics.on:
            return None
        running = [one for one in node.containers.values() if one.running]
        return tuple((one.local_name, node.metrics.usage(one)) for one in running)

    def _container(self, one: Container) -> ContainerView:
        return from_model.container_view(self.world, one)

    @property
    def current_machine(self) -> str | None:
        """The machine that commands mean which name none; None where there is no machine."""
        return self.world.current_machine

    def machine(self, name: str) -> MachineView | None:
        """The machine of this name."""
        found = self.world.machines.get(name)
        return None if found is None else finding.machine_view(found)

    def machines(self) -> list[MachineView]:
        """All hosts, each followed by the virtual machines in it, depth first."""
        return [finding.machine_view(one) for one in finding.machines(self.world)]

    def hosts(self) -> tuple[HostView, ...]:
        """All hosts, without what is on them."""
        return tuple(from_model.host_view(self.world, one) for one in self.world.hosts())

    def vms(self) -> list[tuple[str, VmView]]:
        """All virtual machines without what is on them, each after the machine that it is on."""
        found = (one for one in finding.machines(self.world) if isinstance(one, VirtualMachine))
        return [(vm.on.name, from_model.vm_view(self.world, vm)) for vm in found]

    def networks_on(self, machine: str) -> tuple[NetworkView, ...]:
        """The networks that the daemon of a machine knows, those of its swarm too."""
        return networks_of(self.world.fleet.node(machine), self.world.orchestras.swarm_of(machine))

    def swarm_names(self, kind: str) -> list[tuple[str, str]]:
        """Names of things of the current machine's swarm: node, stack, secret, ..., with notes."""
        return list(names_of(self.world, self.world.current_machine, kind))

    def volumes_on(self, machine: str) -> list[str]:
        """Names of the volumes of the daemon of a machine."""
        return list(self.world.fleet.node(machine).storage.volumes.all)

    def images_on(self, machine: str) -> tuple[ImageView, ...]:
        """Rows of ``docker images`` on a machine, newest first."""
        return from_model.images(self.world.machines[machine])

    def image_names(self) -> list[str]:
        """References of the images on all machines."""
        return finding.image_names(self.world)

    # --- services and curves ----------------------------------------------------------------------

    def service_names(self) -> list[str]:
        """Names of all services."""
        return list(self.world.services)

    def services(self) -> tuple[ServiceView, ...]:
        """All services, and what their clients see."""
        return self._same("services", self._services, timed=False)

    def _services(self) -> tuple[ServiceView, ...]:
        world = self.world
        return tuple(from_model.service_view(world, one) for one in world.services.values())

    def busiest(self, service: str | None, count: int) -> tuple[BusyContainer, ...]:
        """Containers worth a curve: endpoints of a service first, then by CPU."""
        chosen: list[Container] = self._same(
            ("busiest", service, count),
            lambda: busiest(self.world, service, count),
            timed=False,
        )
        return tuple(busy_view(self.world, one) for one in chosen)

    def kind_of(self, name: str) -> str:
        """What bears a name that a series is asked for by: service, container, host or vm."""
        world = self.world
        if name in world.services:
            return "service"
        if name in world.containers:
            return "container"
        machine = world.machines.get(name)
        return "host" if machine is not None and machine.host is machine else "vm"

    def series(
        self, names: Iterable[str], points: int = 120, since: float = 0.0
    ) -> dict[str, SeriesView]:
        """Recorded series after ``since``, thinned to ``points``."""
        return {name: self._series(name, points, since) for name in names}

    def _series(self, name: str, points: int, since: float) -> SeriesView:
        return self._same(
            ("series", name, points, since),
            lambda: records.series_view(self.world, name, points, since),
            timed=False,
        )

    # --- what happened ----------------------------------------------------------------------------

    def events(self, last: int = 200, after: int = -1) -> tuple[EventView, ...]:
        """The newest events, of those numbered higher than ``after``, oldest first."""
        journal = self.world.journal
        first = max(after + 1, journal.count - last)
        return self._same(
            ("events", first),
            lambda: tuple(records.event_view(entry) for entry in journal.since(first)),
            timed=False,
        )

    @property
    def event_count(self) -> int:
        """How many events there were, those that are no longer kept included."""
        return self.world.journal.count

    def jobs(self) -> tuple[JobView, ...]:
        """What is under way, and what ended last."""
        return records.jobs(self.world)

    def explain(self, name: str) -> list[str]:
        """Why something is as it is, in lines."""
        return why.explain(self.world, name)


def snapshot(
    world: World,
    *,
    events: int = 200,
    series: Sequence[str] = (),
    points: int = 120,
    since: float = 0.0,
) -> Snapshot:
    """One picture of all for who looks once: see :meth:`Reader.snapshot`."""
    return Reader(world).snapshot(events=events, series=series, points=points, since=since)
