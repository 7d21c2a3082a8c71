"""Lines and files of lines that are meant to hang or to fill the memory."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from simulator.cli.prompt import prompt
from simulator.errors import InputError
from simulator.shell import script, words
from simulator.shell.session import MAX_SOURCED, Session
from simulator.world import World


@pytest.fixture
def read(monkeypatch) -> list[int]:
    """How many characters were read for words, call by call."""
    lengths: list[int] = []
    before = words.split

    def counted(line: str):
        lengths.append(len(line))
        return before(line)

    monkeypatch.setattr(words, "split", counted)
    return lengths


def cost(read: list[int], text: str) -> int:
    read.clear()
    assert list(script.lines(text))
    return sum(read)


@pytest.mark.parametrize("opened", ["echo 'x\n", 'echo "x\n', "echo $(wait 'x\n"])
def test_a_quote_that_is_never_closed_costs_no_more_than_its_length(read, opened):
    once, twice = (cost(read, opened + "y\n" * n) for n in (8_000, 16_000))
    assert twice <= 2.5 * once


def test_lines_inside_a_quote_are_one_line():
    assert list(script.lines("a 'b\nc\nd' e\nf")) == [(1, "a 'b\nc\nd' e"), (4, "f")]


def test_a_command_of_very_many_lines_ends_somewhere():
    starts = [number for number, _ in script.lines("echo 'x\n" + "y\n" * 2 * words.MAX_LINES)]
    assert starts[1] == words.MAX_LINES + 1


def test_files_that_run_each_other_many_times_are_stopped(tmp_path):
    for number in range(9):
        (tmp_path / f"{number}").write_text(f"source {number + 1}\n" * 10)
    (tmp_path / "9").write_text("advance 0s\n" * 10)
    session = Session(World(seed=1), folder=tmp_path)
    assert "too many lines of files" in (session.execute("source 0").error or "")
    assert f"{MAX_SOURCED:,}" in (session.execute("source 0").error or "")
    assert session.execute("source 9").error is None


class Endless(io.StringIO):
    """Zeros without an end, as from a device."""

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        assert size > 0, "a line without a limit would fill the memory"
        return "\0" * size


def test_input_that_never_ends_a_line_is_refused_and_not_kept(monkeypatch):
    monkeypatch.setattr("simulator.cli.prompt._MOST_CHUNKS", 3)
    with pytest.raises(InputError, match="no lines of text"):
        prompt(Endless(), io.StringIO(), host=False)


def test_a_line_that_is_too_long_is_refused_and_the_next_one_read(capsys):
    lines = io.StringIO("x" * 3 * words.MAX_CHARACTERS + "\nhost add b\nhost ls\n")
    written = io.StringIO()
    assert prompt(lines, written, host=False) == 2
    assert "line too long" in capsys.readouterr().err
    assert "\nb " in written.getvalue()


def test_a_folder_that_is_gone_is_told_and_not_taken_for_output(monkeypatch):
    def gone() -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    with pytest.raises(InputError, match="the folder you are in"):
        prompt(io.StringIO(""), io.StringIO())


@pytest.mark.parametrize(
    "line", ["curl http://localhost:8080", "ls -la", "ping web", "cat /etc/hosts"]
)
def test_a_program_that_is_typed_as_a_command_is_told_where_it_runs(tmp_path, line):
    session = Session(World(seed=1), folder=tmp_path)
    assert f"'on HOST {line}'" in (session.execute(line).error or "")
