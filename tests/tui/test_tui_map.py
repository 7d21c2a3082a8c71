"""The map as boxes: levels of detail, many hosts, going down and back."""

from __future__ import annotations

import pytest
from tui_fakes import FakeWorld, container, host, tree_rows, vm

from simulator.look.host_pages import DOWN
from simulator.look.views import KernelView
from simulator.tui.widgets import nest
from simulator.tui.widgets.ink import text_of
from simulator.tui.widgets.map_hosts import cells_line, cells_of


def many(count: int, each: int = 2):
    return tuple(
        host(
            f"h{number}",
            KernelView(
                f"h{number}", "6.8", "linux", "running",
                tuple(container(f"w-{number}-{at}") for at in range(each)),
            ),
        )
        for number in range(count)
    )  # fmt: skip


def drawn(hosts, width: int, level: int, **more):
    return nest.picture(nest.nodes_of(tree_rows(hosts)), width, level, **more)


@pytest.mark.parametrize("level", [nest.BOXES, nest.WIDE, nest.LINES, nest.SIGNS])
@pytest.mark.parametrize("width", [40, 60, 81, 118, 198])
def test_every_line_of_a_picture_has_the_width_that_there_is(level, width):
    inside = container("web", requests_per_s=40.0), container("db"), container("x" * 60)
    kernel = KernelView("a", "6.8", "linux", "running", inside, (vm(), vm("late", "booting")))
    found = drawn((host("a", kernel), host("b" * 50)), width, level)
    (wide,) = {len(text_of(one)) for one in found.lines}
    assert width - 2 <= wide <= width


def test_boxes_lie_within_the_boxes_that_they_are_in():
    kernel = KernelView("a", "6.8", "linux", "running", (container("web"),), (vm(),))
    found = drawn((host("a", kernel),), 100, nest.BOXES)
    rows = tree_rows((host("a", kernel),))
    assert set(found.places) == set(range(len(rows)))
    for inner, row in enumerate(rows):
        outer = max((at for at in range(inner) if rows[at].depth < row.depth), default=None)
        if outer is not None:
            x, y, w, h = found.places[inner]
            left, top, wide, high = found.places[outer]
            assert left < x
            assert top < y
            assert x + w < left + wide
            assert y + h < top + high


def test_more_requests_are_a_denser_stream_and_it_moves():
    def density(rate: float, phase: int = 0) -> int:
        return text_of(nest.flow(rate, 60, phase, "─")).count("∙")

    assert 0 == density(0.0) < density(5.0) < density(50.0) < density(500.0) <= 60
    assert nest.flow(20.0, 60, 0, "─") != nest.flow(20.0, 60, 1, "─")
    assert text_of(nest.flow(20.0, 60, 1, "─"))[1:] == text_of(nest.flow(20.0, 60, 0, "─"))[:-1]


@pytest.mark.parametrize("count", [1, 7, 400, 5_000])
def test_signs_of_many_hosts_have_a_place_and_each_host_is_in_one(count):
    cells = cells_of(count, 40, 10)
    assert cells.height <= 10
    hosts = [one for at in range(cells.signs) for one in range(cells.range_of(at)[0],
             cells.range_of(at)[1] + 1)]  # fmt: skip
    assert list(range(count)) == hosts


def test_a_sign_of_several_hosts_shows_that_one_of_them_is_down():
    cells = cells_of(100, 10, 5)
    fills = bytearray(b"\x02" * 100)
    fills[33] = DOWN
    lines = "".join(text_of(cells_line(cells, bytes(fills), y, 0)) for y in range(cells.height))
    assert lines[16] == "✖"
    assert lines.count("✖") == 1


async def test_one_host_is_a_box_with_its_kernel_and_containers_in_it(desk):
    async with desk((120, 40)) as d:
        text = d.screen_text()
        assert "host alpha" in text
        assert "kernel 6.8" in text
        assert "VM guest" in text


async def test_many_hosts_are_boxes_then_signs_and_enter_goes_down_to_one(desk):
    async with desk((120, 40), world=FakeWorld(hosts=many(5_000, 1))) as d:
        assert "a sign is" in d.screen_text()
        keys = d.bench.map.keys
        await d.press("j", "right")
        for _ in range(3):
            if str(d.bench.map.cursor_key).startswith("hosts/"):
                await d.press("enter")
        assert "┏" in d.screen_text()
        name = d.bench.map.cursor_key.partition("/")[2]
        await d.press("enter")
        assert f"host {name}" in d.screen_text()
        await d.press("escape", "escape", "escape")
        assert d.bench.map.keys == keys


async def test_paused_nothing_moves_and_without_animation_nothing_ever_does(desk):
    async with desk((120, 40)) as d:
        before = d.screen_text()
        await d.frames(3)
        assert before == d.screen_text()
