"""A handful of jobs as lists, and the same jobs as arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.machine.cpu.cells import AloneCell
from simulator.machine.cpu.crowd import most_at_once
from simulator.machine.cpu.few import FewLine
from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station

GAPS = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 2.0)), max_size=20)


def arriving(gaps):
    times = np.cumsum([gap for gap, _ in gaps]) if gaps else np.empty(0)
    return times, np.array([work for _, work in gaps])


@settings(max_examples=80, deadline=None)
@given(
    gaps=GAPS,
    workers=st.integers(1, 4),
    room=st.sampled_from([math.inf, 0, 1, 3]),
    cuts=st.lists(st.floats(0.1, 6.0), max_size=5),
)
def test_a_handful_as_lists_is_what_it_is_as_arrays(gaps, workers, room, cuts):
    times, works = arriving(gaps)
    few, many = FewLine(FifoLine(workers, room, 0.0)), FifoLine(workers, room, 0.0)
    before = 0.0
    for until in [*np.cumsum(cuts), 50.0]:
        here = (times >= before) & (times < until)
        before = until
        taken, turned_away = few.take(times[here].tolist(), works[here].tolist())
        wanted, refused = many.take(times[here], works[here])
        assert (taken, turned_away) == (pytest.approx(wanted, abs=1e-9), refused.tolist())
        newest = int(here.sum()) - len(refused)
        assert few.late(newest) == many.late(newest)
        done = few.part(until)
        arrivals, starts, ends = (part.tolist() for part in many.leave(until))
        assert [job[0] for job in done] == arrivals
        assert [job[1] for job in done] == pytest.approx(starts, abs=1e-9)
        assert [job[2] for job in done] == pytest.approx(ends, abs=1e-9)
        assert (len(few), few.inside(), few.queued()) == (len(many), many.inside(), many.queued())
        for one in (few, few.long()):
            assert one.stayed_s(until) == pytest.approx(many.stayed_s(until), abs=1e-9)
            assert one.waited_s(until) == pytest.approx(many.waited_s(until), abs=1e-9)
            assert one.pending_work() == pytest.approx(many.pending_work(), abs=1e-9)
            assert one.most_inside(0.0) == many.most_inside(0.0)


def test_what_was_taken_after_a_memento_is_forgotten():
    line = FewLine(FifoLine(2, math.inf, 0.0))
    line.take([0.0, 0.1], [1.0, 3.0])
    before, jobs = line.memento(), list(line.jobs)
    line.take([0.2, 0.3], [1.0, 1.0])
    line.restore(before)
    assert (line.jobs, sorted(line.free)) == (jobs, [1.0, 3.1])


def test_a_station_goes_over_to_arrays_when_many_come_and_back_when_they_have_left():
    station = Station("s", CpuGroup("s", limit=4.0), workers=2)
    cell = AloneCell(station)
    forms = []
    for until, coming in ((1.0, 1), (2.0, 100), (300.0, 1), (400.0, 1)):
        station.inbox_times.append(np.full(coming, until - 0.5))
        station.inbox_works.append(np.full(coming, 1.0))
        cell.advance(until)
        forms.append(type(station.bulk))
    assert forms == [FewLine, FifoLine, FifoLine, FewLine]
    assert (station.taken, station.used) == (103, pytest.approx(102.5))


@given(spans=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=12))
def test_the_most_at_once_is_found_by_asking_at_every_start(spans):
    starts = [start for start, _ in spans]
    ends = [start + length for start, length in spans]
    inside = [sum(s <= at < e for s, e in zip(starts, ends)) for at in starts]
    # Who starts with others at an instant is counted among those that came before.
    assert most_at_once(list(starts), list(ends)) == max(inside, default=0)
