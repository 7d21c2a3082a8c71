"""Designs side by side meet the same chance, so that their difference is their own."""

from __future__ import annotations

import json

import pytest

from simulator.cli import main
from simulator.errors import InputError
from simulator.report.sweep.comparing import Asked, Comparison, to_text
from tests.trials.small import SMALL


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "home"))
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path / "small.yaml"


def compared(*files, **others):
    asked = Asked(files=tuple(files), on="here", **{"seeds": "4", **others})
    return Comparison(asked).run()


def designs(found):
    return [point.settings["design"] for point in found.points]


def test_a_scenario_with_and_without_a_change(file):
    found = compared((file, ()), others=("containers.0.workload=server cpu=25ms workers=4",))
    assert designs(found)[0] == "as it is"
    plain, changed = found.points
    requests = [[row.values["web requests"] for row in p.rows] for p in (plain, changed)]
    assert requests[0] == requests[1]
    assert changed.differences["web mean"].low > 0


def test_a_paired_difference_is_surer_than_two_means_are(file):
    found = compared((file, ()), others=("containers.0.workload=server cpu=21ms workers=4",))
    plain, changed = (point.estimates["web mean"] for point in found.points)
    assert changed.low < plain.high
    assert found.points[1].differences["web mean"].low > 0


def test_two_files_each_with_its_own_changes(file, tmp_path):
    (tmp_path / "other.yaml").write_text(SMALL.replace("cores: 2", "cores: 1"))
    found = compared((file, ("rate=80/s",)), (tmp_path / "other.yaml", ("rate=80/s",)))
    assert designs(found) == ["small", "other"]
    assert found.points[1].differences["web p95"].low > 0


def test_one_file_twice_is_called_by_its_changes(file):
    found = compared((file, ("rate=20/s",)), (file, ("rate=30/s",)), (file, ("rate=30/s",)))
    assert designs(found) == [
        "small, parameters.rate=20/s", "small, parameters.rate=30/s",
        "small, parameters.rate=30/s (3)",
    ]  # fmt: skip


def test_a_scenario_in_its_variants(file):
    file.write_text(SMALL + "variants: {calm: {rate: 10/s}, busy: {rate: 60/s}}\n")
    assert designs(compared((file, ()))) == ["calm", "busy"]


def test_the_text_has_a_line_a_measure_and_one_chart(file):
    lines = to_text(compared((file, ()), others=("rate=80/s",)))
    assert sum(line.startswith("web p95  ") for line in lines) == 1
    assert sum("|--| its 95% interval" in line for line in lines) == 1


def test_a_set_belongs_to_the_file_before_it_and_before_all_files_to_all(file, capsys):
    words = ["compare", "--set", "until=2s", str(file), "--set", "rate=20/s", str(file),
             "--set=rate=30/s", "--on", "here", "--seeds", "1", "--json"]  # fmt: skip
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert [point["settings"]["design"] for point in found["points"]] == [
        "small, until=2s, parameters.rate=20/s", "small, until=2s, parameters.rate=30/s",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("others", "problem"),
    [
        ({"others": ("rtae=4",)}, "--with rtae=4: unknown key.*did you mean 'rate'"),
        ({"others": ("rate",)}, "--with rate: bad change"),
        ({"runtimes": "runk"}, "did you mean 'runc'"),
        ({"measures": ("x=nothing()",)}, "unknown measure"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_runs(file, others, problem):
    with pytest.raises(InputError, match=problem):
        Comparison(Asked(files=((file, ()),), **others))


def test_changes_and_runtimes_are_for_one_scenario(file):
    with pytest.raises(InputError, match="found '2 scenarios'"):
        Comparison(Asked(files=((file, ()), (file, ())), others=("rate=1/s",)))
