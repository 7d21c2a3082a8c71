from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.image.builder.shell import split_script


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("a b && c", [("a", "b"), ("c",)]),
        ("a; b\nc & d | e || f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("echo 'a && b' \"c; d\" e\\ f", [("echo", "a && b", "c; d", "e f")]),
        ("a \\\n  b # comment\nc", [("a", "b"), ("c",)]),
        ("X=1 Y=2 sudo -E a", [("a",)]),
        ("a > /x 2>&1 < /y", [("a",)]),
        ("if a; then b; else c; fi; d", [("a",), ("b",), ("c",), ("d",)]),
        ("for f in x y; do a $f; done", [(), ("a", "$f"), (), ("a", "$f")]),
        ("for f in *.c; do a $f; done", [("a", "$f")]),
        ("(a; b) && { c; }", [("a",), ("b",), ("c",)]),
        ("a $(b c) `d`", [("a", "$(b c)", "`d`")]),
        ("a#b # c", [("a#b",)]),
    ],
)
def test_scripts_are_split_into_commands(script, words):
    assert words == [one.words for one in split_script(script)]


def test_redirections_are_kept_apart():
    assert split_script("echo hi > /a >> b")[0].writes == ("/a", "b")


def test_assignments_are_kept():
    assert split_script("A=1; export B=2 C=3")[1].assigns == (("B", "2"), ("C", "3"))


def test_a_command_knows_its_branch():
    branches = [one.branches for one in split_script("if a; then b; elif c; then d; else e; fi")]
    assert branches == [
        ((1, 0, True),), ((1, 0, False),), ((1, 1, True),), ((1, 1, False),), ((1, 2, False),)
    ]  # fmt: skip


@given(st.text(alphabet="ab \n\t;&|(){}<>\"'\\$`#=!if then fi do done", max_size=60))
def test_no_script_breaks_the_reader(script):
    for command in split_script(script):
        assert command.words or command.assigns or command.writes
