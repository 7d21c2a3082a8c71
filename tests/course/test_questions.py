"""Questions of order and of names, and experiments over many values."""

from __future__ import annotations

import pytest
from course_fakes import LESSON, FakeSession

from simulator.course.answers import shuffled
from simulator.course.console import Console
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Order
from simulator.course.pages import page
from simulator.course.parser import parse_lesson
from simulator.errors import InputError

EXTRA = """
```order id=recipe points=2
ask: Put the recipe in order.
lines:
  - FROM python
  - COPY requirements.txt .
  - RUN pip install -r requirements.txt
  - COPY . .
```

```sweep id=curve
title: Latency against load
parameter: load
values: [10, 25, 40]
run: ["rate {{load}}", "advance 20"]
measure:
  p95: "last('web.p95')"
  theory: "mmc_percentile(1, load, 0.02, 95)"
```
"""


@pytest.fixture
def run():
    return LessonRun(parse_lesson(LESSON + EXTRA), session_factory=FakeSession)


def test_lines_are_shown_mixed_up_and_judged_by_their_right_order(run):
    block = run.lesson.all(Order)[0]
    shown = shuffled(block, run.seed)
    right = " ".join(str(shown.index(line) + 1) for line in block.lines)
    assert shown != list(block.lines)
    assert run.answer("recipe", "1 2 3 4") is False
    assert run.answer("recipe", right) is True
    assert run.answer("recipe", "1 2 3 4") is False
    assert run.score() == (1, 5), "right at the second try is half the points, and stays"


def test_an_answer_that_is_no_order_is_refused(run):
    with pytest.raises(InputError, match="names every line once"):
        run.answer("recipe", "1 1 2 3")


def test_a_sweep_is_a_table_beside_its_theory(run):
    said = Console(run).say("sweep curve")
    assert [line.split() for line in said.lines] == [
        ["load", "p95", "theory"],
        ["10", "0.07489", "0.07489"],
        ["25", "0.1198", "0.1198"],
        ["40", "0.2996", "0.2996"],
    ]


def test_a_page_tells_front_ends_what_to_show(run):
    run.go(1)
    shown = page(run)
    assert [(part.kind, part.id, part.state) for part in shown.parts] == [
        ("predict", "gap", "open"),
        ("predict", "rate", "open"),
        ("observe", "", ""),
        ("run", "busy", "locked"),
    ]
    assert shown.series == ("web.p95", "web.offered")
