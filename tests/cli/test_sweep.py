"""``drydock sweep`` as a person types it."""

from __future__ import annotations

import json

import pytest

from simulator.cli import main
from tests.trials.small import SMALL


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


WORDS = ("sweep", "small.yaml", "--on", "here", "--seeds", "3", "--measure", "p95")


def test_a_table_with_intervals_a_chart_and_the_command_are_printed(capsys):
    assert main([*WORDS, "--vary", "rate=20,40"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "p95 = percentile('web', 95)"
    assert lines[2].split("  ")[0] == "RATE"
    assert "95% INTERVAL" in lines[2]
    assert any(line.startswith("p95 by rate (s)") for line in lines)
    assert lines[-1] == f"again: drydock {' '.join(WORDS)} --vary rate=20,40"


def test_what_was_tried_once_is_not_tried_again(capsys, monkeypatch):
    main([*WORDS, "--json"])
    first = json.loads(capsys.readouterr().out)
    monkeypatch.setattr("simulator.trials.conducting.play", None)
    main([*WORDS, "--json"])
    second = json.loads(capsys.readouterr().out)
    assert first["points"] == second["points"]


def test_files_have_a_line_a_combination_or_a_line_a_trial(home):
    main([*WORDS, "--vary", "rate=20,40", "--csv", "points.csv"])
    main([*WORDS, "--vary", "rate=20,40", "--csv", "trials.csv", "--trials"])
    assert len((home / "points.csv").read_text().splitlines()) == 3
    assert len((home / "trials.csv").read_text().splitlines()) == 7


def test_a_search_is_answered_in_a_sentence(capsys):
    words = [*WORDS, "--find", "max rate in 20..60:20 with errors < 5% and p95 < 1 s"]
    assert main(words) == 0
    answer = "rate=60 is the greatest with errors < 0.05 and p95 < 1"
    assert answer in capsys.readouterr().out


def test_a_shipped_scenario_is_called_by_its_name(capsys):
    words = ("sweep", "first-steps", "--until", "2s", "--seeds", "1", "--on", "here")
    assert main(words) == 0
    assert "1 trial, seeds 1 to 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--vary", "a=1..1000", "--vary", "b=1..1000", "--vary", "c=1..1000"], "1,000,000,000"),
        (["--vary", "rate=1.."], "a range without an end"),
        (["--vary", "hosts.0.coers=1"], "did you mean 'cores'?"),
        (["--csv", "no/such/folder.csv"], "no such folder"),
        (["--on", "tcp"], "no such place to run trials"),
    ],
)
def test_bad_words_are_one_line_and_exit_code_2(capsys, words, problem):
    assert main([*WORDS, *words]) == 2
    error = capsys.readouterr().err
    assert problem in error
    assert error.count("\n") == 1
