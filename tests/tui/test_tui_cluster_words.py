"""Words that go to views of the cluster: which lines they are, and which are left alone."""

from __future__ import annotations

import pytest

from simulator.tui.cluster_words import Place, offers, place_of


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("pods", Place("pods")),
        ("po shop", Place("pods", "shop")),
        ("pods all", Place("pods", "")),
        ("pods shop /web @b", Place("pods", "shop", "web", "b")),
        ("ns", Place("Namespace")),
        ("ns shop", Place("pods", "shop")),
        ("ctx b", Place("contexts", None, "", "b")),
        ("sts", Place("StatefulSet")),
        ("pvc", Place("PersistentVolumeClaim")),
        ("quota", Place("ResourceQuota")),
        ("pods -l a=b", None),
        ("pods a b", None),
        ("docker ps", None),
        ("", None),
    ],
)
def test_a_line_goes_where_its_words_say(line, place):
    assert place_of(line, from_cluster=True) == place


def test_a_word_that_is_a_command_goes_to_the_cluster_only_from_there():
    assert place_of("events", from_cluster=True) == Place("events")
    assert place_of("events", from_cluster=False) is None
    assert place_of("services", from_cluster=False) is None


def test_words_are_offered_for_the_first_word_of_a_line_only():
    assert [one.text for one in offers("que")] == ["queue"]
    assert offers("pods sh") == offers("") == []
