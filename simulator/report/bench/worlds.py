"""The worlds that the benchmark measures."""

from __future__ import annotations

from simulator.traffic.client import ClientPolicy
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import CreateHost, CreateVm, PullImage, RunContainer, StartTraffic

IMAGE = "python:3.12-slim"


def hosts(count: int, cores: int, memory_bytes: int = 256 << 30) -> World:
    """So many hosts that have the image already."""
    world = World(1)
    for number in range(count):
        world.apply(CreateHost(name=f"host-{number}", cores=cores, memory_bytes=memory_bytes))
    for number in range(count):
        world.apply(PullImage(reference=IMAGE, machine=f"host-{number}"))
    world.advance(world.now + 600.0)
    return world


def run(world: World, name: str, machine: str, workload: str, **more: object) -> None:
    """One container that answers for the service ``web``."""
    settings: dict[str, object] = {"aliases": ("web",), **more}
    world.apply(
        RunContainer(image=IMAGE, name=name, machine=machine, workload=workload, **settings)  # type: ignore[arg-type]
    )


def servers(world: World, count: int, workload: str, on: int, cpus: float | None = None) -> World:
    """So many servers spread over the first ``on`` hosts, started and ready."""
    for number in range(count):
        run(world, f"web-{number}", f"host-{number % on}", workload, cpus=cpus)
    world.advance(world.now + 120.0)
    return world


def shared(count: int) -> World:
    """50 hosts, 200 VMs, containers on hosts and in VMs that disturb each other."""
    world = World(1)
    for number in range(50):
        world.apply(CreateHost(name=f"host-{number}", cores=32, memory_bytes=128 << 30))
    for number in range(200):
        on = f"host-{number % 50}"
        world.apply(CreateVm(name=f"vm-{number}", machine=on, vcpus=4, memory_bytes=4 << 30))
    world.advance(60.0)
    for name in list(world.machines):
        world.apply(PullImage(reference=IMAGE, machine=name))
    world.advance(300.0)
    workload = "server cpu=5ms workers=2 syscalls=20 packets=4 cache=0.3"
    for number in range(count):
        on = f"vm-{number % 200}" if number % 2 else f"host-{number % 50}"
        run(world, f"web-{number}", on, workload)
    world.advance(360.0)
    return world


def start_traffic(world: World, traffic: str, service: str = "web") -> None:
    """Requests to a service from now on, over connections that last: no kernel's table fills up."""
    spec, client = parse_traffic(traffic.split()), ClientPolicy(keepalive=1000)
    world.apply(StartTraffic(service=service, spec=spec, client=client))
