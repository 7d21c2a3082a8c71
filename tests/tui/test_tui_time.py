"""Time at the workbench: steps, waits for something, the timeline of a rewind, other worlds."""

from __future__ import annotations

from pathlib import Path

import pytest
from tui_fakes import FakeClock

from simulator.errors import DrydockError
from simulator.shell import Session
from simulator.tui.driver import Driver
from simulator.tui.sandbox import Sandbox
from simulator.tui.until import until_of
from simulator.world import World


@pytest.fixture
def driver():
    session = Session(World(seed=3), folder=Path())
    driver = Driver(Sandbox(session), clock=FakeClock())
    driver.submit("host add a")
    return driver


def start_web(driver) -> None:
    driver.submit("docker run -d --name web --network-alias web nginx")
    run(driver)


def run(driver, frames: int = 400) -> list[str]:
    """Frames until nothing is waited for any more; what was said meanwhile."""
    driver.drain()
    for _ in range(frames):
        if driver.job is None:
            break
        driver.clock.tick()
        driver.frame()
    return [one.text for one in driver.drain()]


def test_a_step_goes_to_the_next_event_and_says_what_it_is(driver):
    driver.submit("docker run -d --name c alpine sleep 5")
    driver.leave()
    told = [driver.step() for _ in range(6)]
    assert any("c exited" in one for one in told), told
    assert not any("layer 1" in one for one in told), told


def test_where_nothing_is_going_to_happen_a_step_moves_nothing(driver):
    before = driver.world.now
    assert driver.step() == ""
    assert driver.world.now == before
    assert not driver.running


def test_a_step_stops_at_a_line_of_the_script(driver):
    driver.script = ((40.0, "docker network create n"),)
    driver.step()
    assert driver.world.now == 40.0
    assert any(one.text == "docker network create n" for one in driver.drain())


def test_time_passes_until_a_time_an_event_or_a_condition(driver):
    start_web(driver)
    driver.wait(until_of(driver.session, "30s"))
    run(driver)
    assert driver.world.now == 30.0
    driver.submit("traffic web 20/s")
    driver.wait(until_of(driver.session, "web.offered > 5"))
    assert run(driver) == ["web.offered > 5"]
    at = driver.world.now
    assert 30.0 < at < 40.0
    driver.submit("docker run -d alpine sleep 90")
    driver.leave()
    driver.wait(until_of(driver.session, "event exited"))
    told = run(driver)
    assert any("exited" in one for one in told), told
    assert not driver.running


def test_a_measure_that_cannot_be_measured_yet_is_waited_for(driver):
    start_web(driver)
    driver.submit("traffic web 20/s")
    driver.wait(until_of(driver.session, "web.p95 > 0"))
    assert run(driver) == ["web.p95 > 0"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "until when"),
        ("0s", "is past"),
        ("web.p95 >", "no expression"),
        ("endpoints('nope') == 1", "unknown service"),
        ("nothing(1) > 2", "nothing"),
        ("wbe.p95 > 1", "no such series"),
    ],
)
def test_what_cannot_be_waited_for_is_said_at_once(driver, text, problem):
    with pytest.raises(DrydockError, match=problem):
        until_of(driver.session, text)


async def test_the_line_until_waits_and_escape_ends_the_wait(desk):
    async with desk() as d:
        await d.type("until event never-ever")
        await d.frames(2)
        assert d.bench.driver.waiting == "event never-ever"
        await d.press("escape", "escape")
        assert d.bench.driver.job is None


async def test_the_timeline_says_what_happened_before_the_chosen_instant(desk):
    async with desk() as d:
        d.bench.driver.world.now = 100.0
        await d.press("left_square_bracket")
        assert "rewind to 0:01:39.0" in d.screen_text()
        assert "before it, at" in d.screen_text()
        await d.press(*["left_square_bracket"] * 60)
        assert "this is the beginning" in d.screen_text()
        await d.press("escape")
        assert d.bench.driver.world.now == 100.0


async def test_a_branch_is_a_second_world_and_one_turns_between_them(desk):
    async with desk() as d:
        await d.press("b")
        assert "world b" in d.screen_text().splitlines()[0]
        await d.type("docker ps")
        first, second = d.bench.worlds
        assert (first.session.typed, second.session.typed) == ([], ["docker ps"])
        await d.press("escape", "B")
        assert "world a" in d.screen_text().splitlines()[0]
        await d.type("world b close")
        assert "world" not in d.screen_text().splitlines()[0]


async def test_worlds_that_are_not_worked_in_go_on_as_well(desk):
    async with desk() as d:
        await d.press("b", "space")
        await d.frames(30)
        first, second = d.bench.worlds
        assert second.now > 2
        assert first.now == second.now


async def test_a_lesson_has_one_world_and_says_so(desk):
    async with desk(lesson=True) as d:
        await d.press("b")
        assert "a lesson has one world" in d.screen_text()
