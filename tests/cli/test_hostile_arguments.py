"""Arguments and places that no program should have to bear."""

from __future__ import annotations

import json
import os

import pytest

from simulator.cli import main
from simulator.course.progress import home
from simulator.errors import InputError


@pytest.mark.parametrize(
    "words",
    [
        ["density", "--price", "nan", "batch cpu=1s"],
        ["density", "--price", "inf", "batch cpu=1s"],
        ["density", "--cpu", "1e-308", "batch cpu=1s"],
        ["density", "--cores", "1e300", "batch cpu=1s"],
        ["lesson", "play", "the-knee", "--student", "\udcff"],
        ["run", "\udcff.yaml"],
    ],
)
def test_an_argument_that_means_nothing_is_refused_in_one_line(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_user_without_a_home_is_told_where_progress_could_be_kept(monkeypatch):
    def nobody(*_: object, **__: object) -> str:
        raise RuntimeError("could not determine the home directory")

    for name in ("DRYDOCK_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("platformdirs.user_data_dir", nobody)
    with pytest.raises(InputError, match="DRYDOCK_HOME"):
        home()


def test_a_record_is_not_written_onto_a_file_that_is_none(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("format: 1\nhosts: [{name: a}]\nuntil: 1s\n")
    text = path.read_text()
    assert main(["run", str(path), "--record", str(path)]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert path.read_text() == text


def test_a_record_of_another_run_is_replaced_whole(tmp_path, capsys):
    path, record = tmp_path / "mine.yaml", tmp_path / "record"
    path.write_text("format: 1\nhosts: [{name: a}]\nuntil: 1s\n")
    for seed in ("1", "2"):
        assert main(["run", str(path), "--seed", seed, "--record", str(record)]) == 0
    assert json.loads(record.read_text().split("\n")[0])["seed"] == 2
    assert sorted(os.listdir(tmp_path)) == ["mine.yaml", "record"]


def test_a_disk_that_is_full_leaves_the_record_that_was_there(tmp_path, monkeypatch, capsys):
    path, record = tmp_path / "mine.yaml", tmp_path / "record"
    path.write_text("format: 1\nhosts: [{name: a}]\nuntil: 1s\n")
    assert main(["run", str(path), "--record", str(record)]) == 0
    before = record.read_text()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["run", str(path), "--seed", "5", "--record", str(record)]) == 2
    assert record.read_text() == before


ESCAPE = "\x1b[2J\x1b]0;x\x07"


@pytest.mark.parametrize(
    "text",
    [
        f'"{ESCAPE}": 1\n"{ESCAPE}": 2\n',
        f'format: 1\n"{ESCAPE}": 2\n',
        f'format: 1\nhosts: [{{name: "{ESCAPE}"}}]\n',
        f'format: 1\nhosts: [{{name: a}}]\ntraffic: {{web: "file {ESCAPE}"}}\n',
        f'format: 1\nhosts: [{{name: a}}]\nimages: [{{build: "{ESCAPE}", tag: x}}]\n',
        f'format: 1\nhosts: [{{name: a}}]\nscript: ["@1s {ESCAPE}"]\n',
    ],
)
def test_a_scenario_cannot_make_a_terminal_obey(tmp_path, text, capsys):
    path = tmp_path / "theirs.yaml"
    path.write_text(text.replace("\x1b", "\\e").replace("\x07", "\\a"))
    main(["run", str(path)])
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert said.err


@pytest.mark.parametrize(
    "line",
    [
        f"RUN cat <<{ESCAPE}\nx\n",
        f"COPY {ESCAPE} /\n",
        f"ADD http://{ESCAPE}/x /\n",
        f"COPY --from={ESCAPE} / /\n",
        f"RUN echo {ESCAPE}\n",
        f"{ESCAPE} x\n",
        f"FROM {ESCAPE}\n",
    ],
)
@pytest.mark.parametrize("words", [["build"], ["build", "--json"]])
def test_a_dockerfile_cannot_make_a_terminal_obey(tmp_path, line, words, capsys):
    (tmp_path / "Dockerfile").write_text(f"FROM alpine\n{line}")
    main([*words, str(tmp_path)])
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
