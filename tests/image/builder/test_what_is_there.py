"""Present, absent, or unknown: what COPY finds, what programs an image has, who may write."""

from __future__ import annotations

import pytest

from simulator.dockerfile import parse
from simulator.errors import InputError
from simulator.image.builder import plan
from simulator.image.catalogue import Catalogue

GO = {"go.mod": "module example.org/team/web\n", "main.go": "package main", "cmd/api/main.go": ""}

GOLANG = "FROM golang:1.22 AS a\nWORKDIR /s\nCOPY . .\n"
UV = "FROM python:3.12 AS a\nRUN pip install uv\n"
NPM = {"package.json": "{}"}


def last(built):
    assert built.failure is None, built.failure
    return built.numbered[-1]


def paths(built):
    return {one.path for one in last(built).layer.files}


@pytest.mark.parametrize(
    ("stage", "source", "files"),
    [
        ("FROM debian:12 AS a\nRUN cp /etc/ssl/openssl.cnf /x.cnf\n", "/x.cnf", {}),
        ("FROM debian:12 AS a\n", "/bin/df", {}),
        ("FROM debian:12 AS a\nRUN unheard-of\n", "/anything", {}),
        ("FROM node:22 AS a\nWORKDIR /app\nCOPY . .\nRUN npm run build\n", "/app/out", NPM),
        (GOLANG + "RUN go build\n", "/s/web", GO),
        (GOLANG + "RUN go build ./cmd/api\n", "/s/api", GO),
        (GOLANG + "RUN go build -o /out/ ./cmd/api\n", "/out/api", GO),
        (GOLANG + "RUN go test -c -o /t.test .\n", "/t.test", GO),
        (GOLANG + "RUN go run gen.go\n", "/s/generated", GO),
        ("FROM golang:1.22 AS a\nRUN go install example.org/tool/cmd/x@latest\n", "/go/bin/x", {}),
        ("FROM rust:1.80 AS a\nRUN cargo install ripgrep\n", "/usr/local/cargo/bin/rg", {}),
        ("FROM python:3.12 AS a\nRUN pip install --user flask\n", "/root/.local", {}),
        (UV + "RUN uv tool install ruff\n", "/root/.local/bin/ruff", {}),
        ("FROM alpine AS a\nRUN apk add tzdata tini\n", "/usr/share/zoneinfo", {}),
        ("FROM alpine AS a\nRUN apk add tzdata tini\n", "/sbin/tini", {}),
        ("FROM debian:12 AS a\nADD https://x.org/team/app.git#main /app\n", "/app/README.md", {}),
        ("FROM alpine AS a\nADD x.tar.gz /opt/x\n", "/opt/x/bin/x", {"x.tar.gz": 100}),
        ("FROM alpine AS a\nRUN --mount=type=cache,target=/c cp /c/made /kept\n", "/kept", {}),
        ("FROM nginx AS a\n", "/docker-entrypoint.sh", {}),
    ],
)  # fmt: skip
def test_what_may_have_been_made_is_copied(build, stage, source, files):
    built = build(f"{stage}FROM scratch\nCOPY --from=a {source} /to\n", files)
    assert last(built).size_bytes > 0


@pytest.mark.parametrize(
    ("stage", "source"),
    [
        ("FROM alpine AS a\nCOPY main.go /src/\n", "/src/mian.go"),
        ("FROM alpine AS a\nRUN apk add curl && mkdir /out\n", "/dist"),
        ("FROM alpine AS a\nRUN touch /a && rm /a\n", "/a"),
        (GOLANG + "RUN go build -o /server\n", "/sever"),
        ("FROM scratch AS a\nCOPY main.go /\n", "/etc/passwd"),
        ("FROM alpine AS a\nWORKDIR /app\n", "/app/dist/*"),
    ],
)
def test_what_nothing_can_have_made_is_refused_as_buildkit_does(build, stage, source):
    with pytest.raises(InputError, match="failed to calculate checksum of ref") as raised:
        build(f"{stage}FROM scratch\nCOPY --from=a {source} /to\n", GO)
    assert "# drydock: adds=" in str(raised.value) or "scratch" in stage


def test_what_is_assumed_says_its_size_and_how_to_say_more(build):
    text = "FROM alpine AS a\nRUN unheard-of\nFROM scratch\nCOPY --from=a /srv/etc.conf /\n"
    assert last(build(text)).notes == (
        "/srv/etc.conf of stage a: made by a command there; 4 kB assumed; "
        "'# drydock: adds=/srv/etc.conf:SIZE' above that RUN says more",
    )


def test_a_small_file_of_an_image_stays_small(build):
    assert last(build("FROM scratch\nCOPY --from=debian /etc/passwd /etc/\n")).size_bytes == 1000


def test_several_files_go_into_a_folder_that_is_there(build):
    built = build("FROM alpine\nRUN mkdir /d\nCOPY a b /d\n", {"a": 1, "b": 2})
    assert paths(built) == {"/d/a", "/d/b"}


def test_folders_of_every_distribution_are_there(build):
    assert paths(build("FROM alpine\nCOPY a /tmp\n", {"a": 1})) == {"/tmp/a"}


def test_a_pattern_needs_the_folder_that_it_looks_into(build):
    assert build("FROM alpine\nCOPY *.none /x/\n", {"a": 1}).failure is None
    with pytest.raises(InputError, match=r"missing\.d"):
        build("FROM alpine\nCOPY missing.d/* /x/\n", {"a": 1})


@pytest.mark.parametrize(
    ("base", "command", "code"),
    [
        ("debian:12-slim", "curl -V", 127),
        ("debian:12-slim", "git clone https://x.org/y", 127),
        ("alpine", "gcc -v", 127),
        ("nginx:alpine", "bash -c ls", 127),
        ("fedora", "node -v", 127),
        ("oraclelinux:9-slim", "groupadd --system mysql", None),
        ("rockylinux:9", "gpg --version", None),
        ("minio/minio", "chmod +x /usr/bin/docker-entrypoint.sh", None),
        ("minio/minio", "curl -V", None),
        ("alpine", "apk add gnupg && gpg --version", None),
        ("debian:12", "apt-get update && apt-get install -y unlisted-tool && unlisted-tool", None),
        ("debian:12", "rm /etc/motd", None),
        ("alpine", "rm /app", 1),
    ],
)
def test_a_program_is_missing_only_where_the_base_is_known_to_lack_it(build, base, command, code):
    failed = build(f"FROM {base}\nRUN {command}\n").failure
    assert (failed.exit_code if failed else None) == code


def test_the_image_of_one_platform_is_found_under_its_owner():
    resolve = Catalogue.load().resolve
    assert str(resolve("arm64v8/alpine").platform) == "linux/arm64"
    assert str(resolve("amd64/debian:12-slim").platform) == "linux/amd64"
    built = plan(parse("FROM arm32v7/alpine\nRUN uname -m > /x\n"), resolve=resolve)
    assert [one.text for one in built.numbered[-1].layer.files] == ["armv7l\n"]


@pytest.mark.parametrize(
    ("head", "command", "code", "output"),
    [
        ("FROM node:22\nUSER node\n", "apt-get install -y curl", 100, "are you root?"),
        ("FROM node:22\nUSER node\n", "apt-get update", 100, "(13: Permission denied)"),
        ("FROM alpine\nUSER nobody\n", "apk add curl", 99, "Unable to lock database"),
        ("FROM fedora\nUSER 1000\n", "dnf install -y git", 1, "superuser privileges"),
        ("FROM node:22\nUSER node\n", "npm install -g pnpm", 243, "EACCES"),
        ("FROM node:22\nWORKDIR /app\nUSER node\n", "touch x", 1, "Permission denied"),
        ("FROM node:22\nUSER 1000:1000\n", "echo x > /etc/x", 2, "cannot create /etc/x"),
        ("FROM node:22\nUSER node\n", "rm /usr/bin/perl", 1, "Permission denied"),
        ("FROM node:22\nUSER node\n", "useradd x", 1, "cannot lock /etc/passwd"),
        ("FROM node:22\nUSER node\nWORKDIR /app\n", "touch x", None, ""),
        ("FROM node:22\nWORKDIR /app\nRUN chown node:node .\nUSER node\n", "touch x", None, ""),
        ("FROM node:22\nCOPY --chown=node a /app/\nUSER node\n", "touch /app/x", None, ""),
        ("FROM node:22\nRUN mkdir -m 777 /d && chmod 777 /d\nUSER node\n", "touch /d/x", None, ""),
        ("FROM python:3.12\nUSER 1000\n", "pip install flask", None, ""),
        ("FROM node:22\nUSER node\n", "touch ~/x /tmp/y && mkdir -p ~/.npm", None, ""),
        ("FROM golang:1.22\nUSER 1000\n", "touch /go/x", None, ""),
        ("FROM node:22\nUSER root\n", "touch /x", None, ""),
    ],
)
def test_a_user_writes_only_where_it_may(build, head, command, code, output):
    failed = build(f"{head}RUN {command}\n", {"a": 1}).failure
    assert (failed.exit_code if failed else None) == code
    assert output in (failed.output if failed else "")
