from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.machine.oom import Candidate, badness, oom_score_adj, scores, victim

GIB = 1 << 30


def test_badness_is_the_share_of_memory_in_permille_plus_the_adjustment() -> None:
    assert badness(2 * GIB, 100, 8 * GIB) == 350
    assert badness(2 * GIB, -997, 8 * GIB) == 0
    assert badness(8 * GIB, -1000, 8 * GIB) == 0


def test_a_small_best_effort_process_dies_before_a_large_guaranteed_one() -> None:
    table = [
        Candidate("database", 6 * GIB, -997),
        Candidate("batch", 100 << 20, 1000),
        Candidate("web", GIB, 750),
    ]
    assert [line.name for line in scores(table, 8 * GIB)] == ["batch", "web", "database"]
    assert victim(table, 8 * GIB).name == "batch"


def test_without_adjustments_the_largest_dies() -> None:
    table = [Candidate("small", GIB), Candidate("large", 3 * GIB)]
    assert victim(table, 8 * GIB).name == "large"


def test_nobody_dies_when_all_are_immune() -> None:
    assert victim([Candidate("init", GIB, -1000)], GIB) is None


def test_a_burstable_container_is_protected_in_proportion_to_its_request() -> None:
    assert oom_score_adj("Burstable", 4 * GIB, 8 * GIB) == 500
    assert oom_score_adj("Burstable", None, 8 * GIB) == 999
    assert oom_score_adj("Burstable", 8 * GIB, 8 * GIB) == 3
    assert oom_score_adj("BestEffort", None, 8 * GIB, critical=True) == -997


def test_a_node_without_memory_is_refused() -> None:
    with pytest.raises(InputError, match="a node needs memory"):
        oom_score_adj("Burstable", 1, 0)


@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(-1000, 1000)), max_size=8),
    st.integers(1, 10**12),
)
def test_the_victim_is_never_immune_and_has_the_highest_badness(
    uses: list[tuple[int, int]], total: int
) -> None:
    table = [Candidate(str(i), rss, adj) for i, (rss, adj) in enumerate(uses)]
    found = victim(table, total)
    if found is not None:
        assert not found.immune
        assert found.badness == max(
            badness(each.rss_bytes, each.oom_score_adj, total) for each in table
        )
