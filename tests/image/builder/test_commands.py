"""What commands of a RUN cost, leave behind, and fail with."""

from __future__ import annotations

import pytest

from simulator.image.union import FileSystem


def last(built):
    return built.numbered[-1]


def failure(build, text, files=None):
    return build(text, files).failure


@pytest.mark.parametrize(
    ("text", "code", "output"),
    [
        ("FROM alpine\nRUN apt-get update\n", 127, "apt-get: not found (this image has apk)"),
        ("FROM debian\nRUN apk add curl\n", 127, "/bin/sh: 1: apk: not found"),
        ("FROM alpine\nRUN bash -c ls\n", 127, "bash: not found"),
        ("FROM debian:slim\nRUN apt-get install -y curl\n", 100, "Unable to locate package curl"),
        ("FROM scratch\nRUN echo hi\n", 127, 'exec: "/bin/sh": stat /bin/sh: no such file'),
        ("FROM gcr.io/distroless/static\nRUN ls\n", 127, 'exec: "/bin/sh"'),
        ('FROM alpine\nRUN ["bash", "-c", "ls"]\n', 127, 'exec: "bash": executable file not found'),
        ("FROM python:3.12-slim\nRUN pip install -r nope.txt\n", 1, "No such file or directory"),
        ("FROM node:22\nWORKDIR /a\nRUN npm ci\n", 1, "only install with an existing package-lock"),
        (
            "FROM node:22\nWORKDIR /a\nRUN npm run build\n",
            254,
            "enoent Could not read package.json",
        ),
        ("FROM golang:1.22\nRUN go build ./...\n", 1, "go.mod file not found"),
        ("FROM maven:3.9\nRUN mvn package\n", 1, "there is no POM in this directory"),
        ("FROM rust:1.80\nRUN cargo build\n", 101, "could not find `Cargo.toml`"),
        ("FROM alpine\nRUN false\n", 1, ""),
        ("FROM alpine\nRUN exit 3\n", 3, ""),
        ("FROM alpine\nRUN set -e; false; true\n", 1, ""),
        ("FROM alpine\nRUN rm /nope\n", 1, "No such file"),
        ("FROM alpine\nRUN [ -f /nope ] && true || exit 4\n", 4, ""),
    ],
)
def test_a_command_fails_as_it_does_in_reality(build, text, code, output):
    failed = failure(build, text)
    assert failed.exit_code == code
    assert output in failed.output


@pytest.mark.parametrize(
    "script",
    [
        "false || true",
        "false; true",
        "if false; then exit 1; fi",
        "! false",
        "rm -f /nope",
        "apt-get update || true",
        "false | true",
        "(cd /tmp && ls)",
        "if [ -f /nope ]; then exit 1; elif [ -f /etc/passwd ]; then true; else exit 2; fi",
        "for x in a b; do echo $x; done",
        "case x in x) true;; esac",
        "echo 'a; exit 1'",
        'sh -c "echo hi"',
        "sleep 1 & wait",
        "cat <<EOF > /x\nexit 1\nEOF",
        "X=1 Y=2; echo ${X} > /tmp/$Y",
        "unheard-of --flag",
    ],
)
def test_a_script_that_works_in_reality_works_here(build, script):
    assert failure(build, f"FROM alpine\nRUN {script}\n") is None


def test_an_installed_tool_can_be_used_by_a_later_step(build):
    built = build("FROM alpine\nRUN apk add --no-cache bash\nRUN bash -c ls\n")
    assert built.failure is None


def test_a_tool_copied_from_another_image_can_be_used(build):
    text = (
        "FROM python:3.12-slim\nCOPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/uv\n"
        "RUN uv pip install --system flask\n"
    )
    assert build(text).failure is None


def test_installing_with_lists_removed_in_the_same_step_is_smaller(build):
    head = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl"
    kept = last(build(head + "\n"))
    removed = last(build(head + " && rm -rf /var/lib/apt/lists/*\n"))
    assert kept.size_bytes - removed.size_bytes == 19_500_000
    assert 2 < kept.duration_s < 30


def test_recommended_packages_can_be_left_out(build):
    head = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y "
    assert (
        last(build(head + "git\n")).size_bytes
        > last(build(head + "--no-install-recommends git\n")).size_bytes
    )


def test_the_packages_of_a_requirements_file_are_counted(build):
    text = "FROM python:3.12-slim\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\n"
    small = last(build(text, {"requirements.txt": "flask==3.0\n# torch\n"}))
    large = last(build(text, {"requirements.txt": "flask\n-r more.txt\n", "more.txt": "torch>2"}))
    assert small.size_bytes < 10_000_000
    assert large.size_bytes > 5_000_000_000
    assert large.duration_s > 20 * small.duration_s


def test_the_lock_file_says_how_many_packages_npm_installs(build):
    text = "FROM node:22-alpine\nWORKDIR /a\nCOPY package*.json ./\nRUN npm ci\n"
    files = {"package.json": "{}"}
    small = last(build(text, files | {"package-lock.json": 42_000}))
    large = last(build(text, files | {"package-lock.json": 420_000}))
    assert 9 < large.size_bytes / small.size_bytes < 11


def test_leaving_out_development_packages_shrinks_node_modules(build):
    text = "FROM node:22-alpine\nWORKDIR /a\nCOPY package.json ./\nRUN npm install"
    files = {"package.json": '{"dependencies": {"a": "1"}, "devDependencies": {"b": "1"}}'}
    everything = last(build(text + "\n", files))
    production = last(build(text + " --omit=dev\n", files))
    assert production.size_bytes < 0.6 * everything.size_bytes


def test_a_cache_mount_makes_the_second_download_cheap(build):
    text = (
        "FROM python:3.12-slim\nCOPY r.txt .\n"
        "RUN --mount=type=cache,target=/root/.cache/pip pip install -r r.txt\n"
    )
    first = last(build(text, {"r.txt": "pandas\nscipy\n"}))
    second = last(build(text, {"r.txt": "pandas\nscipy\nflask\n"}))
    assert second.download_bytes < 0.1 * first.download_bytes
    assert second.duration_s < first.duration_s
    assert not [one for one in first.layer.files if one.path.startswith("/root/.cache")]


def test_a_second_cargo_build_compiles_only_the_project(build):
    files = {"Cargo.toml": 'name = "web"', "Cargo.lock": 21_000, "src/main.rs": "fn main() {}"}
    text = (
        "FROM rust:1.80\nWORKDIR /a\nCOPY Cargo.* ./\n"
        "RUN mkdir src && echo 'fn main(){}' > src/main.rs && cargo build --release\n"
        "COPY . .\nRUN cargo build --release\n"
    )
    built = build(text, files)
    assert built.numbered[3].duration_s > 10 * last(built).duration_s
    assert FileSystem(built.image.layers).lookup("/a/target/release/web") is not None


def test_packages_go_into_the_virtual_environment_on_the_path(build):
    text = (
        'FROM python:3.12-slim\nRUN python -m venv /opt/venv\nENV PATH="/opt/venv/bin:$PATH"\n'
        "RUN pip install --no-cache-dir gunicorn\n"
    )
    built = build(text)
    assert {one.path for one in last(built).layer.files} == {
        "/opt/venv/bin/gunicorn",
        "/opt/venv/lib/python3/site-packages/gunicorn",
    }


def test_variables_of_the_build_reach_the_commands(build):
    text = (
        "FROM alpine\nARG TOOL=curl\nENV DIR=/opt\nRUN apk add --no-cache $TOOL && mkdir ${DIR}/x\n"
    )
    paths = {one.path for one in last(build(text)).layer.files}
    assert {"/usr/bin/curl", "/opt/x"} <= paths


def test_files_are_moved_copied_and_linked(build):
    text = "FROM alpine\nCOPY a /a\nRUN cp /a /b && mv /a /c && ln -s /c /d && rm /etc/passwd\n"
    built = build(text, {"a": 100})
    files = FileSystem(built.image.layers)
    assert [path for path in ("/a", "/b", "/c", "/d") if files.exists(path)] == ["/b", "/c", "/d"]
    assert files.resolve("/d")[1].size_bytes == 100
    assert files.lookup("/etc/passwd") is None


def test_an_unknown_command_costs_the_stated_default_and_says_so(build):
    step = last(build("FROM alpine\nRUN frobnicate --fast\n"))
    assert step.notes == (
        "frobnicate: unknown command, 5 s assumed "
        "('# drydock: time=5s adds=/path:10MB' above the RUN says what it does)",
    )
    assert 5 < step.duration_s < 6


def test_a_heredoc_is_a_script(build):
    built = build("FROM alpine\nRUN <<EOF\nset -e\napk add --no-cache git\ngit --version\nEOF\n")
    assert built.failure is None
    assert "/usr/bin/git" in {one.path for one in last(built).layer.files}


def test_a_globally_installed_tool_can_be_used_and_needs_no_manifest(build):
    text = "FROM node:22-alpine\nRUN npm install -g pnpm@9\nRUN pnpm --version\n"
    assert build(text).failure is None


def test_named_packages_need_no_manifest(build):
    text = "FROM node:22-alpine\nWORKDIR /a\nRUN npm install express\n"
    assert last(build(text)).size_bytes < 10_000_000
