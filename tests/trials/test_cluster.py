"""Trials on the workers of a Dask scheduler, which is started here on the loopback."""

from __future__ import annotations

import json
import os
import signal

import pytest

from simulator.cli import main
from simulator.errors import InputError
from simulator.trials.run import play
from simulator.trials.runners import on
from simulator.trials.trial import outcome_from_json, to_json
from tests.trials.small import small, trial

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1", silence_logs=50,
    ) as made:  # fmt: skip
        made.wait_for_workers(2, timeout=60)
        yield made


@pytest.mark.slow
def test_every_trial_is_done_exactly_once_though_a_worker_dies_in_the_middle(cluster):
    trials = [to_json(trial(seed)) for seed in range(1, 25)]
    with on("here") as here:
        alone = {
            one.number: outcome_from_json(one.result).same
            for one in here.each(play, trials, small().contents)
        }
    found: list[tuple[int, object]] = []
    with on(cluster.scheduler_address) as runner:
        for one in runner.each(play, trials, small().contents):
            if not found:
                victim = sorted(cluster.workers.values(), key=lambda each: each.pid)[0].pid
                os.kill(victim, signal.SIGKILL)
            found.append((one.number, outcome_from_json(one.result).same))
    assert len(found) == len(trials)
    assert dict(found) == alone


@pytest.mark.slow
def test_a_sweep_on_a_cluster_is_the_sweep_on_this_machine(cluster, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    words = ["sweep", "first-steps", "--seeds", "2", "--fresh", "--json", "--until", "20s"]
    assert main([*words, "--on", "here"]) == 0
    alone = capsys.readouterr().out
    assert main([*words, "--on", cluster.scheduler_address]) == 0
    there, here = json.loads(capsys.readouterr().out), json.loads(alone)
    assert _measured(there) == _measured(here)


def _measured(found):
    rows = [row for point in found["points"] for row in point["rows"]]
    return [(row["seed"], row["digest"], row["values"]) for row in rows]


@pytest.mark.slow
def test_a_worker_with_another_version_is_named(cluster, monkeypatch):
    monkeypatch.setattr("simulator.trials.runners.cluster.version", lambda: "0.0.1 other")
    with pytest.raises(InputError, match="has another version"):
        on(cluster.scheduler_address)


def test_a_scheduler_that_is_not_there_is_an_error_of_one_line(monkeypatch):
    monkeypatch.setattr("simulator.trials.runners.cluster.CONNECT_S", 0.2)
    with pytest.raises(InputError, match="no scheduler answers"):
        on("tcp://127.0.0.1:9")
