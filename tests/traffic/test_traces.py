"""Recorded traffic: what is read from CSV files and access logs, and what is refused, where."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.traffic import traces
from simulator.traffic.traces import parse_trace, read_trace

COMMON = '10.0.0.{} - frank [10/Oct/2000:13:55:{:02} -0700] "GET /a.gif HTTP/1.0" 200 2326'
COMBINED = COMMON + ' "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"'


def csv(*rows):
    return parse_trace("\n".join(rows).encode(), "a.csv")


def refusal(data, name="a.csv"):
    with pytest.raises(InputError) as caught:
        parse_trace(data, name)
    return str(caught.value)


def test_a_csv_of_plain_seconds_keeps_its_times():
    trace = csv("0,10", "60,20", "120,0", "180,5")
    assert trace.begins_s == (0, 60, 120, 180)
    assert trace.counts == (10, 20, 0, 5)
    assert trace.bin_s == 60
    assert trace.total == 35
    assert trace.lasts_s == 240


@pytest.mark.parametrize(
    "rows",
    [
        ("timestamp,count", "898000000,3", "898000060,4"),
        ("1998-06-16T12:26:40Z,3", "1998-06-16T12:27:40Z,4"),
        ("timestamp,value", "1998-06-16 12:26:40,3.0", "1998-06-16 12:27:40,4.0"),
        ('"time";"requests"', '"1998-06-16T14:26:40+02:00";3', '"1998-06-16T14:27:40+02:00";4'),
        ("# by the minute", "", "898000000\t3", "898000060\t4"),
        ("\ufeffid,count,timestamp", "a,3,898000000", "b,4,898000060"),
    ],
)
def test_a_csv_may_tell_its_times_in_several_ways(rows):
    trace = csv(*rows)
    assert (trace.begins_s, trace.counts, trace.bin_s) == ((0, 60), (3, 4), 60)


def test_one_column_is_exact_times():
    trace = csv("timestamp", "0.5", "0.5", "2.25")
    assert (trace.begins_s, trace.counts, trace.bin_s) == ((0.5, 0.5, 2.25), (1, 1, 1), 0)
    assert trace.arrivals(np.random.default_rng(1)).until(9.0).tolist() == [0.5, 0.5, 2.25]


def test_a_missing_row_is_a_time_without_requests():
    trace = csv("0,60", "60,60", "180,60", "240,60")
    times = trace.arrivals(np.random.default_rng(1)).until(1000.0)
    assert np.histogram(times, [0, 60, 120, 180, 240, 300])[0].tolist() == [60, 60, 0, 60, 60]


def test_a_trace_can_be_replayed_faster_and_larger():
    trace = csv("0,10", "60,20")
    times = trace.arrivals(np.random.default_rng(1), speed=2, scale=3, start_s=100.0).until(1e4)
    assert np.histogram(times, [100, 130, 160])[0].tolist() == [30, 60]


def test_exact_times_that_are_multiplied_fill_the_time_to_the_next():
    trace = csv("0.5", "1.5", "2.5")
    times = trace.arrivals(np.random.default_rng(1), scale=100).until(1e4)
    assert np.histogram(times, [0.5, 1.5, 2.5, 3.75])[0].tolist() == [100, 100, 100]


@pytest.mark.parametrize("line", [COMMON, COMBINED])
def test_an_access_log_is_counted_by_the_second(line):
    text = "\n".join(line.format(i, second) for i, second in enumerate((36, 36, 38, 37, 36)))
    trace = parse_trace(text.encode(), "access.log")
    assert (trace.begins_s, trace.counts, trace.bin_s) == ((0, 1, 2), (3, 1, 1), 1)


def test_an_access_log_may_cross_midnight_and_zones():
    lines = [
        '::1 - - [31/Dec/1999:23:59:59 +0000] "GET / HTTP/1.1" 200 -',
        '::1 - - [01/Jan/2000:01:00:00 +0100] "GET /\\" HTTP/1.1" 404 12 "-" "-"',
        '::1 - a b [31/Dec/1999:19:30:02 -0430] "-" 400 0',
    ]
    trace = parse_trace("\n".join(lines).encode(), "x")
    assert (trace.begins_s, trace.counts) == ((0, 1, 3), (1, 1, 1))


def test_a_few_malformed_lines_of_a_log_are_counted_and_passed_over():
    lines = [COMMON.format(1, i % 60) for i in range(95)] + ["\x16\x03\x01 nonsense"] * 5
    trace = parse_trace("\n".join(lines).encode("latin-1"), "access.log")
    assert (trace.total, trace.skipped_lines) == (95, 5)


def test_a_log_with_many_malformed_lines_is_refused_at_the_first():
    lines = [COMMON.format(1, i) for i in range(20)] + ["nonsense"] * 5
    message = refusal("\n".join(lines).encode(), "access.log")
    assert message.startswith("access.log:21:1: 5 of 25 lines")
    assert "'nonsense'" in message


def test_gzip_is_known_by_its_content(tmp_path):
    path = tmp_path / "counts.csv.gz"
    path.write_bytes(gzip.compress(b"0,10\n60,20\n"))
    assert read_trace(path).counts == (10, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.csv: no requests in this file"),
        ("\n\n", "no requests"),
        ("timestamp,count\n", "no requests"),
        ("0,0\n60,0", "bad sum of counts: found 0"),
        ("0,1\n60,-2", "a.csv:2:4: negative count: found '-2'"),
        ("0,1\n60,nan", "a.csv:2:4: bad count: found 'nan'"),
        ("0,1\n60,1.5", "a.csv:2:4: bad count"),
        ("0,1\n60,1e300", "a.csv:2:4: count too large"),
        ("0,1\n60, 1e999", "a.csv:2:5: count too large"),
        ("0,1\n60", "a.csv:2:1: count missing"),
        ("0,1\n60,", "count missing"),
        ("0,1\n0,1", "a.csv:2:1: time repeated"),
        ("60,1\n0,1", "a.csv:2:1: time goes back: found '0', expected rising times"),
        ("2.5\n0.5", "a.csv:2:1: time goes back"),
        ("nan,1", "a.csv:1:1: bad time"),
        ("-5,1", "a.csv:1:1: time before 0"),
        ("1e999,1", "a.csv:1:1: time out of range"),
        ("1700000000000,1", "expected seconds (not milliseconds)"),
        ("2024-13-01,1", "a.csv:1:1: bad time"),
        ("0001-01-01T00:00:00+23:59,1", "bad time"),
        ("0,1\n99000000000,1", "trace too long"),
        ("0,1\n\0", "a.csv:2: binary file"),
        ("0,1\n" + "1" * 20_000, "a.csv:2: line too long"),
    ],
)
def test_bad_rows_are_refused_with_line_and_column(text, expected):
    assert expected in refusal(text.encode())


def test_a_log_without_requests_is_refused():
    assert "access.log:1:1: 1 of 1 lines" in refusal(b"hello", "access.log")
    assert "no requests" in refusal(b"", "access.log")
    assert "log too long" in refusal(
        "\n".join(
            f'h - - [01/Jan/{year}:00:00:00 +0000] "" 200 1' for year in ("0001", "9999")
        ).encode()
    )


def test_damaged_gzip_is_refused():
    data = gzip.compress(b"0,10\n60,20\n" * 1000)
    for broken in (data[:-4], data[: len(data) // 2], data[:20] + b"xxxx" + data[24:]):
        assert "a.csv: damaged gzip file" in refusal(broken)


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(traces, "MAX_FILE_BYTES", 1000)
    assert "file too large" in refusal(gzip.compress(b"0,1\n" * 1000))
    path = tmp_path / "large.csv"
    path.write_bytes(b"0,1\n" * 1000)
    with pytest.raises(InputError, match="file too large"):
        read_trace(path)


def test_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr(traces, "MAX_LINES", 5)
    assert "too many lines" in refusal(b"\n" * 7)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_trace(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="not a regular file"):
        read_trace(tmp_path)


ROWS = st.from_regex(r"[0-9.,;:TZe+\-\[\] \"nai/]{0,30}", fullmatch=True)


@given(st.binary(max_size=200) | st.lists(ROWS, max_size=8).map(lambda r: "\n".join(r).encode()))
def test_no_bytes_raise_anything_but_the_input_error(data):
    for name in ("a.csv", "a.log"):
        try:
            trace = parse_trace(data, name)
        except InputError as error:
            message = str(error)
        else:
            message = ""
            assert trace.total > 0
            assert list(trace.begins_s) == sorted(trace.begins_s)
        assert "\n" not in message
