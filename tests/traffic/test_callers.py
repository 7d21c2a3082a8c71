"""Clients that wait for an answer before they ask again, held against closed queueing systems."""

from pathlib import Path

import pytest

from simulator.shell.session import Session
from simulator.traffic.callers import Caller
from simulator.world.world import World


def scene(workload, callers, pause_s, **more):
    session = Session(World(1), folder=Path("."))
    run = f"docker run -d --name web --alias web --workload '{workload}' alpine"
    for line in ("host add h --cores 4", run, "service create web", "advance 5s"):
        assert session.execute(line).error is None
    director = session.world.director
    service = director.service("web")
    made = [Caller(f"c{number}", pause_s, **more) for number in range(callers)]
    for one in made:
        director.call(service, one)
    return session, service, made


def test_as_many_are_under_way_as_there_are_callers_and_no_more():
    session, service, _ = scene("server cpu=100ms workers=1 dist=constant", 5, 0.0)
    session.execute("advance 60s")
    session.world.director.settle(service)
    # Always five inside, one thread: ten a second, half a second each (Little).
    assert service.tally.ok == pytest.approx(
        60 / session.world.containers["web"].work_seconds(), abs=6
    )
    assert service.tally.in_flight == 5
    assert service.tally.latencies.percentile(50)[0] == pytest.approx(0.5, rel=0.05)


def test_one_thread_and_thinking_clients_are_the_repairmans_queue():
    # M/M/1 with 4 sources, service 10 ms, think time 30 ms constant is near the machine repairman
    # of exponential think time: throughput = (1 - p0) / s, p0 = 1 / sum(4! / (4-k)! (s/z)**k).
    ratio = 10 / 30
    total = sum(one * ratio**k for k, one in enumerate((1, 4, 12, 24, 24)))
    session, service, _ = scene("server cpu=10ms workers=1", 4, 0.030)
    session.execute("advance 200s")
    assert service.tally.ok / 200 == pytest.approx((1 - 1 / total) / 0.010, rel=0.05)


def test_one_who_has_all_its_answers_asks_no_more():
    session, service, made = scene("server cpu=1ms dist=constant", 1, 0.010, most=20)
    began = session.world.now
    session.execute("advance 10s")
    session.world.director.settle(service)
    assert (made[0].made, made[0].ok, service.tally.ok) == (20, 20, 20)
    assert made[0].ended_at == pytest.approx(began + 20 * 0.001 + 19 * 0.010, abs=0.01)


def test_one_who_gives_up_asks_again_after_its_pause():
    session, service, made = scene("server cpu=10s workers=1 dist=constant", 1, 0.5, patience_s=1.0)
    session.execute("advance 15s")
    session.world.director.settle(service)
    assert made[0].failed == pytest.approx(10, abs=1)
    assert service.tally.failed["timeout"] == made[0].failed


def test_where_nobody_answers_it_is_told_at_once_and_pauses():
    session, service, made = scene("server cpu=1ms", 1, 1.0)
    session.execute("docker stop web")
    before = made[0].failed
    session.execute("advance 10s")
    session.world.director.settle(service)
    assert made[0].failed - before == pytest.approx(10, abs=1)
