"""Progress and interruption of a long run: a bar on a terminal, and Ctrl-C that only asks."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from simulator.units import format_span

SHOW_AFTER_S = 1.0
EVERY_S = 0.1
_WIDTH = 30


class Progress:
    """Says whether to go on; draws a bar when the run takes long and somebody looks."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.shows = self.stream.isatty()
        self.interrupted = False
        self._started = self._last = time.monotonic()
        self._drawn = False

    def tick(self, now: float, end: float) -> bool:
        """Called after every instant of the run; False asks it to stop."""
        if self.shows:
            wall = time.monotonic()
            if wall - self._last >= EVERY_S and wall - self._started >= SHOW_AFTER_S:
                self._last = wall
                self._draw(now, end, wall - self._started)
        return not self.interrupted

    def _draw(self, now: float, end: float, wall_s: float) -> None:
        if end == float("inf"):
            text = f"setting up: {now:.0f}s simulated"
        else:
            share = min(1.0, now / end) if end > 0 else 1.0
            done = round(share * _WIDTH)
            speed = now / wall_s if wall_s > 0 else 0.0
            bar = "#" * done + "." * (_WIDTH - done)
            text = f"[{bar}] {share * 100:3.0f}%  {now:.0f}s of {end:.0f}s  x{speed:.0f}"
        self.stream.write(f"\r{text:<78}")
        self.stream.flush()
        self._drawn = True

    def files(self, count: int, size_bytes: int) -> None:
        """Called while a folder is read, with the files and bytes so far."""
        wall = time.monotonic()
        if self.shows and wall - self._last >= EVERY_S and wall - self._started >= SHOW_AFTER_S:
            self._last = wall
            text = f"hashing the context: {count:,} files, {size_bytes / 1e6:,.0f} MB"
            self.stream.write(f"\r{text:<78}")
            self.stream.flush()
            self._drawn = True

    def trials(self, done: int, total: int) -> None:
        """Called after each of many runs: a bar with the time that is left at this pace."""
        wall = time.monotonic()
        spent = wall - self._started
        if not self.shows or wall - self._last < EVERY_S or spent < SHOW_AFTER_S:
            return
        self._last = wall
        share = done / total if total else 1.0
        bar = "#" * round(share * _WIDTH) + "." * (_WIDTH - round(share * _WIDTH))
        left = format_span(spent / done * (total - done)) if done else "?"
        text = f"[{bar}] {share * 100:3.0f}%  {done:,} of {total:,} trials  about {left} left"
        self.stream.write(f"\r{text:<78}")
        self.stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self.stream.write("\r" + " " * 78 + "\r")
            self.stream.flush()
            self._drawn = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While inside, the first Ctrl-C asks the run to stop; a second one is the usual one."""

        def ask(_number: int, _frame: FrameType | None) -> None:
            self.interrupted = True
            signal.signal(signal.SIGINT, before)

        before = signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            self.clear()
