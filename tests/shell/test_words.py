from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.shell.words import split, unfinished


def words(line):
    return [[word.text for word in part.words] for part in split(line)]


def test_quotes_keep_spaces_and_disappear():
    assert words("docker run --workload 'server cpu=20ms' \"a b\" c\\ d") == [
        ["docker", "run", "--workload", "server cpu=20ms", "a b", "c d"]
    ]


def test_operators_separate_commands_and_are_remembered():
    parts = split("a; b && c || d\ne")
    assert [part.operator for part in parts] == [";", ";", "&&", "||", ";"]


def test_a_comment_ends_the_line_but_not_inside_a_word():
    assert words("a b#c # d ; e") == [["a", "b#c"]]


def test_a_backslash_at_the_end_continues_the_line():
    assert words("docker run \\\n  nginx") == [["docker", "run", "nginx"]]


def test_every_word_knows_its_column():
    assert [word.column for word in split("  a 'b c' d")[0].words] == [3, 5, 11]


def test_a_substitution_is_one_word_that_holds_its_line():
    word = split("docker rm $(docker ps -aq)")[0].words[2]
    assert word.substitution == "docker ps -aq"


@pytest.mark.parametrize("line", ["a | b", "a > b", "a &", "a `b`", "(a)", "a; ; b", "&& a"])
def test_what_is_not_modelled_is_refused_with_a_column(line):
    with pytest.raises(InputError) as caught:
        split(line)
    assert caught.value.place is not None


@pytest.mark.parametrize("line", ["a 'b", 'a "b', "a \\", "a &&", "a ||", "a $(b"])
def test_an_unfinished_line_asks_for_more(line):
    assert unfinished(line)


def test_a_finished_line_does_not_ask_for_more():
    assert not unfinished("a 'b'")
    assert not unfinished("a | b")
    assert not unfinished("")


@given(st.text(max_size=200))
def test_any_text_is_split_or_refused(line):
    try:
        split(line)
    except InputError:
        pass
