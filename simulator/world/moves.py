"""Moving a running service to another machine: push, pull, start there, join, drain, remove."""

from __future__ import annotations

from simulator.clouds import Site
from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.registry.registry import Registry
from simulator.world import images
from simulator.world.depot import Depot
from simulator.world.director import Director
from simulator.world.facts import MoveEnded, MoveStage
from simulator.world.fleet import Fleet
from simulator.world.image_commands import MoveService
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.moving import Move, Service, as_container, as_vm_disk
from simulator.world.passages import Passage, name_there, passages, there

_POLL_S = 0.05
MAX_READY_S = 600.0
"""A container that is not ready by then ends the move; the old one stays."""


def site(machine: Machine) -> Site:
    """The site of a machine; one without a cloud's region is one's own hardware."""
    return machine.images.site or Site.parse("own")


def planned(
    fleet: Fleet, director: Director, depot: Depot, command: MoveService
) -> tuple[int, list[Move], str]:
    """Both ways of moving one container of a service: as an image, and as a disk.

    How many there are, the ways that lead there, and why a disk does not, if it does not. Refused
    where the move itself would be.
    """
    found = passages(fleet, director, depot, command)
    first = found[0]
    one, target = first.old, fleet.machine(command.target)
    written = fleet.node_of(one).written_bytes(one)
    startup_s = one.settings.workload.startup_s
    origin, goal = site(one.daemon), site(target)
    kept = fleet.node_of(one).storage.kept_bytes(one)
    known, data_bytes = fleet.parts.calibration, float(command.data_bytes + kept)
    image = first.image
    here = [layer for layer in image.layers if target.images.store.has_layer(layer.digest)]
    ways = [
        as_container(
            Service(image, data_bytes, startup_s),
            origin,
            goal,
            node_has=here,
            served=first.served,
            drain_s=command.drain_s,
            constants=known,
        )
    ]
    why_not = _no_disk(one.daemon, target)
    if not why_not:
        disk = Service(one.image, data_bytes + written, startup_s)
        ways.append(as_vm_disk(disk, origin, goal, constants=known))
    return len(found), ways, why_not


def _no_disk(origin: Machine, target: Machine) -> str:
    """Why the disk of a virtual machine would not run on another machine; nothing where it does."""
    ours, theirs = origin.hardware.architecture, target.hardware.architecture
    if ours != theirs:
        return (
            f"a VM disk from {origin.name} holds a kernel and programs for {ours}, and "
            f"{target.name} is {theirs}: only emulation (qemu-system) would run it, very slowly"
        )
    if not target.hardware.kvm and site(target).cloud.own:
        return f"{target.name} has no /dev/kvm to run a virtual machine with"
    return ""


def move(fleet: Fleet, director: Director, depot: Depot, jobs: Jobs, command: MoveService) -> Reply:
    """Carry the container way out, one container after the other."""
    away = passages(fleet, director, depot, command)
    target = fleet.machine(command.target)
    registry = depot.registries.get(command.registry) if command.registry else None
    job = jobs.new(f"move {command.name} to {target.name}")
    mover = _Mover(fleet, director, depot, command, target, registry, job)
    fleet.parts.sim.start(mover.run(away))
    return Reply((), job)


class _Mover:
    """A move under way: to which machine, by which registry."""

    def __init__(
        self,
        fleet: Fleet,
        director: Director,
        depot: Depot,
        command: MoveService,
        target: Machine,
        registry: Registry | None,
        job: Job,
    ) -> None:
        self.fleet, self.director, self.depot = fleet, director, depot
        self.command, self.target, self.job = command, target, job
        self.registry = registry
        self.sim = fleet.parts.sim

    def run(self, away: list[Passage]) -> Process:
        """One container after the other."""
        started, spent = self.sim.now, self.depot.egress_usd
        for one in away:
            error = yield from _Step(self, one).run()
            if error is not None:
                self.job.finish(error)
                return
        usd = self.depot.egress_usd - spent
        self.job.lines.append(MoveEnded(self.sim.now - started, usd))
        self.job.finish()


class _Step:
    """The move of one container."""

    def __init__(self, mover: _Mover, passage: Passage) -> None:
        self.mover, self.passage = mover, passage
        self.old = old = passage.old
        self.origin, self.target = old.daemon, mover.target
        self.fleet, self.depot, self.sim = mover.fleet, mover.depot, mover.sim
        self.command = mover.command
        self.data_bytes = 0
        """What travels beside its image: what is said of it, and its volumes."""
        self.reference = Reference.parse(old.settings.image_name)

    def run(self) -> Process:
        """All stages; the error or None."""
        error = yield from self._image()
        kept = self.fleet.node_of(self.old).storage.kept_bytes(self.old)
        self.data_bytes = self.command.data_bytes + kept
        if error is None and self.data_bytes:
            yield from self._data()
        if error is None:
            error = yield from self._start()
        return error

    def _over(
        self, stage: str, since: float, what: str = "", where: str = "", size_bytes: float = 0.0
    ) -> None:
        """A stage is over that began at ``since``."""
        took = self.sim.now - since
        self.mover.job.lines.append(MoveStage(self.old.name, stage, took, what, where, size_bytes))

    def _image(self) -> Process:
        """Get the image to the target: from where it is public, else by a registry there."""
        depot, sim, old = self.depot, self.sim, self.old
        began = sim.now
        stored = self.target.images.store.find(self.reference)
        if stored is not None and stored.image.digest == self.passage.image.digest:
            self._over("pull", began)
            return None
        goal = self.reference
        if not self.passage.served:
            registry = self.mover.registry or site_registry(depot, self.target)
            tag = self.reference.tag_or_latest
            repository = self.reference.repository.removeprefix("library/")
            goal = Reference(registry.name, repository, tag)
            depot.copy_name(self.origin.name, self.reference.canonical(), goal)
            self.origin.images.store.add(old.image, goal, now_s=sim.now)
            user = self.origin.images.users.get(registry.name)
            if user is not None:
                self.target.images.users.setdefault(registry.name, user)
            error = yield from images.send(
                depot, self.fleet.node(self.origin.name), goal, Job(0, "")
            )
            if error is not None:
                return f"push to {registry.name}: {error}"
            size = old.image.transfer_bytes
            self._over("push", began, where=registry.name, size_bytes=size)
        began, node = sim.now, self.fleet.node(self.target.name)
        error = yield from images.fetch(depot, node, goal, self.passage.platform, Job(0, ""))
        if error is not None:
            return f"pull on {self.target.name}: {error}"
        self._over("pull", began, goal.short(), self.target.name)
        self.reference = goal
        return None

    def _data(self) -> Process:
        sim, size = self.sim, self.data_bytes
        began, sender, receiver = sim.now, self.origin.images, self.target.images
        links = dict.fromkeys((sender.nic_out, receiver.nic_in))
        yield self.fleet.parts.network.start(tuple(links), size).done
        usd = site(self.origin).egress_usd(size, site(self.target))
        self.depot.charge(f"data of {self.old.name}", size, usd)
        self._over("data", began, size_bytes=size)

    def _start(self) -> Process:
        """Start there, wait until it answers, then drain and remove the old one."""
        old, sim = self.old, self.sim
        began = sim.now
        try:
            new = self._copy()
        except (Refused, InputError) as refusal:
            return f"start on {self.target.name}: {refusal}"
        if not new.begun.come:
            yield new.begun.event()
        if new.start_error:
            node = self.fleet.node(self.target.name)
            node.forget(new)
            return f"start on {self.target.name}: {new.start_error}"
        director = self.mover.director
        if old.name in director.names.listed:
            director.names.listed[new.name] = dict(director.names.listed[old.name])
        limit = sim.now + MAX_READY_S
        while new.ready_at is None and new.running and sim.now < limit:
            yield sim.env.timeout(_POLL_S)
        if new.ready_at is None or not new.running:
            return f"{new.name} did not become ready on {self.target.name}; {old.name} still runs"
        self.fleet.ready(new)
        self._over("start", began, new.name, self.target.name)
        began = sim.now
        self.fleet.unready(old)
        yield sim.env.timeout(self.command.drain_s)
        old.stop()
        if old.running:
            yield old.over.event()
        self.fleet.node_of(old).forget(old)
        self._over("drain", began, old.name, self.origin.name)
        return None

    def _copy(self) -> Container:
        """The same as the old container, started on the target from the image that is there."""
        node = self.fleet.node(self.target.name)
        name = name_there(self.old, self.target)
        plan = node.plan(there(self.fleet, self.old, self.reference), name)
        image = self.target.images.store.get(self.reference).image
        new = node.create(plan, name, image)
        node.storage.take_over(new, self.fleet.node_of(self.old).storage, self.old)
        new.start()
        return new


def site_registry(depot: Depot, target: Machine) -> Registry:
    """The registry at a machine's site; made when there is none."""
    place = site(target)
    name = f"registry.{place.region}.{place.cloud.name}"
    if name in depot.registries.names():
        return depot.registries.get(name)
    registry = Registry(
        depot.parts.network,
        name,
        depot.parts.calibration.value("images.registry.mirror_bytes_s"),
        site=place,
        request_s=depot.parts.calibration.value("images.registry.request_s"),
    )
    return depot.registries.add(registry)
