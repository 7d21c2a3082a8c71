"""The two rows of chrome: the clock above, the keys below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.strip import Strip

from simulator.tui.actions import Action, key_text
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import INK_CLASSES, Inked, Line, text_of


@dataclass(frozen=True, slots=True)
class ClockState:
    """All that the clock row says."""

    title: str = ""
    time: float = 0.0
    running: bool = False
    speed: float = 1.0
    behind: float | None = None
    """The speed that is reached, where it is less than what is wanted."""
    seed: int = 1
    waiting: str = ""
    fraction: float | None = None
    rewind_to: float | None = None
    held: bool = False
    marks: tuple[tuple[float, str], ...] = ()
    """Times of events that a timeline shows, with their levels: warn or bad."""


class OneRow(Inked):
    """A widget one row high that draws one line, only when the line changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)
    DEFAULT_CSS = "OneRow { height: 1; width: 100%; }"

    def __init__(self, *, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self.content: Line = ()

    def put(self, line: Line) -> None:
        """Show a line."""
        if line != self.content:
            self.content = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        return self.strip(self.content if y == 0 else (), self.size.width)

    def text(self) -> str:
        """The line as plain text."""
        return text_of(self.content)


class ClockRow(OneRow):
    """Where we are, what time it is there, and how fast it passes."""

    def __init__(self, *, widget_id: str = "clock") -> None:
        super().__init__(widget_id=widget_id)
        self.state = ClockState()

    def show(self, state: ClockState) -> None:
        """Draw a new state."""
        self.state = state
        width = self.size.width
        self.put(rewind_line(state, width) if state.rewind_to is not None else self._line(width))

    def on_resize(self) -> None:
        """Draw again for the new width."""
        self.show(self.state)

    def _line(self, width: int) -> Line:
        state, signs = self.state, glyphs()
        right = self._right(width)
        room = width - len(text_of(right)) - 1
        title = f" {state.title}"
        if len(title) > room:
            title = title[: max(0, room - 1)] + signs.ellipsis
        return ((title.ljust(max(0, room)), "title"), (" ", "plain"), *right)

    def _right(self, width: int) -> Line:
        state, signs = self.state, glyphs()
        if state.held:
            mode = (f"{signs.paused} held  ", "warn")
        elif state.waiting:
            done = f" {state.fraction:.0%}" if state.fraction is not None else ""
            name = state.waiting if width >= 100 else state.waiting[:18]
            mode = (f"{signs.pending} {name}{done}  ", "warn")
        elif state.running:
            mode = (f"{signs.play} running  ", "good")
        else:
            mode = (f"{signs.paused} paused  ", "warn")
        speed = f"{signs.times}{speed_text(state.speed)}"
        if state.behind is not None and state.running:
            speed += f" only {signs.times}{speed_text(state.behind)}"
        line: Line = (mode, (f"t {time_text(state.time)}  ", "plain"), (speed, "accent"))
        return (*line, (f"  seed {state.seed} ", "dim")) if width >= 70 else (*line, (" ", "dim"))


def rewind_line(state: ClockState, width: int) -> Line:
    """The timeline with a knob where a rewind would go to, and marks where something happened."""
    signs = glyphs()
    to, end = state.rewind_to or 0.0, max(state.time, 1e-9)
    left = f" rewind to {time_text(to)} "
    right = f" of {time_text(state.time)}  [ ] move  ( ) events  enter go  esc stay "
    if width < len(left) + len(right) + 12:
        right = f" {time_text(state.time)} "
    room = max(3, width - len(left) - len(right))
    at = round((room - 1) * min(1.0, to / end))
    cells = [(signs.bar_full, "accent")] * at + [(signs.bar_empty, "rule")] * (room - at)
    for time, level in state.marks:
        mark = signs.bad if level == "bad" else signs.warn
        cells[round((room - 1) * min(1.0, time / end))] = (mark, level)
    cells[at] = (signs.knob, "title")
    return ((left, "warn"), *cells, (right, "dim"))


def speed_text(speed: float) -> str:
    """A speed as people say it: ``10``, ``0.8``, ``max``."""
    if math.isinf(speed):
        return "max"
    if speed >= 10000:
        return f"{speed / 1000:.0f}k"
    return f"{speed:.0f}" if speed >= 9.95 or speed == int(speed) else f"{speed:.1f}"


def time_text(seconds: float) -> str:
    """Simulated time as h:mm:ss.t; always as wide as the next one, so that nothing jumps."""
    tenths = int(seconds * 10 + 1e-6)
    whole, tenth = divmod(tenths, 10)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}.{tenth}"


def bar_keys(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """The first key of each action with its title."""
    return [(key_text(one.keys[0]), one.title) for one in actions]


class KeyRow(OneRow):
    """The keys that work here, as many as fit."""

    def __init__(self, *, widget_id: str = "keys") -> None:
        super().__init__(widget_id=widget_id)
        self.keys: Sequence[tuple[str, str]] = ()
        self.flashed = ""

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these keys and what they do, in this order."""
        self.keys = keys
        self.flashed = ""
        self._draw()

    def flash(self, text: str) -> None:
        """Show a short message in place of the keys."""
        self.flashed = text
        self._draw()

    def calm(self) -> None:
        """Show the keys again."""
        self.flashed = ""
        self._draw()

    def on_resize(self) -> None:
        """Fit to the new width."""
        self._draw()

    def _draw(self) -> None:
        if self.flashed:
            self.put(((f" {self.flashed}", "warn"),))
            return
        line: list[tuple[str, str]] = []
        used = 0
        last = self.keys[-2:] if len(self.keys) > 4 else ()
        room = self.size.width - sum(len(name) + len(what) + 3 for name, what in last)
        for name, what in self.keys:
            key, title = f" {name}", f" {what} "
            if (name, what) in last:
                room = self.size.width
            if used + len(key) + len(title) > room:
                continue
            line += [(key, "accent"), (title, "dim")]
            used += len(key) + len(title)
        self.put(tuple(line))
