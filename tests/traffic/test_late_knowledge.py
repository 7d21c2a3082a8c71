"""Balancers and clients that learn late who answers: endpoint lag, and addresses that last."""

from __future__ import annotations

import pytest
from harbour import harbour, run, send, serve

from simulator.errors import InputError
from simulator.shell import Session
from simulator.world import World
from simulator.world.commands import CreateService, KillContainer, RemoveEndpoint, StopContainer

QUICK = "server cpu=1ms dist=constant workers=unlimited"


def two(
    traffic: str,
    balancer: str = "round-robin",
    lag_s: float = 0.0,
    workload: str = QUICK,
    **client: object,
) -> World:
    world = harbour(cores=64)
    world.apply(CreateService(name="web", balancer=balancer, lag_s=lag_s))
    serve(world, workload, replicas=2)
    world.advance(world.now + lag_s)
    send(world, traffic, **client)
    world.advance(world.now + 1.005)
    return world


def refused(world: World, until: float = 10.0) -> int:
    world.advance(world.now + until)
    world.fabric.settle()
    return world.services["web"].tally.outcomes()["refused"]


def test_half_of_what_comes_within_the_lag_meets_a_dead_endpoint_of_two():
    world = two("constant 100", lag_s=2.0)
    world.apply(KillContainer(name="web-0"))
    assert refused(world) == 100


def test_a_dead_endpoint_draws_in_everything_where_the_emptiest_is_chosen():
    slower = QUICK.replace("1ms", "20ms")
    world = two("constant 2000 for=2s", "least-connections", lag_s=0.5, workload=slower)
    world.apply(KillContainer(name="web-0"))
    assert refused(world) > 950  # of the thousand that come in that time


def test_who_retries_finds_the_other_endpoint():
    world = two("constant 100 for=2s", lag_s=2.0, retries=3, backoff_s=0.003)
    world.apply(KillContainer(name="web-0"))
    assert refused(world) == 0
    assert world.services["web"].tally.retries > 40


@pytest.mark.parametrize(("lag_s", "lost"), [(0.0, 0), (1.0, 50)])
def test_who_stops_refuses_at_once_what_still_comes_until_the_balancer_knows(lag_s, lost):
    world = two("constant 100 for=5s", lag_s=lag_s)
    world.apply(StopContainer(name="web-0"))
    assert refused(world) == lost


def test_who_is_taken_out_by_order_goes_on_answering_until_the_balancer_knows():
    world = two("constant 100 for=5s", lag_s=1.0)
    world.apply(RemoveEndpoint(service="web", container="web-0"))
    assert refused(world) == 0
    ok = {one.name: one.ok for one in world.services["web"].former.values()}
    assert ok["web-0"] == 50 + 50  # of the second before and of the second of the lag


def test_a_ready_container_gets_its_first_request_after_the_lag():
    world = harbour(cores=64)
    world.apply(CreateService(name="web", lag_s=3.0))
    run(world, "w", QUICK, aliases=("web",))
    world.advance(10.0)
    ready, joined = (
        next(e.time for e in world.journal if type(e.event).__name__ == name)
        for name in ("ContainerReady", "EndpointAdded")
    )
    assert joined == pytest.approx(ready + 3.0)


def test_addresses_that_clients_keep_run_out_in_a_straight_line():
    world = two("constant 1000", dns_ttl_s=4.0)
    world.apply(KillContainer(name="web-0"))
    halfway = refused(world, 2.0)
    assert halfway == pytest.approx(1000 * 0.5 * (2.0 - 2.0**2 / 8), rel=0.06)
    assert refused(world) == pytest.approx(1000 * 0.5 * 4.0 / 2, rel=0.06)


def test_words_of_late_knowledge_are_read_and_guarded(tmp_path):
    session = Session(harbour(), folder=tmp_path)
    assert session.execute("service create web --lag 1s").error is None
    assert session.world.services["web"].lag_s == 1.0
    assert session.execute("traffic web 5/s --dns-ttl 30s").error is None
    assert session.world.services["web"].client.dns_ttl_s == 30.0
    assert "--lag" in str(session.execute("service create api --lags 1s").error)
    with pytest.raises(InputError, match="lag"):
        session.world.apply(CreateService(name="x", lag_s=-1.0))
