"""All mistakes of a file are told at once, each with its line, in the words of who wrote it."""

from __future__ import annotations

import pytest
from course_fakes import LESSON

from simulator.course.commands import main
from simulator.course.library import read_headers
from simulator.course.lint import lint
from simulator.course.parser import parse_lesson
from simulator.course.yaml_text import parse_yaml
from simulator.errors import InputError, Place


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path):
    text = LESSON
    for old, new in [("minutes: {demo: 3", "minuts: {demo: 3"), ("kind=choice", "kind=choise"),
                     ("endpoints('web') <= 3", "endpoint('web') <= 3"), ("fails=2", "fails=x"),
                     ("now - 20) < 0.1", "now - 20) < 5m")]:  # fmt: skip
        text = text.replace(old, new, 1)
    path = tmp_path / "tiny.md"
    path.write_text(text)
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in lint(path)]
    assert [one.split(": ")[0].split(":")[1] for one in told] == ["5", "17", "48", "49", "69"]
    assert "did you mean 'minutes'" in told[0]
    assert "did you mean 'choice'" in told[1]
    with pytest.raises(InputError, match=r"\(and 4 more mistakes: 'drydock lesson check' lists"):
        parse_lesson(text)


def test_names_that_do_not_exist_are_all_told(tmp_path):
    text = LESSON.replace("started('busy')", "started('bussy')").replace(
        "task=tame fails", "task=tmae fails"
    )
    path = tmp_path / "tiny.md"
    path.write_text(text)
    assert len(lint(path)) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ask: What: now?", "a colon in a value needs quotes around the value"),
        ("a: 1\n\tb: 2", "a tab at the beginning of a line"),
        ("fail: {{x}} is wrong", "a value that begins with {{ needs quotes around it"),
        ("options: [one, two", "a list or mapping in one line is not closed"),
        ("why: {ask: what?, right: 1}", "a sign in a list needs quotes"),
        ("a: 'one' two", "a text goes on after its closing quote"),
        ("a: 'one", "a quote is not closed"),
        ("a: @x", "a value that begins with @ needs quotes around it"),
        ("a: 1\n b: 2", "a colon in a value|not indented like"),
        ("a: 1\nb", "a line without a colon"),
    ],
)
def test_yaml_is_explained_in_plain_words(text, says):
    with pytest.raises(InputError, match=says) as found:
        parse_yaml(text, Place("x.md", 10))
    assert found.value.place.line in (10, 11)
    assert "flow" not in str(found.value)
    assert "block" not in str(found.value)


def test_a_value_that_is_not_closed_is_named_with_its_line():
    with pytest.raises(InputError, match=r"x.md:\d+: a value is not closed: expected }}"):
        parse_lesson(LESSON.replace("| int}} of them.", "| int} of them."), name="x.md")


HEAD = "---\nformat: 1\nid: {}\ntitle: T\nneeds: [{}]\n---\nText.\n"


def test_one_broken_lesson_stops_no_other(tmp_path, capsys):
    (tmp_path / "a.md").write_text(HEAD.format("a", "b"))
    (tmp_path / "b.md").write_text(HEAD.format("b", "a"))
    (tmp_path / "c.md").write_text(HEAD.format("c", ""))
    (tmp_path / "copy.md").write_text(HEAD.format("c", ""))
    (tmp_path / "broken.md").write_text("---\nformat: 1\nid: [\n---\n")
    found, problems = read_headers(sorted(tmp_path.glob("*.md")))
    assert [one.front.id for one in found] == ["a", "b", "c"]
    assert main(["list", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3
    assert len(told.err.splitlines()) == len(problems) == 3
    for said in ("these lessons need each other", "this id is that of c.md, too", "not closed"):
        assert said in told.err
