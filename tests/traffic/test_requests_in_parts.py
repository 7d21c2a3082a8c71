"""Requests that are sent to several servers or services: what clients see, and the servers."""

from __future__ import annotations

import pytest
from harbour import harbour, run, send, serve

from simulator import look
from simulator.errors import InputError, Refused
from simulator.shell import Session
from simulator.traffic.client import ClientPolicy
from simulator.world import World
from simulator.world.commands import CreateService, KillContainer

QUICK, SLOW = "server cpu=10ms dist=constant", "server cpu=50ms dist=constant"


def page(seed: int = 1, **client: object) -> World:
    """A page that is made of a search and of advertisements, which are slower."""
    world = harbour(seed, cores=64)
    serve(world, QUICK, service="search")
    serve(world, SLOW, service="ads", replicas=2)
    send(world, "constant 4 for=2.9s", "page", calls=("search", "ads"), **client)
    return world


def outcomes(world: World, service: str) -> dict[str, int]:
    world.fabric.settle()
    counts = world.services[service].tally.outcomes()
    return {kind: count for kind, count in counts.items() if count}


def test_a_page_takes_as_long_as_its_slowest_part_and_each_service_keeps_its_own_account():
    world = page()
    world.advance(20.0)
    assert outcomes(world, "page") == {"arrived": 11, "ok": 11}
    assert outcomes(world, "search") == outcomes(world, "ads") == {"arrived": 11, "ok": 11}
    means = {name: one.tally.latencies.mean for name, one in world.services.items()}
    assert means == pytest.approx({"page": 0.050, "search": 0.010, "ads": 0.050})


def test_a_quorum_of_one_leaves_the_rest_to_go_on_or_cancels_it():
    left, cancelled = page(quorum=1), page(quorum=1, cancel=True)
    for world in (left, cancelled):
        world.advance(20.0)
        assert world.services["page"].tally.latencies.mean == pytest.approx(0.010)
    assert outcomes(left, "ads") == {"arrived": 11, "ok": 11}
    assert outcomes(cancelled, "ads") == {"arrived": 11, "cancelled": 11}
    used = [sum(w.container(f"ads-{n}").cpu_seconds for n in (0, 1)) for w in (left, cancelled)]
    assert used == pytest.approx([11 * 0.050, 11 * 0.010])


def test_slices_change_no_part():
    whole, pieces = page(), page()
    whole.advance(20.0)
    for step in range(150):
        pieces.advance(5.0 + step / 10)
        pieces.fabric.settle()
    assert whole.journal.digest == pieces.journal.digest
    for name in whole.services:
        assert outcomes(whole, name) == outcomes(pieces, name)


def test_what_calls_a_service_that_dies_learns_it_at_once():
    world = page()
    world.advance(11.005)
    world.apply(KillContainer(name="search-0"))
    world.advance(20.0)
    assert outcomes(world, "page") == {"arrived": 11, "ok": 3, "reset": 1, "unavailable": 7}
    assert outcomes(world, "ads") == {"arrived": 11, "ok": 11}


def test_a_part_whose_server_dies_is_answered_by_its_second_copy():
    world = harbour(cores=64)
    service = serve(world, "server cpu=1s dist=constant", replicas=2)
    first, _ = service.endpoints.values()
    send(world, "constant 1 for=1.5s", hedge_s=0.2)  # it comes at 6 s
    world.advance(6.5)
    world.apply(KillContainer(name=first.name))
    world.advance(20.0)
    assert outcomes(world, "web") == {"arrived": 1, "ok": 1, "hedges": 1}
    assert world.services["web"].tally.latencies.mean == pytest.approx(1.2)


def test_a_quorum_that_nobody_can_reach_is_unavailable_and_asks_nobody():
    world = harbour()
    service = serve(world, QUICK, replicas=2)
    send(world, "constant 10 for=1.05s", fan_out=3, quorum=3)
    world.advance(20.0)
    assert outcomes(world, "web") == {"arrived": 10, "unavailable": 10}
    assert all(station.taken == 0 for station in service.endpoints)


def test_clients_who_give_up_and_cancel_leave_the_server_free_for_others():
    def answered(cancel: bool) -> int:
        world = harbour(cores=1)
        serve(world, "server cpu=20ms workers=1 queue=unlimited")
        send(world, "100 for=20s", timeout_s=0.1, cancel=cancel)
        world.advance(40.0)
        return outcomes(world, "web")["ok"]

    # Twice what one server can do: without cancelling it works for clients who have left.
    assert answered(True) > 900 > 2 * answered(False)


def test_errors_are_counted_apart_and_may_be_tried_again():
    world = harbour(cores=64)
    serve(world, "server cpu=1ms errors=20%", replicas=3)
    send(world, "500 for=10s")
    world.advance(16.0)
    send(world, "500 for=10s", retries=1, backoff_s=0.01)
    before = outcomes(world, "web")
    assert before["error"] / before["arrived"] == pytest.approx(0.2, abs=0.02)
    world.advance(30.0)
    after = outcomes(world, "web")
    again = (after["error"] - before["error"]) / (after["arrived"] - before["arrived"])
    assert again == pytest.approx(0.04, abs=0.01)


@pytest.mark.parametrize(
    ("client", "said"),
    [
        ({"fan_out": 0}, "fan-out"),
        ({"fan_out": 3, "quorum": 4}, "quorum"),
        ({"quorum": 2}, "quorum"),
        ({"hedge_s": -1.0}, "hedging delay"),
    ],
)
def test_parts_that_mean_nothing_are_refused(client, said):
    with pytest.raises(InputError, match=said):
        ClientPolicy(**client).check()


def test_only_other_services_can_be_called():
    world = page()
    with pytest.raises(Refused, match="did you mean 'ads'"):
        send(world, "1", "page", calls=("adds",))
    with pytest.raises(Refused, match="--fan-out"):
        send(world, "1", "ads", calls=("ads",))


def test_the_typed_words_are_those_of_the_policy(tmp_path):
    session = Session(harbour(cores=64), folder=tmp_path)
    world = session.world
    world.apply(CreateService(name="ads"))
    run(world, "w", QUICK, aliases=("web",))
    words = "--fan-out 2 --call ads --quorum 2 --hedge 30ms --cancel"
    assert session.execute(f"traffic web 5/s {words}").error is None
    assert world.services["web"].client == ClientPolicy(
        fan_out=2, calls=("ads",), quorum=2, hedge_s=0.03, cancel=True
    )
    wrong = session.execute("traffic web 5/s --fanout 3").error
    assert "--fan-out" in str(wrong)


def test_twice_the_parts_cost_twice_the_steps():
    def steps(n: int) -> int:
        world = harbour(cores=4096)
        service = serve(world, QUICK, replicas=n)
        send(world, "constant 10 for=2s", fan_out=n)
        count, take = 0, service.take

        def counting(now):
            nonlocal count
            count += 1
            return take(now)

        service.take = counting
        world.advance(10.0)
        world.fabric.settle()
        assert outcomes(world, "web")["ok"] == 20
        return count

    assert steps(40) <= 2.5 * steps(20)


def test_what_is_sent_where_and_who_waits_is_told_and_measured(tmp_path):
    world = page(quorum=1, hedge_s=0.02)
    session = Session(world, folder=tmp_path)
    session.execute("advance 5s")
    told = session.execute("why page").text
    assert "each request goes to search, ads; 1 must answer" in told
    assert "sent once more when there is no answer after 20" in told
    assert session.execute("traffic search 150/s").error is None
    session.execute("docker update --cpus 1 search-0")
    session.execute("advance 5s")
    assert "of the requests waited for a thread" in session.execute("why search").text
    head, *rows = session.execute("service ls").lines
    share = look.measures.Measures(world).wait_share("search")
    row = next(row for row in rows if row.startswith("search"))
    assert row.split()[head.split().index("WAITED")] == f"{share * 100:.1f}%"
