"""Nodes as boxes and an autoscaler over time, as lines of text."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from simulator.look.cluster_facts import NodeFacts
from simulator.tui.widgets.cluster_boxes import HEIGHT, bar, box, grid, legend, letter_of
from simulator.tui.widgets.cluster_rows import cells
from simulator.tui.widgets.ink import text_of


def node(**more):
    values = {
        "name": "node-1", "ready": True, "cordoned": False, "taints": 0, "pods": 3,
        "most_pods": 110, "cpu_asked": 2000, "cpu": 4000, "memory_asked": 1 << 30,
        "memory": 4 << 30, "used": (1.0, 2 << 30),
    }  # fmt: skip
    return NodeFacts(**values | more)


def pod(word, ready=True):
    status = SimpleNamespace(
        ready=ready, phase=word, reason="", unschedulable_reason="", containers=(),
        init_containers=(),
    )  # fmt: skip
    spec = SimpleNamespace(init_containers=(), containers=())
    return SimpleNamespace(status=status, deleting=False, spec=spec, node="node-1")


def text(one, width=30, **more):
    return [text_of(line) for line in box(one, width, chosen=False, **more)]


def test_a_box_shows_what_is_used_asked_for_and_free():
    assert text(node()) == [
        "┌─ node-1 ● ready ──── 3/110 ┐",
        "│cpu ████░░░·······  50%  25%│",
        "│mem ████▓▓▓·······  25%  50%│",
        "└────────────────────────────┘",
    ]


@pytest.mark.parametrize("width", [25, 38, 58])
def test_all_lines_of_a_box_are_as_wide_as_it_is(width):
    pods = (pod("Running"), pod("Pending", ready=False), pod("Failed", ready=False))
    long = node(name="a-node-with-a-name-that-is-very-long-indeed", on_it=pods * 40)
    others = node(ready=False), node(cordoned=True), node(used=None, on_it=pods)
    for one in (node(), *others, long):
        assert {len(line) for line in text(one, width)} == {width}


def test_pods_are_letters_and_numbers_of_letters_where_there_is_no_room():
    pods = (pod("Running"), pod("Running", ready=False), pod("Pending", ready=False))
    assert [letter_of(one) for one in pods] == ["R", "r", "P"]
    assert text(node(on_it=pods))[3].startswith("└─ RrP ─")
    assert text(node(on_it=pods * 20))[3].startswith("└─ 20P 20r 20R ─")


def test_use_beyond_what_was_asked_for_is_another_sign():
    assert text_of(bar(0.5, 0.25, 8)) == "██░░····"
    assert text_of(bar(0.25, 0.5, 8)) == "██▓▓····"
    assert text_of(bar(0.01, 0.0, 4)) == "░···"


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [(3, 80, 12, 2), (8, 79, 12, 3), (8, 120, 30, 3), (5000, 79, 12, 3), (1, 120, 30, 3)],
)
def test_as_few_columns_as_show_all_nodes_at_once(count, width, height, columns):
    found = grid(count, width, height)
    assert min(count, columns) == min(count, found.columns)
    assert found.columns * (found.width + 1) - 1 <= width
    assert found.height == -(-count // found.columns) * HEIGHT
    assert found.at(0, found.top(count - 1)) <= count - 1


def test_the_legend_names_as_many_signs_as_there_is_room_for():
    assert text_of(legend(60)).startswith("█ used ░ asked")
    assert len(text_of(legend(40))) <= 40


def test_many_nodes_are_a_sign_each_or_the_fullest_of_some_where_there_is_no_room():
    fills = bytes([0, 4, 8] * 10)
    assert [text_of(one) for one in cells(fills, 15, 3)] == ["·▄█" * 5] * 2
    lines = [text_of(one) for one in cells(fills, 5, 3)]
    assert lines == ["█████", "█████", "each sign is the fullest of 3 nodes; :nodes shows each"]
    assert len(cells(bytes(5000), 77, 6)) == 6
