"""What columns answer is what every node says when it is asked alone."""

import pytest

from simulator.cluster.kubernetes.scheduler.counting import Counting
from simulator.cluster.kubernetes.scheduler.eyes import Counts, Walking
from simulator.report.bench.chance import Chance


@pytest.mark.parametrize("seed", range(0, 300, 10))
def test_columns_choose_the_node_that_the_plain_loop_chooses(seed):
    for one in range(seed, seed + 10):
        Chance(one).agree()


@pytest.mark.parametrize("seed", range(5))
def test_counts_that_are_kept_are_those_of_who_walks_round_and_asks(seed):
    chance = Chance(1000 + seed)
    chance.agree(40)
    state = chance.bench.state
    state.columns.refresh()
    counts, walking = Counts(state.columns, state.counting), Walking(state.columns, state.counting)
    values = {
        (key, value) for row in state.columns.order for key, value in row.node.meta.labels.items()
    }
    for group in state.counting._groups.values():
        for key, value in sorted(values):
            kept, seen = counts.by_value(group, key), walking.by_value(group, key)
            assert (kept.at(value), kept.least(1)) == (seen.at(value), seen.least(1))


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_the_same_when_everything_is_counted_anew(seed):
    chance = Chance(2000 + seed)
    chance.agree(40)
    state = chance.bench.state
    groups = {key: dict(one.nodes) for key, one in state.counting._groups.items()}
    terms = {key: dict(one.carriers.nodes) for key, one in state.counting._terms.items()}
    anew = Counting(state.columns, state.counting.namespace_labels)
    for pod, node in state.columns.pods():
        anew.add(pod, node)
    for key, one in state.counting._groups.items():
        assert anew.group(one.meaning, one.live).nodes == groups[key]
    for key, one in anew._terms.items():
        assert one.carriers.nodes == terms[key]
    for key, nodes in terms.items():
        assert key in anew._terms or not nodes


@pytest.mark.parametrize("seed", range(20))
def test_what_placed_pods_say_of_a_pod_is_the_same_by_counts_and_by_walking(seed):
    chance = Chance(3000 + seed)
    chance.agree(20)
    state, pod = chance.bench.state, chance.pod()
    state.columns.refresh()
    for kinds in ({"anti": 1}, {"likes": None, "needs": 3}):
        told = [
            {
                place: sum(
                    weight * each.at(row.node.meta.labels[key])
                    for key, each, weight in eyes.said(pod, kinds)
                    if key in row.node.meta.labels
                )
                for place, row in enumerate(state.columns.order)
            }
            for eyes in (Counts(state.columns, state.counting),
                         Walking(state.columns, state.counting))
        ]  # fmt: skip
        assert told[0] == told[1]
