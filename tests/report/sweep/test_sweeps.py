"""A sweep says what its trials say, how sure that is, and what it could not measure."""

from __future__ import annotations

import json

import pytest

from simulator.errors import InputError
from simulator.report.sweep.planning import Prepared, Wanted
from simulator.report.sweep.result import of_points, of_trials, to_json
from simulator.report.sweep.text import to_text
from simulator.report.sweep.writing import check_goal, to_csv, write
from simulator.shell import LineReader
from simulator.trials.store import Store
from tests.trials.small import SMALL


@pytest.fixture
def file(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path / "small.yaml"


def prepared(file, *vary, **others):
    fields = {"on": "here", "seeds": "3", "measures": ("p95",), **others}
    return Prepared(file, Wanted(vary=vary, **fields), LineReader())


def sweep(file, *vary, store=None, tell=None, keep_going=None, **others):
    return prepared(file, *vary, **others).run(store, tell, keep_going)


def test_every_combination_is_tried_under_the_same_seeds(file):
    found = sweep(file, "hosts.0.cores=1,2", "rate=20/s,40/s")
    settings = [(p.settings["hosts.0.cores"], p.settings["rate"]) for p in found.points]
    assert settings == [("1", "20/s"), ("1", "40/s"), ("2", "20/s"), ("2", "40/s")]
    assert {tuple(row.seed for row in point.rows) for point in found.points} == {(1, 2, 3)}


def test_a_mean_and_its_interval_are_of_the_values_of_its_rows(file):
    found = sweep(file, "rate=20/s,40/s")
    first, second = found.points
    values = [row.values["p95"] for row in second.rows]
    assert second.estimates["p95"].mean == pytest.approx(sum(values) / 3)
    assert second.estimates["p95"].low < second.estimates["p95"].mean
    differences = [b.values["p95"] - a.values["p95"] for a, b in zip(first.rows, second.rows)]
    assert second.differences["p95"].mean == pytest.approx(sum(differences) / 3)
    assert first.differences == {}


def test_a_percentile_of_all_requests_is_that_of_the_merged_histogram(file):
    (point,) = sweep(file).points
    values = [row.values["p95"] for row in point.rows]
    assert min(values) <= point.pooled["p95"].value <= max(values)
    assert 450 < point.pooled["p95"].requests < 750  # 3 x 5 s x 40/s


def test_a_sweep_that_was_interrupted_goes_on_where_it_was(file, tmp_path):
    store, seen = Store(tmp_path / "kept"), []
    part = sweep(file, "rate=20/s,40/s", store=store, tell=lambda done, total: seen.append(done),
                 keep_going=lambda: len(seen) < 4)  # fmt: skip
    assert not part.finished
    assert part.trials == 4
    whole = prepared(file, "rate=20/s,40/s")
    again = whole.run(Store(tmp_path / "kept"), lambda done, total: seen.append(total))
    assert again.finished
    assert same(again) == same(sweep(file, "rate=20/s,40/s"))


def same(found):
    return [{**row, "cpu_s": 0} for row in of_trials(found)]


def test_a_trial_that_fails_is_a_row_and_not_the_end(file):
    found = sweep(file, "containers.0.cpus=1,9")
    good, bad = found.points
    assert (good.failed, bad.failed) == (0, 3)
    assert "3 of 3 trials failed" in " ".join(bad.notes)
    assert "no data" in "\n".join(to_text(found))


def test_a_measure_that_lacks_data_in_some_trials_is_said_in_its_row(file):
    found = sweep(file, "rate=0/s,0.2/s", seeds="8")
    none, some = found.points
    assert "p95" not in none.estimates
    assert "p95: no value in 8 of 8 seeds" in none.notes[0]
    with_data = some.estimates["p95"].count
    assert 0 < with_data < 8
    assert (
        f"p95: no value in {8 - with_data} of 8 seeds: no data: nothing was answered"
        in (some.notes[0])
    )
    assert of_points(found)[0]["p95"] is None


def test_more_seeds_are_tried_until_it_is_as_sure_as_is_wanted(file):
    found = sweep(file, "rate=20/s,40/s", target="ci(p95) < 12%")
    for point in found.points:
        one = point.estimates["p95"]
        assert one.half / one.mean < 0.12
        assert one.count > 3


def test_a_target_that_is_out_of_reach_is_said(file):
    found = sweep(file, "rate=20/s,40/s", target="ci(p95) < 0.01ms", most_seeds=5)
    assert [len(point.rows) for point in found.points] == [5, 5]
    assert "ci(p95) < 0.01ms does not hold with 5 seeds" in found.points[0].notes[0]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"vary": ("hosts.0.coers=4",)}, "did you mean 'cores'"),
        ({"vary": ("hosts.0.cores=4,many",)}, "--vary hosts.0.cores=4,many"),
        ({"vary": ("rtae=4",)}, "--vary rtae=4"),
        ({"vary": ("variant=none",)}, "unknown variant"),
        ({"vary": ("runtime=runk",)}, "did you mean 'runc'"),
        ({"vary": ("seed=1,2",)}, "--seeds"),
        ({"measures": ("x=percentle('web', 95)",)}, "did you mean 'percentile'"),
        ({"measures": ("p95", "p95")}, "two measures of one name"),
        ({"measures": ("x=open('/etc/passwd')",)}, "unknown measure"),
        ({"target": "ci(p9) < 5%"}, "did you mean 'p95'"),
        ({"target": "p95 < 5%"}, "bad target"),
        ({"target": "ci(p95) < 0"}, "bad target"),
        ({"find": "the best"}, "bad search"),
        ({"find": "min rate with p95 < 1 s"}, "where to search"),
        ({"find": "min rate in 1..9 with p95"}, "no condition to search by"),
        ({"find": "min rate in 1..9 with p95 == 1"}, "no condition to search by"),
        ({"on": "mars"}, "no such place"),
        ({"seeds": "none"}, "bad seeds"),
        ({"sets": ("hosts.0.coers=4",)}, "did you mean 'cores'"),
    ],
)
def test_bad_words_are_refused_before_anything_runs(file, words, problem):
    done, words = [], dict(words)
    with pytest.raises(InputError, match=problem.replace("(", r"\(")):
        sweep(file, *words.pop("vary", ()), tell=lambda *_: done.append(1), **words)
    assert done == []


def test_a_short_word_needs_one_service(file):
    file.write_text(SMALL + "  api: 1/s\n")
    with pytest.raises(InputError, match="p95 of which service: found 'api, web'"):
        prepared(file)


def test_nothing_said_measures_what_is_usual(file):
    assert [*sweep(file, measures=()).measures] == ["web p95", "web errors"]


# --- searching --------------------------------------------------------------------------------


def test_the_least_value_is_found_without_trying_all(file):
    text = SMALL.replace("workers=4", "workers=1").replace("cores: 2", "cores: 16")
    text = text.replace("rate: 40/s", "rate: 150/s, replicas: '1'")
    file.write_text(text.replace("name: web,", "name: web, replicas: '${replicas}',"))
    found = sweep(file, find="min replicas in 1..16 with p95 < 120 ms", measures=())
    replicas = int(found.answer.partition("=")[2].split()[0])
    tried = {int(point.settings["replicas"]) for point in found.points}
    assert len(tried) <= 7
    assert {replicas - 1, replicas, replicas + 1} <= tried
    assert 4 <= replicas <= 8
    held = {int(p.settings["replicas"]): p.estimates["p95"].mean for p in found.points}
    assert held[replicas] < 0.12 <= held[replicas - 1]


def test_nothing_that_holds_is_said(file):
    found = sweep(file, find="min hosts.0.cores in 1..4 with p95 < 1 ms", measures=())
    assert found.answer == "no hosts.0.cores of 1 to 4 holds p95 < 0.001"
    assert len(found.points) == 1


# --- what is written --------------------------------------------------------------------------


def test_records_are_plain_and_csv_has_a_line_for_each(file):
    found = sweep(file, "rate=20/s,40/s")
    trials, points = of_trials(found), of_points(found)
    assert len(trials) == 6
    assert [record["rate"] for record in points] == ["20/s", "40/s"]
    assert {type(value) for record in trials for value in record.values()} <= {
        str, int, float, type(None),
    }  # fmt: skip
    assert to_csv(trials).count("\n") == 7
    assert json.loads(to_json(found))["points"][1]["estimates"]["p95"]["count"] == 3


def test_a_file_that_cannot_be_written_leaves_the_old_one(file, tmp_path, monkeypatch):
    goal = tmp_path / "out.csv"
    goal.write_text("old")

    def full(path, body):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulator.report.sweep.writing.replace_file", full)
    with pytest.raises(Exception, match="No space left on device; trials are kept"):
        write("--csv", goal, [{"a": 1}])
    assert goal.read_text() == "old"


def test_parquet_without_pyarrow_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.report.sweep.writing.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install pyarrow"):
        check_goal("--parquet", tmp_path / "out.parquet")


def test_a_goal_in_no_folder_is_refused_before_the_sweep(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        check_goal("--csv", tmp_path / "none" / "out.csv")
