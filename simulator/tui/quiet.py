"""A terminal that keeps what is typed until somebody reads it, and shows none of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ECHO_AND_LINES = ("ICANON", "ECHO")
"""Modes in which a terminal shows what is typed, and hands it over by lines."""


@contextmanager
def quiet() -> Iterator[None]:
    """While the front end loads, keys are kept as they are typed; afterwards all is as it was.

    Ctrl+C still ends. Does nothing where there is no such terminal.
    """
    try:
        import termios

        before = termios.tcgetattr(sys.stdin.fileno())
        now = termios.tcgetattr(sys.stdin.fileno())
    except Exception:  # no termios here, no terminal, or a closed one
        yield
        return
    for name in ECHO_AND_LINES:
        now[3] &= ~getattr(termios, name)
    now[0] &= ~termios.ICRNL
    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, now)
    try:
        yield
    finally:
        with suppress(termios.error, OSError, ValueError):
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, before)
