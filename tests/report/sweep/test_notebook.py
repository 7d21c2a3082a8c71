"""Sweeps from Python give plain records."""

from __future__ import annotations

import subprocess
import sys

import pytest

import simulator
from simulator import Scenario, sweep
from simulator.errors import InputError
from tests.trials.small import SMALL


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "home"))
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path / "small.yaml"


def test_a_record_is_a_combination_with_means_and_intervals(file):
    rows = sweep(Scenario(file), {"rate": [20, 40]}, seeds=3, measures=["p95"], on="here")
    assert [row["rate"] for row in rows] == [20, 40]
    assert rows[0]["p95 low"] < rows[0]["p95"] < rows[0]["p95 high"]


def test_or_it_is_a_trial(file):
    one = Scenario(file, changes={"hosts.0.cores": 1}, traffic={"web": "poisson 30/s"})
    rows = sweep(one, seeds=[7, 9], measures={"p99": "percentile('web', 99)"}, each="trial",
                 on="here")  # fmt: skip
    assert [row["seed"] for row in rows] == [7, 9]
    assert all(row["p99"] > 0 and row["error"] is None for row in rows)


def test_values_with_commas_stay_whole(file):
    values = ["diurnal mean=30 days=1,0.7", "20/s"]
    rows = sweep(file, {"traffic.web": values}, seeds=1, each="trial", on="here", until="1s")
    assert len(rows) == 2


def test_bad_words_are_input_errors(file):
    with pytest.raises(InputError, match="did you mean 'rate'"):
        sweep(file, {"rtae": [1]}, on="here")
    with pytest.raises(InputError, match="point or trial"):
        sweep(file, each="row")


def test_the_package_itself_stays_light():
    code = (
        "import simulator, sys; print(len([m for m in sys.modules if m.startswith('simulator')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
    with pytest.raises(AttributeError):
        simulator.nothing  # noqa: B018
