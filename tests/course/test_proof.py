"""Authors' tools: what a lesson claims is tried."""

from __future__ import annotations

import pytest
from course_fakes import LESSON, FakeSession

from simulator.course.parser import parse_lesson
from simulator.course.proof import prove

PROVEN = (
    LESSON.replace("now - 20) < 0.1", "now - 20) < 0.1 and last('web.offered') >= 40")
    .replace("endpoints('web') <= 3", "endpoints('web') <= 3 and endpoints('web') > 1")
    .replace(
        "```debrief\n",
        '```wrong task=tame fails=1,2 why="waiting"\nadvance 30\n```\n\n```debrief\n',
    )
)
"""The tiny lesson as the proofs want it: there are no points for nothing."""


def problems(old, new):
    assert old in PROVEN
    lesson = parse_lesson(PROVEN.replace(old, new, 1), name="x.md")
    return [str(problem) for problem in prove(lesson, [1, 2], FakeSession)]


def test_a_good_lesson_is_proven():
    assert prove(parse_lesson(PROVEN), [1, 2, 3], FakeSession) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scale 2\n", "scale 1\n", "check 1 fails after this solution"),
        ("scale 5\n", "scale 2\n", "fails nothing instead of 2"),
        ("endpoints('web') > 3\"", "endpoints('web') > 30\"", "this hint never fires"),
        ("endpoints('web') > 3\"", "endpoints('web') > 0\"", "this hint fires after a solution"),
        ("endpoints('web') > 50", "endpoints('web') > 0", "begins in a dead end"),
        ("bins: [0.1, 0.5]", "bins: [0.295, 0.5]", "within 5% of the bin edge 0.295"),
        ("now - 20) < 0.1 and last('web.offered') >= 40", "now - 20) < 0.1",
         "check 1 of 'tame' passes when the set-up is repeated"),
        (" and endpoints('web') > 1", "", "check 2 of 'tame' passes in an emptied world"),
        (" and endpoints('web') > 1", "", "check 2 of 'tame' passes before anything is done"),
        ("fails=1,2", "fails=2", "check 1 of 'tame' is failed by no wrong answer"),
        ("scale 2\nadvance 30\n", "scale 2\nadvance 30\nadvance 1\n",
         "the solution passes without this line: advance 1"),
        ("endpoints('web') > 50", "endpoints('wbe') > 50", "nothing is called 'wbe'"),
        ("scale 2\n", "scael 2\n", "unknown command: scael 2"),
        ("{{max('web.p95') | ms}}.", "{{percentile('web', 95, ended('busy')) + last('web.none')}}.",
         "cannot be measured here"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_named(old, new, message):
    found = problems(old, new)
    assert any(message in one for one in found), found
    assert all(one.startswith("x.md:") for one in found)
