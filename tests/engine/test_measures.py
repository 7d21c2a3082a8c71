"""Histograms and series: small, mergeable, and right to within what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Histogram, Recorder, Series
from simulator.engine.columns import Table

LATENCIES = st.lists(st.floats(1e-6, 1e5), min_size=1, max_size=300)


def exact(values: list[float], rank: float) -> float:
    """The value at this rank, by the nearest-rank rule."""
    ordered = sorted(values)
    return ordered[max(1, int(np.ceil(rank / 100 * len(ordered) - 1e-9))) - 1]


@given(values=LATENCIES, rank=st.floats(0, 100))
def test_a_percentile_is_off_by_less_than_one_percent(values, rank):
    histogram = Histogram()
    histogram.add(values)
    assert histogram.percentile(rank)[0] == pytest.approx(exact(values, rank), rel=0.01)


@given(values=LATENCIES, cut=st.integers(0, 300))
def test_merging_is_the_same_as_adding_together(values, cut):
    whole, one, other = Histogram(), Histogram(), Histogram()
    whole.add(values)
    one.add(values[:cut])
    other.add(values[cut:])
    one.merge(other)
    assert one.count == whole.count == len(values)
    assert one.percentile(1, 50, 99, 100) == whole.percentile(1, 50, 99, 100)
    assert one.mean == pytest.approx(whole.mean)
    assert (one.minimum, one.maximum) == (min(values), max(values))


@given(values=LATENCIES)
def test_mean_and_extremes_are_exact(values):
    histogram = Histogram()
    histogram.add(np.array(values))
    assert histogram.mean == pytest.approx(sum(values) / len(values))
    assert histogram.percentile(100)[0] <= histogram.maximum == max(values)
    assert histogram.percentile(0)[0] >= histogram.minimum == min(values)


def test_an_empty_histogram_says_nothing_and_breaks_nothing():
    empty, other = Histogram(), Histogram()
    assert (empty.mean, empty.percentile(50, 99), empty.fraction_below(1.0)) == (
        0.0,
        [0.0, 0.0],
        0.0,
    )
    other.merge(empty)
    other.add([])
    assert other.count == 0


def test_values_outside_the_range_are_kept_at_its_ends():
    histogram = Histogram()
    histogram.add([0.0, 1e-12, 1e12])
    assert histogram.count == 3
    assert histogram.maximum == 1e12
    assert histogram.percentile(1)[0] <= 2e-7


@given(values=LATENCIES, limit=st.floats(1e-5, 1e4))
def test_the_share_below_a_limit_is_right_to_within_one_bucket(values, limit):
    histogram = Histogram()
    histogram.add(values)
    low = sum(value < limit * 0.98 for value in values) / len(values)
    high = sum(value < limit * 1.02 for value in values) / len(values)
    assert low - 1e-12 <= histogram.fraction_below(limit) <= high + 1e-12


# series ------------------------------------------------------------------------------------------


@given(count=st.integers(1, 500), capacity=st.sampled_from([4, 8, 64]))
def test_a_series_never_outgrows_its_capacity_and_keeps_its_mean(count, capacity):
    series = Series(capacity=capacity)
    for time in range(1, count + 1):
        series.add(float(time), float(time))
    assert 0 < len(series) <= capacity
    assert list(series.times) == sorted(series.times)
    stride = series.times[0]
    # Each kept value is the mean of the samples that it stands for.
    expected = series.times - (stride - 1) / 2
    assert series.values.tolist() == pytest.approx(expected.tolist())
    assert count - series.times[-1] < stride


@given(values=st.lists(st.floats(0, 100), min_size=1, max_size=300))
def test_a_peak_series_never_loses_its_highest_value(values):
    series = Series(capacity=8, peak=True)
    for time, value in enumerate(values):
        series.add(float(time), value)
    kept = len(values) - len(series._pending)
    assert series.values.max() == max(values[:kept])


def test_a_part_of_a_series_is_what_lies_after_its_start_up_to_its_end():
    series = Series()
    for time in range(10):
        series.add(float(time), time * 10.0)
    times, values = series.between(2.0, 5.0)
    assert times.tolist() == [3.0, 4.0, 5.0]
    assert values.tolist() == [30.0, 40.0, 50.0]
    assert series.last == 90.0


def test_a_recorder_makes_each_series_once_and_names_them_in_order():
    recorder = Recorder()
    recorder.series("b", "s").add(1.0, 2.0)
    recorder.series("a").add(1.0, 3.0)
    assert recorder.series("b").last == 2.0
    assert list(recorder.names()) == ["b", "a"]
    assert recorder.has("a")
    assert not recorder.has("c")


def test_what_is_sampled_in_a_table_has_no_series_beside_it_to_be_read_by_mistake():
    recorder = Recorder()
    recorder.tables["host"] = Table({"cpu": "cores"})
    with pytest.raises(ValueError, match=r"host/a/cpu: .* read it by samples\(\)"):
        recorder.series("host/a/cpu")
    assert list(recorder.names()) == []
