"""Traffic in words and as mappings: what is understood, what is refused, what it then sends."""

from __future__ import annotations

import math
from functools import partial

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Streams
from simulator.errors import InputError
from simulator.files import inside
from simulator.traffic.presets import preset_names
from simulator.traffic.profiles import Bursting, Even, Level, Poisson, Renewal, Steps, Surge
from simulator.traffic.sources import AnyTraffic, ShapedTraffic, TrafficSpec
from simulator.traffic.spec import KINDS, parse_traffic, traffic_from_mapping


def typed(line, **keywords):
    return parse_traffic(line.split(), **keywords)


def refusal(line, **keywords):
    with pytest.raises(InputError) as caught:
        typed(line, **keywords)
    return caught.value


def times(spec, until, seed=1, name="web", start=0.0):
    return spec.arrivals(Streams(seed), name, start).until(until)


LINES = [
    "100",
    "100/s",
    "6k/min",
    "poisson 100/s",
    "poisson rate=100",
    "constant 100",
    "renewal 100 cv=3",
    "30 @0 160 @60 30 @300",
    "30@0 160@60 30@5m",
    "30 160 @1m",
    "steps 30 @0 160 @60",
    "ramp from=30 to=160 at=60s over=30s",
    "surge base=30 peak=160 at=60s ramp=30s hold=2m decay=60s",
    "surge base=30 peak=160",
    "diurnal mean=100 amplitude=0.5 period=24h",
    "diurnal mean=100 amplitude=50% peak-at=14h days=1,1,1,1,1,0.7,0.7",
    "burst rate=100 idc=16 scale=10s",
    "burst 100 idc=16 scale=10s share=10%",
    "surge base=30 peak=160 idc=50 scale=2s",
    "preset worldcup-1998-semifinal peak=400 speed=10",
    "preset llm-bursts",
    "preset llm-bursts base=100",
    "preset launch base=10 over=5m arrivals=even",
    "100 after=10s for=1m times=2 arrivals=even",
    "off",
    "0",
]


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_the_language_is_understood_and_can_be_sent(line):
    spec = typed(line)
    sent = times(spec, 600.0)
    assert isinstance(spec, TrafficSpec)
    assert spec.sentence()
    assert sent.size or line in ("off", "0")
    again = msgspec.json.decode(msgspec.json.encode(spec), type=AnyTraffic)
    assert again == spec
    assert times(again, 600.0).tobytes() == sent.tobytes()


def test_a_bare_rate_is_poisson():
    assert typed("100") == ShapedTraffic(profile=Level(100.0), spacing=Poisson())


def test_constant_is_evenly_spaced():
    assert times(typed("constant 4"), 1.0).tolist() == [0.25, 0.5, 0.75, 1.0]


def test_steps_are_told_by_times():
    expected = Steps(((0.0, 30.0), (60.0, 160.0), (300.0, 30.0)))
    assert typed("30 @0 160 @60 30 @300").profile == expected
    assert typed("30 160 @1m 30 @5m").profile == expected


def test_a_surge_has_usual_times():
    assert typed("surge base=30 peak=160").profile == Surge(30.0, 160.0, 60.0, 30.0, 120.0, 60.0)


def test_spacing_goes_with_any_shape():
    assert typed("surge base=1 peak=2 cv=3").spacing == Renewal(3.0)
    assert typed("ramp from=1 to=2 arrivals=even").spacing == Even()
    assert typed("100 idc=9 scale=1s share=10%").spacing == Bursting(9.0, 1.0, 0.1)


def test_after_and_for_bound_the_traffic_from_its_start():
    sent = times(typed("constant 2 after=10s for=3s times=2"), 1000.0, start=100.0)
    assert len(sent) == 12
    assert (sent[0], sent[-1]) == (110.25, 113.0)


def test_a_preset_is_sent_at_the_peak_asked_for():
    spec = typed("preset worldcup-1998-semifinal peak=400 speed=10")
    assert spec.rate().peak == pytest.approx(400)
    around_peak = times(spec, 1710.0)
    busiest = np.histogram(around_peak, np.arange(0, 1711, 6))[0].max() / 6
    assert busiest == pytest.approx(400, rel=0.12)


def test_a_bursty_preset_keeps_its_bursts_when_it_grows():
    spec = typed("preset llm-bursts base=245")
    sent = times(spec, 4000.0)
    quiet = np.diff(sent).max()
    assert len(sent) / 4000 == pytest.approx(245, rel=0.3)
    assert quiet > 20


def test_equal_seeds_and_names_give_equal_arrivals_and_others_do_not():
    spec = typed("100")
    first = times(spec, 10.0).tobytes()
    assert times(spec, 10.0).tobytes() == first
    assert times(spec, 10.0, name="api").tobytes() != first
    assert times(spec, 10.0, seed=2).tobytes() != first


def test_how_far_a_source_was_drawn_does_not_change_the_one_that_replaces_it():
    spec, seen = typed("100"), []
    for drawn in (1.0, 500.0):
        streams = Streams(1)
        spec.arrivals(streams, "web", 0.0).until(drawn)
        seen.append(spec.arrivals(streams, "web", 0.0).until(10.0).tobytes())
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("line", "problem", "near"),
    [
        ("poison 100", "unknown kind of traffic", "poisson"),
        ("launch", "preset without its word", "preset launch"),
        ("preset lunch", "unknown preset", "launch"),
        ("preset", "preset missing", None),
        ("file", "file missing", None),
        ("poisson", "'rate=' missing", None),
        ("poisson 100/sek", "unknown unit in rate", "sec"),
        ("-5", "rate is negative", None),
        ("constant -5", "rate is negative", None),
        ("surge base=-5 peak=10", "rate is negative in 'base='", None),
        ("surge base=5", "'peak=' missing", None),
        ("surge base=5 paek=10", "unknown option", "peak"),
        ("surge base=5 peak=10 hodl=3s", "unknown option", "hold"),
        ("surge base=5 peak=10 peak=11", "'peak=' given twice", None),
        ("surge base=5 peak=10 at=5parsec", "unknown unit in duration in 'at='", None),
        ("ramp 5 from=5 to=10", "word not understood", None),
        ("100 200", "word not understood", None),
        ("100 @", "bad duration", None),
        ("@5 100", "unknown kind of traffic", None),
        ("10 @5 20", "rate without its time", None),
        ("10 @5 20 @5", "step out of order", None),
        ("steps 10 @5 @6", "time without a rate", None),
        ("100 cv=2 idc=3 scale=1s", "arrivals described twice", None),
        ("100 idc=3", "'scale=' missing", None),
        ("100 cv=1e9", "bad coefficient of variation", None),
        ("100 arrivals=evn", "unknown word", None),
        ("burst 100 idc=0.5", "bad index of dispersion", None),
        ("burst 100 idc=1e6 scale=1s share=50%", "bad share of time in bursts", None),
        ("diurnal mean=100 amplitude=2", "percentage too large", None),
        ("diurnal mean=1 days=" + "1," * 500, "too many values", None),
        ("1e12", "rate too large", None),
        ("1e8 times=100", "rate out of range", None),
        ("preset launch speed=0", "bad speed", None),
        ("preset launch peak=5 base=5", "both peak and base", None),
        ("off 100", "word not understood", None),
        ("off for=10s", "unknown option", None),
    ],
)
def test_what_is_not_understood_is_refused_with_the_nearest_word(line, problem, near):
    error = refusal(line)
    assert problem in error.problem
    assert near is None or near == error.nearest


def test_no_words_are_refused():
    with pytest.raises(InputError, match="traffic missing"):
        parse_traffic([])
    with pytest.raises(InputError, match="too many words"):
        parse_traffic(["1"] * 5000)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "counts.csv").write_text("0,100\n60,200\n")
    (tmp_path / "secret.csv").write_text("0,1\n")
    return tmp_path / "inner"


def test_a_file_is_read_once_into_the_spec(folder):
    spec = typed("file counts.csv speed=2 times=3", find=partial(inside, folder))
    (folder / "counts.csv").unlink()
    again = msgspec.json.decode(msgspec.json.encode(spec), type=AnyTraffic)
    assert np.histogram(times(again, 1e4), [0, 30, 60])[0].tolist() == [300, 600]
    assert spec.rate() is None
    assert "900 requests within 1m" in spec.sentence()


def test_a_file_can_be_replayed_evenly(folder):
    sent = times(typed("file counts.csv spread=even", find=partial(inside, folder)), 60.0)
    assert np.diff(sent) == pytest.approx(np.full(99, 0.6))


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "link.csv", "a\0b", "x" * 5000])
def test_a_file_outside_its_folder_is_refused(folder, name):
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    with pytest.raises(InputError):
        parse_traffic(["file", name], find=partial(inside, folder))


def test_a_bad_speed_of_a_file_is_refused(folder):
    assert "bad speed" in refusal("file counts.csv speed=0", find=partial(inside, folder)).problem


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        ({"kind": "poisson", "rate": 100}, "poisson 100"),
        ({"rate": "6k/min"}, "6k/min"),
        (
            {"kind": "surge", "base": 30, "peak": 160.5, "at": "1m"},
            "surge base=30 peak=160.5 at=60",
        ),
        ({"steps": [[0, 30], [60, 160]]}, "30 @0 160 @60"),
        ({"steps": {0: 30, "1m": "160/s"}, "cv": 2}, "30 @0 160 @60 cv=2"),
        ({"kind": "steps", "steps": "30 @0 160 @60"}, "30 @0 160 @60"),
        ({"kind": "diurnal", "mean": 5, "days": [1, 0.5]}, "diurnal mean=5 days=1,0.5"),
        ({"kind": "preset", "name": "launch", "peak": 5}, "preset launch peak=5"),
        ({"kind": "off"}, "off"),
    ],
)
def test_a_mapping_says_the_same_as_a_line(mapping, line):
    assert traffic_from_mapping(mapping) == typed(line)


def test_a_mapping_may_name_a_file(folder):
    spec = traffic_from_mapping(
        {"kind": "file", "path": "counts.csv", "speed": 2}, find=partial(inside, folder)
    )
    assert spec == typed("file counts.csv speed=2", find=partial(inside, folder))


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"kind": None},
        {"kind": ["surge"]},
        {"kind": "poisson", "rate": True},
        {"kind": "poisson", "rate": None},
        {"kind": "poisson", "rate": {"a": 1}},
        {"kind": "poisson", "rate": math.nan},
        {"kind": "poisson", "rate": -1},
        {"steps": 5},
        {"steps": []},
        {"steps": [[1]]},
        {"steps": [[0, [[[]]]]]},
        {"kind": "diurnal", "mean": 1, "days": [[1]]},
        {1: 2},
        {"kind": "file", "path": 7},
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(mapping):
    with pytest.raises(InputError):
        traffic_from_mapping(mapping)


WORDS = st.one_of(
    st.sampled_from([*KINDS, *preset_names(), "100", "30", "@0", "@60", "base=5", "peak=9",
                     "rate=7", "cv=2", "idc=4", "scale=3s", "from=1", "to=2", "mean=4", "over=9s",
                     "times=3", "speed=0.5", "after=1s", "for=9s", "share=5%", "peak-at=3h"]),
    st.text(max_size=8),
    st.builds("{}={}".format, st.sampled_from(["base", "at", "idc", "days"]), st.text(max_size=6)),
)  # fmt: skip


@given(st.lists(WORDS, max_size=6))
def test_no_words_raise_anything_but_the_input_error(words):
    try:
        spec = parse_traffic(words)
    except InputError:
        return
    assert spec.sentence()
    if spec.rate() is not None and spec.rate().peak < 1e4:
        assert times(spec, 10.0).size >= 0


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


keys = st.sampled_from(["kind", "steps", "rate", "base", "peak", "days", "x"])


@given(st.dictionaries(keys, values), st.sampled_from([None, *KINDS]))
def test_no_mapping_raises_anything_but_the_input_error(mapping, kind):
    if kind:
        mapping["kind"] = kind
    try:
        traffic_from_mapping(mapping)
    except InputError:
        return
