"""Endpoints of which nobody has to know one by one: clients are told the same as of each alone."""

from __future__ import annotations

import math

import pytest
from harbour import add_host, harbour, run, send

from simulator.machine.cpu import quiet
from simulator.world import World
from simulator.world.commands import CreateService, StopContainer

COUNT = 24
HARD = "server cpu=30ms workers=1 queue=unlimited"


def story(client: dict[str, float], errors: str = "") -> World:
    """Servers on four hosts that are a little too slow, of whom one is stopped on the way."""
    world = harbour(3, cores=8)
    for number in range(1, 4):
        add_host(world, f"h{number}")
    world.apply(CreateService(name="web"))
    for number in range(COUNT):
        on = "h" if number % 4 == 0 else f"h{number % 4}"
        run(world, f"w{number}", HARD + errors, machine=on, aliases=("web",))
    world.advance(5.0)
    send(world, f"{COUNT * 15}", **client)
    world.advance(12.4)
    world.apply(StopContainer(name="w5"))
    world.advance(25.0)
    return world


def counts(world: World) -> tuple[object, ...]:
    service = world.services["web"]
    answered = [one.ok for one in service.endpoints.values()]
    return service.tally.outcomes(), answered, world.journal.digest


def figures(world: World) -> list[float]:
    service, read = world.services["web"], world.recorder.samples
    containers, samples = world.containers.values(), world.sampler.containers.values()
    found = [service.tally.latencies.mean, *service.waits()]
    found += [one.cpu_seconds for one in containers]
    found += [one.cpu_cores for one in samples] + [one.requests_per_s for one in samples]
    for name in ("container/w7/in_flight", "container/w7/cpu", "host/h/cpu", "service/web/wait"):
        found += read(name).values.tolist()
    return found


@pytest.mark.parametrize(
    ("client", "errors"), [({}, ""), ({"timeout_s": 0.06}, ""), ({}, " errors=10%")]
)
def test_many_quiet_endpoints_answer_as_each_would_alone(client, errors, monkeypatch):
    monkeypatch.setattr(quiet, "LEAST", 4)
    together = story(client, errors)
    assert len(together.fabric.quiet) >= COUNT // 2
    monkeypatch.setattr(quiet, "LEAST", math.inf)
    alone = story(client, errors)
    assert not len(alone.fabric.quiet)
    assert counts(together) == counts(alone)
    assert figures(together) == pytest.approx(figures(alone), rel=1e-9, abs=1e-9)
    outcomes = together.services["web"].tally.outcomes()
    assert (outcomes["timeout"] > 100, outcomes["error"] > 100) == (bool(client), bool(errors))


@pytest.mark.parametrize("rate", ["3", "900"])
def test_services_of_one_endpoint_each_lose_nothing_among_many(rate, monkeypatch):
    monkeypatch.setattr(quiet, "LEAST", 4)
    world = harbour(2, cores=64)
    for number in range(6):
        world.apply(CreateService(name=f"s{number}"))
        run(world, f"w{number}", "server cpu=1ms", aliases=(f"s{number}",))
    world.advance(5.0)
    assert len(world.fabric.quiet) == 6
    for number in range(6):
        send(world, rate, f"s{number}")
    world.advance(12.0)
    for service in world.services.values():
        assert service.tally.ok == pytest.approx(7.0 * float(rate), rel=0.6)
        assert service.tally.in_flight < 100


def test_a_copy_of_a_world_with_quiet_stations_goes_on_as_the_world_does(monkeypatch):
    monkeypatch.setattr(quiet, "LEAST", 4)
    world = story({"timeout_s": 0.06})
    copy = world.branched()
    for one in (world, copy):
        one.advance(31.5)
    assert counts(copy) == counts(world)
    assert figures(copy) == figures(world)
