"""Balancers that look at queues: solved in bulk or one by one, the choices are the same."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engine import Streams
from simulator.errors import InputError
from simulator.traffic.balancer import Choices, Random, TwoChoices, balancer
from simulator.traffic.client import ClientPolicy
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import CreateHost, CreateService, RunContainer, StartTraffic

IMAGE = "python:3.12-slim"


class Listening:
    """Keeps every answer that a tally hears of."""

    def __init__(self, tally) -> None:
        self.answers = []
        self._add = tally.add_ok
        tally.add_ok = self
        tally.add_few = self

    def __call__(self, ends, latencies) -> None:
        self.answers += zip(ends, latencies, strict=True)
        self._add(np.asarray(ends), np.asarray(latencies))


def answers(rule: str, cores: int, rate: float, client: ClientPolicy, steps: int):
    world = World(5)
    world.apply(CreateHost(name="a", cores=cores))
    world.apply(CreateService(name="web", balancer=rule))
    for i in range(5):
        workload = f"server cpu={20 + 10 * i}ms workers={1 + i % 2} queue=20"
        world.apply(RunContainer(image=IMAGE, name=f"w{i}", aliases=("web",), workload=workload))
    world.advance(20)
    heard = Listening(world.services["web"].tally)
    world.apply(StartTraffic(service="web", spec=parse_traffic([f"{rate}"]), client=client))
    for i in range(steps):
        world.advance(20 + 40 * (i + 1) / steps)
    world.settle()
    return sorted(heard.answers), world.services["web"].tally.outcomes()


@pytest.mark.parametrize(
    "rule", ["least-connections", "two-choices", "choices=3", "random", "round-robin"]
)
@pytest.mark.parametrize(("cores", "rate"), [(16, 60), (16, 200), (4, 60)])
def test_following_each_request_changes_no_choice_and_no_answer(rule, cores, rate) -> None:
    plain, counts = answers(rule, cores, rate, ClientPolicy(), 1)
    patient = ClientPolicy(retries=1, backoff_s=1e6, backoff_max_s=1e6)
    followed, followed_counts = answers(rule, cores, rate, patient, 1)
    assert [a for a in counts.items() if a[0] in ("arrived", "ok")] == [
        a for a in followed_counts.items() if a[0] in ("arrived", "ok")
    ]
    assert np.array(plain) == pytest.approx(np.array(followed), abs=1e-9)


@pytest.mark.parametrize("rule", ["least-connections", "two-choices", "choices=4"])
def test_slices_change_no_choice(rule) -> None:
    whole, counts = answers(rule, 16, 90, ClientPolicy(), 1)
    sliced, sliced_counts = answers(rule, 16, 90, ClientPolicy(), 37)
    assert counts == sliced_counts
    assert np.array(whole) == pytest.approx(np.array(sliced), abs=1e-9)


@pytest.mark.parametrize("client", [ClientPolicy(), ClientPolicy(retries=2, backoff_s=0.1)])
def test_who_asks_before_anybody_answers_learns_at_once_that_nobody_does(client) -> None:
    world = World(1)
    world.apply(CreateHost(name="a"))
    world.apply(CreateService(name="web", balancer="least-connections"))
    world.apply(StartTraffic(service="web", spec=parse_traffic(["constant", "10"]), client=client))
    world.advance(10.05)
    workload = "server cpu=1ms"
    world.apply(RunContainer(image=IMAGE, name="w", aliases=("web",), workload=workload))
    world.advance(40)
    ready = next(
        entry.time for entry in world.journal if type(entry.event).__name__ == "EndpointAdded"
    )
    world.settle()
    outcomes = world.services["web"].tally.outcomes()
    given_up = 10 * ready - (10 * 0.3 if client.retries else 0)
    assert outcomes["unavailable"] == pytest.approx(given_up, abs=2)
    assert outcomes["arrived"] - outcomes["ok"] - outcomes["unavailable"] <= 1


def test_two_of_d_choices_are_two_choices_and_one_is_none():
    assert type(balancer("choices=2", Streams(1)("x"))) is TwoChoices
    assert type(balancer("choices=1", Streams(1)("x"))) is Random
    two, general = TwoChoices(Streams(1)("x")), Choices(Streams(1)("x"), 2)
    loads = [3, 1, 4, 1, 5, 9, 2, 6]
    assert [two.pick(loads) for _ in range(200)] == [general.pick(loads) for _ in range(200)]


def test_as_many_choices_as_endpoints_always_find_the_emptiest():
    everyone = balancer("choices=8", Streams(1)("x"))
    assert {everyone.pick([3, 1, 4, 2, 5, 9, 2, 6]) for _ in range(50)} == {1}
    assert {everyone.pick([3, 0]) for _ in range(50)} == {1}


@pytest.mark.parametrize("wrong", ["choices=0", "choices=1001", "choices=", "power-of-3"])
def test_a_number_of_choices_that_means_nothing_is_refused(wrong):
    with pytest.raises(InputError, match="choices="):
        balancer(wrong, Streams(1)("x"))
