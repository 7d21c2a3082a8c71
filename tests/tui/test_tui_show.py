"""A demonstration on a screen: what is large, what keys do, what goes by itself."""

from __future__ import annotations

import pytest

from simulator.course.demo.reading import parse_demo
from simulator.course.demo.stage import Stage
from simulator.tui import bigtype
from simulator.tui.glyphs import choose
from simulator.tui.show import ShowApp
from simulator.tui.show_lines import beat_lines
from simulator.tui.widgets.bars import OneRow
from simulator.tui.widgets.ink import text_of
from simulator.tui.widgets.text import TextView

DEMO = """\
format: 1
id: small
title: A small show
point: Time passes.
world: [host add a]
watch:
  time: {label: time, value: "now | s"}
beats:
  - title: A vote
    say: Nothing has happened yet.
    vote: {id: far, ask: How far do we get?, options: [five seconds, ten seconds]}
  - title: A run
    say: Now something does.
    run:
      {id: long, title: ten seconds, speed: 2, lines: [advance 10s],
       figures: {end: {label: end, value: "now | s"}}}
    then: "{{long_end | s}} it was."
  - title: A branch
    say: Now it happens otherwise.
    branch: {id: other, of: long, title: after five more, lines: [advance 5s]}
    then: "{{other_end | s}} instead."
  - title: The end
    say: Well.
    reveal: {vote: far, right: ["long_end < 6", "long_end < 11"]}
"""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def unicode():
    choose(False)
    yield
    choose(None)


def stage():
    return Stage(parse_demo(DEMO.replace("ask: How far do we get?", "ask: 'How far do we get?'")))


def app(**named):
    clock = Clock()
    return ShowApp(stage(), clock=clock, **named), clock


def seen(screen):
    return screen.query_one("#beat", TextView).text()


async def later(pilot, clock, seconds):
    """Let real time pass, as far as the screen knows."""
    clock.now += seconds
    pilot.app.screen.tick()
    await pilot.pause()


async def test_a_show_is_led_by_keys():
    show, clock = app()
    async with show.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await pilot.press(*"7 x", "enter")
        assert "a count is a number" in pilot.app.screen.query_one("#clock", OneRow).text()
        await pilot.press("backspace", "2", "enter")
        assert show.stage.votes == {"far": (7, 2)}
        await pilot.press("space", "space")
        await later(pilot, clock, 2.0)
        assert show.stage.session.world.now == 4
        await pilot.press("space")
        await later(pilot, clock, 9.0)
        assert show.stage.session.world.now == 4
        await pilot.press("full_stop")
        assert show.stage.session.world.now == 5
        await pilot.press("s", "space")
        await later(pilot, clock, 2.0)
        assert show.stage.session.world.now == 7
        await pilot.press("n", "space")
        await later(pilot, clock, 60.0)
        assert "before: 10 s" in seen(pilot.app.screen)
        assert "15 s instead." in seen(pilot.app.screen)
        await pilot.press("b")
        assert not show.stage.begun
        await pilot.press("n", "n")
        assert "✔ 2) ten seconds" in seen(pilot.app.screen)
        await pilot.press("n")
        assert "this was the last beat" in pilot.app.screen.query_one("#clock", OneRow).text()


async def test_unattended_it_goes_to_its_end_and_leaves():
    show, clock = app(auto=True)
    async with show.run_test(size=(120, 40)) as pilot:
        for _ in range(40):
            await later(pilot, clock, 50.0)
        assert show.stage.index == 3
    assert show.return_code == 0


async def test_nothing_happens_while_nobody_plays():
    show, clock = app()
    async with show.run_test() as pilot:
        await later(pilot, clock, 1000.0)
        assert (show.stage.index, show.stage.session.world.now) == (0, 0)


@pytest.mark.parametrize(("plain", "rows"), [(False, 3), (True, 5)])
def test_large_type_is_drawn_of_blocks_or_of_ascii(plain, rows):
    choose(plain)
    lines = bigtype.big_rows("1,028/s")
    assert len(lines) == rows
    assert {len(line) for line in lines} == {bigtype.width_of("1,028/s")}
    assert all(line.isascii() for line in lines) == plain


def test_large_type_breaks_between_words_and_gives_way_to_long_ones():
    assert len(bigtype.big_lines("one two three four five six", 40)) == 9
    assert bigtype.big_lines("internationalisation", 40) == ["internationalisation"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_screen(width):
    show = stage()
    for _ in range(4):
        show.finish()
        lines = beat_lines(show, ["$ advance 10s"], width)
        assert all(len(text_of(line).rstrip()) <= width for line in lines)
        show.next()
