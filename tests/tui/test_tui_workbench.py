"""The workbench, driven by keys, with frames fed by hand."""

from __future__ import annotations

import math

from tui_fakes import FakeWorld, many_hosts

from simulator.tui.screens.chart import ChartScreen
from simulator.tui.screens.dialogs import Confirm, TextDialog


async def test_a_wide_screen_shows_map_charts_output_and_events(desk):
    async with desk((120, 40)) as d:
        await d.frames(1)
        text = d.screen_text()
        for words in ("2 map", "3 charts of web", "5 output", "4 events", "t 0:00:00.0", "seed 7"):
            assert words in text
        assert "‖ paused" in text


async def test_a_state_is_a_glyph_and_a_word_and_cpu_has_its_denominator(desk):
    async with desk((120, 40)) as d:
        await d.press("m")
        text = d.screen_text()
        for words in (
            "● running",
            "◐ starting",
            "‖ paused",
            "↻ restarting",
            "■ exited 0",
            "✖ exited 1",
            "✖ OOMKilled",
            "0.80/1",
            "2.01/4",
            "96/256 MiB",
        ):
            assert words in text


async def test_space_runs_time_and_space_again_stops_all_work(desk):
    async with desk() as d:
        await d.press("space")
        await d.frames(10)
        assert math.isclose(d.bench.driver.world.now, 1.0, abs_tol=0.11)
        assert "▶ running" in d.screen_text()
        await d.press("space")
        now = d.bench.driver.world.now
        await d.frames(5)
        assert now == d.bench.driver.world.now
        assert not d.bench.driver.busy


async def test_speed_goes_up_to_max_and_tells_what_is_truly_reached(desk):
    async with desk() as d:
        await d.press(*["plus"] * 3, "space")
        await d.frames(10)
        assert d.bench.driver.speed == 10.0
        assert "×10 " in d.screen_text()
        assert "only" not in d.screen_text()
        await d.press(*["plus"] * 8)
        assert math.isinf(d.bench.driver.speed)
        assert "×max" in d.screen_text()
        await d.press("minus")
        assert d.bench.driver.speed == 600.0


async def test_a_dot_goes_to_the_next_instant_and_pauses(desk):
    async with desk() as d:
        await d.press("space", "full_stop")
        assert d.bench.driver.world.now == 1.0
        assert not d.bench.driver.running


async def test_a_typed_line_answers_in_the_output_pane(desk):
    async with desk() as d:
        await d.type("docker ps")
        assert "› docker ps" in d.screen_text()
        assert "CONTAINER ID" in d.screen_text()


async def test_a_refused_line_is_one_red_line_with_a_word_and_changes_nothing(desk):
    async with desk() as d:
        await d.type("docker pss")
        assert "✖ error: unknown command: found 'docker pss'" in d.screen_text()
        await d.type("raise")
        assert "✖ error: a bad line: found 'raise'" in d.screen_text()
        assert d.bench.driver.world.now == 0.0


async def test_a_job_advances_time_by_itself_and_gives_the_prompt_back(desk):
    async with desk() as d:
        await d.type("docker build .")
        assert "◐ build" in d.screen_text()
        await d.frames(3)
        assert d.bench.driver.job is None
        assert "step at 5s" in d.screen_text()
        assert d.bench.driver.world.now == 5.0
        assert not d.bench.driver.busy


async def test_a_job_that_fails_says_why(desk):
    async with desk() as d:
        await d.type("docker pull nothing")
        await d.frames(3)
        assert "✖ error: manifest unknown" in d.screen_text()


async def test_escape_leaves_a_wait_and_the_work_goes_on(desk):
    async with desk() as d:
        await d.type("docker build .")
        await d.press("escape", "escape")
        assert d.bench.driver.job is None
        assert "no longer waiting for: build" in d.screen_text()
        await d.press("space")
        await d.frames(60)
        assert "has ended: docker build ." in d.screen_text()


async def test_tab_completes_and_offers_what_else_there_is(desk):
    async with desk() as d:
        await d.press("colon", "d", "o", "tab")
        assert d.bench.prompt.value == "docker "
        await d.press("tab")
        assert "build" in d.screen_text()
        await d.press("tab")
        assert d.bench.prompt.value == "docker build"
        assert "what build does" in d.screen_text()
        await d.press("shift+tab")
        assert d.bench.prompt.value == "docker run"


async def test_up_and_down_walk_through_what_was_typed(desk):
    async with desk() as d:
        await d.type("docker ps")
        await d.type("docker images")
        await d.press("up", "up")
        assert d.bench.prompt.value == "docker ps"
        await d.press("down", "down")
        assert d.bench.prompt.value == ""


async def test_undo_and_rewind_bring_back_an_earlier_world(desk):
    async with desk() as d:
        await d.press("plus", "plus", "plus", "space")
        await d.frames(40)
        await d.press("u")
        await d.settle()
        assert d.session.typed == ["undo"]
        await d.press("left_square_bracket", "left_square_bracket")
        assert "rewind to" in d.screen_text()
        wanted = d.bench.rewind_to
        await d.press("enter")
        await d.settle()
        assert d.session.typed[-1].startswith("rewind ")
        assert math.isclose(d.bench.driver.world.now, wanted)


async def test_a_rewind_can_be_thought_better_of(desk):
    async with desk() as d:
        await d.press("space")
        await d.frames(30)
        await d.press("left_square_bracket", "escape")
        await d.settle()
        assert d.session.typed == []
        assert "rewind to" not in d.screen_text()


async def test_the_cursor_stays_on_its_row_when_rows_change_above_it(desk):
    async with desk() as d:
        await d.press("m", "j", "j", "j")
        assert d.bench.map.row.name == "web-2"
        d.bench.set_filter("map", "web-2")
        await d.frames(1)
        assert d.bench.map.row.name == "web-2"
        d.bench.set_filter("map", "")
        await d.frames(1)
        assert d.bench.map.row.name == "web-2"


async def test_drilling_into_a_vm_shows_its_kernel_only_and_escape_comes_back(desk):
    async with desk() as d:
        await d.press("slash", *"guest", "enter")
        await d.press("j", "j")
        assert d.bench.map.row.name == "guest"
        await d.press("enter")
        assert d.bench.map.tree_row(0).kind == "vm"
        assert "vm guest" in d.screen_text().splitlines()[0]
        await d.press("escape")
        await d.press("escape")
        assert d.bench.map.root is None
        assert d.bench.map.filter == ""


async def test_describe_says_why_and_logs_show_what_was_written(desk):
    async with desk() as d:
        await d.press("j", "j", "d")
        assert isinstance(d.app.screen, TextDialog)
        await d.pilot.pause()
        text = d.screen_text()
        assert "container web-1" in text
        assert "40 of 100 periods throttled" in text
        assert "because its program has not ended" in text
        await d.press("escape", "l")
        assert "web-1 is listening" in d.screen_text()
        await d.press("escape")


async def test_the_event_log_stops_following_when_one_scrolls_up(desk):
    async with desk() as d:
        await d.press("plus", "plus", "plus", "space")
        await d.frames(40)
        await d.press("4", "k", "k")
        event = d.bench.events.selected
        assert not d.bench.events.follow
        await d.frames(20)
        assert event == d.bench.events.selected
        await d.press("G")
        assert d.bench.events.follow


async def test_events_that_were_too_many_for_a_frame_are_counted(desk):
    async with desk() as d:
        d.bench.driver.world.now = 5.0
        d.bench.look()
        await d.pilot.pause()
        d.bench.driver.world.now = 1005.0
        d.bench.look()
        await d.pilot.pause()
        assert any("800 more events" in line for line in d.bench.events.plain())


async def test_what_one_types_or_is_told_is_never_markup(desk):
    async with desk() as d:
        await d.press("4", "slash")
        for text in ("[", "[/", "[/x]", "[@click=app.quit]x", "[red]"):
            d.bench.set_filter("events", text)
            d.app.notify(f"{text}: cannot be opened", title=text)
            await d.pilot.pause()
            assert f"/{text}" in d.screen_text()


async def test_events_are_filtered_while_one_types(desk):
    async with desk() as d:
        await d.press("plus", "plus", "plus", "space")
        await d.frames(30)
        await d.press("4", "slash", *"bad")
        assert {e.level for e in d.bench.events._shown} == {"bad"}
        assert "/bad" in d.screen_text()
        await d.press("escape")
        assert len(d.bench.events._shown) > 20


async def test_on_a_normal_screen_the_side_pane_is_chosen_by_its_number(desk):
    async with desk((80, 24)) as d:
        assert "3 charts" in d.screen_text()
        await d.press("4")
        assert "4 events" in d.screen_text()
        assert "3 charts" not in d.screen_text()
        assert "2 map" in d.screen_text()


async def test_a_narrow_screen_shows_one_pane_and_tab_turns_to_the_next(desk):
    async with desk((60, 20)) as d:
        assert "2 map" in d.screen_text()
        await d.press("tab")
        assert "3 charts" in d.screen_text()
        assert "2 map" not in d.screen_text()
        assert "5 output" in d.screen_text()


async def test_below_the_least_size_one_line_says_what_is_needed(desk):
    async with desk((50, 12)) as d:
        lines = [line for line in d.screen_text().splitlines() if line.strip()]
        assert [line.strip() for line in lines] == ["50x12 is too small; 60x20 is needed"]
        await d.pilot.resize_terminal(80, 24)
        await d.pilot.pause()
        assert "2 map" in d.screen_text()


async def test_chrome_takes_no_more_than_three_rows_at_80x24(desk):
    async with desk((80, 24)) as d:
        rows = [d.bench.query_one(name).size.height for name in ("#clock", "#keys", "#promptrow")]
        assert sum(rows) == 3


async def test_zoom_gives_a_pane_the_screen_and_takes_it_back(desk):
    async with desk((80, 24)) as d:
        await d.press("z")
        assert "5 output" not in d.screen_text()
        assert "about" in d.screen_text() or "memory" in d.screen_text()
        await d.press("escape")
        assert "5 output" in d.screen_text()


async def test_full_charts_open_over_the_workbench_and_go_on(desk):
    async with desk() as d:
        await d.press("space", "f")
        assert isinstance(d.app.screen, ChartScreen)
        await d.frames(5, 1.0)
        await d.press("escape")
        assert d.app.screen is d.bench


async def test_the_screen_can_be_told_in_sentences(desk):
    async with desk() as d:
        await d.press("D")
        text = d.app.screen.view.text()
        assert "Simulated time is 0:00:00.0, paused" in text
        assert "container web-1 is running, CPU 0.80/1 cores, memory 96/256 MiB" in text
        assert "160 requests/s offered" in text.replace("\n", " ")


async def test_quitting_the_sandbox_asks_nothing(desk):
    async with desk() as d:
        await d.press("q")
        assert d.app._exit


async def test_ctrl_c_says_how_to_quit(desk):
    async with desk() as d:
        await d.press("ctrl+c")
        assert not d.app._exit
        assert "press q to quit" in d.screen_text()


async def test_going_home_asks_first_and_cancel_is_what_enter_takes(desk):
    async with desk() as d:
        await d.press("H")
        assert isinstance(d.app.screen, Confirm)
        assert "n or esc" in d.screen_text()
        await d.press("enter")
        assert d.app.screen is d.bench
        await d.press("H", "y")
        assert d.app.bench is None


async def test_clear_empties_the_output_pane(desk):
    async with desk() as d:
        await d.type("docker ps")
        await d.type("clear")
        assert "CONTAINER ID" not in d.screen_text()


async def test_an_empty_world_says_what_to_do(desk):
    async with desk(world=FakeWorld(hosts=())) as d:
        assert "no hosts yet" in d.screen_text()
        assert "no service and no container yet" in d.screen_text()
        await d.press("j", "enter", "d", "l", "y", "v", "G")
        assert d.app.screen is d.bench


async def test_a_thousand_containers_draw_only_the_rows_that_are_seen(desk):
    world = FakeWorld(hosts=many_hosts())
    async with desk(world=world) as d:
        await d.press("m")
        drawn = []
        original = d.bench.map.line
        d.bench.map.line = lambda index, width: (drawn.append(index), original(index, width))[1]
        await d.frames(1)
        assert len(d.bench.map.keys) == 1200
        assert len(set(drawn)) < 60
        await d.press("G")
        assert "web-99-9" in d.screen_text()
