"""A trial is data, and what comes of it depends on nothing else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.scenario import build, load
from simulator.trials.bundle import Bundle, Files, digest_of, gather, kept
from simulator.trials.run import run
from simulator.trials.store import Store
from simulator.trials.trial import (
    LogTrial,
    Outcome,
    ScenarioTrial,
    outcome_from_json,
    to_json,
    trial_from_json,
)
from simulator.world import as_json
from tests.trials.small import SMALL, small, trial

WORDS = st.text(max_size=6)


@pytest.fixture(scope="module")
def files():
    with kept(small().contents) as found:
        yield found


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        ScenarioTrial,
        scenario=WORDS,
        files=st.dictionaries(WORDS, WORDS, max_size=3),
        changes=st.lists(WORDS, max_size=3).map(tuple),
        traffic=st.lists(WORDS, max_size=2).map(tuple),
        seed=st.integers(0, 2**62),
        measures=st.dictionaries(WORDS, WORDS, max_size=3),
        name=WORDS,
        model=WORDS,
    )
    | st.builds(LogTrial, log=WORDS, until_s=st.floats(0, 1e9), seed=st.integers(0, 9))
)
def test_a_trial_comes_back_from_json_as_it_was_with_the_same_key(one):
    again = trial_from_json(to_json(one))
    assert one == again
    assert one.key == again.key


def test_every_part_of_a_trial_is_in_its_key():
    one = trial(1)
    others = [
        trial(2),
        trial(1, "parameters.rate=50/s"),
        trial(1, measures={}),
        trial(1, model="another"),
        trial(1, text=SMALL + "# another text\n"),
        trial(1, traffic=("web 1/s",)),
    ]
    keys = {one.key, *(other.key for other in others)}
    assert len(others) + 1 == len(keys)


def test_the_order_of_files_and_measures_is_not_in_the_key():
    one = trial(1, measures={"a": "1", "b": "2"})
    assert one.key == trial(1, measures={"b": "2", "a": "1"}).key


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"of": "lesson"}', '{"of": "scenario", "scenario": 1, "files": {}}',
             '{"of": "scenario", "scenario": "a", "files": {}, "code": "x"}',
             '{"of": "scenario", "scenario": "a", "files": {}, "format": 2}'],
)  # fmt: skip
def test_what_is_no_trial_is_refused(text):
    with pytest.raises(InputError):
        trial_from_json(text)


def test_a_trial_gives_what_its_scenario_gives_when_it_is_run_alone(files, tmp_path):
    from simulator.trials.playing import Run

    (tmp_path / "small.yaml").write_text(SMALL)
    alone = Run(load(tmp_path / "small.yaml", seed=3))
    alone.go()
    alone.session.world.settle()
    found = run(trial(3), files)
    assert found.error is None
    assert alone.session.world.journal.digest == found.digest
    answered = alone.session.world.service("web").tally.latencies
    assert answered.percentile(95)[0] == found.values["p95"]


def test_an_outcome_comes_back_from_json_as_it_was(files):
    found = run(trial(1), files)
    assert found == outcome_from_json(to_json(found))
    assert found.histograms["web"].count > 0


def test_changes_say_what_they_say_after_set(files, tmp_path):
    text = SMALL.replace("cores: 2", "cores: 1").replace("40/s", "70/s")
    with kept(small(text).contents) as others:
        written = run(trial(1, text=text), others)
    changed = run(trial(1, "hosts.0.cores=1", "parameters.rate=70/s"), files)
    assert written.digest == changed.digest


def test_a_log_of_commands_is_a_trial_too(files, tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    built = build(load(tmp_path / "small.yaml", seed=3))
    built.world.advance(built.end_s)
    log = LogTrial(
        log=as_json.to_json(built.world.log), until_s=built.end_s, seed=3,
        measures={"p95": "percentile('web', 95)"},
    )  # fmt: skip
    assert run(trial(3), files).values["p95"] == run(log, files).values["p95"]


def test_a_measure_without_data_is_said_and_is_no_zero(files):
    measures = {
        "p95": "percentile('web', 95)", "errors": "error_rate('web')",
        "never": "first_above('web.p95', 1000)", "gone": "percentile('webb', 95)",
    }  # fmt: skip
    found = run(trial(1, "parameters.rate=0/s", measures=measures), files)
    assert found.values == {}
    assert sorted(measures) == sorted(found.missing)
    assert "nothing was answered" in found.missing["p95"]
    assert "did you mean 'web'?" in found.missing["gone"]


def test_a_trial_that_cannot_be_run_is_an_outcome_that_says_why(files):
    found = run(trial(1, "hosts.0.coers=4"), files)
    assert found.values == {}
    assert "did you mean 'cores'?" in found.error


def test_a_fault_of_the_model_is_an_outcome_too(files, monkeypatch):
    monkeypatch.setattr("simulator.trials.run._scenario", lambda trial, files: 1 / 0)
    assert run(trial(1), files).error == "unexpected ZeroDivisionError: division by zero"


def test_lines_of_the_script_that_were_refused_are_told(files):
    text = SMALL + 'script:\n- "@1s docker stop nobody"\n'
    with kept(small(text).contents) as others:
        found = run(trial(1, text=text), others)
    assert found.error is None
    assert "nobody" in found.warnings[0]


def test_nothing_said_means_latency_and_errors_of_each_service(files):
    assert {"web p95", "web errors"} == set(run(trial(1, measures={}), files).values)


# --- files ------------------------------------------------------------------------------------


def test_files_that_a_scenario_names_travel_and_others_stay(tmp_path):
    (tmp_path / "main.yaml").write_text("include: base.yaml\nimages: [{build: app, tag: app}]\n")
    (tmp_path / "base.yaml").write_text("traffic: {web: file access.log}\n")
    (tmp_path / "access.log").write_text("log")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM nginx\n")
    (tmp_path / "secret.txt").write_text("no")
    (tmp_path / ".env").write_text("A=1")
    found = gather(tmp_path, "main.yaml")
    assert [*found.paths] == [".env", "access.log", "app/Dockerfile", "base.yaml", "main.yaml"]


def test_a_folder_that_is_meant_as_a_whole_travels_as_a_whole(tmp_path):
    (tmp_path / "main.yaml").write_text('script: ["@0s docker build ."]\n')
    (tmp_path / "any").write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    assert [*gather(tmp_path, "main.yaml").paths] == ["any", "main.yaml"]


def test_a_link_out_of_the_folder_stays_behind(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "in" / "main.yaml").write_text("outside\n")
    (tmp_path / "in" / "outside").symlink_to(tmp_path / "outside")
    assert [*gather(tmp_path / "in", "main.yaml").paths] == ["main.yaml"]


@pytest.mark.parametrize("path", ["../out", "/out", "a/../../out"])
def test_no_file_of_a_trial_is_written_outside_its_folder(tmp_path, path):
    body = b"x"
    files = Files(tmp_path / "root")
    files.keep({digest_of(body): body})
    with pytest.raises(InputError, match="leads out of the folder"):
        files.folder({path: digest_of(body)})


def test_a_file_that_did_not_travel_is_named(tmp_path):
    files = Files(tmp_path)
    files.keep({})
    with pytest.raises(InputError, match=r"found 'a\.yaml'"):
        files.folder({"a.yaml": "0" * 64})


def test_more_text_is_one_more_file():
    bundle = Bundle({}, {}).with_text("a", "b")
    assert {"a": digest_of(b"b")} == bundle.paths


# --- what is kept -----------------------------------------------------------------------------


def test_a_finished_trial_is_found_again_by_its_key(tmp_path):
    outcome = Outcome(key="ab" * 32, values={"p95": 0.1})
    store = Store(tmp_path / "new" / "folder")
    store.put(outcome)
    assert outcome == Store(tmp_path / "new" / "folder").get(outcome.key)
    assert store.get("cd" * 32) is None


def test_a_file_that_was_cut_off_or_is_of_another_trial_counts_as_not_there(tmp_path):
    outcome = Outcome(key="ab" * 32, values={"p95": 0.1})
    store = Store(tmp_path)
    store.put(outcome)
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    path.write_bytes(path.read_bytes()[:-3])
    assert store.get(outcome.key) is None
    path.write_bytes(to_json(msgspec.structs.replace(outcome, key="cd" * 32)))
    assert store.get(outcome.key) is None


def test_a_failure_is_tried_again_the_next_time(tmp_path):
    store = Store(tmp_path)
    store.put(Outcome(key="ab" * 32, error="no memory"))
    assert store.get("ab" * 32) is None


def test_a_full_disk_is_told_and_keeps_what_was_there(tmp_path, monkeypatch):
    store = Store(tmp_path)
    first, second = Outcome(key="ab" * 32), Outcome(key="ab" + "cd" * 31)
    store.put(first)

    def full(source, goal):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulator.trials.store.os.replace", full)
    store.put(second)
    assert f"{tmp_path}: No space left on device" == store.problem
    assert store.get(first.key) == first
    assert store.get(second.key) is None
    assert len([one for one in tmp_path.rglob("*") if one.is_file()]) == 1
