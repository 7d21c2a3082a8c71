"""What is typed ahead, pasted or typed while something runs is carried out, in its order."""

from __future__ import annotations

from textual import events


def send(d, *keys: str) -> None:
    """Keys as they come from a terminal all at once, nobody waiting for what they do."""
    for key in keys:
        name = {":": "colon", " ": "space", "-": "minus"}.get(key, key)
        d.app.post_message(events.Key(name, key if len(key) == 1 else None))


async def done(d) -> None:
    """Until all of it has been carried out."""
    for _ in range(200):
        await d.pilot.pause()
        if not d.app._input and d.app._turn is None:
            return
    raise AssertionError("input waits")


def typed(d) -> list[str]:
    return d.session_of().typed


async def test_keys_typed_while_a_screen_opens_are_carried_out_on_it(desk):
    async with desk(home=True) as d:
        send(d, "k", "enter", *":docker ps", "enter", *"docker ps")
        await done(d)
        assert typed(d) == ["docker ps"]
        assert d.bench.prompt.value == "docker ps"


async def test_a_line_typed_while_another_runs_waits_for_it_and_is_seen_to_wait(desk):
    async with desk() as d:
        send(d, *":docker build x", "enter", *"docker ps", "enter")
        await done(d)
        assert typed(d) == ["docker build x"]
        assert "docker ps  waits" in d.screen_text()
        d.bench.driver.session.speed = 600.0
        await d.frames(8)
        assert typed(d) == ["docker build x", "docker ps"]
        assert "waits" not in d.screen_text()


async def test_words_about_the_clock_do_not_wait(desk):
    async with desk() as d:
        await d.type("docker build x")
        await d.type("pause")
        assert typed(d) == ["docker build x", "pause"]


async def test_several_pasted_lines_run_one_after_another_and_the_last_is_left_to_edit(desk):
    async with desk() as d:
        await d.press("colon")
        d.app.post_message(events.Paste("docker ps\ndocker build x\r\ndocker ps -a\ndocker"))
        await done(d)
        assert typed(d) == ["docker ps", "docker build x"]
        assert d.bench.prompt.value == "docker"
        d.bench.driver.session.speed = 600.0
        await d.frames(8)
        assert typed(d)[2:] == ["docker ps -a"]


async def test_lines_that_belong_together_are_one_line_pasted_or_typed(desk):
    async with desk() as d:
        d.app.post_message(events.Paste("docker ps \\\n -a\n"))
        await done(d)
        assert d.bench.prompt.has_focus
        send(d, *"docker ps \\", "enter")
        await done(d)
        assert d.screen_text().splitlines()[-2].startswith("... ")
        send(d, *"-q", "enter")
        await done(d)
        assert typed(d) == ["docker ps \\\n -a", "docker ps \\\n-q"]


async def test_who_stops_waiting_is_told_what_was_not_run(desk):
    async with desk() as d:
        await d.type("docker build x")
        await d.type("docker ps")
        await d.press("escape", "escape")
        assert typed(d) == ["docker build x"]
        assert "not run: 1 line that waited" in d.screen_text()
        assert d.bench.prompt.history[-1] == "docker ps"


async def test_an_earlier_line_is_found_by_a_part_of_it(desk):
    async with desk() as d:
        for line in ("docker ps", "docker build x", "raise"):
            await d.type(line)
        await d.press("escape", "escape", "exclamation_mark", *"dock")
        assert "› docker build x" in d.screen_text()
        await d.press("ctrl+r", "enter")
        assert d.bench.prompt.value == "docker ps"
        assert d.bench.prompt.mode == ":"


async def test_a_search_that_is_left_gives_back_what_was_typed(desk):
    async with desk() as d:
        await d.press("colon", *"dock", "ctrl+r", *"zz")
        assert "no earlier line" in d.screen_text()
        await d.press("enter")
        assert d.bench.prompt.value == "dock"


async def test_an_error_points_at_its_place_in_the_line(desk):
    async with desk() as d:
        d.session_of().columns["docker pss"] = 8
        await d.type("docker pss")
        said = [one.text for one in d.bench.output.said if one.kind in ("typed", "caret")]
        assert said == ["docker pss", "       ^"]


async def test_output_longer_than_its_pane_is_shown_from_its_command_on(desk):
    async with desk((80, 24)) as d:
        d.session_of().answers["many"] = tuple(f"row {n}" for n in range(30))
        await d.type("docker ps")
        await d.press("escape", "escape", "5", "g", "right")
        await d.type("many")
        text = d.screen_text()
        assert "› many" in text
        assert "row 0" in text
        assert "5 output  lines 4-9 of 34" in text
        await d.press("escape", "left_curly_bracket")
        assert "› docker ps" in d.screen_text()


async def test_the_prompt_says_how_to_come_and_what_may_be_typed(desk):
    async with desk() as d:
        assert "press : to type" in d.screen_text()
        await d.press("colon")
        assert "press :" not in d.screen_text()


async def test_the_name_of_a_pane_alone_goes_there(desk):
    async with desk() as d:
        await d.type("charts")
        assert d.bench.focused is d.bench.charts
        assert d.session_of().typed == []
