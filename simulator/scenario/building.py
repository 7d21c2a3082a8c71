"""From a scenario to a world that is ready, and the script that is to be typed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from simulator.calibration import Calibration
from simulator.errors import DrydockError, InputError, Place, Refused, unknown
from simulator.files import inside
from simulator.image.project import read_project
from simulator.scenario.as_commands import (
    cluster,
    container,
    host,
    machines_of,
    network,
    replica_name,
    serves,
    service,
)
from simulator.scenario.loading import Scenario
from simulator.scenario.reading import Path as Keys
from simulator.scenario.spec import ImageSpec
from simulator.scenario.stacks import DEPLOYED_S
from simulator.world import World
from simulator.world.commands import (
    BuildImage,
    Command,
    CreateService,
    CreateVm,
    PullImage,
    StartTraffic,
    TagImage,
)
from simulator.world.facts import PullEnded

MAX_SETUP_S = 86_400.0
MAX_READY_S = 60.0
READY_STEP_S = 0.1
"""A scenario begins at a round time after its servers are ready."""


class ScriptLine(NamedTuple):
    """A line to type at a simulated time in seconds, and where it was written."""

    at_s: float
    line: str
    place: Place


class Built(NamedTuple):
    """A world after its set-up; the script's times are of this world's clock."""

    world: World
    script: list[ScriptLine]
    start_s: float
    """Simulated time at which the set-up was done: the scenario's ``@0s``."""
    end_s: float
    notes: tuple[str, ...] = ()
    """What the set-up is to be told of: images that others stand in for."""


def build(scenario: Scenario, keep_going: Callable[[], bool] | None = None) -> Built:
    """Set the world up and say what is to be typed at it.

    Hosts, VMs, images, services and containers are made first and are ready at ``start_s``;
    then the traffic starts. Raises InputError or Refused with the place in the scenario.
    """
    world = World(scenario.seed, Calibration(scenario.spec.calibration))
    setup = _Setup(scenario, world, keep_going)
    setup.run()
    world.settle()  # a sample, so that what is measured from here on holds nothing of the set-up
    start = world.now
    script = [
        ScriptLine(start + entry.at, entry.do, scenario.place("script", index, "do"))
        for index, entry in enumerate(scenario.spec.script)
    ]
    script += _sent_later(scenario, start) if scenario.deployed else []
    script.sort(key=lambda line: line.at_s)
    return Built(world, script, start, start + scenario.spec.until, tuple(setup.notes))


def _sent_later(scenario: Scenario, start_s: float) -> list[ScriptLine]:
    """What is sent to services that the script makes, as lines of it."""
    found = []
    for name, one in scenario.spec.traffic.items():
        words = [word for word in one.words.split() if not word.startswith("times=")]
        times = f"times={one.spec(scenario.folder).times:.12g}"
        line = " ".join(("traffic", name, *words, times))
        found.append(ScriptLine(start_s + DEPLOYED_S, line, scenario.place("traffic", name)))
    return found


class _Setup:
    """Carries out the sections of a scenario in order; those of one section go on together."""

    def __init__(
        self, scenario: Scenario, world: World, keep_going: Callable[[], bool] | None
    ) -> None:
        self.scenario = scenario
        self.spec = scenario.spec
        self.world = world
        self.keep_going = keep_going
        self.stopped = False
        self.notes: dict[str, None] = {}
        self.machines = machines_of(scenario.spec)
        """The machines that each name in the file means: a group of hosts means all of it."""

    def run(self) -> None:
        """All sections."""
        for section in (self._hosts, self._vms, self._networks, self._services, self._images,
                        self._tags, self._containers, self._clusters, self._traffic):  # fmt: skip
            self._together(section())
            if self.stopped:
                return
            if section == self._containers:
                self._until_ready()
            if section == self._clusters and self.spec.clusters:
                from simulator.scenario.manifests import Manifests

                self.notes |= Manifests(self.scenario, self.world).apply(self._going)

    def _together(self, commands: Iterator[tuple[Keys, Command]]) -> None:
        """Give all commands of a section, then let time pass until all their jobs are done."""
        jobs = []
        for keys, command in commands:
            place = self.scenario.place(*keys)
            try:
                job = self.world.apply(command).job
            except DrydockError as error:
                raise _at(error, place) from None
            if job is not None:
                jobs.append((job, place))

        left = [job for job, _ in jobs]

        def unfinished() -> bool:
            # One that is done stays so, and need not be asked again.
            while left and left[-1].done:
                left.pop()
            return bool(left) and self._going()

        if unfinished():
            self.world.advance(self.world.now + MAX_SETUP_S, unfinished)
        for job, place in jobs:
            if job.error:
                raise Refused(f"{place}: {job.error}")
            told = (one.note for one in job.lines if isinstance(one, PullEnded) and one.note)
            self.notes |= dict.fromkeys(f"{place}: {note}" for note in told)

    def _going(self) -> bool:
        """Whether nobody has asked for the end of it."""
        self.stopped = self.stopped or not (self.keep_going is None or self.keep_going())
        return not self.stopped

    def _until_ready(self) -> None:
        """Let time pass until the containers answer for their services, or have died trying."""
        deadline = self.world.now + MAX_READY_S
        servers = list(self._servers())
        while left := [pair for pair in servers if self._awaited(*pair)]:
            while left:
                if not self._awaited(*left[-1]):
                    left.pop()
                elif self.world.now >= deadline or not self._going():
                    return
                else:
                    self.world.advance(self.world.now + READY_STEP_S)

    def _servers(self) -> Iterator[tuple[str, str]]:
        """Services, each with the name of a container that is to answer for it."""
        for index, one in enumerate(self.spec.containers):
            if one.service is not None and serves(one):
                for replica in range(one.replicas):
                    yield one.service, replica_name(one, index, replica)

    def _awaited(self, service: str, name: str) -> bool:
        """Whether a container may still begin to answer for a service."""
        container = self.world.containers.get(name)
        if container is None or container.state not in ("starting", "running"):
            return False
        return container.station not in self.world.services[service].endpoints

    def _hosts(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.hosts):
            for name in self.machines[one.name]:
                yield ("hosts", index), host(one, name)

    def _vms(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.vms):
            self._known(one.host, ("vms", index, "host"))
            yield (
                ("vms", index),
                CreateVm(
                    name=one.name,
                    machine=one.host,
                    vcpus=one.vcpus,
                    memory_bytes=one.memory,
                    disk_bytes=one.disk,
                    hypervisor=one.hypervisor,
                    kernel_version=one.kernel,
                    os=one.os,
                    nested=one.nested,
                    software=one.software,
                    speed_spread=one.speed_spread,
                    mtbf_s=one.mtbf,
                    cpu_shares=one.cpu_shares,
                    blkio_weight=one.blkio_weight,
                ),
            )

    def _networks(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.networks):
            for at, name in enumerate(one.on):
                self._known(name, ("networks", index, "on", at))
            for machine in self._each(one.on):
                yield ("networks", index), network(one, machine)

    def _services(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.services):
            yield ("services", index), service(one)
        known = {one.name for one in self.spec.services}
        named: dict[str, Keys] = {
            each.service: ("containers", at, "service")
            for at, each in enumerate(self.spec.containers)
            if each.service is not None
        }
        for name, keys in named.items():
            if name not in known:
                yield keys, CreateService(name=name)

    def _known(self, name: str | None, keys: Keys) -> None:
        """Refuse the name of a machine that the scenario does not have."""
        if name is not None and name not in self.machines:
            raise unknown("machine", name, self.machines, self.scenario.place(*keys))

    def _images(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.images):
            for at, name in enumerate(one.on):
                self._known(name, ("images", index, "on", at))
            for machine in self._each(one.on):
                yield ("images", index), self._image(one, index, machine)

    def _each(self, names: Iterable[str]) -> list[str]:
        """The machines of these names, or all of them."""
        meant = (each for name in names or self.machines for each in self.machines[name])
        return list(dict.fromkeys(meant))

    def _image(self, one: ImageSpec, index: int, machine: str) -> Command:
        if one.pull is not None:
            return PullImage(reference=one.pull, platform=one.platform, machine=machine)
        assert one.build is not None
        folder = inside(
            self.scenario.folder, one.build, place=self.scenario.place("images", index, "build")
        )
        try:
            project = read_project(folder, inside(folder, one.file) if one.file else None)
        except InputError as error:
            raise _shown(error, self.scenario.folder) from None
        return BuildImage(
            dockerfile=project.dockerfile,
            dockerfile_name=f"{one.build}/{project.dockerfile_name}",
            context=replace(project.context, name=one.build),
            tags=(one.tag or "",),
            build_args=one.args,
            target=one.target,
            platform=one.platform,
            machine=machine,
        )

    def _tags(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.images):
            if one.pull is not None and one.tag is not None:
                for machine in self._each(one.on):
                    yield (
                        ("images", index),
                        TagImage(source=one.pull, target=one.tag, machine=machine),
                    )

    def _containers(self) -> Iterator[tuple[Keys, Command]]:
        turns = {name: cycle(machines) for name, machines in self.machines.items()}
        for index, one in enumerate(self.spec.containers):
            self._known(one.on, ("containers", index, "on"))
            for replica in range(one.replicas):
                machine = next(turns[one.on]) if one.on is not None else None
                name = replica_name(one, index, replica)
                yield ("containers", index), container(one, name, machine)

    def _clusters(self) -> Iterator[tuple[Keys, Command]]:
        for index, one in enumerate(self.spec.clusters):
            yield ("clusters", index), cluster(one)

    def _traffic(self) -> Iterator[tuple[Keys, Command]]:
        if self.scenario.deployed:
            return
        for name, one in self.spec.traffic.items():
            try:
                spec = one.spec(self.scenario.folder)
            except InputError as error:
                raise error.at(error.place or self.scenario.place("traffic", name)) from None
            yield ("traffic", name), StartTraffic(service=name, spec=spec, client=one.client())


def _shown(error: InputError, folder: Path) -> InputError:
    """An error about a file with its path relative to the scenario's folder."""
    if error.place is None:
        return error
    name = error.place.file.removeprefix(str(folder.resolve()) + "/")
    return error.at(Place(name, error.place.line, error.place.column))


def _at(error: DrydockError, place: Place) -> DrydockError:
    if isinstance(error, InputError):
        if error.place is None:
            return error.at(place)
        return error
    return Refused(f"{place}: {error}")
