"""The core of the workbench: the driver, one look a frame, and the panes it goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from textual.message import Message
from textual.timer import Timer

from simulator.errors import DrydockError
from simulator.tui.actions import WORKBENCH, bar_actions
from simulator.tui.asking import Asked, page_of, see
from simulator.tui.charts import service_in_view
from simulator.tui.driver import Driver
from simulator.tui.glyphs import glyphs
from simulator.tui.key_rows import FILTERING, IN_CLUSTER, SEARCHING, TYPING
from simulator.tui.lesson_mode import Page, Tutor, page_lines
from simulator.tui.screens.panes import Panes
from simulator.tui.widgets.bars import ClockRow, ClockState, KeyRow, bar_keys
from simulator.tui.widgets.ink import plain
from simulator.tui.widgets.prompt import SEARCH, Prompt
from simulator.tui.window import Window
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.look import pages
    from simulator.look.answers import TreeRow
    from simulator.look.cluster_facts import ClusterFacts, View
    from simulator.look.swarm_facts import SwarmFacts
    from simulator.tui.seen import Seen

FRAME_S = 0.1
PAGE_EVERY_FRAMES = 10
FLASH_S = 4.0


class Frame(Message):
    """What all panes show next."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen = seen

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
        self.seen: Seen | None = None
        self.rewind_to: float | None = None
        self.world_word = ""
        """Which of several worlds this is."""
        self.marks: tuple[tuple[float, str], ...] = ()
        """Times of what happened, for the timeline of a rewind."""
        self.shown_page: Page | None = None
        self.over: Callable[[], None] = lambda: None
        """Told when what was done in the background is over."""
        self.replaying = ""
        """What is being done in the background; the world is left alone meanwhile."""
        self.watcher: Callable[[Seen], None] | None = None
        """A screen above this one that shows its world as it goes on."""
        self.drawer = tutor is not None
        """Whether the lesson takes one of the two places on a screen of normal width."""
        self.place = "map"
        """What stands in the large place: the map, the cluster, images or a kernel."""
        self.alone = False
        """Whether that has the whole width of a normal screen: its rows are long."""
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
        self.map.read = self._read_map
        self.map.read_page, self.map.find = self._read_page, self._find_row
        self.map.moving = self.app.animation_level != "none"
        self.cluster.read = self._read_cluster
        for board in self.boards:
            board.read = self._read_page
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
        """Ask for what is seen and hand it to the panes; stop the clock when nothing moves."""
        world = self.driver.world
        seen = see(self.driver.session.reader, self._asked(), world.now, world.seed)
        self.post_message(Frame(seen))
        self.wake()

    def _asked(self) -> Asked:
        """What the panes that are seen show; a screen above this one shows curves."""
        now = self.driver.world.now
        self.events.begin_again(now, self.driver.session.reader.event_count)
        self.cluster.meant = self.driver.session.kube.cluster
        charts = self.charts.display or self.watcher is not None
        return Asked(
            map_rows=self.map.window if self.map.display else None,
            root=self.map.root,
            filter=self.map.filter,
            charts=charts,
            service=self.charts.service,
            observed=self.charts.observed,
            since=self.window.since(now),
            events_after=self.events.last_seq if self.events.display else None,
            cluster=self.cluster.asked if self.cluster.display else None,
            page=self._asked_page(),
        )

    def _read_map(self, first: int, count: int) -> tuple[TreeRow, ...]:
        """Rows of the map that the last frame did not bring."""
        if self.replaying:
            return ()
        return self.driver.session.reader.rows(first, count, self.map.root, self.map.filter)

    def _read_cluster(self, view: View, first: int, count: int) -> ClusterFacts | SwarmFacts | None:
        """Rows of the cluster that the last frame did not bring."""
        return None if self.replaying else self.driver.session.reader.cluster(view, first, count)

    def _asked_page(self) -> tuple[pages.Place, int, int] | None:
        board = next((one for one in self.boards if one.display), None)
        if board is not None:
            return board.asked
        return self.map.asked if self.map.display else None

    def _find_row(self, key: str) -> TreeRow | None:
        """The row of the map with a key."""
        found = () if self.replaying else self.driver.session.reader.rows(0, 1, key)
        return found[0] if found else None

    def _read_page(self, place: pages.Place, first: int, count: int) -> pages.Page | None:
        """Rows of a page that the last frame did not bring."""
        reader = self.driver.session.reader
        return None if self.replaying else page_of(reader, place, first, count)

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
        """Give every pane its part of what is seen."""
        self.seen = message.seen
        self._frames += 1
        for name in ("map", "cluster", "charts", "events"):
            self.show_in(name, message.seen)
        self._show_boards(message.seen)
        self.charts.border_title = plain(self._charts_title())
        self.map.border_title = plain(self._map_title())
        self.cluster.border_title = plain(self.cluster.title)
        if self.watcher is not None:
            self.watcher(message.seen)
        said = self.driver.drain()
        if said:
            self.output.add(said)
        self.output.set_live(self.driver.live)
        self.call_after_refresh(self.title_output)
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
            if self.tutor is not None:
                with suppress(DrydockError):  # what was typed is kept line by line anyhow
                    self.tutor.save()
            self.app.exit()

    def _show_boards(self, seen: Seen) -> None:
        for board in self.boards:
            if board.display:
                if seen.page is None:
                    board.begin_again()
                else:
                    board.show(seen)
                board.border_title = plain(board.title)

    def flash(self, text: str) -> None:
        """Say something short in the key row, for a few seconds; nothing is covered by it."""
        self.query_one(KeyRow).flash(text)
        if self._ticking:
            self.set_timer(FLASH_S, self.query_one(KeyRow).calm)

    def show_in(self, name: str, seen: Seen) -> None:
        """Show a frame in a pane, if that pane is seen and shows frames."""
        if name == "map" and self.map.display:
            self.map.show(seen)
        elif name == "cluster" and self.cluster.display:
            self.cluster.show(seen)
        elif name == "charts" and self.charts.display:
            self.charts.show(seen)
        elif name == "events" and self.events.display:
            self.events.show(seen)

    def show_clock(self) -> None:
        """Draw the clock row."""
        driver = self.driver
        self.query_one(ClockRow).show(
            ClockState(
                title=self._crumbs(),
                time=driver.world.now,
                running=driver.running,
                speed=driver.speed,
                behind=driver.behind,
                seed=driver.world.seed,
                waiting=self.replaying or driver.waiting,
                fraction=getattr(driver.job, "fraction", None),
                rewind_to=self.rewind_to,
                held=driver.held,
                marks=self.marks if self.rewind_to is not None else (),
            )
        )

    def title_output(self) -> None:
        """Name the output pane, and which part of it is seen."""
        place = self.output.place
        title = plain(f"5 output  {place}" if place else "5 output")
        if self.output.border_title != title.plain:
            self.output.border_title = title

    def _map_title(self) -> str:
        """The pane's name, its filter, and how much there is where not all of it is seen."""
        title = f"2 map  /{self.map.filter}" if self.map.filter else "2 map"
        if self.seen is None or self.map.as_boxes or self._all_rows_seen():
            return title
        total = self.seen.totals
        states = ", ".join(f"{count:,} {state}" for state, count in sorted(total.states.items()))
        return f"{title}  {counted(total.hosts, 'host')}: {states}"

    def _all_rows_seen(self) -> bool:
        return self.seen is None or len(self.seen.outline) <= self.map.visible_rows

    def _charts_title(self) -> str:
        owners = {one.rpartition(".")[0] for one in self.charts.observed}
        if len(owners) > 2:
            return f"3 charts{self._stretch()}"
        if len(owners) == 2:
            return f"3 charts of {' and '.join(sorted(owners))}{self._stretch()}"
        shown = service_in_view(self.seen, self.charts.service) if self.seen else None
        return f"3 charts of {shown}{self._stretch()}" if shown else "3 charts"

    def _stretch(self) -> str:
        words = self.window.words()
        return f", {words}" if words else ""

    def _crumbs(self) -> str:
        way = [self.title_text, *([self.world_word] if self.world_word else [])]
        if self.map.root is not None and self.seen is not None:
            way += self.seen.crumbs
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
            self.background_over()

        self.run_worker(do, thread=True, exclusive=True, group="replay", description=title)

    def background_over(self) -> None:
        """What was done in the background is over."""
        self.wake()
        self.over()

    def show_outcome(self) -> None:
        """Bring what came out of a prediction into view: the answer to what was asked."""
        for words in ("right: ", "not so, it was: ", "not so: ", "it was: "):
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
            row.show({":": TYPING, SEARCH: SEARCHING}.get(self.prompt.mode, FILTERING))
        elif self.focused is self.cluster:
            row.show(IN_CLUSTER)
        else:
            row.show(bar_keys(bar_actions(WORKBENCH, lesson=self.tutor is not None)))
