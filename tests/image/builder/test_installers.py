"""Package managers and tools of projects: indexes, PEP 668, and caches wherever they are moved."""

from __future__ import annotations

import pytest

APT = "apt-get update && apt-get install -y python3-pip python3-venv && "


def last(built):
    assert built.failure is None, built.failure
    return built.numbered[-1]


def test_apk_fetches_an_index_that_is_missing_and_leaves_it(build):
    kept = last(build("FROM alpine\nRUN apk add curl\n"))
    fresh = last(build("FROM alpine\nRUN apk add --no-cache curl\n"))
    assert kept.size_bytes - fresh.size_bytes == 2_700_000
    assert "/var/cache/apk" in {one.path for one in kept.layer.files}


def test_packages_of_a_list_that_is_not_known_are_not_missed(build):
    text = 'FROM alpine\nRUN list="$(scanelf --needed /x | sort)" && apk add --virtual .run $list\n'
    assert last(build(text)).notes == ("apk: a package whose name is not known; none assumed",)


def test_what_was_installed_under_one_name_goes_by_it(build):
    text = "FROM alpine\nRUN apk add --no-cache --virtual .build gcc && apk add --no-cache curl"
    kept, gone = last(build(text + "\n")), last(build(text + " && apk del .build\n"))
    assert kept.size_bytes > 100_000_000 > gone.size_bytes


@pytest.mark.parametrize(
    ("base", "script", "refused"),
    [
        ("debian:12", APT + "pip install flask", True),
        ("ubuntu:24.04", APT + "pip3 install flask", True),
        ("ubuntu:24.04", APT + "python3 -m pip install --user flask", True),
        ("node:22", APT + "pip3 install flask", True),
        ("alpine:3.20", "apk add py3-pip && pip install flask", True),
        ("ubuntu:24.04", APT + "pip3 install --break-system-packages flask", False),
        ("ubuntu:24.04", APT + "PIP_BREAK_SYSTEM_PACKAGES=1 pip3 install flask", False),
        ("debian:12", APT + "python3 -m venv /v && /v/bin/pip install flask", False),
        ("debian:12", APT + "python3 -m venv /v && . /v/bin/activate && pip install flask", False),
        ("debian:12", APT + "rm /usr/lib/python3*/EXTERNALLY-MANAGED && pip install flask", False),
        ("debian:12", APT + "pip install --target /t flask", False),
        ("debian:12", APT + "pip config set global.break-system-packages 1; pip install a", False),
        ("debian:12", "apt-get update && apt-get install -y pipx && pipx install ruff", False),
        ("debian:11", APT + "pip install flask", False),
        ("alpine:3.18", "apk add py3-pip && pip install flask", False),
        ("python:3.12", "pip install flask", False),
    ],
)  # fmt: skip
def test_a_distribution_keeps_its_own_python_to_itself(build, base, script, refused):
    failed = build(f"FROM {base}\nRUN {script}\n").failure
    assert (failed is not None and failed.exit_code == 1) == refused
    assert (failed is not None and "externally-managed-environment" in failed.output) == refused


def test_a_mark_that_an_earlier_step_removed_is_gone(build):
    head = f"FROM debian:12\nRUN {APT}true\n"
    text = head + "RUN rm /usr/lib/python3.11/EXTERNALLY-MANAGED\nRUN pip install flask\n"
    assert build(text).failure is None


LOCK = {"go.mod": "module x/y", "go.sum": 19_000, "main.go": "", "package.json": "{}",
        "package-lock.json": 42_000, "Cargo.toml": 'name = "y"', "Cargo.lock": 21_000,
        "pom.xml": "", "build.gradle": "", "r.txt": "pandas\n", "pyproject.toml": "",
        "uv.lock": 50_000, "composer.json": "{}", "composer.lock": 52_000}  # fmt: skip


@pytest.mark.parametrize(
    ("base", "setting", "target", "command"),
    [
        ("golang:1.22", "GOCACHE=/c", "/c", "go build"),
        ("golang:1.22", "GOFLAGS=", "/root/.cache/go-build", "go build"),
        ("golang:1.22", "GOMODCACHE=/m", "/m", "go mod download"),
        ("golang:1.22", "GOPATH=/p", "/p/pkg", "go mod download"),
        ("rust:1.80", "CARGO_HOME=/c", "/c/registry", "cargo fetch"),
        ("rust:1.80", "CARGO_TARGET_DIR=/t", "/t", "cargo build"),
        ("node:22", "npm_config_cache=/c", "/c", "npm ci"),
        ("node:22", "HOME=/h", "/h/.npm/_cacache", "npm ci"),
        ("python:3.12", "PIP_CACHE_DIR=/c", "/c", "pip install -r r.txt"),
        ("python:3.12", "HOME=/root", "/root/.cache", "pip install -r r.txt"),
        ("maven:3.9", "A=", "/root/.m2", "mvn package"),
        ("maven:3.9", "A=", "/root/.m2/repository", "mvn package"),
        ("gradle:8", "GRADLE_USER_HOME=/g", "/g", "gradle build"),
        ("composer:2", "COMPOSER_CACHE_DIR=/c", "/c", "composer install"),
    ],
)
def test_a_cache_mount_is_warm_wherever_the_tool_keeps_its_cache(
    build, base, setting, target, command
):
    text = (
        f"FROM {base}\nENV {setting}\nUSER root\nWORKDIR /w\nCOPY . .\n"
        f"RUN --mount=type=cache,target={target} {command}\n"
    )
    cold = last(build(text, LOCK))
    warm = last(build(text, LOCK | {"extra": 1}))
    assert warm.duration_s < cold.duration_s - 0.2


def test_an_artefact_is_copied_out_of_a_cache_mount(build):
    text = (
        "FROM rust:1.80 AS b\nWORKDIR /w\nCOPY . .\n"
        "RUN --mount=type=cache,target=/w/target cargo build --release && "
        "cp target/release/y /bin/server\nFROM scratch\nCOPY --from=b /bin/server /\n"
    )
    built = build(text, LOCK)
    assert last(built).size_bytes == 9_000_000
    assert not [one for one in built.numbered[3].layer.files if one.path.startswith("/w/target")]


def test_files_of_another_stage_are_copied_out_of_a_mount(build):
    text = (
        "FROM alpine AS a\nRUN mkdir /out && truncate -s 7 /out/f && truncate -s 9 /out/g\n"
        "FROM alpine\nRUN --mount=from=a,source=/out,target=/in cp /in/f /f && cp -r /in /all\n"
    )
    files = {one.path: one.size_bytes for one in last(build(text)).layer.files}
    assert files == {"/f": 7, "/all": 0, "/all/f": 7, "/all/g": 9}


def test_npm_needs_a_lock_file_for_ci_and_nothing_for_install(build):
    text = "FROM node:22\nWORKDIR /w\nCOPY package.json .\nRUN npm "
    failed = build(text + "ci\n", LOCK).failure
    assert (failed.exit_code, "package-lock.json" in failed.output) == (1, True)
    assert build("FROM node:22\nWORKDIR /w\nRUN npm install\n").failure is None


def test_manifests_are_looked_for_in_the_folders_above(build):
    text = "FROM golang:1.22\nCOPY . /w\nWORKDIR /w/cmd/x\nRUN go build\n"
    assert build(text, LOCK).failure is None


@pytest.mark.parametrize(
    ("script", "size_bytes"),
    [
        ("curl -Lo /usr/local/bin/kubectl https://dl.k8s.io/v1.30.0/bin/linux/amd64/kubectl", 57e6),
        ("curl -fsSL https://x.org/install.sh -o /i.sh", 20e3),
        ("curl -fsSLO https://x.org/thing-1.2.tar.gz", 15e6),
        ("wget -qO /tool https://x.org/releases/tool", 15e6),
        ("wget -q -P /opt https://x.org/app.jar", 15e6),
        ("curl -fsSL https://x.org/get | sh", 0),
    ],
)
def test_a_download_has_the_size_that_its_name_suggests(build, script, size_bytes):
    step = last(build(f"FROM buildpack-deps:bookworm\nRUN {script}\n"))
    assert step.size_bytes == size_bytes


def test_poetry_keeps_its_environment_where_it_is_told_to(build):
    text = (
        "FROM python:3.12 AS a\nENV POETRY_VIRTUALENVS_IN_PROJECT=1\nWORKDIR /app\nCOPY . .\n"
        "RUN pip install poetry && poetry install && poetry export -o req.txt\n"
        "FROM python:3.12-slim\nCOPY --from=a /app/.venv /app/.venv\nCOPY --from=a /app/req.txt .\n"
    )
    assert last(build(text, LOCK)).size_bytes == 6_000


def test_a_stage_that_writes_random_bytes_changes_what_depends_on_it(build):
    text = "FROM alpine AS a\nRUN {} > /f\nFROM alpine\nCOPY --from=a /f /f\n"
    for script, cached in (("head -c 10 /dev/urandom", False), ("date", False), ("echo x", True)):
        build(text.format(script))
        again = build(text.format(script), no_cache="a")
        assert last(again).cached == cached
