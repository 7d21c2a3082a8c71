"""Progress is kept in a small file that survives crashes and can be carried about."""

from __future__ import annotations

import io

import pytest
from course_fakes import FakeSession, tiny

from simulator.course.plain import play
from simulator.course.progress import Keeper, home
from simulator.errors import InputError


def played(keeper, *lines):
    output = io.StringIO()
    code = play(
        tiny(), io.StringIO("".join(f"{line}\n" for line in lines)), output,
        session_factory=FakeSession, keeper=keeper,
    )  # fmt: skip
    return code, output.getvalue()


def test_what_was_done_is_taken_up_again(tmp_path):
    played(Keeper(tmp_path), "next", "2", "2400", "run", "next", "scale 2")
    code, text = played(Keeper(tmp_path), "advance 30", "check")
    assert "You go on where you left." in text
    assert "Step 3 of 3" in text
    assert code == 0


def test_the_file_says_how_far_each_lesson_has_come(tmp_path):
    played(Keeper(tmp_path), "next", "next", "scale 5", "advance 30", "check")
    kept = Keeper(tmp_path).load().lessons["tiny"]
    assert (kept.step, kept.steps, kept.score, kept.max_score) == (3, 3, 2, 3)


def test_a_lesson_can_be_begun_again(tmp_path):
    keeper = Keeper(tmp_path)
    played(keeper, "next")
    assert keeper.open(tiny(), session_factory=FakeSession, again=True).step_index == 0


def test_beginning_again_keeps_the_best_score_and_the_old_transcript(tmp_path):
    keeper = Keeper(tmp_path)
    played(keeper, "next", "next", "scale 2", "advance 30", "check")
    keeper.save(keeper.open(tiny(), session_factory=FakeSession, again=True))
    kept = keeper.load().lessons["tiny"]
    assert (kept.score, kept.best_score, kept.complete) == (0, 3, True)
    assert "scale 2" in (tmp_path / "tiny.transcript.old").read_text()


def test_what_was_done_with_another_text_of_the_lesson_is_set_aside(tmp_path):
    keeper = Keeper(tmp_path)
    played(keeper, "next", "next", "scale 2")
    run = keeper.open(tiny(hash="other"), session_factory=FakeSession)
    assert run.entries == []
    assert "scale 2" in (tmp_path / "tiny.transcript.old").read_text()


def test_an_unreadable_file_is_set_aside_and_the_one_before_it_is_used(tmp_path):
    keeper = Keeper(tmp_path)
    played(keeper, "next")
    played(keeper, "back")
    (tmp_path / "progress.json").write_text("{broken")
    assert "tiny" in keeper.load().lessons
    assert "set aside" in keeper.warning
    assert (tmp_path / "progress.json.unreadable").read_text() == "{broken"


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    keeper = Keeper(tmp_path)
    played(keeper, "next")
    before = (tmp_path / "progress.json").read_bytes()

    def crash(source, target):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", crash)
        with pytest.raises(OSError, match="disk full"):
            keeper.store(keeper.load())
    assert (tmp_path / "progress.json").read_bytes() == before
    assert not list(tmp_path.glob(".progress*"))


def test_each_line_is_on_disk_before_the_next(tmp_path):
    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), session_factory=FakeSession)
    run.execute("scale 3")
    assert "scale 3" in (tmp_path / "tiny.transcript").read_text()


def test_progress_moves_to_another_machine(tmp_path):
    here, there = Keeper(tmp_path / "a"), Keeper(tmp_path / "b")
    played(here, "next", "next", "scale 2")
    here.export(tmp_path / "out.json")
    assert there.import_(tmp_path / "out.json") == 1
    assert there.open(tiny(), session_factory=FakeSession).world.replicas == 2


def test_importing_keeps_the_better_score(tmp_path):
    good, bad = Keeper(tmp_path / "a"), Keeper(tmp_path / "b")
    played(good, "next", "next", "scale 5", "advance 30", "check")
    played(bad, "next")
    bad.export(tmp_path / "out.json")
    good.import_(tmp_path / "out.json")
    assert good.load().lessons["tiny"].score == 2


@pytest.mark.parametrize(
    "text", ["", "[]", '{"progress": 3}', '{"progress": {"lessons": {"../x": {}}}}']
)
def test_a_bad_export_is_refused(tmp_path, text):
    path = tmp_path / "in.json"
    path.write_text(text)
    with pytest.raises(InputError):
        Keeper(tmp_path / "k").import_(path)


def test_the_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    assert home() == tmp_path


def test_a_folder_that_cannot_be_written_does_not_stop_a_lesson(tmp_path):
    (tmp_path / "file").write_text("in the way")
    keeper = Keeper(tmp_path / "file" / "home")
    run = keeper.open(tiny(), session_factory=FakeSession)
    run.execute("scale 2")
    assert run.world.replicas == 2
    assert "cannot be kept" in keeper.warning


def test_a_disk_that_fills_up_does_not_stop_a_lesson(tmp_path):
    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), session_factory=FakeSession)
    (tmp_path / "tiny.transcript").unlink()
    (tmp_path / "tiny.transcript").mkdir()
    run.execute("scale 2")
    assert "cannot be kept" in keeper.warning
