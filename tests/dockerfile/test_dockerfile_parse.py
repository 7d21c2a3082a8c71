"""Reading instructions: forms, flags, continuations, here-documents, places, errors."""

from __future__ import annotations

import pytest

from simulator.dockerfile import parse, parse_instruction, tree
from simulator.errors import InputError, Place


def error_of(text):
    with pytest.raises(InputError) as caught:
        parse(text)
    return caught.value


def test_stages_have_numbers_names_and_their_own_instructions():
    dockerfile = parse(
        "ARG TAG=3.20\nFROM golang:1.22 AS Build\nRUN go build\nFROM --platform=$P alpine:$TAG\n"
        "COPY --from=build /a /b\n"
    )
    assert [arg.pairs[0][0] for arg in dockerfile.global_args] == ["TAG"]
    first, second = dockerfile.stages
    assert (
        first.index,
        first.name,
        first.base,
        first.platform,
    ) == (0, "build", "golang:1.22", None)
    assert (
        second.index,
        second.name,
        second.base,
        second.platform,
    ) == (1, None, "alpine:$TAG", "$P")
    assert [i.name for i in second.instructions] == ["FROM", "COPY"]
    assert dockerfile.stage("BUILD") is first
    assert dockerfile.stage("1") is second


def test_a_missing_target_is_refused_with_the_nearest_stage():
    dockerfile = parse("FROM a AS builder\nFROM b")
    with pytest.raises(InputError, match=r'target stage "bulder" could not be found.*builder'):
        dockerfile.stage("bulder")
    with pytest.raises(InputError, match='target stage "2" could not be found'):
        dockerfile.stage("2")


@pytest.mark.parametrize(
    ("line", "form", "words"),
    [
        ('CMD ["a", "b c"]', "exec", ("a", "b c")),
        ("CMD a b c", "shell", ("a b c",)),
        ("CMD", "shell", ()),
        ("CMD ['a']", "shell", ("['a']",)),
        ('CMD ["a",]', "shell", ('["a",]',)),
        ("RUN echo   a  ", "shell", ("echo   a",)),
        ('SHELL ["/bin/bash", "-c"]', "exec", ("/bin/bash", "-c")),
        ("COPY a  b\t/c/", "words", ("a", "b", "/c/")),
        ('COPY ["a b", "/c/"]', "words", ("a b", "/c/")),
        ("VOLUME /a /b", "words", ("/a", "/b")),
        ("EXPOSE 80 443/tcp $X", "words", ("80", "443/tcp", "$X")),
        ("WORKDIR /a b", "words", ("/a b",)),
        ("HEALTHCHECK none", "shell", ("none",)),
        ('HEALTHCHECK CMD ["a"]', "exec", ("CMD", "a")),
        ("HEALTHCHECK CMD a || exit 1", "shell", ("CMD", "a || exit 1")),
    ],
)
def test_arguments_keep_their_form(line, form, words):
    instruction = parse_instruction(line)
    assert (form, words) == (instruction.form, instruction.words)


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("ENV A=1 B='x y'", (("A", "1", "="), ("B", "'x y'", "="))),
        ("ENV A one two", (("A", "one two", ""),)),
        ("ENV A= B=", (("A", "", "="), ("B", "", "="))),
        ('LABEL "com.example.a"="b=c"', (('"com.example.a"', '"b=c"', "="),)),
        ("ARG A B=2 C=", (("A", None, ""), ("B", "2", "="), ("C", "", "="))),
        (r"ENV A=a\ b", (("A", r"a\ b", "="),)),
    ],
)
def test_pairs_are_read_with_quotes_and_separators(line, pairs):
    instruction = parse_instruction(line)
    assert pairs == instruction.pairs
    assert instruction.form == "pairs"


def test_flags_know_their_values_and_where_they_stand():
    text = (
        "FROM a\n"
        "RUN --mount=type=cache,target=/x \\\n"
        '    --mount=type=secret,"target=/a b" --network=none echo\n'
    )
    run = parse(text).instructions[1]
    expected = ("type=cache,target=/x", "type=secret,target=/a b")
    assert expected == run.flag_values("mount")
    assert run.flag("network") == "none"
    assert run.flag("security") is None
    assert [(flag.line, flag.column) for flag in run.flags] == [(2, 5), (3, 5), (3, 39)]
    assert run.words == ("echo",)


def test_a_flag_without_a_value_is_on():
    copy = parse_instruction("COPY --link --parents=false a b")
    assert copy.has_flag("link")
    assert not copy.has_flag("parents")


def test_a_double_dash_ends_the_flags():
    assert parse_instruction("COPY -- --link b").words == ("--link", "b")


def test_continuations_join_lines_and_comments_between_them_vanish():
    run = parse("FROM a\nRUN one && \\\n  # two\n\n  three \\\n# four\n").instructions[1]
    assert run.words == ("one &&   three",)
    assert (run.line, run.end_line) == (2, 6)
    assert run.empty_continuation


def test_an_escaped_backslash_at_the_end_continues_nothing():
    assert [i.name for i in parse("FROM a\nRUN a \\\\\nCMD b").instructions[1:]] == ["RUN", "CMD"]


def test_the_escape_directive_frees_the_backslash_for_windows_paths():
    dockerfile = parse(
        "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver\n"
        "COPY testfile.txt c:\\\nRUN dir c:\\ `\n  /b\n"
    )
    assert dockerfile.escape == "`"
    assert dockerfile.instructions[1].words == ("testfile.txt", "c:\\")
    assert dockerfile.instructions[2].words == ("dir c:\\   /b",)


def test_byte_order_mark_carriage_returns_and_tabs_do_no_harm():
    dockerfile = parse("\ufeff# syntax=x\r\n\tFROM\ta\r\nRUN b \\\r\n c\r\nRUN <<E\r\nd\r\nE\r\n")
    assert dict(dockerfile.directives) == {"syntax": "x"}
    _, run, heredoc = dockerfile.instructions
    assert run.words == ("b  c",)
    assert heredoc.heredocs[0].content == "d\r\n"
    assert (dockerfile.instructions[0].line, dockerfile.instructions[0].column) == (2, 2)


def test_directives_end_at_the_first_line_that_is_none():
    assert dict(
        parse("# syntax=a\n#CHECK = skip=all \n# other=1\n# escape=`\nFROM a\\\nb").directives
    ) == {"syntax": "a", "check": "skip=all"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# escape=x\nFROM a", "1:3: invalid escape token 'x' does not match ` or \\"),
        ("# syntax=a\n# syntax=b\nFROM a", "2:3: only one syntax parser directive can be used"),
    ],
)
def test_a_wrong_directive_is_refused(text, message):
    assert message in str(error_of(text))


def test_here_documents_may_be_several_and_belong_to_their_files():
    copy = parse("FROM a\nCOPY x <<A <<-'B' /dest/\na $X\nA\n\tb\n\tB\nRUN c").instructions[1]
    assert list(copy.sources) == ["x"]
    assert copy.destination == "/dest/"
    first, second = copy.heredoc_sources
    assert (first.name, first.text, first.expand) == ("A", "a $X\n", True)
    assert (
        second.name,
        second.content,
        second.text,
        second.expand,
    ) == ("B", "\tb\n", "b\n", False)
    assert (copy.line, copy.end_line, copy.head_end_line) == (2, 6, 2)
    assert copy.text.startswith("COPY x <<A <<-'B' /dest/\na $X\nA\n")


@pytest.mark.parametrize(
    "line",
    [
        'RUN echo "<<EOF"',
        "RUN cat <<<word",
        'RUN ["<<EOF"]',
        "USER <<EOF",
        "RUN echo 'open <<EOF",
        "RUN echo a<b",
    ],
)
def test_what_only_looks_like_a_here_document_is_none(line):
    if line.startswith('RUN ["'):
        # JSON strings are quoted, and quoted text announces nothing.
        assert parse_instruction(line).json
    assert parse_instruction(line).heredocs == ()


def test_a_here_document_behind_onbuild_belongs_to_the_trigger():
    onbuild = parse("FROM a\nONBUILD RUN <<E\nls\nE\n").instructions[1]
    assert onbuild.child.heredocs[0].content == "ls\n"
    assert (onbuild.child.name, onbuild.child.column) == ("RUN", 9)


@pytest.mark.parametrize("start", ["<<E", "<< E", "<<- E", "<<'E'", '<<-"E"', "3<<E"])
def test_a_here_document_is_no_path_however_it_is_written(start):
    copy = parse_instruction(f"COPY a {start} b /dest\nx\nE")
    assert (copy.heredocs[0].name, copy.heredocs[0].content) == ("E", "x\n")
    assert (copy.sources, copy.destination) == (("a", "b"), "/dest")


def test_a_here_document_may_have_a_name_with_spaces():
    copy = parse_instruction("COPY <<'my file.txt' /dest/\nx\nmy file.txt")
    assert copy.words == ("<<'my file.txt'", "/dest/")
    assert copy.heredocs[0].name == "my file.txt"


def test_a_file_descriptor_may_be_named():
    assert [h.fd for h in parse_instruction("RUN 3<<A <<B\nA\nB").heredocs] == [3, None]


def test_the_text_for_the_cache_changes_with_the_document_but_not_with_comments():
    one = parse_instruction("RUN a \\\n# x\n b <<E\nc\nE")
    two = parse_instruction("RUN a \\\n# y\n b <<E\nc\nE")
    three = parse_instruction("RUN a \\\n# y\n b <<E\nd\nE")
    assert one.text == two.text
    assert two.text != three.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Dockerfile:1:1: file with no instructions"),
        ("# only\n\n", "Dockerfile:2:1: file with no instructions"),
        ("ARG A", "dockerfile contains no stages to build"),
        ("RUN a", "1:1: no build stage in current context: found 'RUN'"),
        ("FORM alpine", "1:1: unknown instruction: FORM"),
        ("FROM a\n  RUM x", "2:3: unknown instruction: RUM"),
        ("FROM a b", "FROM requires either one or three arguments"),
        ("FROM", "FROM requires either one or three arguments"),
        ("FROM a AS 1x", 'invalid name for build stage: "1x", name can\'t start with a number'),
        ("FROM a AS b/c", "invalid name for build stage"),
        ("FROM a\nRUN", "RUN requires at least one argument"),
        ("FROM a\nENV", "ENV requires at least one argument"),
        ("FROM a\nENV A", "2:5: ENV must have two arguments"),
        (
            "FROM a\nENV A=b c",
            'Syntax error - can\'t find = in "c". Must be of the form: name=value',
        ),
        ("FROM a\nENV =b", "ENV names can not be blank"),
        ("FROM a\nARG", "ARG requires at least one argument"),
        ("FROM a\nADD x", "ADD requires at least two arguments, but only one was provided"),
        ("FROM a\nCOPY", "COPY requires at least two arguments, but none were provided"),
        ("FROM a\nCOPY a <<E\nE", "COPY cannot accept a heredoc as a destination"),
        ("FROM a\nRUN <<E\nx", "2:1: unterminated heredoc: found '<<E'"),
        ("FROM a\nSHELL /bin/sh", "SHELL requires the arguments to be in JSON form"),
        ('FROM a\nVOLUME [""]', "VOLUME specified can not be an empty string"),
        ('FROM a\nCMD ["a", 1]', "2:5: when using JSON array syntax, arrays must be comprised"),
        ("FROM a\nHEALTHCHECK", "HEALTHCHECK requires at least one argument"),
        ("FROM a\nHEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"),
        ("FROM a\nHEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("FROM a\nHEALTHCHECK TCP x", 'Unknown type "TCP" in HEALTHCHECK (try CMD)'),
        ("FROM a\nONBUILD", "ONBUILD requires at least one argument"),
        ("FROM a\nONBUILD FROM b", "2:9: FROM isn't allowed as an ONBUILD trigger"),
        ("FROM a\nONBUILD ONBUILD RUN b", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        ("FROM a\nONBUILD COPY b", "2:9: COPY requires at least two arguments"),
        ("FROM a\nEXPOSE http", "invalid containerPort: http"),
        ("FROM a\nEXPOSE 80/tpc", "invalid proto: tpc"),
        ("FROM a\nSTOPSIGNAL SIGTREM", "invalid signal: SIGTREM"),
        ("FROM a\nEXPOSE 70000", "invalid containerPort: 70000"),
    ],
)
def test_a_mistake_gets_the_words_that_users_of_the_builder_know(text, message):
    assert message in str(error_of(text))


def test_a_misspelt_instruction_is_answered_with_the_nearest():
    error = error_of("FORM alpine")
    assert error.nearest == "FROM"
    assert Place("Dockerfile", 1, 1) == error.place


@pytest.mark.parametrize(
    ("line", "message", "nearest"),
    [
        ("COPY --form=b x y", "unknown flag: --form", "--from"),
        ("RUN --mont=type=cache x", "unknown flag: --mont", "--mount"),
        ("ADD --from=b x y", "unknown flag: --from", None),
        ("WORKDIR --link /x", "unknown flag: --link", None),
        ("COPY --link --link x y", "duplicate flag specified: --link", None),
        ("COPY --link=maybe x y", "expecting boolean value for flag --link", None),
        ("COPY --chown x y", "missing a value on flag: --chown", None),
        ("RUN --network=nome x", "unsupported network mode", "none"),
        ("FROM --platfrom=linux a", "unknown flag: --platfrom", "--platform"),
    ],
)
def test_flags_are_checked_for_each_instruction(line, message, nearest):
    error = error_of(line if line.startswith("FROM") else f"FROM a\n{line}")
    assert message in str(error)
    if nearest:
        assert nearest == error.nearest


def test_the_file_name_is_part_of_the_message():
    with pytest.raises(InputError, match=r"^app/Dockerfile.dev:1:1: "):
        parse("FORM a", name="app/Dockerfile.dev")


def test_an_error_shows_no_control_characters():
    assert "\x1b" not in str(error_of("FROM a\n\x1b[31mRUN a"))


def test_the_tree_has_one_line_for_each_instruction():
    text = 'FROM a AS b\nONBUILD RUN --network=none x\nARG C D=1\nHEALTHCHECK CMD ["y\\tz"]\nFOO z'
    assert tree(text).split("\n") == [
        '(from "a" "AS" "b")',
        '(onbuild (run ["--network=none"] "x"))',
        '(arg "C" "D=1")',
        '(healthcheck "CMD" "y\\tz")',
        '(foo "")',
    ]
