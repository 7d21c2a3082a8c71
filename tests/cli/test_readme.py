"""What the README shows works as it is printed."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.cli.catalogue import scenario_path
from simulator.course.demo.reading import find as find_demo
from simulator.course.library import find
from simulator.shell import Session
from simulator.world import World

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LESSON_LINES = re.findall(
    r"^    (drydock .*)$",
    (ROOT / "lessons" / "README.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
COMMANDS = re.findall(r"^\| .* \| `(drydock[^`]*)`", TEXT, re.MULTILINE)
SESSIONS = [
    lines
    for block in re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    if (lines := re.findall(r"^> (.*)$", block, re.MULTILINE))
]


@pytest.mark.parametrize(
    ("lines", "words"), list(zip(SESSIONS, ("web-2", "autoscaler web", "down"), strict=True))
)
def test_a_first_session_of_the_readme_works(tmp_path, lines, words):
    session = Session(World(1), folder=tmp_path)
    session.execute("host add a")
    said = [session.execute(line) for line in lines]
    assert len(lines) >= 8
    assert [one.error for one in said] == [None] * len(lines)
    assert words in said[-1].text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_is_one(command, tmp_path, monkeypatch, capsys):
    """Those that need a terminal or a project are read; the others are carried out."""
    words = shlex.split(command)[1:]
    monkeypatch.chdir(tmp_path)
    seeks = {"run": scenario_path, "play": find, "demo": find_demo}
    if words and words[0] in seeks:
        assert seeks[words[0]](words[1])
    elif words[:1] == ["grade"]:
        (tmp_path / "FOLDER").mkdir()
        (tmp_path / "FILE").write_text("ID number\nada\n")
        assert main(words) == 0
    elif words[:1] == ["build"]:
        folder = tmp_path / words[1]
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text("FROM alpine\n")
        assert main(words) == 0
    elif words and words != ["shell"]:
        assert main(words) == 0
    capsys.readouterr()


def test_the_commands_of_the_readme_of_lessons_work_one_after_the_other(
    tmp_path, tmp_path_factory, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path_factory.mktemp("kept")))
    (tmp_path / "course.csv").write_text("ID number,Email address\n17,ada@example.org\n")
    (tmp_path / "handed-in").mkdir()
    for line in LESSON_LINES:
        named = line.replace("FILE", "course.csv")
        words = shlex.split(named, comments=True)[1:]
        monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
        code = 1 if {"play", "exercise"} & set(words[:2]) else 0
        assert main(words) == code, capsys.readouterr().err
    table = capsys.readouterr().out.splitlines()
    assert table[-3].split()[:3] == ["17", "0", "4"]


def test_every_file_that_the_readme_names_is_there():
    linked = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert [name for name in linked if not (ROOT / name).exists()] == []
