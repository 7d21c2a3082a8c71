"""A small world for tests: one host, one image that is already there, containers, traffic."""

from __future__ import annotations

from typing import Any

from simulator.calibration import Calibration
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.traffic.client import ClientPolicy
from simulator.traffic.service import Service
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import (
    CreateHost,
    CreateService,
    RunContainer,
    StartTraffic,
)

IMAGE = Reference.parse("alpine")
READY_S = 5.0
"""By then everything that was run at time 0 is ready (starts take about half a second)."""


def harbour(seed: int = 1, calibration: Calibration | None = None, **host: Any) -> World:
    """A world with one host, ``h``, of eight cores unless told otherwise."""
    world = World(seed, calibration)
    add_host(world, "h", **host)
    return world


def add_host(world: World, name: str, **host: Any) -> None:
    """Another host that has the image."""
    world.apply(CreateHost(name=name, **{"cores": 8, **host}))
    have_image(world, name)


def have_image(world: World, name: str) -> None:
    """Put the image on a machine, so that no test waits for a pull."""
    machine = world.machine(name)
    image = world.catalogue.resolve(IMAGE, machine.images.platform)
    machine.images.store.add(image, IMAGE, now_s=world.now)


def run(world: World, name: str, workload: str, **options: Any) -> Container:
    """``docker run --name NAME`` with this program; it has not started yet."""
    world.apply(RunContainer(image="alpine", name=name, workload=workload, **options))
    return world.container(name)


def serve(
    world: World,
    workload: str,
    *,
    replicas: int = 1,
    balancer: str = "round-robin",
    service: str = "web",
    **options: Any,
) -> Service:
    """A service with so many containers that run this program; all of them have started."""
    if service not in world.services:
        world.apply(CreateService(name=service, balancer=balancer))
    for number in range(replicas):
        run(world, f"{service}-{number}", workload, aliases=(service,), **options)
    world.advance(world.now + READY_S)
    return world.services[service]


def send(world: World, words: str, service: str = "web", **client: Any) -> None:
    """Traffic in words, from clients with this patience."""
    spec = parse_traffic(words.split())
    world.apply(StartTraffic(service=service, spec=spec, client=ClientPolicy(**client)))
