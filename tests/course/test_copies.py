"""Work that resembles other work: evidence where there is some, nothing where there is none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from calls import calls
from course_fakes import tiny

from simulator.course.copies import likenesses
from simulator.course.grading import Graded
from simulator.course.transcript import Entry

OWN = [
    "docker run -d --name blue-whale --network-alias web -m 300m nginx",
    "docker run -d --name red-panda --network-alias web -m 200m nginx",
    "docker update --cpus 1.7 blue-whale",
    "docker rm -f red-panda",
    "docker run -d --name grey-wolf --cpus 0.9 --network-alias web nginx",
    "service balancer web least-connections",
    "docker logs grey-wolf --tail 7",
]
SOLUTION = ["scale 2", "advance 30"]


def work(student, lines, seed=1, start=0.0):
    entries = [Entry(start + i, line) for i, line in enumerate(lines)]
    result = SimpleNamespace(seed=seed)
    return Graded(Path(f"{student}.transcript"), student, result, lesson="tiny",
                  trace=(Entry(0.0, ":step 2"), *entries, Entry(99.0, ":check tame")))  # fmt: skip


def pairs(*all_of_them):
    found = likenesses(all_of_them, {"tiny": tiny()})
    return [(one.one.student, one.other.student) for one in found]


def others(count):
    return [work(f"s{i}", [f"scale {i + 3}", "docker ps", f"advance {i + 40}"], seed=i + 5)
            for i in range(count)]  # fmt: skip


def test_the_same_own_lines_in_the_same_order_are_told():
    assert pairs(work("ada", OWN), work("bob", OWN, seed=2)) == [("ada", "bob")]


def test_one_line_more_hides_nothing():
    longer = [*OWN[:3], "docker ps", *OWN[3:5], "docker stats", *OWN[5:]]
    assert pairs(work("ada", OWN), work("bob", longer, seed=2), *others(30)) == [("ada", "bob")]


def test_one_line_less_hides_nothing():
    assert pairs(work("ada", OWN), work("bob", OWN[:-1]), *others(30)) == [("ada", "bob")]


def test_the_lessons_own_solution_is_no_copy():
    assert pairs(work("ada", SOLUTION), work("bob", SOLUTION), *others(3)) == []


def test_a_short_way_that_two_found_is_no_copy():
    short = ["docker update --cpus 2 web", "advance 45s"]
    assert pairs(work("ada", short), work("bob", short), *others(30)) == []


def test_what_everybody_does_is_no_evidence():
    assert pairs(*(work(f"s{i}", OWN, seed=i) for i in range(40))) == []


def test_one_student_does_not_copy_from_themselves():
    assert pairs(work("ada", OWN), work("ada", OWN)) == []


def test_equal_instants_of_different_worlds_are_told():
    lines = [*SOLUTION, *(f"advance {n}" for n in range(10))]
    ada, bob = work("ada", lines, 1, 0.1234567), work("bob", lines, 2, 0.1234567)
    found = likenesses([ada, bob, *others(60)], {"tiny": tiny()})
    assert "12 instants are the same in two different worlds" in found[0].evidence


def test_the_evidence_is_counted():
    found = likenesses([work("ada", OWN), work("bob", OWN[:6]), *others(9)], {})[0]
    assert found.evidence == (
        "6 of 6 own lines are the same, in the same order, 6 of them nobody else typed,"
        " both played the same world"
    )


@pytest.mark.parametrize("count", [40])
def test_comparing_a_class_costs_little_more_than_reading_it(count):
    def cost(size):
        return calls(lambda: likenesses(others(size), {}))

    assert cost(2 * count) <= 2.4 * cost(count)
