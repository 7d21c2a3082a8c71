"""Each plugin's two faces: what it says of all nodes in columns is what it says of each."""

import numpy as np
import pytest

from simulator.cluster.kubernetes.scheduler.eyes import Counts, Walking
from simulator.report.bench.chance import Chance


def worlds(seed, count=4):
    """Random clusters some way into their life, with a pod that is about to be decided on."""
    for one in range(count):
        chance = Chance(8000 + count * seed + one)
        chance.agree(12)
        chance.bench.state.columns.refresh()
        yield chance.bench, [chance.pod() for _ in range(6)], chance.draw


@pytest.mark.parametrize("seed", range(10))
def test_a_filter_says_of_all_nodes_what_it_says_of_each(seed):
    for bench, pods, _ in worlds(seed):
        state = bench.state
        for pod in pods:
            for plugin, ready in bench.cycle.prepared(pod):
                mask = plugin.of_all(pod, ready)
                for eyes in (Counts(state.columns, state.counting),
                             Walking(state.columns, state.counting)):  # fmt: skip
                    seen = plugin.see(pod, ready, eyes)
                    each = [plugin.of_node(pod, seen, at) for at in range(len(state.columns))]
                    fits = [one is None for one in each]
                    assert fits == ([True] * len(each) if mask is None else mask.tolist())
                failing = np.flatnonzero(~np.array(fits, dtype=np.bool_))
                told = {
                    place: (verdict.reasons, verdict.resolvable)
                    for verdict, places in plugin.tally(pod, ready, failing)
                    for place in places.tolist()
                }
                assert told == {
                    place: (one.reasons, one.resolvable)
                    for place, one in enumerate(each)
                    if one is not None
                }


@pytest.mark.parametrize("seed", range(10))
def test_a_score_of_all_nodes_is_the_score_of_each(seed):
    for bench, pods, draw in worlds(seed):
        count = len(bench.state.columns)
        if not count:
            continue
        for pod in pods:
            chosen = np.array(sorted(draw.sample(range(count), draw.randint(1, count))))
            for plugin in bench.cycle.scores:
                ready = plugin.prepare_score(pod)
                raw = None if ready is None else plugin.score_all(pod, ready, chosen)
                if raw is None:
                    continue
                for eyes in (bench.state.counts,
                             Walking(bench.state.columns, bench.state.counting)):  # fmt: skip
                    seen = plugin.see_scores(pod, ready, chosen, eyes)
                    each = [plugin.score_node(pod, seen, place) for place in chosen.tolist()]
                    assert each == raw.tolist()
                normal = plugin.normalise(raw)
                assert 0 <= normal.min() <= normal.max() <= 100


@pytest.mark.parametrize("seed", range(10))
def test_scores_of_nodes_side_by_side_are_those_of_the_same_nodes_one_by_one(seed):
    for bench, pods, draw in worlds(seed):
        count = len(bench.state.columns)
        if not count:
            continue
        for pod in pods:
            first = draw.randrange(count)
            last = draw.randint(first + 1, count)
            total = bench.cycle.totals(pod, slice(first, last))
            each = bench.cycle.totals(pod, np.arange(first, last))
            assert total.tolist() == each.tolist()
            chosen = bench.cycle.best(slice(first, last), total)
            assert chosen == bench.cycle.best(np.arange(first, last), each)
