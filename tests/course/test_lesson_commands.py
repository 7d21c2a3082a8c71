"""``drydock lesson …``: the tools of authors and teachers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulator.course.commands import main
from simulator.course.lesson_run import LessonRun
from simulator.course.library import headers, load
from simulator.course.progress import Keeper
from simulator.course.skeleton import skeleton


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tiny.md"
    path.write_text(skeleton("tiny"))
    return path


def test_lessons_are_listed_in_the_order_in_which_they_need_each_other(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    order = [line.split()[0] for line in lines]
    needs = {one.front.id: one.front.needs for one in headers()}
    assert sorted(order) == sorted(needs)
    assert all(order.index(need) < order.index(name) for name in order for need in needs[name])


def test_a_lesson_can_be_read_without_playing_it(capsys):
    assert main(["show", "the-knee"]) == 0
    student = capsys.readouterr().out
    assert "Where is your knee?" in student
    assert "For the teacher:" not in student
    assert main(["show", "the-knee", "--teacher"]) == 0
    assert "For the teacher:" in capsys.readouterr().out


def test_checking_a_good_lesson_finds_no_errors(file, capsys):
    assert main(["check", str(file)]) == 0
    assert "no errors" in capsys.readouterr().out


def test_checking_names_the_line_of_a_mistake(file, capsys):
    file.write_text(file.read_text().replace("```observe", "```obsrve"))
    assert main(["check", str(file)]) == 2
    line = file.read_text().split("\n").index("```obsrve") + 1
    assert f":{line}: unknown kind of block: found 'obsrve'" in capsys.readouterr().out


def test_checking_reads_the_lines_that_are_typed(file, capsys):
    file.write_text(file.read_text().replace("advance 60s\n", "advnace 60s\n"))
    assert main(["check", str(file)]) == 2
    assert "this line cannot be typed" in capsys.readouterr().out


def test_checking_a_file_that_is_not_there_is_one_line(capsys):
    assert main(["check", "none.md"]) == 2
    assert "none.md: no such lesson" in capsys.readouterr().out


def test_testing_says_what_does_not_hold(file, capsys):
    file.write_text(file.read_text().replace("bins: [0.5]", "bins: [0.00001]"))
    file.write_text(file.read_text().replace("running('web') <= 3", "running('web') <= 1"))
    assert main(["test", str(file), "--seeds", "1", "--quiet"]) == 1
    assert "check 2 fails after this solution (you run 2 containers)" in capsys.readouterr().out


def test_a_new_lesson_passes_its_check_and_is_not_overwritten(tmp_path, capsys):
    assert main(["new", "mine", "--folder", str(tmp_path)]) == 0
    assert main(["check", str(tmp_path / "mine.md")]) == 0
    assert main(["new", "mine", "--folder", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_bad_name_for_a_lesson_is_refused(tmp_path, capsys):
    assert main(["new", "../x", "--folder", str(tmp_path)]) == 2
    assert "bad id" in capsys.readouterr().err


def test_the_measures_are_listed(capsys):
    assert main(["words"]) == 0
    assert "mean_latency(service, [from_s], [to_s])" in capsys.readouterr().out


@pytest.mark.parametrize("args", [["frobnicate"], ["list", "--fast"], ["play"], ["replay", "none"]])
def test_bad_arguments_exit_with_2(args):
    assert main(args) == 2


def test_grading_an_empty_folder_is_an_error(tmp_path, capsys):
    assert main(["grade", str(tmp_path)]) == 2
    assert "no transcript is in this folder" in capsys.readouterr().err


def test_progress_is_shown_and_carried_to_another_machine(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "here"))
    keeper = Keeper()
    run = keeper.open(load("surge-by-hand"))
    run.next()
    keeper.save(run)
    assert main(["progress", "--export", str(tmp_path / "out.json")]) == 0
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "there"))
    assert main(["progress", "--import", str(tmp_path / "out.json")]) == 0
    told = capsys.readouterr().out
    assert "1 lesson taken over" in told
    assert "surge-by-hand: 0 of 11 points, page 2 of 9" in told


def test_a_lesson_reads_nothing_outside_its_folder():
    run = LessonRun(load("surge-by-hand"))
    assert "out of the folder" in run.execute("docker build -t x ..").error


def test_a_lesson_without_an_experiment_has_none_to_run(capsys):
    assert main(["sweep", "surge-by-hand"]) == 2
    assert "unknown experiment" in capsys.readouterr().err


def test_listing_lessons_does_not_load_the_model():
    program = (
        "import sys; from simulator.course.commands import main; main(['list']);"
        "sys.exit(any(name in sys.modules for name in ('simulator.world', 'simpy', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plya", "the-knee"], "unknown lesson command: found 'plya'"),
        (["play"], "Missing argument 'NAME' ('drydock lesson play --help' explains)"),
        (["play", "the-knee", "--sede", "3"], "No such option"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(words, said, capsys):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_other_files_of_the_folder_do_not_spoil_a_lesson(file, capsys):
    (file.parent / "notes.md").write_text("# My notes\n")
    assert main(["check", str(file)]) == 0
    assert "no errors" in capsys.readouterr().out


def test_a_lesson_from_a_windows_editor_is_a_lesson(file, capsys):
    text = file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert main(["check", str(file)]) == 0, capsys.readouterr().out
