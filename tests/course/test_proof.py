"""Authors' tools: what a lesson claims is tried."""

from __future__ import annotations

import pytest
from course_fakes import LESSON, FakeSession, tiny

from simulator.course.parser import parse_lesson
from simulator.course.proof import prove


def problems(old, new):
    assert old in LESSON
    lesson = parse_lesson(LESSON.replace(old, new, 1), name="x.md")
    return [str(problem) for problem in prove(lesson, [1, 2], FakeSession)]


def test_a_good_lesson_is_proven():
    assert prove(tiny(), [1, 2, 3], FakeSession) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scale 2\n", "scale 1\n", "check 1 fails after this solution"),
        ("scale 5\n", "scale 2\n", "fails nothing instead of 2"),
        ("endpoints('web') > 3\"", "endpoints('web') > 30\"", "this hint never fires"),
        ("endpoints('web') > 3\"", "endpoints('web') > 0\"", "this hint fires after a solution"),
        ("endpoints('web') > 50", "endpoints('web') > 0", "begins in a dead end"),
        ("bins: [0.1, 0.5]", "bins: [0.295, 0.5]", "within 5% of the bin edge 0.295"),
        ("max('web.p95', now - 20) < 0.1", "max('web.p95') > 0", "is solved before it begins"),
        ("scale 2\n", "scael 2\n", "unknown command: scael 2"),
        ("{{max('web.p95') | ms}}.", "{{percentile('web', 95, ended('busy')) + last('web.none')}}.",
         "cannot be measured here"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_named(old, new, message):
    if "solved before" in message:
        new_text = LESSON.replace(old, new).replace("endpoints('web') <= 3", "1 > 0")
        lesson = parse_lesson(new_text, name="x.md")
        found = [str(problem) for problem in prove(lesson, [1], FakeSession)]
    else:
        found = problems(old, new)
    assert any(message in one for one in found), found
    assert all(one.startswith("x.md:") for one in found)
