"""Flows share links max-min fairly: closed forms, invariants, order."""

from __future__ import annotations

import math
from collections.abc import Generator

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.fairness import Claim, fair_rates
from simulator.engine.flows import FlowNetwork
from simulator.engine.links import Flow
from simulator.engine.simulation import Simulation


def network(herd_size: int = 32) -> tuple[Simulation, FlowNetwork]:
    sim = Simulation()
    return sim, FlowNetwork(sim, herd_size=herd_size)


def test_a_lone_flow_takes_its_size_over_the_narrowest_link():
    sim, net = network()
    flow = net.start([net.link("wide", 100), net.link("narrow", 10)], 50)
    sim.advance(2)
    assert (flow.rate, flow.transferred_bytes) == (10, 20)
    sim.advance(100)
    assert flow.finished_at_s == 5.0
    assert flow.done.value is True
    assert flow.rate == 0.0


def test_two_equal_flows_end_together_at_twice_the_time():
    sim, net = network()
    link = net.link("l", 10)
    flows = [net.start([link], 50), net.start([link], 50)]
    assert [flow.rate for flow in flows] == [5, 5]
    sim.advance(100)
    assert [flow.finished_at_s for flow in flows] == [10.0, 10.0]


def test_what_a_finished_flow_leaves_is_taken_by_the_others():
    sim, net = network()
    link = net.link("l", 10)
    short, long = net.start([link], 20), net.start([link], 60)
    sim.advance(100)
    # Half each until 4 s; then the long one has 40 left and the whole link.
    assert (short.finished_at_s, long.finished_at_s) == (4.0, 8.0)
    assert link.transferred_bytes == 80


def test_the_textbook_line_network():
    """Bertsekas and Gallager: a long flow over two links, one local flow on each."""
    _, net = network()
    first, second = net.link("a", 1), net.link("b", 2)
    long = net.start([first, second], 100)
    local_a, local_b = net.start([first], 100), net.start([second], 100)
    assert [long.rate, local_a.rate, local_b.rate] == [0.5, 0.5, 1.5]
    assert [first.utilisation, second.utilisation] == [1.0, 1.0]


def test_a_capped_flow_leaves_its_share_to_others():
    _, net = network()
    link = net.link("l", 12)
    capped, free, other = net.start([link], 99, cap=1), net.start([link], 99), net.start([link], 99)
    assert [flow.rate for flow in (capped, free, other)] == [1, 5.5, 5.5]


def test_shares_follow_weights():
    _, net = network()
    link = net.link("l", 12)
    flows = [net.start([link], 99), net.start([link], 99, weight=2)]
    assert [flow.rate for flow in flows] == [4, 8]


def test_a_change_of_capacity_counts_from_that_instant():
    sim, net = network()
    link = net.link("l", 10)
    flow = net.start([link], 100)
    sim.advance(5)
    link.capacity_bytes_s = 0
    sim.advance(20)
    assert (flow.rate, flow.transferred_bytes) == (0, 50)
    link.capacity_bytes_s = 25
    sim.advance(100)
    assert flow.finished_at_s == 22.0


def test_a_cancelled_flow_keeps_its_bytes_and_frees_its_share():
    sim, net = network()
    link = net.link("l", 10)
    gone, kept = net.start([link], 100), net.start([link], 100)
    sim.advance(4)
    gone.cancel()
    gone.cancel()
    assert (gone.cancelled, gone.transferred_bytes, kept.rate) == (True, 20, 10)
    sim.advance(100)
    assert gone.done.value is False
    assert kept.finished_at_s == 12.0
    assert link.transferred_bytes == 120


def test_an_empty_flow_and_an_unlimited_flow_end_at_once():
    sim, net = network()
    flows = [net.start([net.link("l", 1)], 0), net.start([], 10), net.start([], 10, cap=5)]
    flows.append(net.start([net.link("endless", math.inf)], 10))
    sim.advance(10)
    assert [flow.finished_at_s for flow in flows] == [0.0, 0.0, 2.0, 0.0]


def test_an_early_end_is_not_lost_when_a_later_one_was_expected():
    sim, net = network()
    ends: list[float] = []

    def one(start_s: float, size: float, cap: float) -> Generator[simpy.Event, object, None]:
        yield sim.env.timeout(start_s)
        yield net.start([link], size, cap=cap).done
        ends.append(sim.now)

    link = net.link("l", 1000)
    for start_s, size in ((0.1, 102), (0.3, 1), (0.7, 3)):
        sim.start(one(start_s, size, cap=10))
    sim.advance(100)
    assert pytest.approx([0.4, 1.0, 10.3]) == ends


def test_bad_flows_and_links_are_refused():
    _, net = network()
    link = net.link("l", 1)
    for bad in ({"size_bytes": -1}, {"size_bytes": 1, "cap": -1}, {"size_bytes": 1, "weight": 0}):
        with pytest.raises(ValueError, match="bad flow"):
            net.start([link], **bad)
    with pytest.raises(ValueError, match="negative"):
        net.link("m", -1)


def test_a_name_is_free_again_when_nothing_flows_there():
    sim, net = network()
    old = net.link("l", 1)
    net.start([old], 5)
    with pytest.raises(ValueError, match="exists"):
        net.link("l", 2)
    sim.advance(5)
    new = net.link("l", 2)
    assert net.links == [new]
    assert [net.start([old], 6).rate, net.start([new], 6).rate] == [1, 2]


CLAIMS = st.lists(
    st.tuples(
        st.sets(st.integers(0, 4), min_size=1, max_size=3),
        st.sampled_from([0.5, 1.0, 2.0, 3.0]),
        st.one_of(st.just(math.inf), st.floats(0.1, 50)),
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(st.floats(0.5, 100), min_size=5, max_size=5), CLAIMS)
def test_rates_are_feasible_and_each_flow_has_a_bottleneck(capacities, wanted):
    claims = [Claim(tuple(sorted(links)), weight, cap) for links, weight, cap in wanted]
    rates = fair_rates(dict(enumerate(capacities)), claims)
    used = [
        sum(rate for rate, claim in zip(rates, claims, strict=True) if link in claim.links)
        for link in range(5)
    ]
    assert all(u <= c * (1 + 1e-9) for u, c in zip(used, capacities, strict=True))
    for rate, claim in zip(rates, claims, strict=True):
        held_by_cap = rate >= claim.cap * (1 - 1e-9)
        held_by_link = any(
            used[link] >= capacities[link] * (1 - 1e-9)
            and all(
                rate / claim.weight >= other / rival.weight * (1 - 1e-9)
                for other, rival in zip(rates, claims, strict=True)
                if link in rival.links
            )
            for link in claim.links
        )
        assert held_by_cap or held_by_link


# One starts at a time, on a star: two leaves at a hub, as machines are at a registry.
STARTS = st.lists(
    st.tuples(
        st.floats(0, 20),
        st.sets(st.integers(0, 2), min_size=1),
        st.floats(1, 200),
        st.one_of(st.none(), st.none(), st.floats(1, 20)),
        st.one_of(st.none(), st.none(), st.floats(0.1, 5)),
    ),
    min_size=1,
    max_size=14,
)


def play(starts, watch: float = 0.0, herd_size: int = 32) -> tuple[FlowNetwork, list[Flow]]:
    """Each start: when, over which links, bytes, cap, and seconds until it is cancelled."""
    sim, net = network(herd_size)
    links = [net.link(str(i), 10.0 * (i + 1)) for i in range(3)]
    flows: list[Flow] = []

    def one(at, over, size, cap, patience):
        yield sim.env.timeout(at)
        weight = 1 + int(size) % 3
        flow = net.start([links[i] for i in sorted(over)], size, cap=cap, weight=weight)
        flows.append(flow)
        yield flow.done if patience is None else flow.done | sim.env.timeout(patience)
        flow.cancel()

    for start in starts:
        sim.start(one(*start))
    while watch and sim.env.peek() < math.inf:
        sim.advance(sim.now + watch)
        assert all(link.rate_bytes_s <= link.capacity_bytes_s * (1 + 1e-9) for link in links)
        assert all(0 <= flow.transferred_bytes <= flow.size_bytes for flow in flows)
    sim.env.run()
    return net, flows


@settings(deadline=None)
@given(STARTS)
def test_all_bytes_are_counted_and_being_watched_changes_nothing(starts):
    net, flows = play(starts)
    for link in net.links:
        expected = sum(flow.transferred_bytes for flow in flows if link in flow.links)
        assert link.transferred_bytes == pytest.approx(expected)
    assert all(flow.cancelled or flow.transferred_bytes == flow.size_bytes for flow in flows)
    watched = play(starts, watch=0.7)[1]
    ends = [flow.finished_at_s for flow in flows]
    assert [flow.finished_at_s for flow in watched] == pytest.approx(ends, abs=1e-6)


@settings(deadline=None, max_examples=200)
@given(STARTS)
def test_a_herd_gives_the_same_ends_as_flow_by_flow(starts):
    alone = [(one.finished_at_s, one.transferred_bytes) for one in play(starts)[1]]
    for size in (1, 2, 4):
        together = play(starts, herd_size=size)[1]
        assert [one.finished_at_s for one in together] == pytest.approx(
            [end for end, _ in alone], abs=1e-6
        )
        assert [one.transferred_bytes for one in together] == pytest.approx(
            [moved for _, moved in alone], abs=1e-3
        )


@settings(deadline=None, max_examples=60)
@given(STARTS, st.sampled_from([1, 2, 32]))
def test_rates_after_every_change_equal_a_solution_from_scratch(starts, herd_size):
    sim, net = network(herd_size)
    links = [net.link(str(i), 10.0 * (i + 1)) for i in range(3)]

    def one(at, over, size, cap, _patience):
        yield sim.env.timeout(at)
        weight = 1 + int(size) % 3
        yield net.start([links[i] for i in sorted(over)], size, cap=cap, weight=weight).done

    for start in starts:
        sim.start(one(*start))
    while sim.step():
        flows = list({f.serial: f for link in links for f in link.flows}.values())
        claims = [
            Claim(tuple(int(link.name) for link in f.links), f.weight, f.cap_bytes_s) for f in flows
        ]
        expected = fair_rates({i: link.capacity_bytes_s for i, link in enumerate(links)}, claims)
        assert [flow.rate for flow in flows] == pytest.approx(expected, rel=1e-6)


def test_a_thousand_machines_at_one_registry_end_where_the_closed_form_says():
    sim, net = network()
    hub = net.link("hub", 1000)
    leaves = [net.link(f"leaf {n}", 100) for n in range(1000)]
    flows = [net.start([hub, leaf], 10 * (n + 1)) for n, leaf in enumerate(leaves)]
    sim.env.run()
    # Flow k shares with the n - k longer ones; while fewer than 10 are left, leaves hold them.
    end, expected = 0.0, []
    for k in range(1000):
        rate = min(1000 / (1000 - k), 100)
        end += 10 / rate
        expected.append(end)
    assert [flow.finished_at_s for flow in flows] == pytest.approx(expected)


def test_a_herd_follows_its_link_and_scatters_when_another_link_fills():
    sim, net = network(herd_size=2)
    hub, leaf, other = net.link("hub", 12), net.link("leaf", 3), net.link("other", 100)
    flows = [net.start([hub], 100), net.start([hub, other], 100), net.start([hub, other], 100)]
    assert [flow.rate for flow in flows] == [4, 4, 4]
    late = net.start([hub, leaf], 100)
    assert [flow.rate for flow in [*flows, late]] == [3, 3, 3, 3]
    sim.advance(1)
    flows[0].cancel()
    assert [flow.rate for flow in [*flows, late]] == [0, 4.5, 4.5, 3]
    hub.capacity_bytes_s = 6
    assert [flow.rate for flow in [*flows, late]] == [0, 2, 2, 2]
    assert (hub.rate_bytes_s, other.rate_bytes_s, leaf.utilisation) == (6, 4, pytest.approx(2 / 3))
    assert flows[1].transferred_bytes == 3
