"""Units, windows, variants by seed, locks, questions why: what an author can say."""

from __future__ import annotations

import pytest
from course_fakes import LESSON, FakeSession

from simulator.course.commands import main
from simulator.course.console import Console
from simulator.course.expression import parse_expression
from simulator.course.lesson_run import LessonRun
from simulator.course.parser import parse_lesson
from simulator.course.results import result_of
from simulator.course.session import open_session
from simulator.course.varying import varied
from simulator.errors import InputError
from simulator.look.expressions.quantities import without_units


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("p < 200ms", "p < 0.2"),
        ("64 MiB", "67108864"),
        ("a >= 5 %", "a >= 0.05"),
        ("a % 5", "a % 5"),
        ("5 % 3", "5 % 3"),
        ("x < 10/s and y", "x < 10 and y"),
        ("mean('5 min') > 2 min", "mean('5 min') > 120"),
        ("0.5 cores", "0.5"),
    ],
)
def test_numbers_may_have_units(text, plain):
    assert without_units(text) == plain


def test_an_unclear_unit_is_refused_with_what_may_be_meant():
    with pytest.raises(InputError, match=r"found '5m', expected 5 min, or 0.005 cores"):
        without_units("x < 5m")


def span(text, **variables):
    measures = {
        "mean": lambda series, a, b: b - a,
        "started": lambda run: 10.0,
        "ended": lambda run: 70.0,
    }
    return parse_expression(text).value(measures, {"now": 100.0, "start": 60.0, **variables})


@pytest.mark.parametrize(
    ("window", "seconds"),
    [("during(20s, 50s)", 30), ("during('a')", 60), ("during('a', 30s, 60s)", 30),
     ("recent(20 s)", 20), ("since(start)", 40)],
)  # fmt: skip
def test_a_window_stands_for_two_times(window, seconds):
    assert span(f"mean('web.p95', {window})") == seconds


@pytest.mark.parametrize(
    ("window", "says"),
    [("during(50s, 120s)", "let 20 s more pass"), ("recent(60s)", "let 20 s more pass"),
     ("during(50s, 20s)", "ends after it begins")],
)  # fmt: skip
def test_a_window_that_is_not_over_has_no_value(window, says):
    with pytest.raises(InputError, match=says):
        span(f"mean('web.p95', {window})")


def test_curly_quotes_and_single_equals_signs_are_named():
    with pytest.raises(InputError, match="curly quotes"):
        parse_expression("mean(‘web.p95’)")
    with pytest.raises(InputError, match="expected == to compare"):
        parse_expression("now = 3")


def lesson(*changes):
    text = LESSON
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_lesson(text, name="x.md")


VARY = ("seed: 7", "seed: 7\nvary:\n  load: [30, 40]\n  who: [ada, bob]")


def test_each_seed_has_its_own_values_in_lines_questions_and_texts():
    made = lesson(VARY, ("rate 40\n", "rate {{load}}\n"), ("40 requests", "{{load}} of {{who}}"),
                  ("Now *fix*", "{{who}}: *fix*"))  # fmt: skip
    found = {varied(made, seed).values["load"] for seed in range(20)}
    assert found == {30, 40}
    one = varied(made, 3)
    assert varied(one, 3) is one
    assert varied(varied(made, 4), 3).values == one.values
    run = LessonRun(made, 3, FakeSession)
    assert (
        f"at {one.values['load']} of {one.values['who']} a second"
        in run.lesson.steps[1].parts[0].ask
    )
    assert run.lesson.steps[1].parts[3].lines[0].text == f"rate {one.values['load']}"
    assert run.sight().text(run.lesson.steps[2].parts[0].text).startswith(one.values["who"])


def test_names_of_values_must_be_free():
    with pytest.raises(InputError, match="bad name in vary: found 'now'"):
        lesson(("seed: 7", "seed: 7\nvary:\n  now: [1, 2]"))


ALL_OF = (
    "- {points: 1, pass: \"endpoints('web') <= 3\", "
    "fail: \"you run {{endpoints('web') | int}} replicas\"}",
    "- points: 1\n  all of:\n    - endpoints('web') > 1\n"
    "    - {pass: endpoints('web') <= 3, fail: too many}\n  fail: too few",
)


def test_a_check_may_have_several_conditions_and_says_which_is_missing():
    run = LessonRun(lesson(ALL_OF), session_factory=FakeSession)
    run.go(2)
    assert run.check()[1].message == "too few"
    run.execute("scale 5")
    assert run.check()[1].message == "too many"
    run.execute("scale 2")
    assert run.check()[1].passed


WHY = (
    "explain: It was {{max('web.p95') | ms}}.",
    "explain: It was {{max('web.p95') | ms}}.\n"
    "why:\n  ask: What waits?\n  options: [it, they]\n  right: 2",
)


def test_a_wrong_prediction_is_followed_by_one_question_why():
    run = LessonRun(lesson(WHY), session_factory=FakeSession)
    run.go(1)
    run.predict("gap", "1")
    run.predict("rate", "5")
    run.run_block("busy")
    assert run.reveal("gap").explanation == ""
    assert run.asked_why().id == "gap"
    assert run.because("gap", "they").startswith("Yes. It was")
    assert run.reveal("gap").explanation.startswith("It was")
    assert run.asked_why() is None


def test_a_right_prediction_is_explained_at_once():
    run = LessonRun(lesson(WHY), session_factory=FakeSession)
    run.predict("gap", "2")
    run.predict("rate", "5")
    run.run_block("busy")
    assert run.reveal("gap").explanation.startswith("It was")


def test_points_for_predicting_do_not_depend_on_being_right():
    run = LessonRun(lesson(("predict id=gap kind=choice", "predict id=gap kind=choice points=2")),
                    session_factory=FakeSession)  # fmt: skip
    run.predict("gap", "1")
    assert run.score() == (2, 5)
    assert sum(test.points for test in result_of(run).tests) == 2


LOCKED = """\
---
format: 1
id: locked
title: Locked
objective: o
misconception: m
locked: [faults]
world:
  setup:
    - host add dock --cores 4 --memory 8g
    - docker run -d --name web-1 --network-alias web --workload "server cpu=20ms" alpine
---
Begin.

```run id=load
traffic web 10/s
```

```task id=help only="docker run, docker update" locked="traffic, workload, names, limits"
Help.
```

```check task=help
- {points: 1, pass: running('web') >= 2, fail: no}
```

```solution task=help
docker run -d --network-alias web --workload "server cpu=20ms" alpine
```
"""


@pytest.fixture
def locked():
    run = LessonRun(parse_lesson(LOCKED, name="locked.md"), session_factory=open_session)
    run.run_block("load")
    return run


@pytest.mark.parametrize(
    ("line", "lock"),
    [
        ("traffic web 1/s", "traffic"),
        ("traffic web stop", "traffic"),
        ("docker rename web-1 web-9", "names"),
        ("docker tag alpine web", "names"),
        ("docker run -d --network-alias web --workload 'server cpu=1ms' alpine", "workload"),
        ("docker run -d --network-alias web nginx", "workload"),
        ("docker update --cpus 2 web-1", "limits"),
        ("fault crash web-1", "faults"),
        ("docker rm -f web-1", "docker run, docker update"),
        ("advance 1s && traffic web 1/s", "traffic"),
    ],
)
def test_what_a_task_has_locked_is_refused_at_once(locked, line, lock):
    before = len(locked.world.log)
    said = locked.execute(line).error
    assert lock in said
    assert len(locked.world.log) == before


def test_what_is_not_locked_may_be_done(locked):
    same = 'docker run -d --network-alias web --workload "server cpu=20ms" alpine'
    assert locked.execute(same).error is None
    assert locked.execute("docker ps").error is None
    assert locked.check()[0].passed


def test_plain_mode_shows_the_values_it_tells_people_to_watch():
    console = Console(LessonRun(lesson(), session_factory=FakeSession))
    for line in ("next", "1", "5"):
        console.say(line)
    said = console.say("run").lines
    at = said.index("Watched (means up to each time):")
    assert said[at + 2].split() == ["web.p95", *["300", "ms"] * 5]
    assert console.say("advance 5").lines[-1] == "Watched: web.p95 300 ms, web.offered 40/s"


def test_all_words_of_authors_are_listed(capsys):
    assert main(["words"]) == 0
    told = capsys.readouterr().out
    for word in ("KernelPanicked", "ready_replicas(workload)", "recent(seconds)", "MiB", "traffic"):
        assert word in told
    assert main(["words", "evnets"]) == 2
    assert "did you mean 'events'" in capsys.readouterr().err


def test_an_image_that_was_only_pulled_answers_for_no_locked_service(locked):
    assert locked.execute("docker run --name look busybox true").error is None
    for line in ("docker pull nginx", "docker run -d --network-alias web nginx"):
        said = locked.execute(line).error or ""
    assert "workload" in said
