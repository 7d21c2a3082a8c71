"""What is followed goes on while time plays, at its speed, until one leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tui_fakes import FakeClock

from simulator.shell import Session
from simulator.tui.driver import Driver
from simulator.tui.sandbox import Sandbox
from simulator.world import World


@pytest.fixture
def driver():
    driver = Driver(Sandbox(Session(World(seed=3), folder=Path())), clock=FakeClock())
    driver.submit("host add a")
    driver.submit("docker run -d --name c alpine sleep 10000")
    frames(driver, 300)
    return driver


def frames(driver, most: int) -> None:
    for _ in range(most):
        if driver.job is None:
            return
        driver.clock.tick()
        driver.frame()
        assert driver.live is not None  # as a screen shows it


@pytest.mark.parametrize("line", ["docker logs -f c", "docker stats", "docker events"])
def test_what_has_no_end_is_followed_past_a_minute_and_left_at_will(driver, line):
    driver.submit(line)
    driver.session.speed = 60.0
    began = driver.world.now
    frames(driver, 30)
    assert 150 < driver.world.now - began < 190
    assert driver.job is not None
    assert driver.leave()
    assert driver.job is None


def test_a_watch_of_pods_prints_a_row_for_each_change():
    driver = Driver(Sandbox(Session(World(seed=3), folder=Path())), clock=FakeClock())
    driver.submit("cluster create k")
    frames(driver, 900)
    driver.submit("kubectl create deployment web --image nginx --replicas 2")
    driver.submit("kubectl get pods -w")
    assert driver.job is not None
    driver.session.speed = 10.0
    frames(driver, 300)
    rows = [one for one in driver.live if one.startswith("web-")]
    assert len(rows) > 2
    assert any("Running" in one for one in rows)
    assert driver.live[0].startswith("NAME")


def test_a_script_still_follows_for_a_minute():
    session = Session(World(seed=3), folder=Path())
    for line in ("host add a", "docker run -d --name c alpine sleep 10000"):
        session.execute(line)
    began = session.world.now
    session.execute("docker logs -f c")
    assert session.world.now - began <= 60.0


async def test_a_service_that_is_nearly_meant_is_asked_about(desk):
    async with desk() as d:
        await d.type("traffic wbe 50/s")
        assert "There is no service 'wbe', but 'web'" in d.screen_text()
        await d.press("enter")
        assert d.session_of().typed == ["traffic web 50/s"]
        await d.type("traffic wbe 60/s")
        await d.press("escape")
        assert len(d.session_of().typed) == 1
        await d.type("traffic wbe 70/s")
        await d.press("y")
        assert d.session_of().typed[1:] == ["traffic wbe 70/s"]


def test_the_shell_says_so_before_it_makes_one():
    session = Session(World(seed=3), folder=Path())
    for line in ("host add a", "service create web"):
        session.execute(line)
    said = session.execute("traffic wbe 50/s").lines
    assert "did you mean 'web'?" in said[0]
    assert session.execute("traffic wbe 60/s").lines[0].startswith("traffic to wbe")
