"""The language of checks allows numbers, comparisons and measures, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.course.expression import parse_expression
from simulator.course.measures import measures
from simulator.course.template import parse_template
from simulator.course.vocabulary import MEASURES
from simulator.errors import InputError, Place


def value(text, **variables):
    table = {"max": lambda series, from_s=0, to_s=0: 0.5, "round": round}
    return parse_expression(text).value(table, {"now": 10.0, **variables})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(7 // 2) % 2 == 1", True),
        ("2 ** 10", 1024),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("not (1 > 2) and 3 >= 3", True),
        ("1 if now > 5 else 2", 1),
        ("max('web.p95', now - 5) <= 0.5", True),
        ("-now + +1", -9),
        ("'a' == 'a'", True),
    ],
)
def test_arithmetic_comparisons_and_measures_have_values(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "max.__class__",
        "(1).real",
        "'a'.upper()",
        "[1, 2]",
        "{1: 2}",
        "lambda: 1",
        "[x for x in 'ab']",
        "f'{now}'",
        "now := 1",
        "max(*'ab')",
        "max(**{})",
        "open('x')",
        "eval('1')",
        "x[0]",
        "1 if 2",
        "b'x'",
        "1j",
        "None",
        "...",
        "1 in 'a'",
        "now is now",
        "1; 2",
        "~1",
        "1 << 2",
        "1 & 2",
        "",
        "\x00",
        "a" * 600,
        "(" * 200,
        "-" * 300 + "1",
        "1e999",
    ],
)
def test_everything_else_is_refused_when_it_is_read(text):
    with pytest.raises(InputError):
        parse_expression(text)


@pytest.mark.parametrize(
    "text",
    ["9 ** 9 ** 9", "2 ** 65", "1e300 * 1e300", "1 / 0", "(-8) ** 0.5", "0 ** -1", "10 % 0",
     "'a' * 3", "'a' + 1", "1 < 'a'", "max('x', bogus=1) if 0 else 0 ** -1"],
)  # fmt: skip
def test_what_cannot_be_computed_is_an_error_of_the_input(text):
    with pytest.raises(InputError):
        value(text)


def test_an_unknown_measure_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'percentile'"):
        parse_expression("percentil('web', 95)", Place("a.md", 3))


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(InputError, match=r"a\.md:3: unknown name in an expression.*'start'"):
        parse_expression("strat + 1", Place("a.md", 3))


def test_arguments_are_counted():
    with pytest.raises(InputError, match=r"expected max\(series, \[from_s\], \[to_s\]\)"):
        parse_expression("max()")
    with pytest.raises(InputError, match="unknown argument of max"):
        parse_expression("max('a', until=3)")


def test_every_measure_of_the_vocabulary_exists():
    from course_fakes import FakeWorld

    assert sorted(measures(FakeWorld(1))) == sorted(MEASURES)


def test_a_text_shows_its_values_in_the_format_asked_for():
    text = parse_template(
        "p95 {{max('web.p95') | ms}} of {{now}} and {{ now / 20 | % }}", Place("x")
    )
    shown = text.render({"max": lambda series: 0.25}, {"now": 10.0})
    assert shown == "p95 250 ms of 10 and 50 %"


def test_a_text_says_what_is_not_measured_yet():
    def nothing(series):
        raise InputError("no such series")

    text = parse_template("p95 {{max('web.p95') | ms}}", Place("x"))
    assert text.render({"max": nothing}, {}) == "p95 (not measured yet)"


def test_an_unknown_format_names_its_line():
    with pytest.raises(InputError, match=r"x:3: unknown format.*did you mean 'ms'"):
        parse_template("one\n\n{{now | mss}}", Place("x", 1))


_WORDS = st.sampled_from(
    ["1", "2.5", "now", "max", "percentile", "(", ")", ",", "'web.p95'", "+", "**", "<", "and",
     "not", "if", "else", ".", "[", "]", "__class__", "lambda", ":", "=", "-", "9" * 40, "\n", "é"]
)  # fmt: skip


@given(st.lists(_WORDS, max_size=20).map(" ".join) | st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_text_raises_anything_but_an_error_of_the_input(text):
    table = {name: (lambda *args, **named: 1.0) for name in MEASURES}
    try:
        parse_expression(text).value(table, {"now": 1.0, "start": 0.0, "seed": 1})
    except InputError:
        pass
