"""A tiny world for tests of the shell: it notes commands and shows canned views."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

from simulator.engine import CommandLog, Journal
from simulator.errors import Refused
from simulator.look.views import (
    ContainerView,
    HostView,
    ImageView,
    KernelView,
    MachineView,
    ServiceView,
    Snapshot,
    VmView,
)
from simulator.world import commands
from simulator.world.terminal import Terminal

GIB = 1 << 30


@dataclass
class FakeJob:
    """A job that is done at a simulated time."""

    world: FakeWorld
    ends_at: float
    title: str = "job"
    id: int = 0
    error: str | None = None
    result: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.world.now >= self.ends_at

    @property
    def lines(self) -> list[str]:
        return self.result if self.done else []


@dataclass(frozen=True)
class FakeReply:
    lines: tuple[str, ...] = ()
    job: FakeJob | None = None


def container(name: str = "web", **changes: object) -> ContainerView:
    base = ContainerView(
        id=f"{sum(map(ord, name)):x}".ljust(64, "c"),
        name=name,
        image="nginx:latest",
        image_id="sha256:" + "ab" * 32,
        command="nginx -g daemon off;",
        machine="a",
        state="running",
        created_at=0.0,
        started_at=1.0,
    )
    return replace(base, **changes)


def vm(name: str = "vm1", **changes: object) -> VmView:
    kernel = KernelView(name, "6.8", "linux", "running")
    base = VmView(name, "running", "", "qemu", 2, 2 * GIB, 50 << 20, 0.1, GIB, 0.0, 1.0, kernel)
    return replace(base, **changes)


def image(reference: str = "nginx:latest") -> ImageView:
    return ImageView(reference, "ab" * 32, 0.0, 187_000_000, 7)


class FakeCatalogue:
    """What a registry offers."""

    def names(self) -> list[str]:
        return ["python", "redis"]


class FakeWorld:
    """Time, a log and one host called ``a``; ``docker run`` takes a second."""

    def __init__(self, seed: int = 1, containers: tuple[ContainerView, ...] = ()) -> None:
        self.seed = seed
        self.now = 0.0
        self.log: CommandLog[commands.Command] = CommandLog()
        self.journal = Journal()
        self.history = None
        self.containers = list(containers)
        self.services: list[ServiceView] = []
        self.vms: tuple[VmView, ...] = ()
        self.images = (image(),)
        self.hosts = 1
        self.fails: str | None = None
        self.catalogue = FakeCatalogue()
        self.terminal = Terminal()
        self._ends: list[float] = []
        self._ids = itertools.count(1)

    @property
    def commands(self) -> list[commands.Command]:
        return [entry.command for entry in self.log]

    def apply(self, command: commands.Command) -> FakeReply:
        if self.fails is not None:
            raise Refused(self.fails)
        self.log.add(self.now, command)
        if isinstance(command, commands.RunContainer):
            name = command.name or f"c{next(self._ids)}"
            made = container(name, created_at=self.now, started_at=self.now + 1, labels={})
            self.containers.append(made)
            return FakeReply(job=self._job(1.0, [made.id]))
        if isinstance(command, commands.StopContainer):
            return FakeReply(job=self._job(10.0, [command.name]))
        return FakeReply((str(getattr(command, "name", "")),))

    def _job(self, lasts: float, lines: list[str]) -> FakeJob:
        self._ends.append(self.now + lasts)
        return FakeJob(self, self.now + lasts, result=lines)

    def advance(self, until: float, keep_going=None) -> bool:
        for moment in sorted({end for end in self._ends if self.now < end <= until} | {until}):
            self.now = moment
            if keep_going is not None and not keep_going():
                return self.now >= until
        return True

    def step(self) -> bool:
        later = sorted(end for end in self._ends if end > self.now)
        if later:
            self.now = later[0]
        return bool(later)

    def expect_return(self) -> None:
        """It can be replayed at no cost."""

    def with_past(self, log, to, history=None) -> FakeWorld:
        world = FakeWorld(self.seed)
        for entry in log:
            world.now = entry.time
            world.apply(entry.command)
        world.now = to
        return world

    def rewound(self, to: float) -> FakeWorld:
        world = FakeWorld(self.seed)
        for entry in self.log.before(to):
            world.now = entry.time
            world.apply(entry.command)
        world.now = to
        return world

    def logs(self, name: str) -> list[tuple[float, str]]:
        return [(0.5, "starting"), (1.5, "ready")]


class FakeReader:
    """Shows what a fake world holds: all of it runs on one host."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world

    @property
    def current_machine(self) -> str | None:
        return "a" if self.world.hosts else None

    def machines(self) -> list[MachineView]:
        kernel = KernelView("a", "6.8", "linux", "running")
        host = MachineView("a", "a", False, 4.0, 8 * GIB, "amd64", kernel)
        guests = [
            MachineView(one.name, "a", True, one.vcpus, one.memory_bytes, "amd64", one.kernel)
            for one in self.world.vms
        ]
        return [host, *guests] if self.world.hosts else []

    def machine(self, name: str) -> MachineView | None:
        return next((one for one in self.machines() if one.name == name), None)

    def containers(self, word: str, on: str | None = None) -> list[ContainerView]:
        here = [one for one in self.world.containers if on in (None, one.machine)]
        exact = [one for one in here if word in (one.name, one.id)]
        return exact or [one for one in here if word and one.id.startswith(word)]

    def containers_on(self, machine: str) -> list[ContainerView]:
        return [one for one in self.world.containers if one.machine == machine]

    def container_names(self, on: str | None = None) -> list[str]:
        return [one.name for one in self.world.containers]

    def container_notes(self) -> list[tuple[str, str]]:
        return [(one.name, f"{one.image}, {one.state}") for one in self.world.containers]

    def images_on(self, machine: str) -> tuple[ImageView, ...]:
        return self.world.images

    def image_names(self) -> list[str]:
        return [one.reference for one in self.world.images]

    def services(self) -> tuple[ServiceView, ...]:
        return tuple(self.world.services)

    def service_names(self) -> list[str]:
        return [one.name for one in self.world.services]

    def snapshot(self, *, events: int = 200) -> Snapshot:
        """Of a world without hosts."""
        return Snapshot(self.world.now, self.world.seed, None, (), self.services(), ())

    def hosts(self) -> tuple[HostView, ...]:
        return ()

    def explain(self, name: str) -> list[str]:
        return [f"{name} is as it is"]
