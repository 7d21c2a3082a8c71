"""Build checks beyond the smallest example of each rule."""

from __future__ import annotations

import pytest

from simulator.dockerfile import (
    RULES,
    Dockerignore,
    excerpt,
    lint,
    lint_error,
    parse,
    read_check,
    report,
)
from simulator.errors import InputError


def found(text, **options):
    return [(f.rule, f.line) for f in lint(parse(text), **options)]


def messages(text, **options):
    return [f.message for f in lint(parse(text), **options)]


def test_all_twenty_one_rules_say_why_and_what_to_do():
    assert len(RULES) == 21
    for rule in RULES.values():
        assert len(rule.explanation) > 80
        assert len(rule.advice) > 20


def test_a_clean_production_file_has_no_findings():
    assert (
        found(
            "# syntax=docker/dockerfile:1\n"
            "ARG GO_VERSION=1.22\n"
            "FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine AS build\n"
            "ARG TARGETOS TARGETARCH\n"
            "WORKDIR /src\n"
            "COPY go.mod go.sum ./\n"
            "RUN --mount=type=cache,target=/go/pkg/mod go mod download\n"
            "COPY . .\n"
            "RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/app .\n"
            "FROM scratch\n"
            "COPY --from=build /out/app /app\n"
            "EXPOSE 8080/tcp\n"
            'ENTRYPOINT ["/app"]\n'
        )
        == []
    )


def test_a_global_argument_does_not_reach_into_a_stage():
    text = "ARG DIR=/app\nFROM alpine\nWORKDIR $DIR\n"
    assert found(text) == [("WorkdirRelativePath", 3), ("UndefinedVar", 3)]
    assert found("ARG DIR=/app\nFROM alpine\nARG DIR\nWORKDIR $DIR\n") == []


def test_variables_come_with_the_stage_one_builds_on():
    assert (
        found(
            "FROM alpine AS base\nENV HOME_DIR=/home/app\nARG UID=1000\nWORKDIR $HOME_DIR\n"
            "FROM base\nCOPY --chown=$UID a $HOME_DIR/\nWORKDIR sub\n"
        )
        == []
    )
    assert found("FROM alpine AS base\nENV A=1\nFROM alpine\nLABEL a=$A\n") == [("UndefinedVar", 4)]


def test_variables_of_the_base_image_are_known_when_somebody_says_them():
    text = "ARG TAG=1.22\nFROM golang:$TAG\nWORKDIR $GOPATH/src\n"
    images = {"golang:1.22": {"GOPATH": "/go"}}
    assert found(text) == [("UndefinedVar", 3)]
    assert found(text, base_env=images.get) == []


def test_path_is_always_defined_and_one_env_sees_only_what_came_before():
    assert found("FROM alpine\nENV PATH=$PATH:/opt/bin\n") == []
    assert found("FROM alpine\nENV A=1 B=$A\n") == [("UndefinedVar", 2)]


def test_an_undefined_name_is_answered_with_the_nearest():
    text = "FROM alpine\nARG VERSION=1\nLABEL v=$VERSON\n"
    assert messages(text) == ["Usage of undefined variable '$VERSON' (did you mean $VERSION?)"]
    text = "ARG ALPINE=3.20\nFROM alpine:${ALPIN:-3}\n"
    assert messages(text) == ["FROM argument 'ALPIN' is not declared (did you mean ALPINE?)"]


def test_a_shell_command_may_use_what_it_likes():
    assert found('FROM alpine\nRUN echo $NOT_MINE\nCMD ["sh", "-c", "echo $NOR_THIS"]\n') == []
    assert found("FROM alpine\nRUN --mount=type=cache,target=/c,id=$NOT_MINE ls\n") == [
        ("UndefinedVar", 2)
    ]


def test_an_unquoted_copied_document_is_checked_and_a_quoted_one_is_not():
    text = "FROM alpine\nCOPY <<{} /a\nx=$NOT_MINE\nE\n"
    assert found(text.format("E")) == [("UndefinedVar", 2)]
    assert found(text.format("'E'")) == []


def test_shell_form_is_accepted_after_shell_was_set_also_in_the_parent_stage():
    shell = 'SHELL ["/bin/bash", "-c"]\n'
    assert found(f"FROM alpine AS a\n{shell}CMD exec app\nFROM a\nENTRYPOINT app\n") == []
    assert found("FROM alpine\nENTRYPOINT app\n") == [("JSONArgsRecommended", 2)]


def test_every_ineffective_command_is_reported():
    text = 'FROM alpine\nCMD ["a"]\nCMD ["b"]\nCMD ["c"]\nFROM alpine\nCMD ["d"]\n'
    rule = "MultipleInstructionsDisallowed"
    assert [(rule, 2), (rule, 3)] == found(text)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("API_KEY", True),
        ("TOKEN", True),
        ("github_token", True),
        ("PASSWD_HASH", True),
        ("PUBLIC_KEY", False),
        ("SECRET_FILE", False),
        ("KEYBOARD", False),
        ("MONKEY", False),
        ("AUTH_VERSION", False),
    ],
)
def test_a_name_is_a_secret_by_its_words(name, secret):
    assert ([("SecretsUsedInArgOrEnv", 2)] if secret else []) == found(f"FROM a\nARG {name}\n")


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("FROM --platform=linux/amd64 alpine AS build-amd64", []),
        ("FROM --platform=linux/amd64 alpine AS linux-tools", []),
        ("FROM --platform=linux/x86_64 alpine AS build-arm64", ["FromPlatformFlagConstDisallowed"]),
        ("FROM --platform=nonsense alpine", []),
        ("FROM --platform=$BUILDPLATFORM alpine", []),
        ("FROM --platform=${TARGETPLATFORM} alpine", ["RedundantTargetPlatform"]),
        ("FROM --platform=linux/$TARGETARCH alpine", []),
        ("FROM --platform=$MINE alpine", ["UndefinedArgInFrom"]),
        ("FROM ${BASE:-alpine}", ["UndefinedArgInFrom"]),
        ("ARG BASE\nFROM $BASE", ["InvalidDefaultArgInFrom"]),
        ("ARG BASE=Upper\nFROM $BASE", ["InvalidDefaultArgInFrom"]),
        ("ARG T=3 B=alpine:$T\nFROM $B", []),
        ("from alpine as a", []),
        ("From alpine AS a", ["ConsistentInstructionCasing"]),
        ("FROM alpine AS Context", ["StageNameCasing", "ReservedStageName"]),
    ],
)
def test_a_from_line_is_checked(line, rules):
    assert rules == [rule for rule, _ in found(line)]


def test_the_majority_decides_the_casing_and_a_tie_means_capitals():
    assert found("from a\nrun b\nRUN c\n") == [("ConsistentInstructionCasing", 3)]
    assert found("FROM a\nrun b\n") == [("ConsistentInstructionCasing", 2)]
    text = "FROM a\nRUN b\nrUn c\n"
    assert messages(text) == [
        "Command 'rUn' should match the case of the command majority (uppercase)"
    ]


def test_ports_are_checked_after_their_variables():
    text = "FROM a\nARG P=8080:80\nEXPOSE $P 53/Udp 127.0.0.1:1:1\n"
    assert found(text) == [
        ("ExposeProtoCasing", 3),
        ("ExposeInvalidFormat", 3),
        ("ExposeInvalidFormat", 3),
    ]


def test_ignored_sources_are_reported_unless_something_may_come_back():
    text = "FROM a\nARG F=app.log\nCOPY $F b.log ./c.txt /\nADD https://x/y.log /\nCOPY . /\n"
    ignore = Dockerignore.parse("*.log")
    assert messages(text, dockerignore=ignore) == [
        'Attempting to Copy file "app.log" that is excluded by .dockerignore',
        'Attempting to Copy file "b.log" that is excluded by .dockerignore',
    ]
    assert found(text, dockerignore=Dockerignore.parse("*.log\n!keep.log")) == []
    everything = Dockerignore.parse("*")
    assert ("CopyIgnoredFile", 5) in found(text, dockerignore=everything)
    assert found("FROM a\nCOPY --from=b x.log /", dockerignore=ignore) == []


def test_descriptions_are_checked_only_when_asked_for():
    text = "# the version\nARG VERSION=1\n# x\n\nFROM alpine AS base\n"
    assert found(text) == []
    assert found(text, experimental=True) == [("InvalidDefinitionDescription", 2)]
    directive = "# check=experimental=InvalidDefinitionDescription\n"
    assert found(directive + text) == [("InvalidDefinitionDescription", 3)]
    assert found("# base is the base\nFROM alpine AS base\n", experimental=True) == []


def test_rules_can_be_skipped_by_name_or_altogether():
    text = "FROM alpine AS Build\nMAINTAINER me\n"
    assert found(text) == [("StageNameCasing", 1), ("MaintainerDeprecated", 2)]
    assert found("# check=skip=StageNameCasing, Foo\n" + text) == [("MaintainerDeprecated", 3)]
    assert found("# check=skip=all\n" + text) == []


def test_a_file_may_ask_that_a_finding_ends_the_build():
    strict = parse("# check=skip=StageNameCasing;error=true\nFROM a AS B\nMAINTAINER me\n")
    error = lint_error(strict, lint(strict))
    assert "lint violation found for rules: MaintainerDeprecated" in str(error)
    assert (error.place.line, error.place.column) == (3, 1)
    relaxed = parse("FROM a\nMAINTAINER me\n")
    assert lint_error(relaxed, lint(relaxed)) is None


@pytest.mark.parametrize("text", ["skip", "skp=all", "error=perhaps", "skip=all;x=1"])
def test_a_malformed_check_directive_is_refused(text):
    with pytest.raises(InputError, match=r"^Dockerfile:1:1: "):
        read_check(parse(f"# check={text}\nFROM a"))


def test_a_finding_reads_like_the_builders_own():
    finding = lint(parse("FROM a\n  MAINTAINER me \\\n too"))[0]
    assert (finding.line, finding.column, finding.end_line) == (2, 3, 3)
    assert str(finding) == (
        "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label "
        "(line 2)"
    )


def test_what_will_become_an_error_is_marked():
    marked = {
        f.rule for f in lint(parse("FROM a\nEXPOSE 1:2\nRUN a \\\n\n b")) if f.will_become_error
    }
    assert {"ExposeInvalidFormat", "NoEmptyContinuation"} == marked


def test_a_report_shows_the_lines_why_and_what_to_do():
    text = "FROM a\n\nMAINTAINER me \\\n\ttoo\n"
    shown = report(lint(parse(text)), text)
    assert shown.startswith(
        "Check complete, 1 warning has been found!\n\n"
        "WARNING: MaintainerDeprecated\n"
        "Maintainer instruction is deprecated in favor of using label\n"
        "Dockerfile:3\n"
        "--------------------\n"
        "   1 |     FROM a\n"
        "   2 |\n"
        "   3 | >>> MAINTAINER me \\\n"
        "   4 | >>>     too\n"
        "   5 |\n"
        "--------------------\n"
        "Why: "
    )
    assert "What to do: Write LABEL" in shown
    assert report([], text) == "Check complete, no warnings found."


def test_an_excerpt_stays_short_and_clean():
    lines = excerpt("\x1b[31m\n" + "x" * 500 + "\n" * 100, 2, 90).split("\n")
    assert "\x1b" not in lines[1]
    assert len(lines[2]) < 180
    assert len(lines) < 24
