"""Rates: heights, integrals and inverses against closed forms and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.traffic import shapes
from simulator.traffic.rates import Piece, Rate

heights = st.floats(0, 1e4).map(lambda x: round(x, 2))
lengths = st.floats(1, 1e4).map(lambda x: round(x, 2))


@st.composite
def rates(draw):
    pieces = draw(st.lists(st.builds(Piece, lengths, heights, heights), min_size=1, max_size=6))
    repeat = draw(st.none() | st.integers(0, len(pieces) - 1))
    return Rate(pieces, repeat)


def test_a_constant_rate_counts_in_proportion_to_time():
    rate = shapes.constant(30)
    assert rate.integral([0, 1, 60]).tolist() == [0, 30, 1800]
    assert rate.inverse([0, 30, 1800]).tolist() == [0, 1, 60]


def test_steps_hold_until_the_next_and_are_nothing_before_the_first():
    rate = shapes.steps([(10, 30), (60, 160), (300, 30)])
    assert rate.rate([0, 9.9, 10, 60, 299, 300, 1e6]).tolist() == [0, 0, 30, 160, 160, 30, 30]
    assert float(rate.integral(300)) == 50 * 30 + 240 * 160


def test_a_ramp_covers_the_mean_of_its_ends():
    rate = shapes.ramp(30, 160, 60, 30)
    assert rate.rate([0, 60, 75, 90, 1000]).tolist() == pytest.approx([30, 30, 95, 160, 160])
    assert float(rate.integral(90)) == pytest.approx(60 * 30 + 30 * 95)


def test_a_ramp_that_takes_no_time_is_a_step():
    assert shapes.ramp(1, 5, 10, 0).rate([9.99, 10]).tolist() == [1, 5]
    assert shapes.ramp(1, 5, 0, 0).rate([0]).tolist() == [5]


def test_a_surge_falls_by_half_in_each_half_life():
    rate = shapes.surge(base=30, peak=160, at_s=60, ramp_s=30, hold_s=120, half_life_s=60)
    ends = 60 + 30 + 120
    excess = rate.rate([ends, ends + 60, ends + 120, ends + 180]) - 30
    assert excess.tolist() == pytest.approx([130, 65, 32.5, 16.25])
    assert float(rate.rate(ends + 601)) == 30


def test_the_chords_of_a_decay_are_as_close_as_stated():
    rate = shapes.surge(0, 1, 0, 0, 0, 1.0)
    times = np.linspace(0, 9.9, 5001)
    error = rate.rate(times) / 0.5**times - 1
    assert error.max() <= shapes.DECAY_ERROR
    assert error.max() > shapes.DECAY_ERROR / 2


def test_a_day_has_its_mean_its_peak_and_its_trough():
    rate = shapes.diurnal(mean=100, amplitude=0.5)
    assert float(rate.integral(86400)) == pytest.approx(100 * 86400, rel=1e-12)
    assert rate.rate([0, 43200, 86400 * 5]).tolist() == pytest.approx([50, 150, 50])
    times = np.linspace(0, 86400, 5001)
    wave = 100 * (1 - 0.5 * np.cos(2 * math.pi * times / 86400))
    assert np.abs(rate.rate(times) - wave).max() <= shapes.WAVE_ERROR * 50


def test_a_week_may_have_quiet_days():
    rate = shapes.diurnal(100, 0.5, days=[1, 1, 1, 1, 1, 0.5, 0.4])
    assert float(rate.integral(7 * 86400)) == pytest.approx(86400 * 100 * 5.9)
    assert float(rate.rate(5.5 * 86400)) == pytest.approx(75)
    assert float(rate.rate((7 + 5.5) * 86400)) == pytest.approx(75)


def test_the_hour_of_the_peak_can_be_chosen():
    rate = shapes.diurnal(100, 0.5, peak_s=21 * 3600)
    assert float(rate.rate(21 * 3600)) == pytest.approx(150)


@given(rates(), st.floats(0, 1e5))
def test_the_inverse_is_the_first_time_the_integral_reaches_a_count(rate, time):
    count = float(rate.integral(time))
    back = float(rate.inverse(count))
    assert back <= time * (1 + 1e-9) + 1e-9
    assert float(rate.integral(back)) == pytest.approx(count, rel=1e-9, abs=1e-6)


@given(rates(), st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_integral_and_inverse_never_go_back(rate, values):
    ordered = np.sort(values)
    assert (np.diff(rate.integral(ordered)) >= -1e-6).all()
    times = rate.inverse(ordered)
    assert (np.diff(times[np.isfinite(times)]) >= -1e-6).all()


def test_the_smallest_count_that_there_is_comes_at_the_begin_of_a_rise():
    rate = Rate([Piece(4.0, 0.0, 1.0)], None)
    assert rate.inverse([5e-324, 0.5]).tolist() == [0.0, 2.0]


@given(rates(), st.floats(0, 2e4))
def test_the_integral_is_the_sum_of_the_heights(rate, end):
    edges = np.unique(np.append(rate.breaks(end), [0.0, end]))
    middles = (edges[1:] + edges[:-1]) / 2
    area = float((rate.rate(middles) * np.diff(edges)).sum())
    assert float(rate.integral(end)) == pytest.approx(area, rel=1e-6, abs=1e-3)


@given(rates(), st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0, 1e4))
def test_scaling_changes_heights_and_speed_changes_times(rate, factor, speed, time):
    changed = rate.scaled(factor).faster(speed)
    expected = factor / speed * float(rate.integral(time * speed))
    assert float(changed.integral(time)) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(rates(), st.floats(0, 1e4), st.floats(0, 1e4))
def test_a_delay_puts_nothing_before(rate, delay, time):
    later = rate.shifted(delay)
    assert float(later.integral(delay)) == 0
    expected = float(rate.integral(time))
    assert float(later.integral(time + delay)) == pytest.approx(expected, rel=1e-6, abs=1e-2)


@settings(deadline=None)
@given(st.lists(rates(), min_size=1, max_size=3), st.floats(0, 2e4))
def test_a_sum_counts_what_its_parts_count(parts, time):
    try:
        whole = shapes.total(parts)
    except InputError:
        return
    expected = sum(float(part.integral(time)) for part in parts)
    assert float(whole.integral(time)) == pytest.approx(expected, rel=1e-6, abs=1e-1)


def test_a_surge_on_top_of_a_day_keeps_the_day_going():
    day = shapes.diurnal(100, 0.5)
    sale = shapes.surge(0, 500, 43200, 60, 600, 300)
    both = shapes.total([day, sale])
    assert float(both.rate(43200 + 60)) == pytest.approx(650, rel=1e-3)
    assert float(both.rate(43200 + 86400)) == pytest.approx(150, rel=1e-3)
    assert both.cycle_s == pytest.approx(86400)


def test_cycles_that_never_meet_are_refused():
    with pytest.raises(InputError):
        shapes.total([shapes.diurnal(1, 0.5, math.pi), shapes.diurnal(1, 0.5, 86399.7)])


def test_evenly_spaced_counts_never_leap_over_a_pause():
    pulse = Rate([Piece(0.7, 10, 10), Piece(3, 0, 0)], repeat_from=0)
    times = pulse.inverse(np.arange(7, 7_000_001, 7))
    assert (times - np.arange(1_000_000) * pulse.cycle_s).max() == pytest.approx(0.7, abs=1e-6)


def test_a_rate_that_ends_never_reaches_more():
    rate = shapes.steps([(0, 10), (5, 0)])
    assert rate.inverse([49, 50, 50.5]).tolist() == pytest.approx([4.9, 5, math.inf])


@pytest.mark.parametrize(
    "make",
    [
        lambda: shapes.constant(-1),
        lambda: shapes.constant(math.nan),
        lambda: shapes.constant(1e12),
        lambda: shapes.steps([]),
        lambda: shapes.steps([(5, 1), (5, 2)]),
        lambda: shapes.lines([(0, 1), (0, 2)]),
        lambda: shapes.diurnal(10, 1.5),
        lambda: shapes.diurnal(10, 0.5, 0),
        lambda: shapes.constant(1).faster(0),
        lambda: Rate([]),
    ],
)
def test_what_is_no_rate_is_refused(make):
    with pytest.raises(InputError):
        make()
