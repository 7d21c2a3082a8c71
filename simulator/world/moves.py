"""Moving a running service to another machine: push, pull, start there, join, drain, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from simulator.clouds import Site
from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.model import Manifest
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.registry.registry import Registry
from simulator.units import format_bytes, format_span
from simulator.world import containers, images, services
from simulator.world.commands import RunContainer
from simulator.world.image_commands import MoveService
from simulator.world.jobs import Job, Reply
from simulator.world.moving import Move, Service, as_container, as_vm_disk
from simulator.world.portability import on_machine

if TYPE_CHECKING:
    from simulator.world.world import World

_POLL_S = 0.05
MAX_READY_S = 600.0
"""A container that is not ready by then ends the move; the old one stays."""


def movable(world: World, name: str, target: Machine) -> list[Container]:
    """The containers that a move of a service or container is about, in the order of names."""
    running = [one for one in world.containers.values() if one.running]
    if name in world.services:
        found = [one for one in running if name in services.wanted_services(world, one)]
        if not found:
            raise Refused(f"service {name} has no running containers to move")
    else:
        found = [one for one in running if name in one.settings.aliases]
        found = found or [world.container(name)]
    away = [one for one in found if one.daemon is not target]
    if not away:
        raise Refused(f"{name} is on {target.name} already")
    idle = next((one for one in away if one.state != "running"), None)
    if idle is not None:
        raise Refused(f"container {idle.name} is {idle.state}; only what runs can be moved")
    return sorted(away, key=lambda one: one.name)


def site(machine: Machine) -> Site:
    """The site of a machine; one without a cloud's region is one's own hardware."""
    return machine.images.site or Site.parse("own")


def planned(world: World, name: str, target: Machine, data_bytes: int = 0) -> list[Move]:
    """Both ways of moving one container of a service: as an image, and as a disk."""
    one = movable(world, name, target)[0]
    written = world.depot.writable(one).size_bytes
    startup_s = one.settings.workload.startup_s
    origin, goal = site(one.daemon), site(target)
    known = world.parts.calibration
    here = [layer for layer in one.image.layers if target.images.store.has_layer(layer.digest)]
    plain = Service(one.image, float(data_bytes), startup_s)
    disk = Service(one.image, float(data_bytes + written), startup_s)
    return [
        as_container(plain, origin, goal, node_has=here, constants=known),
        as_vm_disk(disk, origin, goal, constants=known),
    ]


def move(world: World, command: MoveService) -> Reply:
    """Carry the container way out, one container after the other."""
    target = world.machine(command.target)
    target.need_up()
    if not 0 <= command.drain_s <= 3600 or command.data_bytes < 0:
        raise InputError("bad drain time or size of data", expected="0 to 1h, and 0 or more bytes")
    away = movable(world, command.name, target)
    for one in away:
        found = on_machine(target, _manifest(world, one))
        if not found.ok:
            raise Refused(f"{one.name} cannot run on {target.name}: {found.reason}")
    registry = world.depot.registries.get(command.registry) if command.registry else None
    job = world.new_job(f"move {command.name} to {target.name}")
    world.sim.start(_moving(world, command, away, target, registry, job))
    return Reply((), job)


def _manifest(world: World, one: Container) -> Manifest:
    """What would travel: the whole list where the image was built for several platforms."""
    found = world.depot.list_of(one.daemon.name, Reference.parse(one.settings.image_name))
    return found if found is not None else one.image


def _moving(
    world: World,
    command: MoveService,
    away: list[Container],
    target: Machine,
    registry: Registry | None,
    job: Job,
) -> Process:
    started, spent = world.now, world.depot.egress_usd
    for one in away:
        error = yield from _Step(world, command, one, target, registry, job).run()
        if error is not None:
            job.finish(error)
            return
    usd = world.depot.egress_usd - spent
    job.lines.append(f"moved in {format_span(world.now - started)}, egress ${usd:.4f}")
    job.finish()


class _Step:
    """The move of one container."""

    def __init__(
        self,
        world: World,
        command: MoveService,
        old: Container,
        target: Machine,
        registry: Registry | None,
        job: Job,
    ) -> None:
        self.world, self.command, self.job = world, command, job
        self.old, self.origin, self.target = old, old.daemon, target
        self.registry = registry
        self.reference = Reference.parse(old.settings.image_name)

    def run(self) -> Process:
        """All stages; the error or None."""
        error = yield from self._image()
        if error is None and self.command.data_bytes:
            yield from self._data()
        if error is None:
            error = yield from self._start()
        return error

    def _say(self, what: str, since: float, text: str = "") -> None:
        self.job.lines.append(
            f"{self.old.name}: {what:<6} {format_span(self.world.now - since):>8}  {text}".rstrip()
        )

    def _image(self) -> Process:
        """Get the image to the target: from where it is public, else by a registry there."""
        world, old = self.world, self.old
        began = world.now
        stored = self.target.images.store.find(self.reference)
        if stored is not None and stored.image.digest == old.image.digest:
            self._say("pull", began, "already there")
            return None
        goal = self.reference
        if self.registry is not None or not self._served():
            registry = self.registry or site_registry(world, self.target)
            tag = self.reference.tag_or_latest
            repository = self.reference.repository.removeprefix("library/")
            goal = Reference(registry.name, repository, tag)
            world.depot.copy_name(self.origin.name, self.reference.canonical(), goal)
            self.origin.images.store.add(old.image, goal, now_s=world.now)
            user = self.origin.images.users.get(registry.name)
            if user is not None:
                self.target.images.users.setdefault(registry.name, user)
            error = yield from images.send(world, self.origin, goal, Job(0, ""))
            if error is not None:
                return f"push to {registry.name}: {error}"
            self._say("push", began, f"{format_bytes(old.image.transfer_bytes)} to {registry.name}")
        began = world.now
        error = yield from images.fetch(world, self.target, goal, None, Job(0, ""))
        if error is not None:
            return f"pull on {self.target.name}: {error}"
        self._say("pull", began, f"{goal.short()} on {self.target.name}")
        self.reference = goal
        return None

    def _served(self) -> bool:
        """Whether the image can be pulled under its own name, unchanged."""
        try:
            registry = self.world.depot.registries.of(self.reference)
            found = registry.look_up(self.reference.tagged())
        except Refused:
            return False
        made = getattr(found, "images", (found,))
        return any(one.digest == self.old.image.digest for one in made)

    def _data(self) -> Process:
        world, size = self.world, self.command.data_bytes
        began, sender, receiver = world.now, self.origin.images, self.target.images
        links = dict.fromkeys((sender.nic_out, receiver.nic_in))
        yield world.network.start(tuple(links), size).done
        usd = site(self.origin).egress_usd(size, site(self.target))
        world.depot.charge(world.now, f"data of {self.old.name}", size, usd)
        self._say("data", began, format_bytes(size))

    def _start(self) -> Process:
        """Start there, wait until it answers, then drain and remove the old one."""
        world, old = self.world, self.old
        began = world.now
        try:
            reply = containers.run(world, self._copy())
        except (Refused, InputError) as refusal:
            return f"start on {self.target.name}: {refusal}"
        while reply.job is not None and not reply.job.done:
            yield world.sim.env.timeout(_POLL_S)
        if reply.job is not None and reply.job.error:
            return f"start on {self.target.name}: {reply.job.error}"
        new = world.containers[self._name]
        for service in world.services.values():
            if old.name in service.members:
                service.members[new.name] = None
        limit = world.now + MAX_READY_S
        while new.ready_at is None and new.running and world.now < limit:
            yield world.sim.env.timeout(_POLL_S)
        if new.ready_at is None or not new.running:
            return f"{new.name} did not become ready on {self.target.name}; {old.name} still runs"
        world.hooks.ready(new)
        self._say("start", began, f"{new.name} on {self.target.name}")
        began = world.now
        world.hooks.unready(old)
        yield world.sim.env.timeout(self.command.drain_s)
        old.stop()
        if old.running:
            yield old.over.event()
        if world.containers.get(old.name) is old:
            containers.drop(world, old)
        self._say("drain", began, f"{old.name} on {self.origin.name} removed")
        return None

    @property
    def _name(self) -> str:
        return f"{self.old.name}-{self.target.name}"[:63]

    def _copy(self) -> RunContainer:
        """The command that made the old container, for the target."""
        old = self.old
        asked = RunContainer(image=old.settings.image_name, aliases=old.settings.aliases)
        for entry in reversed(list(self.world.log)):
            given = entry.command
            if isinstance(given, RunContainer) and given.name == old.name:
                asked = given
                break
        return msgspec.structs.replace(
            asked,
            image=self.reference.short(),
            name=self._name,
            machine=self.target.name,
            labels=dict(old.settings.labels),
            workload=old.settings.workload.text,
            restart=str(old.restart_policy),
            pull="missing",
            detach=True,
            start=True,
        )


def site_registry(world: World, target: Machine) -> Registry:
    """The registry at a machine's site; made when there is none."""
    place = site(target)
    name = f"registry.{place.region}.{place.cloud.name}"
    if name in world.depot.registries.names():
        return world.depot.registries.get(name)
    registry = Registry(
        world.network,
        name,
        world.parts.calibration.value("images.registry.mirror_bytes_s"),
        site=place,
        request_s=world.parts.calibration.value("images.registry.request_s"),
    )
    return world.depot.registries.add(registry)
