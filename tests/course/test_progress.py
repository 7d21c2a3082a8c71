"""Progress is kept in a small file that survives crashes and can be carried about."""

from __future__ import annotations

import io

import pytest
from course_fakes import FakeSession, tiny

from simulator.course import run_state
from simulator.course.plain import play
from simulator.course.progress import Keeper, home
from simulator.errors import InputError, Refused


def played(keeper, *lines):
    output = io.StringIO()
    code = play(
        tiny(), io.StringIO("".join(f"{line}\n" for line in lines)), output,
        session_factory=FakeSession, keeper=keeper,
    )  # fmt: skip
    return code, output.getvalue()


def transcript(folder, end="", *, seed=7):
    """Where the work on the lesson as it is, with a seed, is kept."""
    return folder / f"tiny.{tiny().hash}.{seed}.transcript{end}"


def entries(keeper, **given):
    """What a lesson is taken up with; it is left at once."""
    run = keeper.open(tiny(), session_factory=FakeSession, **given)
    keeper.close()
    return [entry.text for entry in run.entries]


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
    assert "scale 2" in transcript(tmp_path, ".old").read_text()


def test_what_was_done_with_another_text_of_the_lesson_stays_and_is_not_replayed(tmp_path):
    keeper = Keeper(tmp_path)
    played(keeper, "next", "next", "scale 2")
    run = keeper.open(tiny(hash="other"), session_factory=FakeSession)
    assert run.entries == []
    assert "scale 2" in transcript(tmp_path).read_text()


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
    assert "scale 3" in transcript(tmp_path).read_text()


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
    transcript(tmp_path).unlink()
    transcript(tmp_path).mkdir()
    run.execute("scale 2")
    assert "cannot be kept" in keeper.warning


def test_work_is_kept_for_each_seed_and_each_text_of_a_lesson(tmp_path):
    played(Keeper(tmp_path), "scale 2")
    for given in ({"seed": 9}, {"seed": 9}, {"seed": 10**18}):
        entries(Keeper(tmp_path), **given)
    other = Keeper(tmp_path)
    other.open(tiny(hash="0ther"), session_factory=FakeSession).execute("scale 4")
    other.close()
    assert "scale 2" in entries(Keeper(tmp_path))
    again = Keeper(tmp_path).open(tiny(hash="0ther"), session_factory=FakeSession)
    assert [entry.text for entry in again.entries] == ["scale 4"]


def test_a_lesson_that_was_only_played_with_another_seed_goes_on_with_it(tmp_path):
    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), 10**18, FakeSession)
    run.execute("scale 3")
    keeper.save(run)
    keeper.close()
    assert Keeper(tmp_path).open(tiny(), session_factory=FakeSession).seed == 10**18


def test_a_seed_that_no_transcript_could_hold_is_refused(tmp_path):
    with pytest.raises(InputError, match="seed too large"):
        Keeper(tmp_path).open(tiny(), 10**19, FakeSession)


def test_nothing_that_holds_work_is_overwritten_however_often_one_begins_again(tmp_path):
    keeper = Keeper(tmp_path)
    for count in (2, 3, 4):
        keeper.open(tiny(), session_factory=FakeSession, again=True).execute(f"scale {count}")
    kept = [transcript(tmp_path, end).read_text()[-2] for end in (".old", ".old2", "")]
    assert kept == ["2", "3", "4"]
    assert ".old2" in keeper.warning
    assert "progress export" in keeper.warning


def test_what_cannot_be_gone_on_with_is_kept_and_exported(tmp_path):
    transcript(tmp_path).write_text("nonsense\n")
    keeper = Keeper(tmp_path)
    assert entries(keeper) == []
    assert "this is no transcript" in keeper.warning
    keeper.export(tmp_path / "out.json")
    assert "nonsense" in (tmp_path / "out.json").read_text()
    there = Keeper(tmp_path / "there")
    there.import_(tmp_path / "out.json")
    assert "not taken over" in there.warning


def test_a_transcript_that_is_no_text_is_named_at_export(tmp_path):
    transcript(tmp_path).write_bytes(b"\xff\xfe")
    keeper = Keeper(tmp_path)
    keeper.export(tmp_path / "out.json")
    assert "unreadable: tiny." in keeper.warning


def test_importing_sets_aside_what_was_done_here(tmp_path):
    here, there = Keeper(tmp_path / "a"), Keeper(tmp_path / "b")
    played(here, "scale 2")
    played(there, "scale 3")
    there.export(tmp_path / "out.json")
    for _ in range(2):
        here.import_(tmp_path / "out.json")
    assert "scale 3" in transcript(tmp_path / "a").read_text()
    assert "scale 2" in transcript(tmp_path / "a", ".old").read_text()
    assert not transcript(tmp_path / "a", ".old2").exists()


def test_a_file_of_an_earlier_drydock_is_gone_on_with(tmp_path):
    played(Keeper(tmp_path), "scale 2")
    transcript(tmp_path).rename(tmp_path / "tiny.transcript")
    assert "scale 2" in entries(Keeper(tmp_path))


def test_leaving_by_exit_locks_nobody_out(tmp_path):
    played(Keeper(tmp_path), "scale 2", "exit", "scale 9")
    run = Keeper(tmp_path).open(tiny(), session_factory=FakeSession)
    assert [entry.text for entry in run.entries][:2] == ["scale 2", "exit"]
    assert (run.session.ended, run.world.replicas) == (False, 2)


def test_a_lesson_that_is_open_twice_has_two_transcripts_and_says_so(tmp_path):
    first, second = Keeper(tmp_path), Keeper(tmp_path)
    one = first.open(tiny(), session_factory=FakeSession)
    one.execute("scale 2")
    two = second.open(tiny(), session_factory=FakeSession)
    one.execute("scale 3")
    two.execute("scale 4")
    assert first.warning is None
    assert f"kept in {tmp_path}/tiny.{tiny().hash}.7.2.transcript" in second.warning
    assert [text for text in transcript(tmp_path).read_text().split() if text.isdigit()][-2:] == (
        ["2", "3"]
    )
    first.close()
    second.close()
    assert entries(Keeper(tmp_path)) == ["scale 2", "scale 3"]


def test_who_goes_on_without_a_name_keeps_the_one_given_before(tmp_path):
    first = Keeper(tmp_path)
    first.open(tiny(), session_factory=FakeSession, student="Ada").execute("scale 2")
    first.close()
    for given, name in (({}, "Ada"), ({"student": "Bob"}, "Bob"), ({}, "Bob")):
        keeper = Keeper(tmp_path)
        assert keeper.open(tiny(), session_factory=FakeSession, **given).student == name
        keeper.close()


def test_a_record_is_full_before_it_could_not_be_read_any_more(tmp_path, monkeypatch):
    monkeypatch.setattr(run_state, "MAX_ENTRIES", 30)
    monkeypatch.setattr(run_state, "SPARE_ENTRIES", 5)
    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), session_factory=FakeSession)
    told = [run.execute("scale 2").error for _ in range(30)]
    assert told.count(None) == 25
    assert "begin it anew" in told[-1]
    assert run.next()
    for _ in range(4):
        run.go(0)
    with pytest.raises(Refused, match="is full"):
        run.go(0)
    keeper.save(run)
    keeper.close()
    assert len(entries(Keeper(tmp_path))) == 30


def test_a_record_of_long_lines_is_full_before_it_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(run_state, "MAX_BYTES", 100_000)
    keeper = Keeper(tmp_path)
    run = keeper.open(tiny(), session_factory=FakeSession)
    while run.execute("é" * 3000).error.startswith("unknown"):
        pass
    assert transcript(tmp_path).stat().st_size < 100_000


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"format": 2}', "found 'format 2', expected format 1"),
        ('{"format": 1, "badges": []}', "badges"),
        ('{"lessons": {"tiny": {"stars": 3}}}', "stars"),
    ],
)
def test_a_file_of_a_later_drydock_is_refused_by_name_and_kept(tmp_path, text, named):
    (tmp_path / "progress.json.unreadable").write_text("older")
    (tmp_path / "progress.json").write_text(text)
    keeper = Keeper(tmp_path)
    keeper.load()
    assert named in keeper.warning
    assert (tmp_path / "progress.json.unreadable2").read_text() == text
    assert (tmp_path / "progress.json.unreadable").read_text() == "older"


def test_what_killed_writers_have_left_is_removed_at_the_next_start(tmp_path):
    strays = [".progress.json.ab12_xyz", ".progress.json.bak.abcdefgh",
              f".{transcript(tmp_path).name}.abcdefgh"]  # fmt: skip
    for name in (*strays, ".progress.json.mine-own", "notes"):
        (tmp_path / name).write_text("x")
    entries(Keeper(tmp_path))
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & set(strays)
    assert {".progress.json.mine-own", "notes"} <= left
