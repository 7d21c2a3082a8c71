"""The workbench: lesson, map, charts, events, output and prompt over one world.

Each frame the driver advances the world within its budget, one frozen snapshot is taken, and a
:class:`Frame` message carries it to the panes; a newer frame replaces one still in the queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from simulator.errors import DrydockError
from simulator.tui.actions import WORKBENCH, bar_actions, bindings
from simulator.tui.charts import service_in_view, wanted_series
from simulator.tui.driver import Driver
from simulator.tui.glyphs import glyphs
from simulator.tui.lesson_mode import Page, Tutor, page_lines
from simulator.tui.rows import crumbs
from simulator.tui.screens.lesson_actions import LessonActions
from simulator.tui.screens.look_actions import LookActions
from simulator.tui.screens.pane_actions import PaneActions
from simulator.tui.screens.prompt_actions import PromptActions
from simulator.tui.screens.time_actions import TimeActions
from simulator.tui.widgets.bars import ClockRow, ClockState, KeyRow
from simulator.tui.widgets.charts import ChartsView
from simulator.tui.widgets.events import EventsView
from simulator.tui.widgets.map import MapView
from simulator.tui.widgets.output import OutputView
from simulator.tui.widgets.prompt import Prompt
from simulator.tui.widgets.text import TextView
from simulator.world.snapshot import Snapshot

FRAME_S = 0.1
EVENTS_PER_FRAME = 200
POINTS = 160
MIN_WIDTH, MIN_HEIGHT = 60, 20
WIDE, NORMAL = 120, 80
PAGE_EVERY_FRAMES = 10


class Frame(Message):
    """One snapshot for all panes."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """A newer frame makes one that was not shown yet worthless."""
        return isinstance(message, Frame)


class Workbench(
    PaneActions, TimeActions, LookActions, PromptActions, LessonActions, Screen[None]
):
    """The screen on which a world is worked with."""

    BINDINGS: ClassVar = bindings(WORKBENCH)
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (NORMAL, "-normal"), (WIDE, "-wide")]
    AUTO_FOCUS = "#map"

    def __init__(
        self, driver: Driver, title: str, *, tutor: Tutor | None = None, ticking: bool = True
    ) -> None:
        super().__init__()
        self.driver = driver
        self.title_text = title
        self.tutor = tutor
        self.snapshot: Snapshot | None = None
        self.rewind_to: float | None = None
        self.shown_page: Page | None = None
        self._ticking = ticking
        self._timer: Timer | None = None
        self._frames = 0
        self.replaying = False

    # --- layout -------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The panes; the style sheet gives each its place for each size."""
        yield ClockRow()
        with Container(id="body"):
            yield self._pane(TextView(id="lesson"), "1 lesson")
            yield self._pane(MapView(), "2 map")
            yield self._pane(ChartsView(), "3 charts")
            yield self._pane(OutputView(), "5 output")
            yield self._pane(EventsView(), "4 events")
        yield Static(id="offers", markup=False)
        with Horizontal(id="promptrow"):
            yield Static(f"{glyphs().cursor} ", id="mode", markup=False)
            yield Prompt(self.completions)
        yield KeyRow()
        yield Static(id="toosmall", markup=False)

    def _pane(self, widget: Widget, title: str) -> Widget:
        widget.add_class("pane")
        widget.border_title = title
        return widget

    def on_mount(self) -> None:
        """Show the world as it is; time starts to be counted now."""
        self.set_class(not glyphs().braille, "-ascii")
        self.set_class(self.tutor is not None, "has-lesson")
        self.set_class(self.tutor is None, "no-lesson")
        self.side = "lesson" if self.tutor is not None else "charts"
        self.one = "lesson" if self.tutor is not None else "map"
        self.query_one(Prompt).placeholder = "press : to type a command; ? shows all keys"
        if self._ticking:
            self._timer = self.set_interval(FRAME_S, self.tick, pause=True)
        self.show_page()
        self.look()

    def on_screen_resume(self) -> None:
        """Come back from a dialog."""
        self.wake()

    # --- frames -------------------------------------------------------------------------------

    def tick(self) -> None:
        """One frame: advance, look, sleep when there is nothing more to do."""
        if self.replaying:
            return
        with self.reporting():
            self.driver.frame()
        self.look()

    def look(self) -> None:
        """Take one snapshot and hand it to the panes; stop the clock when nothing moves."""
        world = self.driver.world
        service = service_in_view(self.snapshot, self.charts.service) if self.snapshot else None
        names = wanted_series(self.snapshot, service)
        snapshot = world.snapshot(events=EVENTS_PER_FRAME, series=names, points=POINTS)
        if set(wanted_series(snapshot, service_in_view(snapshot, self.charts.service))) - set(names):
            names = wanted_series(snapshot, service_in_view(snapshot, self.charts.service))
            snapshot = world.snapshot(events=EVENTS_PER_FRAME, series=names, points=POINTS)
        self.post_message(Frame(snapshot))
        self.wake()

    def wake(self) -> None:
        """Let frames come while there is something to do. Paused means: none at all."""
        if self._timer is None:
            return
        if self.driver.busy and not self.replaying and self.is_current:
            self._timer.resume()
        else:
            self._timer.pause()

    def on_frame(self, message: Frame) -> None:
        """Give every pane its part of the snapshot."""
        self.snapshot = message.snapshot
        self._frames += 1
        for pane in (self.map, self.charts, self.events):
            if pane.display:
                pane.show(message.snapshot)
        said = self.driver.drain()
        if said:
            self.output.add(said)
        if self.driver.session.cleared:
            self.driver.session.cleared = False
            self.output.clear_lines()
        self.show_clock()
        if self.tutor is not None and (
            not self.driver.busy or self._frames % PAGE_EVERY_FRAMES == 0
        ):
            self.show_page()
        if self.driver.session.ended:
            self.app.exit()

    def show_clock(self) -> None:
        """Draw the clock row."""
        driver = self.driver
        self.query_one(ClockRow).show(
            ClockState(
                title=self._crumbs(),
                time=driver.world.now,
                running=driver.running,
                speed=driver.speed,
                reached=driver.reached,
                seed=driver.world.seed,
                waiting="replaying" if self.replaying else driver.waiting,
                fraction=getattr(driver.job, "fraction", None),
                rewind_to=self.rewind_to,
            )
        )

    def _crumbs(self) -> str:
        way = [self.title_text]
        if self.map.root is not None and self.snapshot is not None:
            way += crumbs(self.snapshot, self.map.root)
        return f" {glyphs().crumb} ".join(way)

    def show_page(self) -> None:
        """Draw the lesson's page when anything on it changed."""
        if self.tutor is None:
            return
        with self.reporting():
            page = self.tutor.page()
            if page != self.shown_page:
                turned = self.shown_page is None or page.number != self.shown_page.number
                self.shown_page = page
                self.lesson.put(lambda width: page_lines(page, width - 1), from_top=turned)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Errors meant for people become one line in the output pane."""
        try:
            yield
        except DrydockError as error:
            self.driver.say("error", str(error))

    # --- panes --------------------------------------------------------------------------------

    @property
    def map(self) -> MapView:
        """The map."""
        return self.query_one("#map", MapView)

    @property
    def charts(self) -> ChartsView:
        """The charts."""
        return self.query_one("#charts", ChartsView)

    @property
    def events(self) -> EventsView:
        """The event log."""
        return self.query_one("#events", EventsView)

    @property
    def output(self) -> OutputView:
        """The output pane."""
        return self.query_one("#output", OutputView)

    @property
    def lesson(self) -> TextView:
        """The lesson pane."""
        return self.query_one("#lesson", TextView)

    @property
    def prompt(self) -> Prompt:
        """The prompt."""
        return self.query_one(Prompt)

    def show_keys(self) -> None:
        """Show the keys that work where the focus is."""
        actions = bar_actions(WORKBENCH, lesson=self.tutor is not None)
        self.query_one(KeyRow).show(actions)

    def on_resize(self) -> None:
        """Choose the layout for the size."""
        self.place_panes()

