"""Units read and written as people and the Docker command line do."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import units
from simulator.errors import InputError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10ms", 0.01),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("1d", 86400.0),
        ("1m30s", 90.0),
        ("1h 30m", 5400.0),
        ("60", 60.0),
        ("250us", 0.00025),
        ("0", 0.0),
        ("1e3s", 1000.0),
    ],
)
def test_durations_are_seconds(text, seconds):
    assert units.parse_duration(text) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64m", 64 * 2**20),
        ("1g", 2**30),
        ("512MiB", 512 * 2**20),
        ("1.5GB", 3 * 2**29),
        ("4096", 4096),
        ("7b", 7),
        ("32 kB", 32 * 1024),
        ("1.5", 1),
    ],
)
def test_memory_sizes_are_powers_of_1024_whatever_the_unit_is_called(text, size):
    assert units.parse_bytes(text) == size


def test_image_sizes_are_powers_of_1000():
    assert units.parse_bytes("43.2MB", decimal=True) == 43_200_000
    assert units.parse_bytes("1GiB", decimal=True) == 10**9


@pytest.mark.parametrize(
    ("text", "rate"),
    [("100", 100.0), ("100/s", 100.0), ("6k/min", 100.0), ("5rps", 5.0), ("2k req/s", 2000.0),
     ("3krps", 3000.0), ("7.2k/h", 2.0)],
)  # fmt: skip
def test_rates_are_per_second(text, rate):
    assert units.parse_rate(text) == pytest.approx(rate, rel=1e-12)


def test_cpus_are_cores_or_thousandths():
    assert units.parse_cpus("500m") == 0.5
    assert units.parse_cpus("1.5") == 1.5


def test_percentages_are_fractions():
    assert units.parse_percent("5%") == 0.05
    assert units.parse_percent("0.25") == 0.25
    with pytest.raises(InputError, match="too large"):
        units.parse_percent("120%")


@pytest.mark.parametrize(
    ("parse", "text", "near"),
    [
        (units.parse_duration, "5hours", "h"),
        (units.parse_duration, "5mn", "min"),
        (units.parse_duration, "5S", "s"),
        (units.parse_bytes, "5MiBi", "MiB"),
        (units.parse_bytes, "5gi", "GiB"),
        (units.parse_rate, "5/sek", "sec"),
        (units.parse_rate, "5m/s", "M"),
        (units.parse_cpus, "5M", "m"),
    ],
)
def test_a_wrong_unit_names_the_nearest_right_one(parse, text, near):
    with pytest.raises(InputError) as caught:
        parse(text)
    assert near == caught.value.nearest


@pytest.mark.parametrize(
    "text", ["", " ", "-5", "nan", "inf", "x", "1..2", "1e999", "9" * 400, "٣"]
)
@pytest.mark.parametrize(
    "parse",
    [units.parse_duration, units.parse_bytes, units.parse_rate, units.parse_cpus,
     units.parse_percent, units.parse_number],
)  # fmt: skip
def test_nonsense_is_refused_by_every_parser(parse, text):
    with pytest.raises(InputError):
        parse(text)


@given(st.text(max_size=30) | st.from_regex(r"[0-9.]{1,5} ?[a-zA-Z/%]{0,5}", fullmatch=True))
def test_no_text_raises_anything_but_the_input_error(text):
    for parse in (units.parse_duration, units.parse_bytes, units.parse_rate, units.parse_cpus,
                  units.parse_percent, units.parse_number):  # fmt: skip
        try:
            assert math.isfinite(parse(text))
            assert parse(text) >= 0
        except InputError:
            continue


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0B"), (999, "999B"), (1000, "1kB"), (43_200_000, "43.2MB"), (43_249_999, "43.2MB"),
     (187_654_321, "188MB"), (999_999, "1MB"), (1_050_000_000, "1.05GB"), (-1500, "-1.5kB")],
)  # fmt: skip
def test_bytes_read_like_docker_images(size, text):
    assert text == units.format_bytes(size)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0B"), (1023, "1023B"), (1024, "1KiB"), (2_087_354_106, "1.944GiB"), (2**30, "1GiB"),
     (15_932_416, "15.19MiB"), (1023.99 * 1024, "1MiB")],
)  # fmt: skip
def test_memory_reads_like_docker_stats(size, text):
    assert text == units.format_binary_bytes(size)


def test_counts_are_short():
    assert [units.format_si(v) for v in (950, 1234, 34e6, 0)] == ["950", "1.23k", "34M", "0"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "Less than a second"), (1.2, "1 second"), (59, "59 seconds"), (60, "About a minute"),
     (150, "2 minutes"), (3599, "59 minutes"), (3600, "About an hour"), (5399, "About an hour"),
     (5400, "2 hours"), (47 * 3600, "47 hours"), (48 * 3600, "2 days"), (13.9 * 86400, "13 days"),
     (14 * 86400, "2 weeks"), (60 * 86400, "2 months"), (730 * 86400, "2 years")],
)  # fmt: skip
def test_ages_read_like_docker_ps(seconds, text):
    assert text == units.format_duration(seconds)
    assert f"{text} ago" == units.format_ago(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.0125, "12.5ms"), (1.5, "1.5s"), (90, "1m30s"), (3600, "1h"), (0.00025, "250us"),
     (93_784, "1d2h3m4s"), (59.99, "1m"), (-90, "-1m30s"), (math.inf, "never")],
)  # fmt: skip
def test_spans_are_short(seconds, text):
    assert text == units.format_span(seconds)


@given(st.floats(1e-6, 1e8))
def test_a_span_reads_back_to_three_digits_or_a_second(seconds):
    back = units.parse_duration(units.format_span(seconds))
    assert abs(back - seconds) <= max(0.006 * seconds if seconds < 60 else 0.51, 1e-12)
