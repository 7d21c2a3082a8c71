"""Dividing CPU among siblings and down a tree: what fairness means, for any numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.machine.cpu.share import CpuGroup, weighted_shares
from simulator.machine.cpu.station import Station

CLAIMS = st.lists(st.tuples(st.floats(0, 64), st.floats(1, 10_000)), min_size=1, max_size=12)


@given(capacity=st.floats(0.1, 64), claims=CLAIMS)
def test_shares_are_weighted_max_min_fair(capacity, claims):
    demands, weights = [d for d, _ in claims], [w for _, w in claims]
    shares = weighted_shares(capacity, demands, weights)
    assert sum(shares) == pytest.approx(min(capacity, sum(demands)))
    assert all(0 <= share <= demand + 1e-12 for share, demand in zip(shares, demands, strict=True))
    # Whoever is not satisfied has at least as much for its weight as anybody else.
    levels = [share / weight for share, weight in zip(shares, weights, strict=True)]
    for share, demand, level in zip(shares, demands, levels, strict=True):
        if share < demand - 1e-9:
            assert level == pytest.approx(max(levels), rel=1e-6)


@given(capacity=st.floats(0.1, 64), claims=CLAIMS, index=st.integers(0, 11))
def test_asking_for_less_never_takes_from_the_others(capacity, claims, index):
    demands, weights = [d for d, _ in claims], [w for _, w in claims]
    before = weighted_shares(capacity, demands, weights)
    i = index % len(claims)
    demands[i] /= 2
    after = weighted_shares(capacity, demands, weights)
    assert all(after[k] >= before[k] - 1e-9 for k in range(len(claims)) if k != i)


def tree(shape, parent, stations):
    """Groups below a parent: a number of threads is a station, a list is an inner group."""
    for number, (weight, limit, inside) in enumerate(shape):
        group = CpuGroup(f"{parent.name}.{number}", parent=parent, weight=weight, limit=limit)
        if isinstance(inside, int):
            station = Station(group.name, group, workers=64)
            for _ in range(inside):
                station.admit(0.0, 1.0)
            station.runnable = inside
            stations.append(station)
        else:
            tree(inside, group, stations)


NODES = st.recursive(
    st.integers(0, 5),
    lambda below: st.lists(
        st.tuples(st.sampled_from([10.0, 100.0, 300.0]), st.sampled_from([0.5, 2.0, 64.0]), below),
        min_size=1,
        max_size=4,
    ),
    max_leaves=12,
)
SHAPES = st.lists(
    st.tuples(st.sampled_from([10.0, 100.0, 300.0]), st.sampled_from([0.5, 2.0, 64.0]), NODES),
    min_size=1,
    max_size=4,
)


def given_to(group: CpuGroup) -> float:
    """Cores that the stations in a group get."""
    if group.station is not None:
        return group.station.speed * group.station.runnable
    return sum(given_to(child) for child in group.children)


@given(cores=st.sampled_from([1.0, 3.0, 8.0]), shape=SHAPES)
def test_every_level_of_a_tree_is_divided_fairly_and_within_its_ceilings(cores, shape):
    root, stations = CpuGroup("root", limit=cores), []
    tree(shape, root, stations)
    root.recount()
    root.divide(root.wants(), 0.0)
    for station in stations:
        assert station.speed <= 1.0 + 1e-12
    todo = [root]
    while todo:
        group = todo.pop()
        todo += group.children
        got = given_to(group)
        assert got <= group.limit + 1e-9
        wants = [child.wants() for child in group.children]
        if wants:
            assert got == pytest.approx(
                sum(weighted_shares(got, wants, [child.weight for child in group.children]))
            )
            shares = weighted_shares(got, wants, [child.weight for child in group.children])
            assert [given_to(child) for child in group.children] == pytest.approx(shares)
    assert given_to(root) == pytest.approx(root.wants())
