"""The registry of actions is complete and unambiguous."""

from __future__ import annotations

from collections import Counter

import pytest

from simulator.tui import key_sheet
from simulator.tui.actions import ACTIONS, ALL, CHART, HOME, WORKBENCH, actions_of, bindings
from simulator.tui.describe import help_lines
from simulator.tui.screens.chart import ChartScreen
from simulator.tui.screens.home import Home
from simulator.tui.screens.workbench import Workbench
from simulator.tui.widgets.ink import text_of

SCREENS = {HOME: Home, WORKBENCH: Workbench, CHART: ChartScreen}


def test_every_action_has_a_key_a_title_and_a_sentence_of_help():
    for one in ACTIONS:
        assert one.keys
        assert one.title
        assert one.help.endswith((".", "?"))


@pytest.mark.parametrize("screen", ALL)
def test_no_key_means_two_things_on_one_screen(screen):
    keys = Counter(key for one in actions_of(screen) for key in one.keys)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("screen", ALL)
def test_every_bound_action_exists_on_its_screen(screen):
    for one in actions_of(screen):
        if not one.call.startswith("app."):
            assert hasattr(SCREENS[screen], f"action_{one.call.partition('(')[0]}"), one.id


@pytest.mark.parametrize("screen", ALL)
def test_help_lists_every_key_of_the_screen(screen):
    text = "\n".join(text_of(line) for line in help_lines(screen, 200))
    for one in actions_of(screen):
        assert one.help in text


def test_bindings_carry_ids_so_that_keys_can_be_changed():
    ids = [binding.id for binding in bindings(WORKBENCH)]
    assert len(set(ids)) == len(ids)


def test_what_ends_something_says_that_it_asks():
    text = "\n".join(text_of(line) for line in help_lines(WORKBENCH, 200))
    for one in ACTIONS:
        if one.destructive:
            assert f"{one.help} (asks first)" in text


def test_no_destructive_action_sits_on_a_read_only_neighbour_of_the_real_tools():
    reading = {"d", "l", "y", "e", "enter", "ctrl+d"}
    for one in ACTIONS:
        assert not (one.destructive and reading & set(one.keys))


def test_the_sheet_of_keys_in_the_readme_is_that_of_the_registry():
    text = key_sheet.README.read_text("utf-8")
    assert key_sheet.with_sheet(text) == text, "python -m simulator.tui.key_sheet"
