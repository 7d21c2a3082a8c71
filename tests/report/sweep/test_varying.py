"""What is varied: lists, ranges, keys that go together, and how many that makes."""

from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.report.sweep.seeds import more, read_seeds
from simulator.report.sweep.varying import combinations, read_axes, refuse_too_many


def rows(text):
    (axis,) = read_axes([text])
    assert axis.count == len(axis.rows())
    return [row[0] if len(row) == 1 else row for row in axis.rows()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hosts.0.cores=4,8,16", ["4", "8", "16"]),
        ("replicas=2..5", ["2", "3", "4", "5"]),
        ("replicas=2..10:3", ["2", "5", "8"]),
        ("replicas=5..2:-1", ["5", "4", "3", "2"]),
        ("share=0.1..0.5:0.2", ["0.1", "0.3", "0.5"]),
        ("rate=100/s..300/s:100/s", ["100/s", "200/s", "300/s"]),
        ("memory=64..256:64m", ["64m", "128m", "192m", "256m"]),
        ("rate=10/s,50/s..60/s:10", ["10/s", "50/s", "60/s"]),
        ("image='a,b',c", ["a,b", "c"]),
        ("traffic.web=poisson 10/s,{kind: surge, base: 3}",
         ["poisson 10/s", "{kind: surge, base: 3}"]),
        ("traffic.web={kind: poisson, rate: 3},30",
         ["{kind: poisson, rate: 3}", "30"]),
        ("a=1,2; b=x,y", [("1", "x"), ("2", "y")]),
        ("a=1..3; b=8..4:-2", [("1", "8"), ("2", "6"), ("3", "4")]),
        ("a,b=1:2,3:4", [("1", "2"), ("3", "4")]),
    ],
)  # fmt: skip
def test_values_are_those_that_are_meant(text, expected):
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cores", "nothing to vary"),
        ("=1", "nothing to vary"),
        ("cores=", "nothing to vary"),
        ("cores=1,,2", "a value is missing"),
        ("cores=2..", "a range without an end"),
        ("cores=2..5:0", "never ends"),
        ("cores=5..2", "never ends"),
        ("cores=2..5:-1", "never ends"),
        ("memory=1m..2g", "a range of one unit"),
        ("cores=1.2.3..4", "no range of numbers"),
        ("a=1,2; b=1", "a: 2, b: 1"),
        ("a,b=1:2,3", "2 values with ':' between them"),
        ("a=1; a=2", "varied twice"),
    ],
)
def test_what_is_no_variation_is_refused_where_it_was_typed(text, problem):
    with pytest.raises(InputError, match=problem) as found:
        read_axes([text])
    assert str(found.value.place).startswith("--vary ")


def test_several_axes_are_a_grid_the_last_one_fastest():
    found = combinations(read_axes(["a=1,2", "b=x,y"]))
    assert found == [
        {"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"},
    ]  # fmt: skip


def test_nothing_varied_is_one_combination():
    assert combinations([]) == [{}]


def test_a_billion_combinations_are_counted_and_refused_and_never_made():
    axes = read_axes(["a=1..1000", "b=1..1000", "c=1..1000"])
    with pytest.raises(InputError, match=r"1,000,000,000 \(1,000 x 1,000 x 1,000\)") as found:
        refuse_too_many(axes, 5)
    assert "at most 100,000 trials" in str(found.value)
    with pytest.raises(InputError, match="999,999,999,999"):
        refuse_too_many(read_axes(["a=1..999999999999"]), 1)


@pytest.mark.parametrize(
    ("text", "expected"), [("3", [1, 2, 3]), ("7..9", [7, 8, 9]), ("7,12", [7, 12]), ("5,5", [5])]
)
def test_seeds_are_those_that_are_meant(text, expected):
    assert read_seeds(text) == expected


@pytest.mark.parametrize("text", ["", "0", "x", "-1", "9..3", "1..999999999", "1.5"])
def test_what_are_no_seeds_is_refused(text):
    with pytest.raises(InputError, match="seeds"):
        read_seeds(text)


def test_more_seeds_follow_those_there_are():
    assert more([1, 2, 9], 2) == [10, 11]
