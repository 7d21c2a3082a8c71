"""A few hosts with a few containers each, for tests of looking."""

from __future__ import annotations

from harbour import add_host, run
from shipped import SHIPPED

from simulator.world import World
from simulator.world.commands import CreateService


def fleet(hosts: int, each: int, workload: str = "idle", *, service: str | None = None) -> World:
    """Hosts ``h0``, ``h1``, ...; containers ``c0-0``, ``c0-1``, ... run on the first."""
    world = World(1, SHIPPED)
    if service is not None:
        world.apply(CreateService(name=service))
    aliases = (service,) if service is not None else ()
    for host in range(hosts):
        add_host(world, f"h{host}")
        for number in range(each):
            run(world, f"c{host}-{number}", workload, machine=f"h{host}", aliases=aliases)
    world.advance(world.now + 3.0 + hosts * each / 10)
    return world
