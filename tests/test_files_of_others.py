"""Files that others wrote, and names that nobody can have: one place opens them all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.errors import InputError
from simulator.files import kind_of, read_text
from simulator.image.directory import read_directory
from simulator.image.project import read_project
from simulator.scenario.loading import load
from simulator.shell import registry
from simulator.shell.session import Session
from simulator.world import World

SECRET = "root:x:0:0"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A stranger's folder, beside something that is none of its business."""
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "counts.csv").write_text("0,5\n60,5\n")
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM alpine\nCOPY . .\n")
    return folder


def refused(action) -> str:
    with pytest.raises(InputError) as caught:
        action()
    return str(caught.value)


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore", "Dockerfile.dockerignore"])
def test_a_link_in_a_project_that_leads_out_of_it_is_not_followed(home, name):
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to("../secret")
    said = refused(lambda: read_project(home))
    assert "leads out of the folder" in said
    assert SECRET not in said


def test_a_link_inside_a_project_is_followed(home):
    (home / "docker").mkdir()
    (home / "Dockerfile").rename(home / "docker" / "web")
    (home / "Dockerfile").symlink_to("docker/web")
    assert read_project(home).dockerfile.startswith("FROM alpine")


def test_a_dockerfile_that_a_person_names_may_lie_elsewhere(home):
    (home.parent / "mine").write_text("FROM debian\n")
    assert read_project(home, home.parent / "mine").dockerfile == "FROM debian\n"


def told(session: Session, line: str) -> str:
    """The error of a line, which is one line of text."""
    error = session.execute(line).error
    assert error is not None
    assert "\n" not in error
    return error


WAYS_OUT = ("../counts.csv", "{up}/counts.csv", "@x=/../../counts.csv", "link.csv")


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize(
    "words", ["file {}", "speed=2 file {}", "FILE {} speed=2", "times=2 file {}"]
)
def test_traffic_of_a_stranger_reads_no_file_elsewhere(home, way, words):
    (home / "link.csv").symlink_to("../counts.csv")
    session = Session(World(seed=1), folder=home, confined=True)
    line = "traffic web " + words.format(way.format(up=home.parent))
    assert "leads out of the folder" in told(session, line)


@pytest.mark.parametrize("words", ["speed=2 file /etc/passwd", "file /etc/passwd"])
def test_a_line_of_a_scenario_is_checked_without_reading_a_file(home, words):
    path = home / "theirs.yaml"
    lines = ["format: 1", "hosts: [{name: a}]", "script:", f"  - '@1s traffic web {words}'"]
    path.write_text("\n".join(lines))
    read: list[str] = []
    load(path, check=lambda line, place: read.append(line) or registry.parse(line))
    assert read == [f"traffic web {words}"]


@pytest.mark.parametrize("line", ["source link", "docker run --env-file link alpine"])
def test_a_link_in_a_lessons_folder_reads_nothing_elsewhere(home, line):
    (home / "link").symlink_to("../secret")
    session = Session(World(seed=1), folder=home, confined=True)
    session.execute("host add a")
    assert "leads out of the folder" in told(session, line)


LONG = "x" * 300


@pytest.mark.parametrize(
    "line",
    [
        f"docker build {LONG}",
        f"docker build -f {LONG} .",
        f"docker build --secret id=a,src={LONG} .",
        f"advise {LONG}",
        f"source {LONG}",
        f"docker run --env-file {LONG} alpine",
        f"traffic web file {LONG}",
        f"docker cp {LONG} web:/",
    ],
)
def test_a_name_that_no_file_can_have_is_refused_in_a_line(home, line):
    session = Session(World(seed=1), folder=home)
    session.execute("host add a")
    session.execute("docker run -d --name web alpine sleep 1000")
    assert "File name too long" in told(session, line)


@pytest.mark.parametrize("words", [["build", LONG], ["run", LONG], ["run", f"{LONG}.yaml"]])
def test_a_name_that_no_file_can_have_is_refused_on_the_command_line(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_nobody_may_enter_is_refused_by_name(tmp_path, monkeypatch):
    def closed(self: Path, **_: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", closed)
    assert "Permission denied" in refused(lambda: kind_of(tmp_path / "closed" / "file"))


def test_a_file_that_lies_about_its_size_is_refused_and_not_cut():
    status = Path("/proc/self/status")
    assert status.stat().st_size == 0
    assert "at most 10 bytes" in refused(lambda: read_text(status, limit_bytes=10))


def test_of_a_great_many_small_files_the_texts_are_not_all_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.image.directory.MAX_KEPT_BYTES", 250)
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("y" * 100)
    context = read_directory(tmp_path)
    kept = [path for path, one in context.files.items() if one.content is not None]
    assert kept == ["0.txt", "1.txt"]
    assert len({one.digest for one in context.files.values()}) == 1
