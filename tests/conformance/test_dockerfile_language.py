"""The Dockerfile language against BuildKit's own tables."""

from __future__ import annotations

import pytest
from conformance_tables import each_case, has, text

from simulator.dockerfile import (
    Dockerignore,
    expand_fully,
    expand_words,
    lint,
    parse,
    parse_instruction,
    tree,
)
from simulator.dockerfile.directives import read_directives
from simulator.dockerfile.words import NotStrings, json_array, split_words
from simulator.errors import InputError

if has("dockerfile"):

    @each_case("dockerfile_files", "tree")
    def test_a_whole_file_has_the_published_tree(case):
        expected = text(case["expect"]["result_file"]).rstrip("\n")
        assert expected == tree(text(case["file"]))

    @each_case("dockerfile_files", "error")
    def test_a_whole_file_is_rejected(case):
        with pytest.raises(InputError):
            tree(text(case["file"]))
        with pytest.raises(InputError):
            parse(text(case["file"]))

    @each_case("dockerfile_files", "lines")
    def test_instructions_know_their_first_and_last_line(case):
        instructions = parse(text(case["file"])).instructions
        lines = [[i.line, i.end_line] for i in instructions]
        assert case["expect"]["lines"]["instructions"] == lines
        assert case["expect"]["lines"]["file"] == [lines[0][0], lines[-1][1]]


@each_case("dockerfile_syntax", "json_array")
def test_a_json_array_is_recognised(case):
    try:
        items = json_array(case["input"])
    except NotStrings:
        items = None
    assert case["expect"]["valid"] == (items is not None)
    if items is not None:
        assert case["expect"]["items"] == list(items)


@each_case("dockerfile_syntax", "split_words")
def test_words_are_split_with_their_quotes(case):
    assert case["expect"]["words"] == split_words(case["input"])


@each_case("dockerfile_syntax", "directive")
def test_a_directive_is_found_where_it_may_stand(case):
    lines = case["input"].removeprefix("\ufeff").split("\n")
    found = {d.name: (d.value, d.line) for d in read_directives(lines, "Dockerfile")}
    expected = (case["expect"]["value"], case["expect"]["line"])
    assert expected == found.get(case["directive"], (None, None))


@each_case("dockerfile_syntax", "name_value")
def test_names_and_values_are_told_apart(case):
    if case["expect"]["error"]:
        with pytest.raises(InputError):
            parse_instruction(case["input"])
        return
    pairs = [[name, value] for name, value, _ in parse_instruction(case["input"]).pairs]
    assert case["expect"]["pairs"] == pairs


@each_case("dockerfile_syntax", "instruction_error")
def test_a_bad_instruction_says_what_is_wrong(case):
    with pytest.raises(InputError) as caught:
        parse(case["input"])
    assert case["expect"]["error"] in str(caught.value)
    assert caught.value.place is not None


@each_case("dockerfile_syntax", "heredoc")
def test_here_documents_are_taken_from_the_lines_below(case):
    heredocs = parse_instruction(case["input"]).heredocs
    documents = [
        {
            "name": h.name,
            "content": h.content,
            "expand": h.expand,
            "strip_tabs": h.strip_tabs,
            "file_descriptor": h.fd or 0,
        }
        for h in heredocs
    ]
    assert case["expect"]["documents"] == documents


@each_case("env_expansion")
def test_a_word_expands_as_published(case):
    expect = case["expect"]
    if expect.get("error"):
        with pytest.raises(InputError) as caught:
            expand_fully(case["input"], case["env"])
        assert (expect.get("error_text") or "") in str(caught.value)
        return
    result = expand_fully(case["input"], case["env"])
    assert expect["value"] == result.text
    for key, names in (("used", result.used), ("unused", result.unused)):
        if expect.get(key) is not None:
            assert expect[key] == sorted(names)


@each_case("words")
def test_a_text_splits_into_the_published_words(case):
    if case["expect"]["error"]:
        with pytest.raises(InputError):
            expand_words(case["input"], case["env"])
        return
    assert case["expect"]["words"] == expand_words(case["input"], case["env"])


@pytest.mark.parametrize("quality", ["bad", "good"])
@each_case("linter")
def test_a_rule_finds_exactly_what_is_published(case, quality):
    ignore = case["dockerignore"]
    found = lint(
        parse(case[quality]),
        dockerignore=None if ignore is None else Dockerignore.parse(ignore),
        experimental=case["experimental"],
    )
    assert case["expect"][f"{quality}_findings"] == [
        {"rule": finding.rule, "line": finding.line} for finding in found
    ]
    if quality == "bad" and case["message"] is not None:
        assert case["message"] == found[0].message
