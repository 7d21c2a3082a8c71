"""``for`` loops of typed lines: what people write to start twenty containers at once."""

import pytest

from simulator.errors import InputError
from simulator.shell.words import Unfinished, split, unfinished


def commands(line):
    return [" ".join(word.text for word in part.words) for part in split(line)]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("1 2 3", ["1", "2", "3"]),
        ("{1..4}", ["1", "2", "3", "4"]),
        ("{3..1}", ["3", "2", "1"]),
        ("{a,b}", ["a", "b"]),
        ("web-{1..2}-{x,y}", ["web-1-x", "web-1-y", "web-2-x", "web-2-y"]),
        ("'{1..2}'", ["{1..2}"]),
        ("$(seq 3)", ["1", "2", "3"]),
        ("$(seq 2 4)", ["2", "3", "4"]),
        ("$(seq 1 2 6)", ["1", "3", "5"]),
        ("$(seq 3 -1 1)", ["3", "2", "1"]),
        ("$(seq 2 1)", []),
        ("", []),
    ],
)
def test_the_words_of_a_loop(words, values):
    assert commands(f"for i in {words}; do docker start $i; done") == [
        f"docker start {value}" for value in values
    ]


def test_the_word_is_put_wherever_its_name_stands_but_in_single_quotes():
    line = "for i in 1 2; do docker run --name web$i -e A=${i}b -l '$i' -l \"$i $in\" x; done"
    assert commands(line) == [
        f"docker run --name web{i} -e A={i}b -l $i -l {i} $in x" for i in (1, 2)
    ]


def test_loops_in_loops_and_lines_around_them():
    line = "host ls; for i in 1 2; do for j in a b; do use $i$j && show; done; done || cost"
    parts = split(line)
    assert [part.operator for part in parts] == [";", *[";", "&&"] * 4, "||"]
    assert commands(line)[1:3] == ["use 1a", "show"]


def test_a_loop_over_several_lines_is_waited_for():
    assert unfinished("for i in 1 2; do")
    assert unfinished("for i in 1 2\ndo\nuse $i")
    assert commands("for i in 1 2\ndo\nuse $i\ndone") == ["use 1", "use 2"]
    with pytest.raises(Unfinished, match="no 'done'"):
        split("for i in 1 2; do use $i")


def test_the_word_reaches_what_stands_in_a_substitution():
    (part,) = split("for i in web; do docker rm $(docker ps -q -f name=$i); done")
    assert part.words[2].substitution == "docker ps -q -f name=web"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("for i in {1..3000}; do show; done", "too many rounds"),
        ("for i in {1..60}; do for j in {1..60}; do show; done; done", "too many rounds"),
        ("for i in {1..999}{1..999}{1..999}; do show; done", "too many rounds"),
        ("for i in $(seq 1 0 5); do show; done", "a step of 0 never ends"),
        ("for i in $(docker ps -q); do show; done", "not modelled"),
        ("for i of 1 2; do show; done", "bad loop"),
        ("for i in 1 2; show; done", "a loop needs 'do'"),
        ("for i in 1 2; do; done", "nothing to run"),
        ("for i in 1 2; do show; done more", "'done' alone"),
        ("while true; do show; done", "'while' is not modelled"),
        ("if true; then show; fi", "'if' is not modelled"),
        ("for i in 1; do kubectl apply -f - <<E\nx\nE\ndone", "not modelled"),
    ],
)
def test_what_no_loop_is_says_so_before_anything_is_carried_out(line, problem):
    with pytest.raises(InputError, match=problem):
        split(line)
