"""Presets: the peaks, ratios and dispersions that were published."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.errors import InputError
from simulator.traffic.presets import preset, preset_names

SEMIFINAL = [340, 360, 491, 1043, 1523, 1894, 2108, 2333, 2493, 2743, 3302, 1586, 691, 569, 494,
             405, 358, 323, 300]  # fmt: skip
JUNE_30 = [505, 602, 1049, 1572, 1885, 2118, 2221, 2362, 2429, 2685, 2115, 1771, 1573, 1434, 1341,
           1304, 1273, 1237, 1222, 1260, 1622, 2012, 2151, 2333, 2305, 2488, 2685, 2980, 2940, 3092,
           3484, 2820, 1343, 705, 595, 525]  # fmt: skip


def native(name):
    return preset(name).rate()[0]


def means(rate, width_s, count):
    return np.diff(rate.integral(np.arange(count + 1) * width_s)) / width_s


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_says_what_it_is_and_where_it_comes_from(name):
    found = preset(name)
    assert all([found.title, found.story, found.unit, found.source, found.evidence, found.notes])
    assert native(name).peak > 0
    assert found.shape.sentence()
    assert found.spacing.sentence()


@pytest.mark.parametrize(
    ("name", "published"),
    [("worldcup-1998-semifinal", SEMIFINAL), ("worldcup-1998-june30", JUNE_30)],
)
def test_the_world_cup_has_its_quarter_hours(name, published):
    assert means(native(name), 900, len(published)) == pytest.approx(published, rel=0.001)


def test_the_semifinal_has_its_growth_its_peak_minute_and_its_fall():
    rate = native("worldcup-1998-semifinal")
    quarters = means(rate, 900, 19)
    minutes = means(rate, 60, 19 * 15)
    assert quarters[5] / quarters[1] == pytest.approx(5.3, abs=0.05)
    assert minutes.max() == pytest.approx(3626, rel=0.001)
    assert minutes.max() / quarters[0] == pytest.approx(10.7, abs=0.05)
    assert quarters[10] / quarters[12] == pytest.approx(4.8, abs=0.05)
    assert (quarters[6:11] >= 2100).all()


@pytest.mark.parametrize("name", ["worldcup-1998-semifinal", "worldcup-1998-june30"])
def test_no_quarter_of_an_hour_of_the_cup_grows_faster_than_the_fastest_that_was_measured(name):
    rate = native(name)
    starts = np.arange(0, rate.settles_s - 900, 60.0)
    assert (rate.rate(starts + 900) / rate.rate(starts)).max() <= 2.13


def test_the_busiest_hour_of_the_cup_had_eleven_million_requests():
    rate = native("worldcup-1998-june30")
    hour = float(rate.integral(8 * 3600) - rate.integral(7 * 3600))
    assert hour == pytest.approx(11_102_603, rel=0.001)


@pytest.mark.parametrize(
    ("name", "ratio", "within_s"),
    [
        ("launch", 50, 900),
        ("flash-sale", 10, 10),
        ("ticker", 287, 300),
        ("tweet-record", 25, 10),
        ("slashdot", 30, 1800),
    ],
)
def test_surges_grow_as_much_and_as_fast_as_stated(name, ratio, within_s):
    rate = native(name)
    times = np.arange(0, rate.settles_s, 1.0)
    heights = rate.rate(times)
    assert rate.peak / heights[0] == pytest.approx(ratio, rel=0.01)
    rising = times[np.argmax(heights)] - times[np.argmax(heights > heights[0])]
    assert rising == pytest.approx(within_s, abs=2)


def test_a_launch_doubles_as_fast_in_every_minute():
    growth = native("launch").rate(np.arange(2, 17) * 60) / native("launch").rate(
        np.arange(1, 16) * 60
    )
    assert growth == pytest.approx(np.full(15, 50 ** (1 / 15)), rel=0.001)


@pytest.mark.parametrize(
    ("name", "requests", "cv", "by_minute"),
    [("llm-bursts", 8819, 13.2, 164), ("llm-chat", 19366, 1.09, 16)],
)
def test_language_model_requests_cluster_as_measured(name, requests, cv, by_minute):
    found, hours = preset(name), 200
    rate = native(name)
    stream = np.random.default_rng(3)
    times = found.spacing.source(rate, stream, 0.0, float("inf")).until(3600.0 * hours)
    gaps = np.diff(times)
    counts = np.bincount((times / 60).astype(int))
    assert len(times) / hours == pytest.approx(requests, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(cv, rel=0.05)
    assert counts.var() / counts.mean() == pytest.approx(by_minute, rel=0.08)


def test_a_week_is_quieter_at_its_end():
    days = means(native("diurnal"), 86400, 14)
    assert days == pytest.approx([100, 100, 100, 100, 100, 70, 70] * 2)


def test_a_preset_is_scaled_to_a_peak_or_a_base_and_to_a_time():
    found = preset("worldcup-1998-semifinal")
    assert found.rate(peak=400)[0].peak == pytest.approx(400)
    assert float(found.rate(base=10)[0].rate(0)) == pytest.approx(10)
    fast, _ = found.rate(peak=400, speed=10)
    assert fast.settles_s == pytest.approx(1710)
    assert found.rate(lasts_s=600)[0].settles_s == pytest.approx(600)
    mean, _ = preset("diurnal").rate(base=10)
    assert mean.mean == pytest.approx(10)


def test_impossible_scalings_are_refused():
    with pytest.raises(InputError):
        preset("launch").rate(peak=1, base=1)
    with pytest.raises(InputError):
        preset("launch").rate(lasts_s=0)
    with pytest.raises(InputError):
        preset("llm-chat").rate(lasts_s=600)
    with pytest.raises(InputError):
        preset("launch").rate(peak=1e12)


def test_an_unknown_preset_names_the_nearest():
    with pytest.raises(InputError) as caught:
        preset("worldcup-1998-semifinals")
    assert caught.value.nearest == "worldcup-1998-semifinal"
    with pytest.raises(InputError):
        preset("../calibration")
