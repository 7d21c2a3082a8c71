"""The calendar of things to do, beside SimPy's own events."""

import pytest

from simulator.engine import Simulation


class Diary:
    """Writes down what it was called for, and when."""

    def __init__(self, sim):
        self.sim = sim
        self.lines = []

    def note(self, text):
        self.lines.append((self.sim.now, text))

    def note_twice(self, text):
        self.note(text)
        self.sim.at(self.sim.now, self.note, f"{text} again")
        self.sim.at(self.sim.now + 1, self.note, f"{text} later")


def test_entries_are_carried_out_in_the_order_of_time_and_then_of_making():
    sim = Simulation()
    diary = Diary(sim)
    for time, text in ((3.0, "c"), (1.0, "a"), (3.0, "d"), (2.0, "b")):
        sim.at(time, diary.note, text)
    sim.advance(10.0)
    assert diary.lines == [(1.0, "a"), (2.0, "b"), (3.0, "c"), (3.0, "d")]


def test_what_an_entry_asks_for_at_its_own_instant_is_done_at_that_instant():
    sim = Simulation()
    diary = Diary(sim)
    sim.at(1.0, diary.note_twice, "a")
    sim.at(1.0, diary.note, "b")
    sim.advance(10.0)
    assert diary.lines == [(1.0, "a"), (1.0, "b"), (1.0, "a again"), (2.0, "a later")]


def test_a_cancelled_entry_is_never_carried_out_and_does_not_hold_up_the_others():
    sim = Simulation()
    diary = Diary(sim)
    entry = sim.at(1.0, diary.note, "a")
    sim.at(2.0, diary.note, "b")
    entry.cancel()
    assert (bool(entry), sim.calendar.next_time, len(sim.calendar)) == (False, 2.0, 1)
    sim.advance(10.0)
    assert diary.lines == [(2.0, "b")]


def test_a_time_that_has_passed_means_now():
    sim = Simulation()
    diary = Diary(sim)
    sim.advance(5.0)
    sim.at(1.0, diary.note, "late")
    sim.advance(5.0)
    assert diary.lines == [(5.0, "late")]


def test_one_event_of_the_environment_is_armed_for_any_number_of_entries():
    sim = Simulation()
    diary = Diary(sim)
    for number in range(1000):
        sim.at(1000.0 + number, diary.note, number)
    assert len(sim.env._queue) == 1


@pytest.mark.parametrize("unrelated_at", [None, 4.5, 4.9])
def test_what_is_unrelated_does_not_decide_the_order_within_an_instant(unrelated_at) -> None:
    sim, order = Simulation(1), []

    def process():
        yield sim.env.timeout(4.7)
        yield sim.env.timeout(5.0 - 4.7)
        order.append("process")

    sim.start(process())
    sim.at(5.0, order.append, "entry")
    if unrelated_at is not None:
        sim.at(unrelated_at, abs, 0)
    sim.advance(5.0)
    assert order == ["process", "entry"]
