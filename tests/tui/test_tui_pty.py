"""The program in a real terminal of 80x24: typed at before it is there, typed fast, pasted into."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pytest

SIZE = (24, 80)
PATIENCE_S = 60.0
LIST = 'docker network ls -f name=zz --format "has {{.Name}}"'


class Terminal:
    """A process at a terminal, and all that it has written."""

    def __init__(self, home, *words: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "DRYDOCK_HOME": str(home), "TERM": "xterm-256color"}
            os.execve(sys.executable, [sys.executable, "-m", "simulator", *words], environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.written = b""

    def type(self, text: str) -> None:
        """Keys as fast as a terminal takes them."""
        os.write(self.fd, text.encode())

    def paste(self, text: str) -> None:
        """A paste as terminals mark it."""
        self.type(f"\x1b[200~{text}\x1b[201~")

    def read(self, seconds: float) -> bool:
        """Take what is written; False when there is nothing more to come."""
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                new = os.read(self.fd, 1 << 16)
            except OSError:
                return False
            self.written += new
            return bool(new)
        return True

    def until(self, text: str) -> None:
        """Until it has been written."""
        end = time.monotonic() + PATIENCE_S
        while text.encode() not in self.written:
            assert time.monotonic() < end, self.written[-3000:]
            assert self.read(0.2), self.written[-3000:]

    def code(self) -> int:
        """Its exit code."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.read(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("it does not end")


@pytest.fixture
def terminal(tmp_path):
    begun: list[Terminal] = []

    def begin(*words: str) -> Terminal:
        begun.append(Terminal(tmp_path, *words))
        return begun[-1]

    yield begin
    for one in begun:
        try:
            os.kill(one.pid, signal.SIGKILL)
            os.waitpid(one.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(one.fd)


def test_what_is_typed_and_pasted_fast_arrives_whole(terminal):
    t = terminal("open", "assets/scenarios/first-steps.yaml")
    t.type(":docker network create zz-1\r")
    t.paste("docker network create zz-2\ndocker network create zz-3\ndocker netw")
    t.type("ork create zz-4\r")
    t.type(LIST + "\r")
    for name in ("zz-1", "zz-2", "zz-3", "zz-4"):
        t.until(f"has {name}")
    t.type("\x11")  # ctrl+q, also while one types
    assert t.code() == 0


def test_a_terminal_that_goes_away_keeps_the_lesson_and_ends_with_its_signal(terminal, tmp_path):
    t = terminal("play", "surge-by-hand")
    t.until("Step 1")
    t.type("n")
    t.until("Step 2")
    os.kill(t.pid, signal.SIGHUP)
    assert t.code() == 128 + signal.SIGHUP
    assert any(tmp_path.rglob("*surge-by-hand*"))
