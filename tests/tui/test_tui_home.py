"""The home screen."""

from __future__ import annotations

from simulator.tui import opening
from simulator.tui.screens.dialogs import TextDialog


async def test_the_home_screen_is_short_and_shows_its_keys(desk):
    async with desk((80, 24), home=True) as d:
        await d.settle()
        text = d.screen_text()
        for words in ("drydock", "Lessons", "Free play", "Sandbox", "enter open", "? help"):
            assert words in text


async def test_enter_opens_what_the_cursor_is_on(desk):
    async with desk((80, 24), home=True) as d:
        await d.settle()
        assert d.app.screen.list.cursor_key.startswith("lesson/")
        await d.press("k")
        assert d.app.screen.list.cursor_key == "sandbox"
        assert "One host and a prompt" in d.screen_text()
        await d.press("enter")
        assert d.app.bench is not None


async def test_the_cursor_steps_over_headings(desk):
    async with desk((80, 24), home=True) as d:
        await d.settle()
        screen = d.app.screen
        for key in ["j"] * 9 + ["k"] * 12 + ["G", "g", "ctrl+d", "ctrl+u"]:
            await d.press(key)
            kind = screen.entries[screen.list.cursor_index].kind
            assert kind != "heading"


async def test_help_and_the_screen_in_words_open_and_close(desk):
    async with desk((80, 24), home=True) as d:
        await d.settle()
        await d.press("question_mark")
        assert isinstance(d.app.screen, TextDialog)
        await d.press("escape", "D")
        assert "sandbox Sandbox" in d.app.screen.view.text()
        await d.press("escape", "q")
        assert d.app._exit


async def test_the_palette_lists_the_actions_of_the_screen(desk):
    async with desk((80, 24)) as d:
        titles = {command.title for command in d.app.get_system_commands(d.bench)}
        assert {"Pause/run", "Describe", "Theme: high-contrast"} <= titles


async def test_the_theme_can_be_changed_while_running(desk):
    async with desk((80, 24)) as d:
        for theme in ("drydock-light", "high-contrast", "ansi", "drydock-dark"):
            d.app.theme = theme
            await d.pilot.pause()
            assert "2 map" in d.screen_text()


def test_an_entry_that_is_special_is_so_once():
    opener = opening.first("sandbox", lambda seed: ("special", seed))
    assert opener("sandbox", 7) == ("special", 7)
    assert opener("sandbox", 7).title == "sandbox"
    assert opening.first("lesson/x", lambda seed: None)("sandbox", None).title == "sandbox"
