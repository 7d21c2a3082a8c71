"""The benchmark's table; the figures themselves belong to no test."""

from __future__ import annotations

from importlib import import_module

import pytest

from simulator.errors import InputError
from simulator.report.bench import GROUPS, Results, main
from simulator.report.bench.measured import cost, memory, rate, ratio
from simulator.report.bench.table import HEADS, amount, lines


def test_a_line_tells_what_is_and_was_and_is_promised_and_whether_that_is_missed():
    figures = [cost("a start", 1.5, 2.0, before=20.0), ratio("a world", 50.0, 60.0)]
    text = lines(Results("x86_64", "3.11", "2.0", {"size": figures}))
    assert [line.split() for line in text[-2:]] == [
        ["a", "start", "1.5", "s", "20", "s", "<=", "2", "s"],
        ["a", "world", "50x", ">=", "60x", "missed"],
    ]


def test_a_promise_is_a_floor_for_speed_and_a_ceiling_for_cost():
    kept = [rate("a", 5.0, 5.0), cost("b", 2.0, 2.0), memory("c", 7.0), ratio("d", 1.0)]
    missed = [rate("a", 4.9, 5.0), cost("b", 2.1, 2.0), memory("c", 8.0, 7.0)]
    assert [one.kept for one in (*kept, *missed)] == [True] * 4 + [False] * 3


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(3_200_000, "/s", "3.2M/s"), (4.25, "x", "4.2x"), (41.2, "x", "41x"), (0.1789, "s", "0.179 s"),
     (1234.5, "MiB", "1,234 MiB")],
)  # fmt: skip
def test_an_amount_is_written_in_its_unit(value, unit, text):
    assert amount(value, unit) == text


@pytest.mark.parametrize("name", [name for group in GROUPS.values() for name in group])
def test_each_measurement_of_a_group_is_a_function(name):
    module, _, function = name.partition(".")
    assert callable(getattr(import_module(f"simulator.report.bench.{module}"), function))


def test_each_group_has_a_head_in_the_table():
    assert set(HEADS) == set(GROUPS)


def test_an_unknown_group_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'paths'"):
        main(["path"], as_json=False)


@pytest.mark.parametrize("name", GROUPS["scheduler"])
def test_rows_of_the_scheduler_are_measured_on_a_cluster_of_any_size(name, monkeypatch):
    from simulator.report.bench import scheduling

    monkeypatch.setitem(scheduling.SCALE, "nodes", 60)
    for word, value in (("ALREADY", 10), ("PODS", 20), ("PLAIN", 1)):
        monkeypatch.setattr(scheduling, word, value)
    monkeypatch.setattr(scheduling.agreement, "__defaults__", (5,))
    figures = getattr(scheduling, name.partition(".")[2])()
    assert all(one.value > 0 for one in figures)


@pytest.mark.parametrize("name", GROUPS["clusters"])
def test_rows_of_clusters_are_measured_at_any_size(name, monkeypatch):
    from simulator.report.bench import clusters

    monkeypatch.setitem(clusters.SIZES, "nodes", 0.01)
    figures = getattr(clusters, name.partition(".")[2])()
    assert all(one.value >= 0 for one in figures)
    assert all(one.promised is not None for one in figures)


@pytest.mark.parametrize("name", GROUPS["swarm"])
def test_rows_of_swarms_are_measured_at_any_size(name, monkeypatch):
    from simulator.report.bench import swarms

    monkeypatch.setitem(swarms.SIZES, "nodes", 0.01)
    monkeypatch.setattr(swarms.agreement, "__defaults__", (5,))
    figures = getattr(swarms, name.partition(".")[2])()
    assert all(one.value > 0 and one.promised is not None for one in figures)


def test_rows_of_a_project_of_compose_are_measured_at_any_size(monkeypatch):
    from simulator.report.bench import projects

    monkeypatch.setitem(projects.SIZES, "services", 0.12)
    figures = projects.up()
    assert all(one.value > 0 for one in figures)
    assert [one.promised for one in figures] == [1.0, 6.0, 2.0, 2.0]
