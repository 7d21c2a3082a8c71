"""The map of the course: what needs what, what is done, what comes next."""

from __future__ import annotations

import pytest
from course_fakes import LESSON

from simulator.cli import main
from simulator.course.course_map import course_map, map_lines, next_stop
from simulator.course.kept import LessonProgress, Progress
from simulator.course.progress import Keeper


@pytest.fixture
def course(tmp_path):
    for name, needs in (("a", "[]"), ("b", "[a]"), ("c", "[a, b]"), ("d", "[c, elsewhere]")):
        text = LESSON.replace("id: tiny", f"id: {name}\nneeds: {needs}")
        (tmp_path / f"{name}.md").write_text(text)
    return sorted(tmp_path.glob("*.md"))


def stops(tmp_path, course, **lessons):
    Keeper(tmp_path / "home").store(Progress(lessons=lessons))
    return course_map(tmp_path / "home", course)


DONE = LessonProgress(complete=True, best_score=3, max_score=3)
BEGUN = LessonProgress(step=2, steps=3, best_score=1, max_score=3)


def test_each_lesson_knows_what_it_needs_and_how_deep_it_lies(tmp_path, course):
    found = stops(tmp_path, course, a=DONE)
    assert [(one.id, one.level, one.missing, one.open) for one in found] == [
        ("a", 0, (), True),
        ("b", 1, (), True),
        ("c", 2, ("b",), False),
        ("d", 3, ("c", "elsewhere"), False),
    ]


def test_what_was_begun_comes_before_what_may_be_begun(tmp_path, course):
    assert next_stop(stops(tmp_path, course)).id == "a"
    assert next_stop(stops(tmp_path, course, a=DONE)).id == "b"
    assert next_stop(stops(tmp_path, course, a=DONE, c=BEGUN)).id == "c"
    assert next_stop([]) is None


def test_the_map_as_text(tmp_path, course):
    assert list(map_lines(stops(tmp_path, course, a=DONE, b=BEGUN)))[:5] == [
        "  [x] a    5 min  A tiny lesson  (done, 3 of 3 points)",
        "  [~] b    5 min  A tiny lesson  (page 2 of 3, 1 of 3 points)",
        "   .  c    5 min  A tiny lesson  (after b)",
        "   .  d    5 min  A tiny lesson  (after c, elsewhere)",
        "",
    ]


def test_progress_that_cannot_be_read_leaves_the_map_and_the_file(tmp_path, course):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "progress.json").write_text("{broken")
    assert {one.state for one in course_map(tmp_path / "home", course)} == {"new"}
    assert (tmp_path / "home" / "progress.json").read_text() == "{broken"


def test_the_map_is_listed_and_needs_no_model(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    assert main(["list", "lessons"]) == 0
    assert "drydock play" in capsys.readouterr().out


def test_an_unknown_section_is_named_with_the_nearest(capsys):
    assert main(["list", "lesson"]) == 2
    assert "did you mean 'lessons'" in capsys.readouterr().err


def test_progress_is_exported_and_imported_by_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "here"))
    Keeper().store(Progress(lessons={"tiny": BEGUN}))
    assert main(["progress", "export", str(tmp_path / "all.json")]) == 0
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "there"))
    assert main(["progress", "import", str(tmp_path / "all.json")]) == 0
    capsys.readouterr()
    assert main(["progress"]) == 0
    assert "tiny: 1 of 3 points, page 2 of 3" in capsys.readouterr().out
    assert main(["progress", "import", str(tmp_path / "none.json")]) == 2
    assert main(["progress", "export", str(tmp_path)]) == 2


def test_pages_that_were_seen_are_kept(tmp_path):
    from course_fakes import FakeSession, tiny

    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), session_factory=FakeSession)
    run.go(2)
    keeper.save(run)
    assert keeper.load().lessons["tiny"].pages == [1, 3]
