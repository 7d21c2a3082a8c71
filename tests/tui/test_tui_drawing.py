"""Pure drawing: curves, rows, bars, texts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tui_fakes import FakeWorld, all_states, container, host, tree_rows, vm

from simulator.look.answers import TreeRow
from simulator.look.views import KernelView
from simulator.tui import glyphs
from simulator.tui.asking import Asked, see
from simulator.tui.braille import Curve, Frame, decades, nice_top, plot
from simulator.tui.charts import charts_of, seconds_text
from simulator.tui.lesson_mode import Page, Prose, Question, page_lines
from simulator.tui.prose import markdown_lines, wrapped
from simulator.tui.rows import MapRow, cores_text, map_row, memory_text
from simulator.tui.widgets.ink import fit, text_of
from simulator.tui.widgets.map import columns
from simulator.tui.window import Window


def map_rows(hosts, root: str | None = None) -> list[MapRow]:
    return [map_row(row) for row in tree_rows(hosts, root)]


numbers = st.floats(allow_nan=True, allow_infinity=True)


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right():
    cells = plot([Curve((0, 10), (0, 10), 1)], Frame(0, 10, 0, 10), 5, 3)
    drawn = [[char != " " for char, _ in row] for row in cells]
    assert drawn[2][0]
    assert drawn[0][4]
    assert not drawn[0][0]
    assert not drawn[2][4]


def test_a_gap_in_the_samples_is_a_gap_in_the_curve():
    curve = Curve((0, 1, 2, 3, 4), (5, 5, math.nan, 5, 5), 1)
    row = plot([curve], Frame(0, 4, 0, 10), 9, 1)[0]
    assert row[4][0] == " "
    assert row[0][0] != " "
    assert row[8][0] != " "


def test_without_unicode_curves_are_drawn_with_letters_that_tell_them_apart():
    curves = [Curve((0, 9), (1, 1), 1), Curve((0, 9), (9, 9), 2)]
    cells = plot(curves, Frame(0, 9, 0, 10), 10, 5, braille=False)
    assert {char for row in cells for char, _ in row} == {" ", "*", "+"}


@given(
    values=st.lists(numbers, max_size=30),
    low=st.floats(-1e6, 1e6),
    span=st.floats(0, 1e6),
    size=st.tuples(st.integers(1, 40), st.integers(1, 12)),
    log=st.booleans(),
)
def test_any_samples_fill_exactly_the_cells_there_are(values, low, span, size, log):
    low = abs(low) + 1e-6 if log else low
    frame = Frame(0, max(1, len(values)), low, low + span + 1e-6, log=log)
    cells = plot([Curve(range(len(values)), values, 1)], frame, *size)
    assert [len(row) for row in cells] == [size[0]] * size[1]


@given(st.floats(1e-9, 1e12))
def test_the_top_of_an_axis_is_a_round_number_just_above(value):
    top = nice_top(value)
    assert value <= top * 1.000001
    assert top <= value * 2.5000001 or top <= 10 * value


def test_a_logarithmic_axis_ends_at_powers_of_ten():
    assert decades([0.02, 0.3, 1.2]) == pytest.approx((0.01, 10.0))
    assert decades([0.0, math.nan]) == pytest.approx((0.001, 1.0))
    assert decades([0.1]) == pytest.approx((0.1, 1.0))


def test_the_map_shows_what_contains_what():
    kernel = KernelView("alpha", "6.8", "linux", "running", (container("web"),), (vm(),))
    rows = map_rows((host(kernel=kernel),))
    assert [(row.depth, row.kind, row.name) for row in rows] == [
        (0, "host", "alpha"),
        (1, "kernel", "kernel 6.8"),
        (2, "container", "web"),
        (2, "vm", "guest"),
        (3, "kernel", "kernel 6.1"),
        (4, "container", "inner"),
    ]
    assert rows[1].note == "shared by 1 container and 1 VM"


def test_a_container_is_measured_against_its_limit_or_else_against_its_machine():
    rows = {row.name: row for row in map_rows(FakeWorld().hosts)}
    assert rows["web-1"].cpu == (0.8, 1.0)
    assert rows["web-2"].cpu == (0.31, 4.0)
    assert rows["inner"].cpu == (0.8, 2.0)


def test_drilling_keeps_only_what_is_below():
    rows = map_rows(FakeWorld().hosts, "vm/guest")
    assert [row.name for row in rows] == ["guest", "kernel 6.1", "inner"]


def test_lines_lead_down_to_each_row_and_go_on_beside_what_is_below():
    kernel = KernelView("a", "6.8", "linux", "running", (container("one"),), (vm("v"), vm("w")))
    guides = [row.guide for row in map_rows((host("a", kernel=kernel),))]
    assert guides == ["", "└ ", "  ├ ", "  ├ ", "  │ └ ", "  │   └ ", "  └ ", "    └ ", "      └ "]


@pytest.mark.parametrize("width", range(20, 200, 7))
def test_the_columns_of_the_map_fill_the_width_and_leave_room_for_the_name(width):
    plan = columns(width)
    used = 1 + plan.name + 1 + 12 + 1 + 9
    for part in (plan.cpu_bar, plan.memory, plan.memory_bar, plan.note):
        used += part + 1 if part else 0
    assert plan.name >= 4
    assert used <= max(width, 28)


def test_numbers_state_what_they_are_a_part_of():
    assert cores_text(0.834, 2.0) == "0.83/2"
    assert cores_text(12.345, 128.0) == "12.3/128"
    assert memory_text(64 << 20, 256 << 20) == "64/256 MiB"
    assert memory_text(int(1.9 * (1 << 30)), 8 << 30) == "1.9/8 GiB"
    assert seconds_text(0.0123) == "12.3ms"
    assert seconds_text(0.0) == "-"


def test_every_state_has_a_sign_of_its_own_in_ascii_too():
    for ascii_only in (False, True):
        glyphs.choose(ascii_only)
        for one in all_states():
            sign = glyphs.state_glyph(one.state, one.exit_code, one.oom_killed)
            assert len(sign) == 1
            assert not ascii_only or sign.isascii()
    glyphs.choose(False)
    assert glyphs.state_word("exited", 137, True) == "OOMKilled"
    assert glyphs.state_word("exited", 1) == "exited 1"


def test_bars_and_sparks_are_as_wide_as_asked():
    for share in (-1.0, 0.0, 0.33, 0.5, 1.0, 7.0):
        full, empty = glyphs.bar(share, 7)
        assert len(full + empty) == 7
    assert glyphs.spark([0.0, 0.001, 0.5, 1.0, 2.0], 1.0, 8) == "     ▄██"


def test_markdown_becomes_lines_that_fit():
    text = "# Title\n\nA **bold** word, `code`, and a long line that has to be wrapped somewhere.\n"
    text += "\n1. one\n2. two\n   - deep\n\n```\n" + "x" * 60 + "\n```\n\n> quoted\n\n| a | b |\n"
    text += "|---|---|\n| 1 | 2 |\n"
    lines = markdown_lines(text, 30)
    plain = [text_of(line) for line in lines]
    assert max(len(line) for line in plain) <= 30
    assert plain[0] == "Title"
    assert "1. one" in plain
    assert "".join(plain).count("x") == 60
    assert "a  b" in plain
    assert ("bold", "strong") in [pair for line in lines for pair in line]


@given(st.text(max_size=300), st.integers(10, 80))
def test_no_markdown_breaks_the_page(text, width):
    markdown_lines(text, width)
    page = Page("t", 1, 1, (Prose(text), Question("q", text, "choice", (text,))))
    page_lines(page, width)


@given(st.text(alphabet="ab ", max_size=80), st.integers(10, 40))
def test_wrapping_loses_no_word(text, width):
    lines = wrapped(text, width)
    assert " ".join(text_of(line) for line in lines).split() == text.split()


def test_fitting_cuts_and_says_so():
    assert fit("container", 6) == "conta…"
    assert fit("web", 6) == "web   "
    assert fit("web", 0) == ""


def test_charts_show_the_service_with_percentiles_on_a_log_axis():
    world = FakeWorld()
    world.now = 60.0
    seen = see(world, Asked(charts=True), world.now, 1)
    rates, latency = charts_of(seen, "web")
    assert [label for label, _, _ in rates.now] == ["offered", "ok", "failed"]
    assert [label for label, _, _ in latency.now] == ["p50", "p95", "p99"]
    assert latency.frame.log
    assert "container/web-1/cpu" in seen.series


def test_a_lesson_chooses_what_is_charted():
    world = FakeWorld()
    world.now = 60.0
    observed = ("web.p95", "alpha.memory")
    seen = see(world, Asked(charts=True, observed=observed), world.now, 1)
    assert "service/web/p95" in seen.series
    assert "host/alpha/memory" in seen.series
    latency, memory = charts_of(seen, None, observed)
    assert latency.title == "latency"
    assert memory.title == "memory"
    assert memory.text(412 << 20) == "412MiB"


def test_the_window_of_the_charts_turns_from_a_run_to_all_of_it_to_the_last_seconds():
    window = Window()
    assert window.since(1000.0) == 0.0
    window.run_began = 900.0
    assert window.since(1000.0) == 900.0
    assert window.words() == "this run"
    assert [window.turn() for _ in range(5)] == [
        "all of it",
        "last 10 min",
        "last 2 min",
        "last 30 s",
        "all of it",
    ]
    window.run_began = 900.0
    assert window.since(100.0) == 0.0  # rewound to before the run


def test_the_map_shows_who_was_broken_out_of_and_who_is_reachable_from_there():
    one = TreeRow("container/1", "container", 2, (False,), container("one"), broken=True)
    two = TreeRow("container/2", "container", 2, (False,), container("two"), reached_from=("one",))
    three = TreeRow("container/3", "container", 2, (True,), container("three"))
    rows = [map_row(row) for row in (one, two, three)]
    assert [row.state for row in rows] == ["broken", "reachable", "running"]
    assert rows[1].note.startswith("from one; ")
