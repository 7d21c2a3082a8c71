"""The core of the workbench: the driver, one snapshot a frame, and the panes it goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.message import Message
from textual.timer import Timer

from simulator.errors import DrydockError
from simulator.tui.actions import WORKBENCH, bar_actions
from simulator.tui.charts import service_in_view, wanted_series
from simulator.tui.driver import Driver
from simulator.tui.glyphs import glyphs
from simulator.tui.lesson_mode import Page, Tutor, page_lines
from simulator.tui.rows import crumbs
from simulator.tui.screens.panes import Panes
from simulator.tui.widgets.bars import ClockRow, ClockState, KeyRow, bar_keys
from simulator.tui.widgets.prompt import Prompt
from simulator.tui.window import Window

if TYPE_CHECKING:
    from simulator.look.views import Snapshot

FRAME_S = 0.1
EVENTS_PER_FRAME = 200
POINTS = 160
PAGE_EVERY_FRAMES = 10
FLASH_S = 4.0
TYPING = (("enter", "run"), ("tab", "complete"), ("up", "history"), ("esc", "back to the keys"))
FILTERING = (("enter", "keep"), ("esc", "show all"))


class Frame(Message):
    """One snapshot for all panes."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """A newer frame makes one that was not shown yet worthless."""
        return isinstance(message, Frame)


class Bench(Panes):
    """A driver's world on a screen; the groups of actions build on it."""

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
        self.replaying = ""
        """What is being done in the background; the world is left alone meanwhile."""
        self.watcher: Callable[[Snapshot], None] | None = None
        """A screen above this one that shows its world as it goes on."""
        self.drawer = tutor is not None
        """Whether the lesson takes one of the two places on a screen of normal width."""
        self.side = "map" if tutor is not None else "charts"
        """What stands beside the lesson, or beside the map, on a screen of normal width."""
        self.zoomed: str | None = None
        self.window = Window()
        self.one = "lesson" if tutor is not None else "map"
        """Which pane a narrow screen shows."""
        self._ticking = ticking
        self._timer: Timer | None = None
        self._frames = 0

    def on_mount(self) -> None:
        """Begin to count time."""
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
        played = self.driver.playback is not None
        with self.reporting():
            self.driver.frame()
        self.look()
        if played and self.driver.playback is None and self.tutor is not None:
            # What would have come out without one's own tries may have to be computed first.
            self.background("comparing", self.tutor.page, self._played)

    def _played(self) -> None:
        self.show_page()
        self.look()
        self.call_after_refresh(self.show_outcome)

    def look(self) -> None:
        """Take one snapshot and hand it to the panes; stop the clock when nothing moves."""
        reader = self.driver.session.reader
        names = self._wanted(self.snapshot)
        since = self.window.since(self.driver.world.now)
        snapshot = reader.snapshot(
            events=EVENTS_PER_FRAME, series=names, points=POINTS, since=since
        )
        missing = self._wanted(snapshot)
        if set(missing) - set(names):  # a new service or container: its curve is wanted at once
            snapshot = reader.snapshot(
                events=EVENTS_PER_FRAME, series=missing, points=POINTS, since=since
            )
        self.post_message(Frame(snapshot))
        self.wake()

    def _wanted(self, snapshot: Snapshot | None) -> tuple[str, ...]:
        """The series that the charts need to show a snapshot."""
        if snapshot is None:
            return ()
        service = service_in_view(snapshot, self.charts.service)
        return wanted_series(snapshot, service, self.charts.observed)

    def wake(self) -> None:
        """Let frames come while there is something to do. Paused means: none at all."""
        if self._timer is None:
            return
        watched = self.is_current or self.watcher is not None
        if self.driver.busy and not self.replaying and watched:
            self._timer.resume()
        else:
            self._timer.pause()

    def on_frame(self, message: Frame) -> None:
        """Give every pane its part of the snapshot."""
        self.snapshot = message.snapshot
        self._frames += 1
        for name in ("map", "charts", "events"):
            self.show_in(name, message.snapshot)
        self.charts.border_title = self._charts_title()
        if self.watcher is not None:
            self.watcher(message.snapshot)
        said = self.driver.drain()
        if said:
            self.output.add(said)
        self.output.set_live(self.driver.live)
        if self.driver.session.cleared:
            self.driver.session.cleared = False
            self.output.clear_lines()
        self.show_clock()
        if (
            self.tutor is not None
            and (not self.driver.busy or self._frames % PAGE_EVERY_FRAMES == 0)
            and not self.replaying
        ):
            self.show_page()
        if self.driver.session.ended:
            self.app.exit()

    def flash(self, text: str) -> None:
        """Say something short in the key row, for a few seconds; nothing is covered by it."""
        self.query_one(KeyRow).flash(text)
        if self._ticking:
            self.set_timer(FLASH_S, self.query_one(KeyRow).calm)

    def show_in(self, name: str, snapshot: Snapshot) -> None:
        """Show a snapshot in a pane, if that pane is seen and shows snapshots."""
        if name == "map" and self.map.display:
            self.map.show(snapshot)
        elif name == "charts" and self.charts.display:
            self.charts.show(snapshot)
        elif name == "events" and self.events.display:
            self.events.show(snapshot)

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
                waiting=self.replaying or driver.waiting,
                fraction=getattr(driver.job, "fraction", None),
                rewind_to=self.rewind_to,
                held=driver.held,
            )
        )

    def _charts_title(self) -> str:
        owners = {one.rpartition(".")[0] for one in self.charts.observed}
        if len(owners) > 2:
            return f"3 charts{self._stretch()}"
        if len(owners) == 2:
            return f"3 charts of {' and '.join(sorted(owners))}{self._stretch()}"
        shown = service_in_view(self.snapshot, self.charts.service) if self.snapshot else None
        return f"3 charts of {shown}{self._stretch()}" if shown else "3 charts"

    def _stretch(self) -> str:
        words = self.window.words()
        return f", {words}" if words else ""

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
                self._observe(page)
                self.lesson.put(lambda width: page_lines(page, width - 1), from_top=turned)

    def _observe(self, page: Page) -> None:
        """Put what the page is about on the charts; what is not said stays as it was."""
        if page.observe and page.observe != self.charts.observed:
            self.charts.observed = page.observe
            self.charts.service = page.observe[0].rpartition(".")[0]
            self.look()

    def background(self, title: str, work: Callable[[], object], then: Callable[[], None]) -> None:
        """Do in a thread what may take seconds, such as running history again.

        No frame touches the world meanwhile; ``then`` is called on the screen when it is done.
        """
        if self.replaying:
            self.flash(f"still {self.replaying}; one moment")
            return
        self.replaying = title
        self.show_clock()
        self.wake()

        def do() -> None:
            with self.reporting():
                work()
            if self.app.is_running:  # else somebody has left meanwhile
                self.app.call_from_thread(done)

        def done() -> None:
            self.replaying = ""
            then()
            self.wake()

        self.run_worker(do, thread=True, exclusive=True, group="replay", description=title)

    def show_outcome(self) -> None:
        """Bring what came out of a prediction into view: the answer to what was asked."""
        for words in ("right: ", "not so, it was: ", "it was: "):
            if self.lesson.bring_into_view(words):
                return

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Errors meant for people become one line in the output pane."""
        try:
            yield
        except DrydockError as error:
            self.driver.say("error", str(error))

    def show_keys(self) -> None:
        """Show the keys that work where the focus is."""
        row = self.query_one(KeyRow)
        if isinstance(self.focused, Prompt):
            row.show(TYPING if self.prompt.mode == ":" else FILTERING)
        else:
            row.show(bar_keys(bar_actions(WORKBENCH, lesson=self.tutor is not None)))
