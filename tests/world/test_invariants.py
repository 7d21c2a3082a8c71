"""Whatever is done to a world, in whatever order: what must hold holds, and it can be replayed."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import SHIPPED

from simulator import look
from simulator.errors import InputError, Refused
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.machine.memory import MemoryGroup
from simulator.machine.virtual_machine import VirtualMachine
from simulator.traffic.client import ClientPolicy
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import (
    AddEndpoint,
    Command,
    CreateHost,
    CreateService,
    CreateVm,
    InjectFault,
    KillContainer,
    PauseContainer,
    PullImage,
    RemoveContainer,
    RemoveEndpoint,
    RemoveHost,
    RemoveImage,
    RemoveService,
    RemoveVm,
    RenameContainer,
    RestartContainer,
    RunContainer,
    SetBalancer,
    StartContainer,
    StartTraffic,
    StopContainer,
    StopTraffic,
    UnpauseContainer,
    UpdateContainer,
    UseMachine,
)

MIB = 1 << 20

CONTAINERS = ("one", "two", "three", "four", "five")
MACHINES = ("h", "h", "big", "big", "big", "v", "nested", None)
SERVICES = ("web", "web", "api")
IMAGES = (*["alpine"] * 8, "busybox", "no-such-image")
BALANCERS = ("round-robin", "random", "least-connections", "two-choices", "fairest")
WORKLOADS = (
    "server cpu=20ms workers=2 queue=5",
    "server cpu=5ms workers=unlimited startup=1s startup_cpu=1s",
    "server cpu=5ms workers=1 queue=200 memory=10MiB per_request=1MiB",
    "batch cpu=3s threads=2",
    "hog threads=3",
    "leak rate=8MiB memory=20MiB",
    "idle memory=60MiB",
    "exit after=2s code=1",
    "servr cpu=1ms",
)
TRAFFIC = ("20", "60 for=5s", "constant 30", "burst 30 idc=8 scale=2s")


def some_run(r: Random) -> Command:
    """A ``docker run`` of any kind; a few of them must be refused."""
    return RunContainer(
        image=r.choice(IMAGES),
        name=r.choice(("four", "five", "six", None, "one")),
        workload=r.choice(WORKLOADS),
        aliases=r.choice(((), ("web",), ("web", "api"))),
        machine=r.choice(MACHINES),
        cpus=r.choice((None, None, None, 0.3, 1.5, 50.0)),
        memory_bytes=r.choice((None, None, None, 32 * MIB, 100 * MIB, MIB)),
        cpu_shares=r.choice((None, 2, 4096)),
        restart=r.choice(("no", "always", "on-failure:2", "unless-stopped")),
        remove=r.random() < 0.1,
        detach=r.random() < 0.7,
        start=r.random() < 0.9,
    )


def some_order(r: Random) -> Command:
    """Something done to a container that may be there."""
    name = r.choice(CONTAINERS)
    return r.choice(
        (
            StopContainer(name=name, grace_s=r.choice((None, 0.0, 2.0))),
            StartContainer(name=name),
            RestartContainer(name=name),
            KillContainer(name=name, signal=r.choice(("KILL", "TERM", "USR9"))),
            PauseContainer(name=name),
            UnpauseContainer(name=name),
            UnpauseContainer(name=name),
            RemoveContainer(name=name, force=r.random() < 0.5),
            UpdateContainer(
                name=name,
                cpus=r.choice((None, 0.0, 0.5, 99.0)),
                cpu_shares=r.choice((None, 10, 2000)),
                memory_bytes=r.choice((None, 32 * MIB, 100 * MIB, MIB)),
                restart=r.choice((None, "always", "sometimes")),
            ),
            RenameContainer(name=name, new_name=r.choice(CONTAINERS)),
            InjectFault(kind=r.choice(("crash", "oom", "hang")), target=name),
        )
    )


def some_traffic(r: Random) -> Command:
    """Something done to a service."""
    service = r.choice(SERVICES)
    client = ClientPolicy(
        timeout_s=r.choice((None, 0.05, 1.0)),
        retries=r.choice((0, 0, 1, 2)),
        retry_budget=r.choice((None, 0.1)),
    )
    spec = parse_traffic(r.choice(TRAFFIC).split())
    return r.choice(
        (
            CreateService(name=service, balancer=r.choice(BALANCERS)),
            RemoveService(name=service),
            AddEndpoint(service=service, container=r.choice(CONTAINERS)),
            RemoveEndpoint(service=service, container=r.choice(CONTAINERS)),
            SetBalancer(service=service, balancer=r.choice(BALANCERS)),
            StartTraffic(service=service, spec=spec, client=client),
            StartTraffic(service=service, spec=spec, client=client),
            StopTraffic(service=service),
        )
    )


def some_machine(r: Random) -> Command:
    """Something done to a host, a guest or an image."""
    machine = r.choice(MACHINES)
    return r.choice(
        (
            CreateVm(
                name=r.choice(("v", "nested", "nested", "h")),
                machine=machine,
                vcpus=r.choice((1, 2, 64)),
                memory_bytes=r.choice((256 * MIB, 600 * MIB)),
                hypervisor=r.choice(("firecracker", "qemu", "abacus")),
            ),
            RemoveVm(name=r.choice(("v", "nested", "h"))),
            CreateHost(name=r.choice(("h", "big", "third", "bad name")), cores=2),
            RemoveHost(name=r.choice(("h", "third", "v"))),
            UseMachine(name=r.choice(("h", "big", "v"))),
            PullImage(reference=r.choice(IMAGES), machine=machine),
            RemoveImage(reference=r.choice(IMAGES), force=r.random() < 0.5, machine=machine),
            InjectFault(
                kind=r.choice(("panic", "power", "recover", "recover", "gremlin")),
                target=r.choice(("h", "big", "v", "nested")),
            ),
        )
    )


KINDS = (some_run, some_run, some_order, some_order, some_traffic, some_machine)


def some_steps(seed: int, count: int) -> list[tuple[float, Command]]:
    """Any orders, each with the time that passes before it."""
    r = Random(seed)
    return [(r.choice((0.0, 0.05, 0.7, 3.0, 20.0)), r.choice(KINDS)(r)) for _ in range(count)]


class Watcher:
    """Carries commands out and checks after each that nothing impossible has happened."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed)
        self.ever: dict[Container, Machine] = {}
        self.world.apply(CreateHost(name="h", cores=2, memory_bytes=700 * MIB))
        self.world.apply(CreateHost(name="big", cores=4, memory_bytes=8 << 30))
        for machine in ("h", "big"):
            self.world.apply(PullImage(reference="alpine", machine=machine))
        self.world.apply(CreateVm(name="v", machine="big", memory_bytes=900 * MIB))
        self.world.apply(CreateService(name="web"))
        self.world.advance(120.0)
        for name, machine in (("one", "h"), ("two", "big"), ("three", "v")):
            self.world.apply(
                RunContainer(
                    image="alpine",
                    name=name,
                    machine=machine,
                    aliases=("web",),
                    workload="server cpu=20ms workers=2 queue=5 startup_cpu=100ms",
                )
            )
        self.world.advance(130.0)

    def do(self, delay: float, command: Command) -> None:
        world = self.world
        world.advance(world.now + delay)
        # Orders carry out first what is due at this instant; so that is no change of theirs.
        world.advance(world.now)
        before = self.picture()
        try:
            world.apply(command)
        except (InputError, Refused):
            assert self.picture() == before
        self.check()

    def picture(self) -> tuple[object, ...]:
        world = self.world
        return (world.journal.digest, look.snapshot(world), len(world.log), world.fleet._ids)

    def check(self) -> None:
        world = self.world
        world.fabric.settle()
        for container in world.containers.values():
            self.ever[container] = container.machine
        for service in world.services.values():
            assert service.tally.in_flight >= 0
            inside = sum(one.in_system for one in service.concerned)
            if service.attempts is None and not any(self.lines()):
                assert service.tally.in_flight <= inside + 1e-9
        for machine in world.machines.values():
            self.check_machine(machine)

    def lines(self) -> list[object]:
        return [line for cell in self.world.fabric._cells.values() for line in cell.lines]

    def check_machine(self, machine: Machine) -> None:
        born = getattr(machine, "created_at", 0.0)
        used = sum(one.cpu_seconds for one, where in self.ever.items() if within(where, machine))
        assert used <= machine.hardware.cores * (self.world.now - born) + 1e-6
        check_memory(machine.kernel.memory)

    def finish(self) -> None:
        """Let everything end: then every request has an outcome."""
        world = self.world
        world.advance(world.now + 1.0)
        for name in list(world.services):
            if name in world.traffic_words:
                world.apply(StopTraffic(service=name))
        for container in list(world.containers.values()):
            if container.running or container.state == "restarting":
                world.apply(RemoveContainer(name=container.id, force=True))
        world.advance(world.now + 100.0)
        self.check()
        for service in world.services.values():
            assert service.tally.in_flight == 0
            assert list(service.former) == []


def within(where: Machine, machine: Machine) -> bool:
    while where is not machine and isinstance(where, VirtualMachine):
        where = where.on
    return where is machine


def check_memory(group: MemoryGroup) -> None:
    assert group.own_bytes >= 0
    assert group.usage == group.own_bytes + sum(child.usage for child in group.children)
    for child in group.children:
        check_memory(child)


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(1, 10**9), count=st.integers(1, 40))
def test_nothing_impossible_happens(seed, count):
    watcher = Watcher(seed)
    for delay, command in some_steps(seed, count):
        watcher.do(delay, command)
    watcher.finish()


def history(world: World, until: float = float("inf")) -> list[str]:
    return [
        line
        for line, entry in zip(world.journal.lines(), world.journal, strict=True)
        if entry.time <= until
    ]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(1, 10**9), count=st.integers(1, 40), share=st.floats(0.0, 1.0))
def test_the_same_commands_give_the_same_history(seed, count, share):
    watcher = Watcher(seed)
    for delay, command in some_steps(seed, count):
        watcher.do(delay, command)
    world = watcher.world
    world.advance(world.now + 10.0)
    again = World.replayed(seed, world.log, world.now, SHIPPED)
    assert history(again) == history(world)
    assert again.journal.digest == world.journal.digest
    then = world.now * share
    assert history(world.rewound(then)) == history(world, round(then, 9))
    shorter = World.replayed(
        seed, world.log.first(len(world.log) - 1), world.log[len(world.log) - 1].time, SHIPPED
    )
    assert world.undone().journal.digest == shorter.journal.digest


def test_an_order_that_is_not_understood_leaves_no_trace_in_a_replay():
    first, second = World(4), World(4)
    for world in (first, second):
        world.apply(CreateHost(name="h"))
    for nonsense in ("no-such-image", "alpine:no-such-tag"):
        with pytest.raises((InputError, Refused)):
            second.apply(RunContainer(image=nonsense))
    with pytest.raises((InputError, Refused)):
        second.apply(RunContainer(image="alpine", cpus=500.0))
    for world in (first, second):
        world.apply(RunContainer(image="alpine"))
        world.advance(30.0)
    assert list(first.containers) == list(second.containers)
    assert first.journal.digest == second.journal.digest
    assert look.snapshot(first) == look.snapshot(second)
