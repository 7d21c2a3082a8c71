"""Demonstrations: read strictly, led by a person or by themselves, measured where they speak."""

from __future__ import annotations

import io

import pytest
from course_fakes import FakeSession

from simulator.cli import main
from simulator.course.demo.plain import Show, auto
from simulator.course.demo.reading import parse_demo, read_demo, shipped
from simulator.course.demo.stage import Stage, read_counts
from simulator.errors import InputError, Refused

NAMES = ("bad-release", "bank-wall", "boot-race", "fork-bomb", "layers-and-cache",
         "noisy-neighbour", "shop-three-ways", "surge-autoscaled")  # fmt: skip

TINY = """\
format: 1
id: tiny
title: A tiny show
point: Two do it.
world: [rate 40]
watch:
  p95: {label: p95, value: "mean('web.p95', now - 2, now) | ms"}
beats:
  - title: One
    say: "There is {{mean('web.endpoints', now - 1) | int}} replica."
    vote: {id: many, ask: 'How many are enough?', options: [one, two]}
  - title: Two
    say: One plays.
    run:
      id: one
      title: one replica
      lines: |
        advance 30
      figures:
        p95: {label: p95, value: "mean('web.p95', now - 10) | ms"}
    then: "It was {{one_p95 | ms}}."
    claims: ["one_p95 > 0.1"]
  - title: Three
    say: Two play.
    branch: {id: two, of: one, title: two replicas, lines: [scale 2]}
    then: "{{two_p95 | ms}} instead of {{one_p95 | ms}}."
    claims: ["two_p95 < one_p95"]
  - title: Four
    say: Well?
    reveal: {vote: many, right: ["one_p95 < 0.1", "two_p95 < 0.1"]}
"""


def stage(text=TINY):
    return Stage(parse_demo(text), factory=FakeSession)


def told(show):
    writer = io.StringIO()
    code = auto(show, writer)
    return code, writer.getvalue()


def led(show, *lines):
    writer = io.StringIO()
    Show(show, io.StringIO("".join(f"{line}\n" for line in lines)), writer).run()
    return writer.getvalue()


def test_there_are_eight_demonstrations():
    assert tuple(shipped()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_demonstration_claims_something_of_each_of_its_scenes_but_the_first(name):
    with_scenes = [beat for beat in read_demo(shipped()[name]).beats if beat.scene is not None]
    assert all(beat.claims for beat in with_scenes[1:])


def test_numbers_in_narration_are_measured_not_typed():
    for path in shipped().values():
        for beat in read_demo(path).beats:
            texts = [text for text in (beat.then,) if text is not None]
            assert all(any(True for _ in text.slots()) for text in texts), beat.place


def test_a_show_goes_by_itself_from_beginning_to_end():
    code, text = told(stage())
    assert code == 0
    assert "=> 2. two" in text
    assert text.rstrip().endswith("Two do it.")


def test_a_claim_that_is_not_so_is_told_and_fails():
    code, text = told(stage(TINY.replace("two_p95 < one_p95", "two_p95 > one_p95")))
    assert code == 1
    assert "NOT SO: demo:27:14: two_p95 > one_p95" in text


def test_a_branch_stands_beside_what_it_branched_from():
    show = stage()
    show.go(2)
    show.finish()
    assert [(one.label, one.value, one.before) for one in show.figures()] == [
        ("p95", "100 ms", "300 ms"),
    ]
    assert show.session.world.now == 30


def test_watched_figures_are_the_originals_at_the_same_moment():
    show = stage()
    show.go(2)
    show.begin()
    show.play(12.0)
    assert show.watched()[0].before not in ("-", "")
    assert show.session.world.now == 12.0


def test_going_back_gives_the_same_world_again():
    show = stage()
    _, first = told(show)
    show.go(1)
    assert show.session.world.now == 0
    show.finish()
    once = show.after()
    assert show.back()
    assert not show.begun
    show.finish()
    assert show.after() == once
    assert once in first.replace("\n", " ")


def test_votes_are_typed_counted_and_kept_over_a_rewind():
    text = led(stage(), "12 3", "next", "next", "back", "next", "next", "next", "next", "next")
    assert "Noted." in text
    assert "   1. one  #################### 12" in text
    assert "=> 2. two  ##### 3" in text


@pytest.mark.parametrize("line", ["vote 1", "vote 1 2 3", "vote -1 2", "vote x y", "1e9 2", "nxt"])
def test_what_is_no_vote_is_told(line):
    assert "error: " in led(stage(), line)


def test_a_scene_can_be_taken_in_steps():
    text = led(stage(), "next", "step 10", "step 10", "step 10", "step")
    assert "at 10 s" in text
    assert "It was" in text


def test_what_cannot_be_done_is_refused():
    show = stage()
    with pytest.raises(Refused, match="nothing is played"):
        show.begin()
    with pytest.raises(InputError, match="no such beat"):
        show.go(9)
    show.go(1)
    with pytest.raises(Refused, match="no vote"):
        show.count([1, 2])
    assert read_counts("1, 2 3") == [1, 2, 3]


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("title: Four", "titel: Four", r"demo:28:5: unknown key in a beat: .*did you mean 'title'"),
        ("of: one", "of: on", r"demo:25:27: unknown run to branch from: .*did you mean 'one'"),
        ("vote: many", "vote: man", r"demo:30:20: unknown vote: .*did you mean 'many'"),
        ("was {{one_p95 | ms}}.", "was {{on_p95 | ms}}.", r"did you mean 'one_p95'"),
        ("| ms}}.", "| msec}}.", r"unknown format"),
        ("id: two", "id: one", r"demo:25:18: this id stands twice"),
        ("format: 1", "format: 9", r"demo:1:9: format of demonstrations not known"),
        ('"two_p95 < 0.1"]', '"two_p95 < 0.1", "1"]', r"one expression for each option"),
        ("options: [one, two]", "options: [one]", r"bad number of options"),
        ("  - title: Four\n", "  - title: Four\n    vote: {id: x, ask: y, options: [a, b]}\n",
         r"a beat does one thing: found 'vote and reveal'"),
        ("world: [rate 40]", "wurld: [rate 40]", r"did you mean 'world'"),
        ("point: Two do it.", "point: ''", r"bad point"),
        ("advance 30", "@x advance 30", r"demo:18: bad duration"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_with_its_line(was, now, told):
    assert was in TINY
    with pytest.raises(InputError, match=told):
        parse_demo(TINY.replace(was, now, 1))


def test_a_line_that_is_refused_is_told_with_its_place():
    show = stage(TINY.replace("scale 2", "scael 2"))
    with pytest.raises(InputError, match=r"demo:25:.* this line was refused: unknown command"):
        show.go(3)


def test_the_command_shows_one_and_names_the_nearest(capsys):
    assert main(["demo", "bank-wal", "--plain", "--auto"]) == 2
    assert "did you mean 'bank-wall'" in capsys.readouterr().err
