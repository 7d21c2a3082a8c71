"""Variables, quotes, escapes and splitting."""

from __future__ import annotations

import pytest

from simulator.dockerfile import expand, expand_fully, expand_heredoc, expand_words
from simulator.errors import InputError, Place

ENV = {"A": "one", "EMPTY": "", "SPACED": "x  y", "FILE": "/src/app.tar.gz"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$A-$B-${A}s", "one--ones"),
        ("${B:-two}/${EMPTY:-two}/${EMPTY-two}", "two/two/"),
        ("${A:+yes}${B:+yes}${EMPTY+set}", "yesset"),
        ("${B:-${C:-${A}}}", "one"),
        ("${FILE#*/}|${FILE##*/}", "src/app.tar.gz|app.tar.gz"),
        ("${FILE%.*}|${FILE%%.*}", "/src/app.tar|/src/app"),
        (r"${FILE/\/src/\/dst}", r"\/dst/app.tar.gz"),
        ("${FILE//a/A}", "/src/App.tAr.gz"),
        ("'$A' \"$A\" \\$A", "$A one $A"),
        ('"a\\"b"', 'a"b'),
        ("cost: $", "cost: $"),
    ],
)
def test_operators_and_quotes(word, expected):
    assert expected == expand(word, ENV)


def test_the_escape_character_follows_the_file():
    assert expand(r"c:\$A", ENV, escape="`") == r"c:\one"
    assert expand("`$A", ENV, escape="`") == "$A"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a $SPACED b", ["a", "x", "y", "b"]),
        ('a "$SPACED" b', ["a", "x  y", "b"]),
        ("'' $EMPTY", []),
        (r"a\ b c", ["a b", "c"]),
    ],
)
def test_only_unquoted_space_splits(text, words):
    assert words == expand_words(text, ENV)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("ab${", "missing '}'"),
        ("ab${A", r"unsupported modifier \(\)"),
        ("${A:-b", "missing '}'"),
        ("${}", "bad substitution"),
        ("${A=b}", r"unsupported modifier \(=\)"),
        ("${A:#b}", r"unsupported modifier \(:#\)"),
        ("${B:?give B}", "B: give B"),
        ("${EMPTY:?}", "EMPTY: is not allowed to be empty"),
        ("${B?}", "B: is not allowed to be unset"),
        ("${A/b}", r"missing '/' in \$\{\}"),
        ("${A#\\b}", "invalid escape"),
        ("'a", "matching single-quote"),
        ('"a', "matching double-quote"),
    ],
)
def test_a_malformed_word_is_refused_with_a_place(word, message):
    with pytest.raises(InputError, match=message) as caught:
        expand(word, ENV)
    assert caught.value.place.file == "<word>"
    with pytest.raises(InputError, match=r"^Dockerfile:3:7: "):
        expand(word, ENV, place=Place("Dockerfile", 3, 7))


def test_names_that_were_found_and_missed_are_told():
    result = expand_fully("$A ${B:-$C} '$D'", ENV)
    assert (result.used, result.unused) == (("A",), ("C", "B"))


def test_a_here_document_keeps_its_quotes_but_not_its_variables():
    assert expand_heredoc("say \"$A\" '$A' \\$A\n", ENV) == "say \"one\" 'one' $A\n"


def test_values_cannot_grow_without_end():
    with pytest.raises(InputError, match="too long"):
        expand("$A" * 20, {"A": "x" * 10_000})
    with pytest.raises(InputError, match="too long"):
        expand("${A//x/" + "y" * 1000 + "}", {"A": "x" * 10_000})
