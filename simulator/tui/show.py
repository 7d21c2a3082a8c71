"""``drydock demo`` on a screen: one beat at a time, in large type, before a class."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from simulator.course.demo.model import VOTE_S, WORDS_A_SECOND
from simulator.course.demo.stage import Stage, read_counts
from simulator.errors import DrydockError, harmless
from simulator.files import asset
from simulator.tui.glyphs import choose, glyphs
from simulator.tui.show_lines import beat_lines, words
from simulator.tui.themes import THEMES, chosen_theme, wants_plain_colours
from simulator.tui.widgets.bars import OneRow
from simulator.tui.widgets.text import TextView

TICK_S = 0.1
STEP_S = 1.0
SLOWEST, FASTEST = 1 / 16, 64.0
KEYS = (
    ("space", "go on, pause"), (".", "step"), ("s/f", "slower, faster"), ("b", "rewind"),
    ("v", "votes"), ("n", "next"), ("q", "quit"),
)  # fmt: skip


class ShowScreen(Screen[None]):
    """A beat, a clock row, a row of keys, and a line for the votes when they are counted."""

    BINDINGS: ClassVar = [
        Binding("space,enter", "go_on"), Binding("full_stop", "step"), Binding("s", "pace(0.5)"),
        Binding("f", "pace(2)"), Binding("b", "back"), Binding("v", "vote"), Binding("n", "next"),
        Binding("q,ctrl+q", "app.quit"), Binding("escape", "leave_vote"),
    ]  # fmt: skip

    def __init__(self, stage: Stage, *, auto: bool, clock: Callable[[], float]) -> None:
        super().__init__()
        self.stage = stage
        self.auto = auto
        self.playing = False
        self.pace = 1.0
        self._clock = clock
        self._last = clock()
        self._until = 0.0
        self._wait = self._reading()
        self._typed: list[str] = []
        self._told = ""

    def compose(self) -> ComposeResult:
        """The rows."""
        yield OneRow(widget_id="clock")
        yield TextView(widget_id="beat")
        yield Input(id="counts", placeholder="votes, one number an option: 12 3 5")
        yield OneRow(widget_id="keys")

    def on_mount(self) -> None:
        """Begin, and let time pass."""
        self.query_one("#counts").display = False
        signs = f" {glyphs().dot} "
        row = signs.join(f"{key} {what}" for key, what in KEYS)
        self.query_one("#keys", OneRow).put(((f" {row}", "dim"),))
        self.show()
        self.set_interval(TICK_S, self.tick)

    # --- time ---------------------------------------------------------------------------------

    def tick(self) -> None:
        """One frame."""
        now = self._clock()
        passed, self._last = now - self._last, now
        if self.playing and self.stage.playing:
            self._play(passed)
        elif self.auto and not self._voting:
            self._wait -= passed
            if self._wait <= 0:
                self.action_go_on()

    def _play(self, passed: float) -> None:
        scene = self.stage.beat.scene
        assert scene is not None
        self._until += passed * scene.speed * self.pace
        self._try(lambda: self._note(self._until))
        if not self.stage.playing:
            self.playing = False
            self._wait = self._reading()
        self.show()

    def _note(self, until: float) -> None:
        for line, outcome in self.stage.play(until):
            self._typed += [f"$ {line}"] if line else []
            self._typed += [harmless(text) for text in list(outcome.lines)[-2:]]

    def _reading(self) -> float:
        """Seconds to say what stands here; a vote takes its time."""
        spoken = len(words(self.stage).split()) / WORDS_A_SECOND
        return spoken + (VOTE_S if self.stage.beat.vote is not None else 2.0)

    # --- actions ------------------------------------------------------------------------------

    def action_go_on(self) -> None:
        """Play, pause, go on playing, or turn to the next beat: what is due."""
        if self.stage.playing:
            self.playing = not self.playing
        elif not self.stage.done:
            self._try(self._begin)
        else:
            self.action_next()
            return
        self.show()

    def _begin(self) -> None:
        self.stage.begin()
        self._until = self.stage.session.world.now
        self.playing = True

    def action_next(self) -> None:
        """The next beat; what is left of a scene is played at once."""
        went = self._try(self.stage.next)
        if went is False and self.auto:
            self.app.exit(return_code=0)
        self._turned("this was the last beat: b goes back, q quits" if went is False else "")

    def action_back(self) -> None:
        """Rewind to the beginning of this beat, or of the one before."""
        went = self._try(self.stage.back)
        self._turned("" if went else "this is the first beat")

    def _turned(self, told: str) -> None:
        self.playing, self._typed = False, []
        self._told = told or self._told
        self._wait = self._reading()
        self.show(from_top=True)

    def action_step(self) -> None:
        """One simulated second, whatever the speed."""
        if not self.stage.done and not self.stage.playing:
            self._try(self._begin)
        self.playing = False
        if self.stage.playing:
            self._until = self.stage.session.world.now + STEP_S
            self._try(lambda: self._note(self._until))
        self.show()

    def action_pace(self, factor: float) -> None:
        """Slower or faster."""
        self.pace = max(SLOWEST, min(FASTEST, self.pace * factor))
        self.show()

    @property
    def _voting(self) -> bool:
        return bool(self.query_one("#counts").display)

    def action_vote(self) -> None:
        """Type the votes of the class."""
        if self.stage.beat.vote is None:
            self._told = "there is no vote at this beat"
            self.show()
            return
        field = self.query_one("#counts", Input)
        field.value, field.display = "", True
        field.focus()

    def action_leave_vote(self) -> None:
        """Close the line again."""
        self.query_one("#counts").display = False
        self.set_focus(None)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Count them; what is no list of numbers is told, and stays to be mended."""
        self._told = ""
        self._try(lambda: self.stage.count(read_counts(message.value)))
        if not self._told:
            self.action_leave_vote()
        self.show()

    def _try(self, do: Callable[[], Any]) -> Any:
        """Do it; what is refused is told in the clock row."""
        self._told = ""
        try:
            return do()
        except DrydockError as error:
            self.playing = False
            self._told = str(error)
            return None

    # --- drawing ------------------------------------------------------------------------------

    def show(self, *, from_top: bool = False) -> None:
        """Draw the beat as it is."""
        stage = self.stage
        state = "playing" if self.playing else "paused" if stage.playing else ""
        at = f"  {stage.session.world.now:,.0f} s {state}" if stage.begun else ""
        pace = f"  {glyphs().times}{self.pace:g}" if self.pace != 1 else ""
        place = f"  {stage.index + 1} of {len(stage.demo.beats)}"
        told = ((f"  {harmless(self._told)}", "warn"),) if self._told else ()
        clock = ((f" {stage.demo.title}", "title"), (f"{place}{at}{pace}", "dim"), *told)
        self.query_one("#clock", OneRow).put(clock)
        try:
            self.query_one("#beat", TextView).put(
                lambda width: beat_lines(stage, self._typed, width), from_top=from_top
            )
        except DrydockError as error:
            self._told = str(error)


class ShowApp(App[None]):
    """The show."""

    TITLE = "Drydock"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH: ClassVar = [asset("styles", "base.tcss"), asset("styles", "show.tcss")]

    def __init__(
        self,
        stage: Stage,
        *,
        auto: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(ansi_color=True if wants_plain_colours() else None)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = chosen_theme(None)
        self.stage, self.auto, self.clock = stage, auto, clock

    def get_default_screen(self) -> Screen[Any]:
        """There is only one."""
        return ShowScreen(self.stage, auto=self.auto, clock=self.clock)


def run(stage: Stage, *, auto: bool = False) -> int:
    """Show it until it is left; the exit code."""
    choose(None)
    app = ShowApp(stage, auto=auto)
    app.run()
    return app.return_code or 0
