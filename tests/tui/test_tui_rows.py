"""What can be done with a row: every line of a menu can be typed, what loses something asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tui_fakes import all_states, container, host, vm

from simulator.look.answers import TreeRow
from simulator.shell import Session
from simulator.tui.row_commands import of_machines, of_object, of_swarm, open_at
from simulator.world import World


@pytest.fixture(scope="module")
def session():
    return Session(World(), folder=Path())


def menus():
    rows = [TreeRow("x", "container", 2, (), one) for one in all_states()]
    rows += [TreeRow("x", "host", 0, (), host()), TreeRow("x", "vm", 1, (), vm())]
    rows += [TreeRow("x", "container", 2, (), container("a b", machine="other"))]
    for row in rows:
        yield of_machines(row, "alpha")
    for kind in ("pod", "node", "deployment", "statefulset", "daemonset", "service", "job"):
        yield of_object(kind, "web", "shop" if kind != "node" else "")
    for kind in ("service", "node"):
        yield of_swarm(kind, "web", "m1")


def test_each_line_of_each_menu_is_one_that_can_be_typed(session):
    for menu in menus():
        for one in menu:
            line = one.line.replace("KIND", "crash")
            line += "3" if line.endswith("=") else ""
            session.check(line.replace("update  ", "update -m 64m "))


def test_the_letters_of_a_menu_are_different(session):
    for menu in menus():
        letters = [one.key for one in menu]
        assert len(set(letters)) == len(letters), menu


def test_what_can_be_done_depends_on_the_state():
    titles = {
        one.state: {each.title for each in of_machines(TreeRow("x", "container", 2, (), one), None)}
        for one in all_states()
    }
    assert "stop" in titles["running"]
    assert "start" in titles["exited"]
    assert "go on" in titles["paused"]
    assert "stop" not in titles["exited"]


def test_one_types_on_where_the_gap_of_a_line_is():
    assert open_at("fault KIND web") == 6
    assert open_at("docker update  web") == 14
    assert open_at("kubectl scale deployment/web --replicas=") == 40


async def test_what_loses_something_is_asked_for_with_cancel_marked(desk):
    async with desk() as d:
        await d.press("2", "j", "j", "a")
        assert "docker stop web-1" in d.screen_text()
        await d.press("s")
        assert "requests in it may fail" in d.screen_text()
        await d.press("enter")
        assert d.session_of().typed == []
        await d.press("a", "s", "y")
        assert d.session_of().typed == ["docker stop web-1"]


async def test_what_loses_nothing_is_done_at_once_and_open_lines_are_typed_on(desk):
    async with desk() as d:
        await d.press("2", "j", "j", "a", "p")
        assert d.session_of().typed == ["docker pause web-1"]
        await d.press("a", "f")
        assert d.bench.prompt.has_focus
        assert d.bench.prompt.value == "fault  web-1"
        await d.press(*"oom")
        assert d.bench.prompt.value == "fault oom web-1"


async def test_a_row_with_which_nothing_can_be_done_says_so(desk):
    async with desk() as d:
        await d.press("2", "j", "a")
        assert "nothing can be done" in d.screen_text()


async def test_all_about_a_container_is_in_tabs(desk):
    async with desk() as d:
        d.session_of().answers["docker -H alpha stats --no-stream web-1"] = ("CPU 12 %",)
        await d.press("2", "j", "j", "l")
        assert "[2 logs]" in d.screen_text()
        await d.press("tab")
        assert "CPU 12 %" in d.screen_text()
        await d.press("1")
        assert "[1 why]" in d.screen_text()
        await d.press("escape")
        assert d.app.screen is d.bench
