"""Files that a lesson lets people edit: one typed line a change, kept as it was typed."""

from __future__ import annotations

import pytest

from simulator.course.drafts import Drafts
from simulator.course.edit_lines import as_typed, edited, text_line, words_of
from simulator.course.editor import edited_line
from simulator.course.script import read_script
from simulator.errors import InputError, Place, Refused

TEXT = "one\ntwo\nthree\nfour\n"


def edit(line, text=TEXT):
    return edited(text, TEXT, words_of(line)[2:])


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ("edit f move 3 1", "three\none\ntwo\nfour\n"),
        ("edit f move 1 end", "two\nthree\nfour\none\n"),
        ("edit f move 1-2 4", "three\none\ntwo\nfour\n"),
        ("edit f line 2 'zwei'", "one\nzwei\nthree\nfour\n"),
        ("edit f insert 1 'zero'", "zero\none\ntwo\nthree\nfour\n"),
        ("edit f insert end 'five'", "one\ntwo\nthree\nfour\nfive\n"),
        ("edit f delete 2-3", "one\nfour\n"),
        ("edit f replace 'o' '0'", "0ne\ntw0\nthree\nf0ur\n"),
        (r"edit f text 'a\nb\n'", "a\nb\n"),
    ],
)
def test_a_line_changes_a_file(line, then):
    assert edit(line) == then


def test_restore_brings_back_what_the_lesson_has():
    assert edit("edit f restore", "something else") == TEXT


@pytest.mark.parametrize("text", ["FROM a\n", "it's\n", "tab\there\n", "back\\n slash\n", ""])
def test_a_whole_file_survives_as_one_line(text):
    line = text_line("f", text)
    assert line.isprintable()
    assert edit(line) == text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("edit f move 9 1", "no such line: found '9', expected 1 to 4"),
        ("edit f move 2 3", "would stay where they are"),
        ("edit f mvoe 1 2", "did you mean 'move'"),
        ("edit f replace 'x' 'y'", "not in the file"),
        ("edit f line 1", "expected edit FILE line N 'text'"),
        ("edit f line 1 'open", "a quote is not closed"),
        ("edit f text '" + "x" * 20_001 + "'", "too large"),
    ],
)
def test_what_cannot_be_done_is_said(line, says):
    with pytest.raises(InputError, match=says):
        edit(line)


def test_a_script_may_write_a_file_over_several_lines():
    (line, after) = read_script("edit f <<EOF\nFROM a\n  'b'\nEOF\nnext", Place("x.md", 1))
    assert edit(line.text) == "FROM a\n  'b'\n"
    assert as_typed(line.text) == ["edit f <<EOF", "FROM a", "  'b'", "EOF"]
    assert (after.text, after.place.line) == ("next", 6)


def test_a_text_that_does_not_end_is_named_where_it_begins():
    with pytest.raises(InputError, match=r"x.md:2: this text does not end"):
        read_script("edit f <<EOF\nFROM a", Place("x.md", 1))


def test_the_lessons_own_files_stay_as_they_are(tmp_path):
    (tmp_path / "Dockerfile").write_bytes(b"FROM a\r\nRUN b\r\n")
    drafts = Drafts(tmp_path, ("Dockerfile",))
    assert drafts.edit("edit Dockerfile line 2 'RUN c'") == ["-RUN b", "+RUN c"]
    assert (tmp_path / "Dockerfile").read_bytes() == b"FROM a\r\nRUN b\r\n"
    assert (drafts.folder / "Dockerfile").read_text() == "FROM a\nRUN c\n"
    assert drafts.twin().changed() == {"Dockerfile": "FROM a\nRUN c\n"}
    assert drafts.edit("edit Dockerfile restore") == ["-RUN c", "+RUN b"]


def test_only_the_files_that_a_lesson_names_can_be_edited(tmp_path):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(InputError, match="unknown file to edit"):
        Drafts(tmp_path, ("Dockerfile",)).edit("edit ../secret text 'y'")


def test_at_a_terminal_a_file_opens_in_the_editor(tmp_path, monkeypatch):
    script = tmp_path / "ed.sh"
    script.write_text("#!/bin/sh\nsed -i s/one/eins/ $1\n")
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    assert edit(edited_line("f", TEXT)) == "eins\ntwo\nthree\nfour\n"
    monkeypatch.setenv("VISUAL", "/nowhere/ed")
    with pytest.raises(Refused, match="cannot be started"):
        edited_line("f", TEXT)
    monkeypatch.setenv("VISUAL", "false")
    with pytest.raises(Refused, match="f is as it was"):
        edited_line("f", TEXT)
