from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.report.chart import Line, chart

RISE = Line("rise", [(float(t), float(t)) for t in range(11)])


def test_a_line_rises_from_the_corner_to_the_top():
    rows = chart("t", [RISE], start=0, end=10, width=11, height=3)
    assert rows == [
        "t   * rise",
        "     10 |        ***",
        "        |   *****",
        "      0 |***",
        "        +-----------",
        "         0s  5s  10s",
    ]


def test_a_column_shows_its_largest_value():
    spike = Line("spike", [(0.0, 0.0), (5.0, 9.0), (5.1, 0.0), (10.0, 0.0)])
    rows = chart("t", [spike], start=0, end=10, width=4, height=2)
    assert rows[1] == "     10 |  *"
    assert rows[2] == "      0 |** *"


def test_plain_charts_are_ascii_and_braille_is_asked_for():
    assert "\n".join(chart("t", [RISE], start=0, end=10)).isascii()
    assert not "\n".join(chart("t", [RISE], start=0, end=10, braille=True)).isascii()


def test_nothing_at_all_is_a_chart_of_zero():
    rows = chart("t", [Line("none", [])], start=0, end=0)
    assert rows[1].startswith("      1 |")


finite = st.floats(0, 1e12)


@given(st.lists(st.tuples(finite, finite | st.just(float("nan"))), max_size=20), st.booleans())
def test_any_values_can_be_drawn(points, braille):
    rows = chart("t", [Line("a", sorted(points))], start=0, end=100, braille=braille)
    assert len(rows) == 10
