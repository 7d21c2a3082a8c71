"""What clients of a service see when the service changes under them."""

from __future__ import annotations

import pytest
from harbour import harbour, run, send, serve

from simulator import look
from simulator.errors import InputError
from simulator.machine.charges import Bomb
from simulator.world.commands import (
    CreateService,
    InjectFault,
    KillContainer,
    PauseContainer,
    RemoveContainer,
    RemoveEndpoint,
    RenameContainer,
    SetBalancer,
    StartContainer,
    StopTraffic,
    UnpauseContainer,
)


def accounted(service) -> bool:
    """Whether every request that arrived has one outcome, and none is open."""
    outcomes = service.tally.outcomes()
    kinds = ("ok", "timeout", "refused", "reset", "unavailable")
    return outcomes["arrived"] == sum(outcomes[kind] for kind in kinds)


@pytest.mark.parametrize("balancer", ["round-robin", "random", "least-connections", "two-choices"])
@pytest.mark.parametrize("retries", [0, 2])
def test_with_nobody_to_answer_every_request_is_unavailable(balancer, retries):
    world = harbour()
    world.apply(CreateService(name="web", balancer=balancer))
    send(world, "constant 10 for=5s", retries=retries)
    world.advance(10.0)
    tally = world.services["web"].tally
    assert tally.outcomes()["unavailable"] == 50
    assert tally.retries == 50 * retries


@pytest.mark.parametrize("balancer", ["round-robin", "least-connections"])
def test_who_came_before_the_first_container_is_not_served_by_it_later(balancer):
    world = harbour()
    world.apply(CreateService(name="web", balancer=balancer))
    send(world, "constant 10 for=20s")
    world.advance(5.0)
    run(world, "late", "server cpu=1ms", aliases=("web",))
    world.advance(30.0)
    tally = world.services["web"].tally
    assert 50 <= tally.outcomes()["unavailable"] <= 60
    assert tally.latencies.maximum < 0.05
    assert accounted(world.services["web"])


@pytest.mark.parametrize(("before", "after"), [(1.0, None), (None, 1.0), (5.0, 1.0), (1.0, 5.0)])
@pytest.mark.parametrize("retries", [0, 1])
def test_more_or_less_patient_clients_than_before_are_each_counted_once(before, after, retries):
    world = harbour()
    service = serve(world, "server cpu=100ms dist=constant workers=1 queue=unlimited")
    send(world, "constant 20 for=3s", timeout_s=before, retries=retries)
    world.advance(world.now + 3.0)
    send(world, "constant 20 for=3s", timeout_s=after, retries=retries)
    world.advance(world.now + 60.0)
    assert accounted(service)
    assert (service.tally.outcomes()["timeout"] > 0) == (before == 1.0 or after == 1.0)


def test_a_new_and_shorter_patience_is_not_kept_waiting_by_the_old_one():
    world = harbour()
    service = serve(world, "server cpu=1ms workers=1 queue=unlimited")
    world.apply(PauseContainer(name="web-0"))
    send(world, "constant 10 for=1.05s", timeout_s=100.0, retries=1, backoff_s=1000.0)
    world.advance(world.now + 2.0)
    send(world, "constant 10 for=1.05s", timeout_s=1.0, retries=0)
    world.advance(world.now + 5.0)
    assert service.tally.outcomes()["timeout"] == 10


def test_stopping_traffic_lets_what_is_under_way_finish():
    world = harbour()
    service = serve(world, "server cpu=1s dist=constant workers=10")
    send(world, "constant 10")
    world.advance(world.now + 1.05)
    world.apply(StopTraffic(service="web"))
    world.advance(world.now + 10.0)
    assert service.tally.ok == 10
    assert accounted(service)


def test_a_container_taken_out_finishes_what_it_has_and_gets_nothing_new():
    world = harbour()
    service = serve(world, "server cpu=1s dist=constant workers=10", replicas=2)
    send(world, "constant 10 for=3s")
    world.advance(world.now + 1.05)
    world.apply(RemoveEndpoint(service="web", container="web-0"))
    world.advance(world.now + 10.0)
    assert world.container("web-0").station.taken == 5
    assert world.container("web-1").station.taken == 25
    assert service.tally.outcomes()["ok"] == 30


def test_a_crash_resets_what_is_inside_and_a_retry_finds_the_other_container():
    world = harbour()
    service = serve(world, "server cpu=1s dist=constant workers=10", replicas=2)
    send(world, "constant 10 for=1.05s", retries=1, backoff_s=0.1)
    world.advance(world.now + 1.05)
    world.apply(InjectFault(kind="crash", target="web-0"))
    world.advance(world.now + 10.0)
    assert service.tally.outcomes()["ok"] == 10
    assert service.tally.retries == 5
    assert service.tally.latencies.maximum > 1.5


def test_a_service_survives_the_death_and_return_of_all_its_containers():
    world = harbour()
    service = serve(world, "server cpu=10ms workers=4", replicas=2, balancer="least-connections")
    send(world, "200 for=20s", timeout_s=1.0, retries=2)
    for name in ("web-0", "web-1"):
        world.advance(world.now + 2.0)
        world.apply(KillContainer(name=name))
    world.advance(world.now + 3.0)
    for name in ("web-0", "web-1"):
        world.apply(StartContainer(name=name))
    world.advance(world.now + 40.0)
    assert accounted(service)
    assert len(service.endpoints) == 2
    assert service.former == {}
    assert service.tally.outcomes()["unavailable"] > 100


def test_dead_containers_are_forgotten_by_their_service():
    world = harbour()
    service = serve(world, "server cpu=1ms", restart="always")
    send(world, "100")
    for _ in range(20):
        world.advance(world.now + 12.0)
        world.apply(InjectFault(kind="crash", target="web-0"))
    world.advance(world.now + 12.0)
    assert (len(service.endpoints), len(service.former)) == (1, 0)


@pytest.mark.parametrize("first", ["round-robin", "least-connections"])
def test_changing_the_balancer_under_load_loses_nothing(first):
    world = harbour()
    service = serve(world, "server cpu=20ms workers=2 queue=unlimited", replicas=3, balancer=first)
    send(world, "200 for=10s", timeout_s=0.5)
    for rule in ("two-choices", "random", "least-connections", "round-robin"):
        world.advance(world.now + 2.0)
        world.apply(SetBalancer(service="web", balancer=rule))
    world.advance(world.now + 30.0)
    assert accounted(service)
    assert service.tally.arrived == pytest.approx(2000, rel=0.1)


def test_one_container_can_answer_for_two_services_each_with_its_own_account():
    world = harbour()
    for name in ("a", "b"):
        world.apply(CreateService(name=name))
    run(
        world, "both", "server cpu=10ms dist=constant workers=1 queue=unlimited", aliases=("a", "b")
    )
    world.advance(5.0)
    send(world, "constant 20 for=10.01s", "a")
    send(world, "constant 30 for=10.01s", "b", timeout_s=1.0)
    world.advance(30.0)
    assert [world.services[name].tally.ok for name in ("a", "b")] == [200, 300]
    assert all(accounted(service) for service in world.services.values())


def test_a_renamed_container_answers_on_under_its_new_name_and_after_a_restart():
    world = harbour()
    service = serve(world, "server cpu=1ms", replicas=0)
    run(world, "old", "server cpu=1ms")
    world.advance(world.now + 5.0)
    world.director.list_in(service, world.container("old"))
    world.apply(InjectFault(kind="crash", target="old"))
    world.advance(world.now + 1.0)
    world.apply(RenameContainer(name="old", new_name="new"))
    world.apply(StartContainer(name="new"))
    world.advance(world.now + 5.0)
    assert [one.name for one in service.endpoints.values()] == ["new"]
    world.apply(RenameContainer(name="new", new_name="newer"))
    assert look.snapshot(world).service("web").endpoints == ("newer",)
    send(world, "100")
    world.advance(world.now + 5.0)
    assert world.recorder.has("container/newer/cpu")


def test_a_paused_server_lets_clients_lose_patience_at_their_own_instants():
    world = harbour()
    service = serve(world, "server cpu=1ms workers=1 queue=5")
    world.apply(PauseContainer(name="web-0"))
    send(world, "constant 10 for=1.05s", timeout_s=2.0)
    world.advance(world.now + 2.55)
    world.fabric.settle()
    outcomes = service.tally.outcomes()
    # One at work, five in line, four refused; the first five deadlines have passed.
    assert (outcomes["refused"], outcomes["timeout"]) == (4, 5)
    world.apply(UnpauseContainer(name="web-0"))
    world.advance(world.now + 5.0)
    assert service.tally.outcomes()["ok"] == 1
    assert accounted(service)


def test_a_bomb_in_a_server_is_no_request_of_anybody():
    world = harbour()
    service = serve(world, "server cpu=1ms workers=1")
    send(world, "10 for=10s", timeout_s=0.5)
    world.container("web-0").detonate(Bomb("cpubomb", threads=4))
    world.advance(world.now + 20.0)
    world.apply(RemoveContainer(name="web-0", force=True))
    world.advance(world.now + 5.0)
    assert accounted(service)


@pytest.mark.parametrize(
    "client",
    [
        {"timeout_s": 0.0},
        {"timeout_s": -1.0},
        {"timeout_s": float("nan")},
        {"retries": -1},
        {"backoff_s": float("inf")},
        {"jitter": 1.5},
        {"retry_budget": -0.1},
    ],
)
def test_clients_that_make_no_sense_are_refused(client):
    world = harbour()
    serve(world, "server cpu=1ms")
    with pytest.raises(InputError):
        send(world, "10", **client)


def test_very_many_retries_do_not_overflow_the_back_off():
    world = harbour()
    world.apply(CreateService(name="web"))
    send(world, "constant 1 for=1.5s", retries=3000, backoff_s=0.001, backoff_max_s=0.001)
    world.advance(10.0)
    assert world.services["web"].tally.retries == 3000


@pytest.mark.parametrize("workers", [1, 3])
def test_requests_spaced_as_far_apart_as_they_take_are_all_answered_without_a_line(workers):
    world = harbour()
    service = serve(world, f"server cpu=10ms dist=constant workers={workers} queue=0")
    world.advance(7.3)
    send(world, f"constant {100 * workers} for=50s")
    world.advance(60.0)
    assert service.tally.outcomes()["refused"] == 0
