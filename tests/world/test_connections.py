"""The kernel's table of connections: what ordinary traffic puts into it, and what finds no room."""

import pytest
from calls import calls
from harbour import harbour
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.checkpoint import Checkpoint
from simulator.machine.conntrack import TIME_WAIT_S, Connections
from simulator.machine.events_trouble import ConnectionsDropped, ConnectionsLetIn
from simulator.shell import Session
from simulator.traffic.endpoint import WHOLE, Endpoint
from simulator.world.history import SHARED

MOST = 6_000
RUN = "docker run -d --name w --network-alias w --workload 'server cpu=1ms workers=16' alpine"
FULL_S = MOST / 100.0
"""When a table of so many is full at 100 connections a second; half of them are too many."""


@pytest.fixture
def session(tmp_path):
    """A shell at a host whose kernel has room for few connections, with a server on it."""
    found = Session(harbour(cores=8), folder=tmp_path)
    for line in (f"tune h --conntrack-max {MOST}", RUN, "advance 1s"):
        assert found.execute(line).error is None
    return found


def told(session, kind=ConnectionsDropped):
    return [entry.time for entry in session.world.journal if isinstance(entry.event, kind)]


def windows(session):
    session.world.settle()
    return session.world.sampler.windows["w"]


def test_a_table_fills_up_by_ordinary_traffic_and_then_drops_the_excess(session):
    session.execute("traffic w constant 100/s")
    session.execute("advance 55s")
    assert (windows(session).ok, told(session)) == (100.0, [])
    assert "of 6,000 entries in the table of h" in session.execute("why h").text
    session.execute("advance 15s")
    assert told(session) == [pytest.approx(FULL_S, abs=2.0)]
    assert windows(session).ok == 50.0
    session.execute("advance 200s")
    assert (windows(session).ok, windows(session).failed) == (50.0, 50.0)
    reasons = session.execute("why h").text, session.execute("why w").text
    assert all("50% of the new ones are dropped" in text for text in reasons)
    assert "table full, dropping packet" in reasons[0]
    said = session.execute("on h dmesg").text
    assert said.endswith("nf_conntrack: nf_conntrack: table full, dropping packet")
    assert session.execute("on h sh -c 'dmesg | grep -c conntrack'").lines == ("1",)
    assert "not permitted" in session.execute("docker exec w dmesg").error
    assert session.execute("docker exec w sysctl -n net.netfilter.nf_conntrack_max").lines == (
        str(MOST),
    )


def test_clients_give_up_when_they_lose_patience_or_their_kernel_does(session):
    session.execute("traffic w constant 100/s --timeout 2s")
    session.execute("advance 100s")
    assert windows(session).failed == 50.0
    session.execute("traffic w constant 100/s")
    session.execute("advance 120s")
    assert windows(session).failed == 0.0
    session.execute("advance 10s")
    assert windows(session).failed == 50.0
    tally = session.world.services["w"].tally
    assert tally.failed["timeout"] == sum(tally.failed.values())


def test_connections_that_are_kept_alive_leave_the_table_nearly_empty(session):
    session.execute("traffic w constant 100/s --keepalive 10")
    session.execute("advance 300s")
    assert (windows(session).failed, told(session)) == (0.0, [])
    assert not session.world.watch.awake


def test_a_larger_table_or_less_traffic_ends_it(session):
    session.execute("traffic w constant 100/s")
    session.execute("advance 100s")
    session.execute(f"tune h --conntrack-max {3 * MOST}")
    session.execute("advance 10s")
    assert len(told(session, ConnectionsLetIn)) == 1
    assert windows(session).ok == 100.0
    shown = session.execute("on h cat /proc/sys/net/netfilter/nf_conntrack_max").lines
    assert shown == (str(3 * MOST),)


def test_retries_meet_the_same_table_and_a_balancer_that_looks_changes_nothing(tmp_path):
    answered = []
    for rule in ("round-robin", "least-connections"):
        session = Session(harbour(cores=8), folder=tmp_path)
        for line in (f"tune h --conntrack-max {MOST}", RUN, f"service create w --balancer {rule}"):
            session.execute(line)
        session.execute("traffic w constant 100/s --timeout 1s")
        session.execute("advance 120s")
        session.world.settle()
        tally = session.world.services["w"].tally
        answered.append((tally.arrived, tally.ok, tally.failed["timeout"]))
    assert answered[0] == answered[1]
    session.execute("traffic w constant 100/s --timeout 1s --retries 1 --backoff 1s")
    session.execute("advance 60s")
    # Twice as many connections are asked for: three quarters of them are dropped.
    assert windows(session).ok == pytest.approx(50.0, abs=12.0)


def test_nobody_looks_while_all_that_may_come_has_room(session):
    session.execute("traffic w constant 40/s")
    assert not session.world.watch.awake
    session.execute("traffic w constant 100/s")
    assert session.world.watch.awake
    session.execute("traffic w stop")
    session.execute("advance 300s")
    assert not session.world.watch.awake


def test_a_copy_of_a_full_table_goes_on_as_the_original_does(session):
    session.execute("traffic w 100/s --timeout 2s")
    session.execute("advance 90s")
    world = session.world
    copy = Checkpoint.of(world, world.sim, SHARED).restore()
    ends = []
    for one in (world, copy):
        one.advance(160.0)
        one.settle()
        ends.append((one.services["w"].tally.outcomes(), one.journal.digest))
    assert ends[0] == ends[1]


def test_looking_at_it_more_often_changes_nothing(tmp_path):
    ends = []
    for step in (150.0, 0.7):
        session = Session(harbour(cores=8), folder=tmp_path)
        for line in (f"tune h --conntrack-max {MOST}", RUN, "traffic w 100/s --timeout 2s"):
            session.execute(line)
        world = session.world
        while world.now < 150.0:
            world.advance(min(150.0, world.now + step))
            world.settle()
        ends.append((world.services["w"].tally.outcomes(), world.journal.digest))
    assert ends[0] == ends[1]


def test_the_steady_share_is_what_a_table_cannot_hold():
    table = Connections(262_144.0, 0.0)
    for second in range(1, 200):
        dropped = 4000.0 * table.share
        table.look(float(second), 4000.0 - dropped, dropped, 0)
        assert table.full == (second >= 65)
        assert table.entries(float(second)) <= 262_144
    assert table.share == pytest.approx(1.0 - 262_144 / (4000.0 * TIME_WAIT_S))
    assert table.entries(199.0 + TIME_WAIT_S) == 0


@given(st.integers(0, WHOLE), st.lists(st.integers(0, 50), max_size=8))
@settings(max_examples=30, deadline=None)
def test_requests_are_dropped_alike_one_by_one_and_many_at_once(share, parts):
    one, many = (Endpoint("w", None, None, 1.0, shut=share) for _ in range(2))
    singly = [one.drops() for _ in range(sum(parts))]
    together = [dropped for count in parts for dropped in many.drops_of(count).tolist()]
    assert singly == together
    assert one.dropped == many.dropped == sum(singly)


def test_a_look_costs_the_same_for_each_server(tmp_path):
    costs = []
    for count in (4, 8):
        session = Session(harbour(cores=8), folder=tmp_path)
        session.execute(f"tune h --conntrack-max {MOST}")
        for number in range(count):
            session.execute(RUN.replace("--name w", f"--name w{number}"))
        session.execute("traffic w constant 100/s")
        session.execute("advance 5s")
        session.world.settle()
        costs.append(calls(session.world.watch._look))
    assert costs[1] <= 2.2 * costs[0]
