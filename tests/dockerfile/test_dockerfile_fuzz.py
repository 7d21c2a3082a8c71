"""Whatever arrives, only InputError leaves, and it says where."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.dockerfile import (
    Dockerignore,
    apply_chmod,
    expand_fully,
    expand_heredoc,
    lint,
    parse,
    parse_duration,
    parse_mount,
    parse_ports,
    read_mounts,
    split_chown,
    tree,
)
from simulator.dockerfile.patterns import replace, strip_prefix, strip_suffix
from simulator.errors import InputError

PIECES = st.sampled_from(
    [
        "FROM ", "FROM alpine AS b\n", "from a\n", "RUN ", "RUN <<EOF\n", "EOF\n", "COPY ", "ADD ",
        "ENV ", "ARG ", "LABEL ", "CMD ", "ENTRYPOINT ", "EXPOSE ", "VOLUME ", "USER ", "WORKDIR ",
        "ONBUILD ", "HEALTHCHECK ", "SHELL ", "STOPSIGNAL ", "MAINTAINER ", "--mount=", "--from=b ",
        "--link ", "--interval=5s ", "--retries=-1 ", "type=cache,target=/x ", "a=b ", "A ", "$A",
        "${A:-", "${A#", "}", "'", '"', "\\", "\\\n", "`", "\n", "\r\n", " ", "\t", "#", "# x\n",
        "# check=skip=all\n", "# escape=`\n", '["a", "b"]', "[", "]", '"\\ud800"', "<<", "<<-X ",
        "--", "=", "/", "*", "?", "80/UDP ", "1:2 ", "\ufeff", "\0", "\x1b", "é", "NONE", "[1]",
        "--platform=$TARGETPLATFORM ", "--platform=linux ", "\u2028", "\x85", "\v",
    ]
)  # fmt: skip
FILES = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=30).map("".join),
    st.lists(PIECES, max_size=20).map(lambda parts: "FROM alpine AS b\n" + "".join(parts)),
)
WORDS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="$A{}:-+?#%/\\\"'* =`", max_size=40),
)
NAMES = st.text(alphabet="abAB/.*?[]!^-\\#\n ", max_size=30)


def attempt(read, *arguments, **options):
    """The result and no error, or no result and the error; any other exception fails the test."""
    try:
        return read(*arguments, **options), None
    except InputError as error:
        return None, error


def says_where(error):
    return error.place is not None and error.place.line is not None and "\n" not in str(error)


@given(FILES)
@settings(max_examples=400, deadline=None)
@example("FROM a\nCMD " + "[" * 5000)
@example("FROM a\nENV A=${" * 3)
@example("FROM a\n" + "ONBUILD " * 5000 + "RUN a")
@example("\ud800")
@example("FROM a\nRUN <<a\\'b\na'b\n")
@example("#" + "\n#a" * 300 + "\nARG b")
def test_no_file_makes_anything_but_a_placed_error(text):
    _, error = attempt(tree, text)
    assert error is None or says_where(error)
    dockerfile, error = attempt(parse, text)
    assert says_where(error) if error else keeps_its_lines(dockerfile, text.count("\n") + 1)


def keeps_its_lines(dockerfile, lines):
    """Instructions follow one another inside the file, and each belongs to one stage or to none."""
    instructions = dockerfile.instructions
    ends = [0, *(instruction.end_line for instruction in instructions)]
    in_order = all(end < after.line for end, after in zip(ends, instructions, strict=False))
    inside = all(1 <= i.line <= i.end_line <= lines and i.column >= 1 for i in instructions)
    staged = sum(len(stage.instructions) for stage in dockerfile.stages)
    return in_order and inside and staged + len(dockerfile.global_args) == len(instructions)


@given(FILES)
@settings(max_examples=300, deadline=None)
def test_no_file_that_parses_makes_a_check_or_a_mount_fail_otherwise(text):
    dockerfile, _ = attempt(parse, "FROM alpine AS b\n" + text)
    if dockerfile is None:
        return
    ignore = Dockerignore.parse("*.log\nb")
    findings, error = attempt(lint, dockerfile, dockerignore=ignore, experimental=True)
    assert says_where(error) if error else findings == sorted(findings, key=lambda f: f.line)
    for instruction in dockerfile.instructions:
        _, error = attempt(
            read_mounts, instruction, expand=lambda word: expand_fully(word, {"A": "b"}).text
        )
        assert error is None or says_where(error)


@given(WORDS, st.dictionaries(st.sampled_from(["A", "B", "AB"]), st.text(max_size=20)))
@settings(max_examples=400, deadline=None)
@example("${A:-" * 200, {})
@example("${A//?/xxxxxxxx}", {"A": "y" * 20})
@example("$A" * 100, {"A": "z" * 100_000})
def test_no_word_makes_anything_but_a_placed_error(word, env):
    for escape in "\\`":
        _, error = attempt(expand_fully, word, env, escape=escape)
        assert error is None or says_where(error)
    _, error = attempt(expand_heredoc, word, env)
    assert error is None or says_where(error)


@given(NAMES, st.text(alphabet="abAB/.", max_size=20))
@settings(max_examples=400, deadline=None)
def test_no_dockerignore_makes_anything_but_a_placed_error(text, path):
    ignore, error = attempt(Dockerignore.parse, text)
    if ignore is None:
        assert says_where(error)
        return
    assert ignore.excludes(path) in (True, False)
    if ignore.prunes(path):
        assert ignore.excludes(path + "/anything")


@given(st.one_of(WORDS, st.text(alphabet="0123456789abkmstyp=,ugo-+rwx:/.", max_size=30)))
@settings(max_examples=300, deadline=None)
def test_no_value_of_a_flag_makes_anything_but_an_input_error(text):
    for read in (parse_mount, parse_duration, parse_ports, split_chown):
        _, error = attempt(read, text)
        assert error is None or "\n" not in str(error)
    mode, _ = attempt(apply_chmod, text, 0o644)
    assert mode is None or 0 <= mode <= 0o7777


GLOB = st.text(alphabet="ab*?", max_size=6)
VALUE = st.text(alphabet="ab", max_size=8)


def as_regex(pattern):
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern))


@given(GLOB, VALUE)
def test_a_prefix_goes_away_as_if_every_length_were_tried(pattern, value):
    regex = as_regex(pattern)
    ends = [n for n in range(len(value) + 1) if regex.fullmatch(value[:n])]
    shortest, longest = (ends[0], ends[-1]) if ends else (0, 0)
    assert value[shortest:] == strip_prefix(value, pattern, longest=False)
    assert value[longest:] == strip_prefix(value, pattern, longest=True)


@given(GLOB, VALUE)
def test_a_suffix_goes_away_as_if_every_length_were_tried(pattern, value):
    regex = as_regex(pattern)
    starts = [n for n in range(len(value) + 1) if regex.fullmatch(value[n:])]
    longest, shortest = (starts[0], starts[-1]) if starts else (len(value), len(value))
    assert value[:shortest] == strip_suffix(value, pattern, longest=False)
    assert value[:longest] == strip_suffix(value, pattern, longest=True)


@given(GLOB.filter(lambda p: p.strip("*")), VALUE)
def test_replacing_agrees_with_a_greedy_regular_expression(pattern, value):
    expected = as_regex(pattern).sub("<>", value)
    assert expected == replace(value, pattern, "<>", every=True, limit=1000)
    first = as_regex(pattern).sub("<>", value, count=1)
    assert first == replace(value, pattern, "<>", every=False, limit=1000)


def naive_match(pattern, names):
    """Directory by directory, name by name: the plainest reading of a pattern."""
    if not pattern:
        return not names
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(names)
        return any(naive_match(pattern[1:], names[n:]) for n in range(len(names) + 1))
    if not names:
        return False
    regex = "".join({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)) for c in pattern[0])
    return re.fullmatch(regex, names[0]) is not None and naive_match(pattern[1:], names[1:])


PATTERN_NAMES = st.lists(
    st.one_of(st.just("**"), st.text(alphabet="ab*?", min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
).filter(lambda names: all("**" not in name or name == "**" for name in names))
PATH_NAMES = st.lists(st.text(alphabet="ab", min_size=1, max_size=4), min_size=1, max_size=5)


@given(PATTERN_NAMES, PATH_NAMES)
@settings(max_examples=500)
def test_an_ignored_path_is_one_that_matches_itself_or_by_a_directory_above_it(pattern, names):
    above = [names[:n] for n in range(1, len(names) + 1)]
    expected = any(naive_match(pattern, parts) for parts in above)
    ignore = Dockerignore.parse("/".join(pattern))
    assert expected == ignore.excludes("/".join(names))


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "RUN " + "a" * 70_000,
        "FROM a\n" + "ENV A=b\n" * 100_001,
        "x" * (11 * 1024 * 1024),
        "FROM a\nRUN echo \0",
        "FROM a\nRUN <<" + "A" * 100,
        "# escape=" + " " * 60_000 + "x",
        "FROM a\nRUN " + "<<A " * 5_000,
    ],
    ids=["line", "instructions", "bytes", "nul", "heredoc", "directive", "heredocs"],
)
def test_what_is_too_large_or_no_text_is_named(text):
    with pytest.raises(InputError) as caught:
        parse(text)
    assert caught.value.place is not None
