"""The command with streams that are closed, cannot be encoded, or are not what they seem."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

SCENARIO = """\
format: 1
title: "red \\e[31m and\\na second line"
until: 5s
hosts: [{name: a}]
containers: [{image: alpine, name: c, labels: {x: "x\\e[2Jy"}}]
script: ["@1s docker ps --format '{{.Labels}}'"]
"""


def run(words, redirection="", stdin=b"", **env):
    """The command under a shell that redirects; -I keeps the environment's settings out."""
    line = f"{sys.executable} -m simulator.cli {words} {redirection}"
    return subprocess.run(
        ["sh", "-c", line], input=stdin, capture_output=True, check=False, timeout=60,
        env={**os.environ, **env},
    )  # fmt: skip


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_an_empty_one(redirection):
    done = run("shell", redirection)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_the_terminal_cannot_show_is_replaced():
    done = run("shell", stdin="docker ps caf\u00e9\n".encode(), PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert b"unexpected argument 'caf" in done.stderr


def test_bytes_that_are_no_text_are_an_unknown_command():
    done = run("shell", stdin=b"\xff\xfe\nhost ls\n")
    assert done.returncode == 2
    assert b"<stdin>:1:1: command not found" in done.stderr
    assert done.stdout.startswith(b"NAME")


def test_nothing_of_a_scenario_commands_the_terminal(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO)
    done = run(f"run {path}")
    assert done.returncode == 0
    assert done.stdout.startswith(b"red ?[31m and a second line\n")
    assert b"\x1b" not in done.stdout


def test_a_command_that_never_ends_is_refused_and_not_read_for_ever():
    done = run("shell", stdin=b"docker ps \\\n" * 1_200)
    assert done.returncode == 2
    assert b"error: <stdin>:1:" in done.stderr


def test_an_error_in_a_pipe_has_the_number_of_its_line():
    done = run("shell", stdin=b"host ls\ndocker ps \\\n  -a\n\ndocker rnu x\n")
    assert done.stderr.startswith(b"error: <stdin>:5:")
    assert b"did you mean 'docker run'?" in done.stderr


def test_the_host_that_nobody_typed_is_not_taken_back():
    done = run("shell", stdin=b"host add b\nundo\nundo\nhost ls\n")
    assert b"nothing to undo" in done.stderr
    assert b"\na *" in done.stdout


def test_a_dumb_terminal_is_told_what_works_on_it():
    leader, follower = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "simulator.cli"], stdin=follower, stdout=follower,
            env={**os.environ, "TERM": "dumb"}, check=False, timeout=60,
        )  # fmt: skip
        said = os.read(leader, 65_536)
    finally:
        os.close(leader)
        os.close(follower)
    assert done.returncode == 0
    assert b"drydock run SCENARIO" in said
    assert b"\x1b" not in said
