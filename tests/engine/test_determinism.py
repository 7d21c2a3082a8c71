"""Seed and commands are everything: byte-identical histories, here and in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import CommandLog, Event, Journal, Simulation, Streams
from simulator.engine.journal import BLOCK

STORY = """
import sys
sys.path.insert(0, {tests!r})
from harbour import harbour, run, send, serve
from simulator.world.commands import CreateVm, InjectFault, StopContainer
world = harbour({seed}, cores=2)
serve(world, "server cpu=8ms workers=4 queue=20", replicas=3, balancer="two-choices", cpus=0.5)
run(world, "leak", "leak rate=30MiB memory=20MiB", memory_bytes=200 << 20, restart="always")
world.apply(CreateVm(name="vm", memory_bytes=1 << 30))
send(world, "burst 200 idc=20 scale=5s", timeout_s=0.5, retries=2, jitter=0.5)
world.advance(30.0)
world.apply(InjectFault(kind="crash", target="web-1"))
world.apply(StopContainer(name="web-2"))
world.advance(60.0)
print(world.journal.digest, world.services["web"].tally.outcomes(),
      world.recorder.series("service/web/p99").values.sum())
"""


def told(seed: int, hash_seed: str) -> str:
    script = STORY.format(seed=seed, tests=str(Path(__file__).parent.parent))
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_another_process_with_another_hash_seed_writes_the_same_history():
    first, second = told(7, "1"), told(7, "4711")
    assert first == second
    assert "arrived" in first


def test_another_seed_is_another_history():
    assert told(7, "1") != told(8, "1")


# streams -----------------------------------------------------------------------------------------


def test_a_new_consumer_shifts_nobody():
    alone, together = Streams(3), Streams(3)
    together("noise").random(1000)
    assert alone("arrivals").random(5).tolist() == together("arrivals").random(5).tolist()


def test_streams_differ_by_name_and_by_seed():
    draws = {
        tuple(Streams(seed)(name).random(3).tolist())
        for seed in (1, 2, 12)
        for name in ("a", "b", "ab", "2a")
    }
    assert len(draws) == 12


def test_a_stream_keeps_its_place():
    streams = Streams(1)
    first = streams("x").random(2).tolist() + streams("x").random(3).tolist()
    assert first == Streams(1)("x").random(5).tolist()


# journal -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SomethingHappened(Event):
    subject: str
    value: float


def written(entries, capacity: int = 100) -> Journal:
    journal = Journal(capacity)
    for time, subject, value in entries:
        journal.append(time, SomethingHappened(subject, value))
    return journal


ENTRIES = st.lists(
    st.tuples(st.floats(0, 1e6), st.text(max_size=5), st.floats(allow_nan=False)), max_size=20
)


@given(entries=ENTRIES, capacity=st.integers(1, 10))
def test_the_digest_covers_what_was_dropped(entries, capacity):
    small, large = written(entries, capacity), written(entries)
    assert small.digest == large.digest
    assert len(small) == min(capacity, len(entries))
    assert [entry.seq for entry in large] == list(range(len(entries)))


@given(entries=ENTRIES, index=st.integers(0, 19))
def test_any_difference_shows_in_the_digest(entries, index):
    if index < len(entries):
        changed = list(entries)
        time, subject, value = changed[index]
        changed[index] = (time, subject + "x", value)
        assert written(changed).digest != written(entries).digest
    assert written([*entries, (0.0, "one more", 1.0)]).digest != written(entries).digest


@given(entries=ENTRIES, capacity=st.integers(1, 10), since=st.integers(0, 25))
def test_since_gives_what_is_kept_from_a_number_on(entries, capacity, since):
    journal = written(entries, capacity)
    assert journal.since(since) == [entry for entry in journal if entry.seq >= since]
    assert journal.last(since) == (list(journal)[-since:] if since else [])


def test_a_rounding_below_a_nanosecond_is_no_difference():
    assert written([(0.1 + 0.2, "a", 0.1 + 0.2)]).digest == written([(0.3, "a", 0.3)]).digest


def test_counts_and_digest_cover_what_blocks_were_dropped():
    entries = [(float(number), "a", 1.0) for number in range(3 * BLOCK + 7)]
    journal = written(entries, capacity=BLOCK // 2)
    assert journal.count_of("SomethingHappened") == len(entries)
    assert [entry.seq for entry in journal] == list(range(journal.dropped, len(entries)))
    assert (len(journal), journal.dropped) == (BLOCK // 2, len(entries) - BLOCK // 2)
    assert len(journal._blocks) == 1
    assert journal.since(len(entries) - BLOCK // 4)[0].seq == len(entries) - BLOCK // 4
    assert journal.digest == written(entries, capacity=10_000).digest


# command log -------------------------------------------------------------------------------------


def test_a_log_gives_the_past_and_forgets_the_last():
    log: CommandLog[str] = CommandLog()
    for time, command in ((0.0, "a"), (1.0, "b"), (1.0, "c"), (2.0, "d")):
        log.add(time, command)
    assert [one.command for one in log.before(1.0)] == ["a", "b", "c"]
    assert [one.command for one in log.first(3)] == ["a", "b", "c"]
    assert len(log) == 4


# time --------------------------------------------------------------------------------------------


def ticking(sim: Simulation, heard: list[float]):
    while True:
        yield sim.env.timeout(0.7)
        heard.append(sim.now)


@given(cuts=st.lists(st.floats(0.0, 10.0), max_size=10))
def test_cutting_time_into_pieces_changes_no_event(cuts):
    heard: list[list[float]] = [[], []]
    for pieces, times in zip(([], sorted(cuts)), heard, strict=True):
        sim = Simulation()
        sim.start(ticking(sim, times))
        for cut in pieces:
            sim.advance(cut)
            assert sim.now == max(cut, 0.0)
        sim.advance(10.0)
        assert sim.now == 10.0
    assert heard[0] == heard[1]
    assert len(heard[0]) == 14


def test_an_advance_can_be_stopped_between_two_instants_and_taken_up_again():
    sim = Simulation()
    heard: list[float] = []
    sim.start(ticking(sim, heard))
    assert not sim.advance(10.0, lambda: len(heard) < 3)
    assert sim.now == pytest.approx(2.1)
    assert sim.advance(10.0, lambda: True)
    assert len(heard) == 14


def test_going_nowhere_and_going_back_are_harmless():
    sim = Simulation()
    sim.advance(5.0)
    assert sim.advance(5.0)
    assert sim.advance(1.0)
    assert sim.now == 5.0


def test_a_call_in_the_past_is_made_now():
    sim = Simulation()
    sim.advance(5.0)
    heard: list[float] = []
    sim.at(1.0, lambda: heard.append(sim.now))
    sim.at(6.0, lambda: heard.append(sim.now))
    sim.advance(10.0)
    assert heard == [5.0, 6.0]


class Alarm:
    """An eager part that must act at given times."""

    def __init__(self, sim: Simulation, times: list[float]) -> None:
        self.sim, self.times, self.acted = sim, sorted(times), []

    def run_ahead(self, until: float) -> float | None:
        return self.times[0] if self.times and self.times[0] <= until else None

    def act(self, now: float) -> None:
        assert now == self.sim.now
        self.acted.append(self.times.pop(0))


@given(times=st.lists(st.floats(0.0, 9.0), max_size=8), others=st.lists(st.floats(0.0, 9.0)))
def test_eager_parts_act_at_their_own_instants(times, others):
    sim = Simulation()
    one, two = Alarm(sim, times), Alarm(sim, others[:5])
    sim.eager += [one, two]
    heard: list[float] = []
    sim.start(ticking(sim, heard))
    sim.advance(10.0)
    assert one.acted == sorted(times)
    assert two.acted == sorted(others[:5])
    assert len(heard) == 14


def test_an_instant_that_is_waited_for_is_met_to_its_last_bit():
    # 1.4 + (6.3 - 1.4) is not 6.3.
    sim = Simulation()
    alarm = Alarm(sim, [1.4, 6.3])
    sim.eager.append(alarm)
    sim.advance(7.3)
    assert 1.4 + (6.3 - 1.4) != 6.3
    assert (alarm.acted, sim.now) == ([1.4, 6.3], 7.3)
