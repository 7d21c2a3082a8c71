"""Clients who lose patience, when the rules change under them."""

from __future__ import annotations

from simulator.traffic.client import ClientPolicy
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import CreateHost, RunContainer, StartTraffic

IMAGE = "python:3.12-slim"


def overloaded(timeout_s: float | None) -> World:
    """One server of 10/s that gets 20/s, with a line that never fills."""
    world = World(3)
    world.apply(CreateHost(name="a"))
    world.apply(
        RunContainer(
            image=IMAGE, name="w", aliases=("web",), workload="server cpu=100ms queue=unlimited"
        )
    )
    world.advance(20)
    send(world, 20, timeout_s)
    return world


def send(world: World, rate: float, timeout_s: float | None) -> None:
    spec = parse_traffic([f"{rate}"])
    client = ClientPolicy(timeout_s=timeout_s)
    world.apply(StartTraffic(service="web", spec=spec, client=client))


def settled(world: World) -> dict[str, int]:
    world.settle()
    return world.services["web"].tally.outcomes()


def test_nobody_is_lost_from_the_books_when_patience_changes() -> None:
    world = overloaded(None)
    world.advance(50)
    send(world, 0.001, 0.5)
    world.advance(400)
    outcomes = settled(world)
    done = sum(outcomes[kind] for kind in ("ok", "timeout", "refused", "reset", "unavailable"))
    assert outcomes["arrived"] == done
    assert outcomes["timeout"] == 0


def test_clients_give_up_at_their_deadline_even_if_the_server_never_gets_to_them() -> None:
    world = overloaded(1.0)
    world.advance(40)
    outcomes = settled(world)
    waiting = world.services["web"].tally.in_flight
    assert outcomes["timeout"] > 100
    assert waiting <= 1.0 * 20 * 2


def test_the_server_goes_on_with_work_that_nobody_waits_for() -> None:
    world = overloaded(1.0)
    world.advance(60)
    send(world, 0.001, 1.0)
    before = world.container("w").cpu_seconds
    world.advance(65)
    world.settle()
    assert world.container("w").cpu_seconds - before > 4.5
