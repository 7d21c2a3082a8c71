"""The shipped lessons, solved from the outside: in a process of their own, by typed lines."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (
    sys.executable, "-c",
    "import sys; from simulator.course.commands import main; sys.exit(main(sys.argv[1:]))",
)  # fmt: skip

SURGE = """\
next
docker build -t shop .
check
next
docker run -d --network-alias shop shop
advance 3s
check
next
several seconds
3
run
next
service ls
next
docker run -d --network-alias shop shop ; docker run -d --network-alias shop shop
docker run -d --network-alias shop shop ; docker run -d --network-alias shop shop
docker run -d --network-alias shop shop
advance 60s
check
next
3
run
next
answer shared copy-1 copy-3 copy-6
next
1
run
because 2
page
quit
"""

KNEE = """\
traffic one 20/s
advance 30s
reset
next
3
run
next
next
1
run
next
3
run
next
traffic one 32/s
traffic eight 365/s
advance 5m
check
page
quit
"""


def environment(tmp_path):
    return {**os.environ, "DRYDOCK_HOME": str(tmp_path / "home"), "PYTHONHASHSEED": "1"}


@pytest.mark.parametrize(
    ("lesson", "lines", "told"),
    [
        ("surge-by-hand", SURGE, ["You have 11 of 11 points.", "Neither is better", "Right."]),
        ("the-knee", KNEE, ["You have 4 of 4 points.", "there is no knee at a number"]),
    ],
)
def test_a_lesson_is_solved_through_a_pipe(tmp_path, lesson, lines, told):
    done = subprocess.run(
        [*COMMAND, "play", lesson], input=lines, capture_output=True, text=True, timeout=120,
        cwd=ROOT, env=environment(tmp_path), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    for text in told:
        assert text in done.stdout
    assert "Traceback" not in done.stdout
    assert "(not measured yet)" not in done.stdout


def test_replaying_a_transcript_in_another_process_gives_the_same_result(tmp_path):
    transcript, result = tmp_path / "transcript.txt", tmp_path / "result.json"
    files = ["--transcript", str(transcript), "--result", str(result)]
    subprocess.run(
        [*COMMAND, "play", "surge-by-hand", *files], input=SURGE, capture_output=True, text=True,
        timeout=60, cwd=ROOT, env=environment(tmp_path), check=True,
    )  # fmt: skip
    replayed = subprocess.run(
        [*COMMAND, "replay", str(transcript)], capture_output=True, text=True, timeout=60,
        cwd=ROOT, env={**environment(tmp_path), "PYTHONHASHSEED": "2"}, check=True,
    )  # fmt: skip
    assert json.loads(replayed.stdout) == json.loads(result.read_text())


@pytest.mark.parametrize(
    ("lesson", "lines", "points"),
    [
        ("surge-by-hand", SURGE, "You have 11 of 11 points."),
        ("the-knee", KNEE, "You have 4 of 4 points."),
    ],
)
def test_a_lesson_is_solved_at_a_terminal(tmp_path, lesson, lines, points):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "play", lesson], stdin=slave, stdout=slave, stderr=slave, cwd=ROOT,
        env=environment(tmp_path), close_fds=True,
    )  # fmt: skip
    os.close(slave)
    os.write(master, lines.encode())
    shown = b""
    while chunk := _read(master):
        shown += chunk
    os.close(master)
    assert process.wait(timeout=60) == 0
    text = shown.decode().replace("\r\n", "\n")
    assert points in text
    assert "\x1b" not in text


def _read(master):
    try:
        return os.read(master, 65536)
    except OSError:  # what Linux says when the other side is closed
        return b""


def test_what_was_done_is_still_there_when_the_lesson_is_opened_again(tmp_path):
    def play(lines):
        return subprocess.run(
            [*COMMAND, "play", "surge-by-hand"], input=lines, capture_output=True, text=True,
            timeout=60, cwd=ROOT, env=environment(tmp_path), check=False,
        ).stdout  # fmt: skip

    play("next\ndocker build -t shop .\n")
    assert "1 of 11 points" in play("check\n")


def test_bad_words_on_the_command_line_are_refused_with_the_nearest(tmp_path):
    done = subprocess.run(
        [*COMMAND, "play", "the-kne"], capture_output=True, text=True, timeout=60, cwd=ROOT,
        env=environment(tmp_path), check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "did you mean 'the-knee'" in done.stderr
