"""Lesson files are read strictly: every mistake is named with its file and line."""

from __future__ import annotations

import re

import pytest
from course_fakes import LESSON, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.course.model import Check, Predict, Prose, Run, Solution, Wrong
from simulator.course.parser import MAX_BYTES, parse_lesson, read_lesson
from simulator.errors import InputError


def error_of(text):
    with pytest.raises(InputError) as caught:
        parse_lesson(text, name="x.md")
    return str(caught.value)


def changed(old, new):
    assert old in LESSON
    return LESSON.replace(old, new, 1)


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_a_lesson_is_cut_into_steps_by_headings_and_rules():
    assert [step.title for step in tiny().steps] == ["A tiny lesson", "Predict", "Predict"]


def test_every_part_knows_its_line():
    for part in tiny().blocks():
        line = LESSON.split("\n")[part.place.line - 1]
        if isinstance(part, Check):
            assert line.startswith("- {points")
        elif isinstance(part, Prose):
            assert line.strip()
        else:
            assert line.startswith("```")


def test_blocks_are_read_into_frozen_structures():
    lesson = tiny()
    assert [p.id for p in lesson.all(Predict)] == ["gap", "rate"]
    assert [line.text for line in lesson.all(Run)[0].lines] == ["rate 40", "advance 60"]
    assert [check.number for check in lesson.of("tame", Check)] == [1, 2]
    assert lesson.of("tame", Solution)[0].lines[0].place.line == line_of(LESSON, "scale 2")
    assert lesson.of("tame", Wrong)[0].fails == (2,)


def test_ordinary_code_blocks_stay_text():
    text = changed("Now *fix* it.", "Now:\n\n```dockerfile\nFROM scratch\n```\n")
    shown = parse_lesson(text).steps[2].parts[0]
    assert "FROM scratch" in shown.text.source


def test_a_rule_right_under_a_text_begins_a_step_too():
    text = changed("Now *fix* it.\n", "Now *fix* it.\n---\nMore.\n")
    assert len(parse_lesson(text).steps) == 4


def test_windows_line_ends_do_not_matter():
    assert len(parse_lesson(LESSON.replace("\n", "\r\n")).steps) == 3


def test_the_hash_is_of_what_a_lesson_does_and_not_of_its_prose():
    for old, new in [("Vote twice", "Vote once"), ("Now *fix* it.", "Mend it."),
                     ("Two are enough.", "Two do."), ("How many replicas", "How many of them"),
                     ("wasteful", "too dear")]:  # fmt: skip
        assert tiny().hash == parse_lesson(changed(old, new)).hash
    assert tiny().hash == parse_lesson(LESSON.replace("\n", "\r\n")).hash
    for old, new in [("rate 10", "rate 11"), ("rate 40", "rate 41"), ("<= 3\"", "<= 4\""),
                     ("points: 2", "points: 2.0001"), ("seed: 7", "seed: 8")]:  # fmt: skip
        text = changed(old, new).replace(
            "points=3", "points=3.0001" if "2.0001" in new else "points=3"
        )
        assert tiny().hash != parse_lesson(text).hash


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "```predict id=gap",
            "```predct id=gap",
            "unknown kind of block: found 'predct'.*'predict'",
        ),
        ("id=gap kind=choice", "id=gap knd=choice", "unknown attribute of predict.*'kind'"),
        ("kind=choice", "kind=choise", "unknown kind of prediction.*'choice'"),
        ("id=busy\n", "id=Busy!\n", "bad id"),
        ("objective:", "objectiv:", "unknown key in front matter.*'objective'"),
        ("format: 1", "format: 2", "lesson format not known"),
        ("seed: 7", "seed: seven", "seed must be a number"),
        ("from: busy", "from: bsy", "unknown run block.*'busy'"),
        ("bins: [0.1, 0.5]", "bins: [0.5, 0.1]", "does not fit"),
        ("bins: [0.1, 0.5]", "bins: [0.1]", "does not fit"),
        ("options: [under", "option: [under", "unknown key in predict block.*'options'"),
        ("check task=tame", "check task=tam", "unknown task.*'tame'"),
        ("points=3", "points=4", "do not add up"),
        ("fails=2", "fails=3", "no check of this number"),
        ("fails=2", "fails=x", "needs fails="),
        ("endpoints('web') <= 3", "endpoint('web') <= 3", "unknown measure.*'endpoints'"),
        ("started('busy')", "started('bussy')", "unknown run block.*'busy'"),
        ("{{endpoints('web') | int}}", "{{endpoints('web') | mss}}", "unknown format.*'ms'"),
        ("run id=busy\nrate 40\nadvance 60", "run id=busy\n", "types nothing"),
        ("rate 40\n", "@soon rate 40\n", "bad duration"),
        ("```solution task=tame\nscale 2\nadvance 30\n```\n", "", "has no solution"),
        ("ask: How high", "ask: [How high", "is not closed"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_the_nearest_word(old, new, message):
    text = changed(old, new)
    found = error_of(text)
    assert re.search(message, found), found
    assert re.match(r"x\.md:\d+", found), found


def test_the_line_of_a_mistake_inside_a_block_is_exact():
    text = changed('pass: "endpoints(', 'pass: "endpoint(')
    assert error_of(text).startswith(f"x.md:{line_of(text, 'endpoint(')}")


def test_a_prediction_after_its_run_is_refused():
    block = LESSON[LESSON.index("```predict id=gap") : LESSON.index("```predict id=rate")]
    moved = LESSON.replace(block, "").replace("Now *fix* it.", f"{block}\nNow *fix* it.")
    assert "must stand before its run block" in error_of(moved)


def test_two_blocks_with_one_id_are_refused():
    assert "this id stands twice" in error_of(changed("id=rate", "id=gap"))


def test_a_block_that_is_not_closed_is_refused():
    assert "is not closed" in error_of(LESSON.rstrip().removesuffix("```"))


def test_a_block_inside_a_list_is_refused():
    text = changed("Now *fix* it.", "- item\n\n  ```teacher\n  hm\n  ```\n")
    assert "must not stand inside a list" in error_of(text)


def test_yaml_cannot_expand():
    bomb = changed("misconception:", "simplified: &a [x, x]\nneeds: *a\nmisconception:")
    assert "aliases" in error_of(bomb)


def test_yaml_cannot_be_deep():
    assert error_of(changed("needs: []" if "needs: []" in LESSON else "seed: 7",
                            "seed: " + "[" * 50 + "]" * 50))  # fmt: skip


def test_a_key_that_stands_twice_is_refused():
    assert "stands twice" in error_of(changed("seed: 7", "seed: 7\nseed: 8"))


def test_a_large_file_is_refused(tmp_path):
    path = tmp_path / "big.md"
    path.write_text("x" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="too large"):
        read_lesson(path)


@pytest.mark.parametrize(
    "text", ["", "hello", "---\n---\n", "---\nformat: 1\n---\n", "---\n[1\n---\n"]
)
def test_what_is_no_lesson_is_refused(text):
    error_of(text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no such lesson"):
        read_lesson(tmp_path / "none.md")


_PIECES = st.sampled_from(
    [*re.split(r"(?<=\n)", LESSON), "```\n", "```check task=tame\n", "- {a: [}\n", "---\n", "## \n",
     "{{", "}}", "&a", "*a", "!!python/object:os.system x\n", "\x00", "\t", "é", "```run id=a\n",
     "? [1]\n: 2\n", "<<: {a: 1}\n", "\ud800" if False else "x"]
)  # fmt: skip


@given(
    st.integers(0, len(LESSON)),
    st.integers(0, 60),
    st.lists(_PIECES, max_size=6).map("".join) | st.text(max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_no_change_of_a_lesson_raises_anything_but_an_error_of_the_input(start, length, piece):
    text = LESSON[:start] + piece + LESSON[start + length :]
    try:
        parse_lesson(text)
    except InputError:
        pass


@given(st.text(max_size=200) | st.lists(_PIECES, max_size=30).map("".join))
@settings(max_examples=100, deadline=None)
def test_no_text_raises_anything_but_an_error_of_the_input(text):
    try:
        parse_lesson(text)
    except InputError:
        pass
