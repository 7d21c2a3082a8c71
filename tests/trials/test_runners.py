"""Who carries trials out, and when, changes nothing of what comes of them."""

from __future__ import annotations

import os
import signal
import time

import pytest

from simulator.errors import InputError
from simulator.trials.run import play
from simulator.trials.runners import on
from simulator.trials.runners.protocol import named
from simulator.trials.trial import outcome_from_json, to_json
from tests.trials.small import small, trial


def outcomes(runner, trials, **how):
    found = runner.each(play, [to_json(one) for one in trials], small().contents, **how)
    return {one.number: outcome_from_json(one.result).same for one in found}


@pytest.mark.slow
def test_outcomes_are_equal_here_and_in_processes_in_any_order():
    trials = [
        trial(1),
        trial(2),
        trial(1, "parameters.rate=80/s"),
        trial(1, "hosts.0.coers=1"),
        trial(1),
    ]
    with on("here") as here, on("processes:2") as others:
        alone = outcomes(here, trials)
        assert alone == outcomes(others, trials)
        backwards = outcomes(others, trials[::-1])
    assert [alone[i] for i in range(5)] == [backwards[i] for i in range(4, -1, -1)]
    assert alone[0] == alone[4]
    assert alone[3].error is not None


def dying(item: bytes, files: object) -> bytes:
    """For a worker: what says die dies, all else is its process."""
    if item == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == b"wait":
        time.sleep(60)
    return str(os.getpid()).encode()


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """``dying`` as a function of the package, in its workers."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, types, os, signal, time\n"
        "found = types.ModuleType('simulator.dying')\n"
        "def dying(item, files):\n"
        "    if item == b'die': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    if item == b'wait': time.sleep(60)\n"
        "    return str(os.getpid()).encode()\n"
        "found.dying = dying\n"
        "sys.modules['simulator.dying'] = found\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(dying, "__module__", "simulator.dying")
    return dying


def test_a_process_that_dies_takes_only_its_own_item_with_it(deadly):
    with on("processes:1") as runner:
        found = sorted(runner.each(deadly, [b"a", b"die", b"b"], {}))
    assert [one.problem for one in found] == ["", "the process that ran it ended (signal 9)", ""]
    assert found[0].result != found[2].result


def test_who_stops_gets_what_is_done_and_need_not_wait_for_the_rest(deadly):
    done: list[int] = []
    with on("processes:2") as runner:
        items = [b"a", b"wait", b"wait", b"wait"]
        results = runner.each(deadly, items, {}, lambda: not done)
        for one in results:
            done += [one.number]
        assert done == [0]
        assert len(list(runner.each(deadly, [b"again"], {}))) == 1


def test_items_are_taken_only_when_there_is_room(deadly):
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield b"x"

    with on("processes:1") as runner:
        results = runner.each(deadly, items(), {})
        next(results)
        results.close()
    assert len(taken) <= 8


def test_workers_stay_for_the_next_items(deadly):
    with on("processes:1") as runner:
        (first,) = runner.each(deadly, [b"a"], {})
        (second,) = runner.each(deadly, [b"b"], {})
    assert first.result == second.result


def test_a_fault_in_who_gives_the_items_is_raised_where_they_are_asked_for(deadly):
    def items():
        yield b"a"
        raise InputError("bad item")

    with on("processes:1") as runner, pytest.raises(InputError, match="bad item"):
        list(runner.each(deadly, items(), {}))


@pytest.mark.parametrize("word", ["", "there", "processes:0", "processes:x", "processes:9999",
                                  "here:2"])  # fmt: skip
def test_an_unknown_place_is_refused(word):
    with pytest.raises(InputError, match="processes"):
        on(word)


@pytest.mark.parametrize("name", ["os:system", "simulator.trials.run", "simulator.trials.run:os.x"])
def test_a_worker_calls_nothing_but_functions_of_the_package(name):
    with pytest.raises(InputError):
        named(name)
