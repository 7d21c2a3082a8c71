"""Looking closer: drill in, describe, logs, full-size charts, copying."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.tui.actions import WORKBENCH
from simulator.tui.describe import (
    event_lines,
    help_lines,
    row_lines,
    screen_sentences,
    sentence_lines,
)
from simulator.tui.glyphs import glyphs
from simulator.tui.rows import map_row
from simulator.tui.screens.dialogs import Confirm, TextDialog
from simulator.tui.screens.row_actions import RowActions
from simulator.tui.widgets.board import Board
from simulator.tui.widgets.cluster import ClusterView
from simulator.tui.widgets.events import EventsView
from simulator.tui.widgets.rowview import RowView

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow


class LookActions(RowActions):
    """Actions that show more and change nothing."""

    def action_choose(self) -> None:
        """Drill into what is under the cursor."""
        if self.go_there():
            return
        pane = self.pane()
        if pane is self.cluster:
            self.into_cluster()
            return
        if isinstance(pane, Board):
            if pane.down():
                self._look_again()
            return
        if pane is self.map and self.map.into():
            self._look_again()
            return
        row = self.map.row
        if pane is self.map and row is not None and row.kind in ("host", "vm"):
            self._drill(None if self.map.root == row.key else row.key)
        elif pane is self.events or pane is self.map:
            self.action_describe()

    def on_row_view_chosen(self, message: RowView.Chosen) -> None:
        """A row was clicked twice."""
        self.action_choose()

    def _drill(self, key: str | None) -> None:
        self.map.drill(key)
        self._look_again()

    def _look_again(self) -> None:
        if not self.replaying:
            self.look()

    def action_back(self) -> None:
        """One level back."""
        if self.rewind_to is not None:
            self.rewind_to = None
            self.show_clock()
        elif self.leave():
            return
        elif self.zoomed is not None:
            self.action_zoom()
        elif self.pane() is self.events and self.events.filter:
            self.set_filter("events", "")
        elif self._back_in_main():
            self._look_again()
        elif self.map.filter:
            self.set_filter("map", "")
        elif self.map.root is not None:
            self._drill(None)
        elif self.map.out():
            self._look_again()
        elif self.focused is not self.main:
            self.action_pane(self.place)

    def _back_in_main(self) -> bool:
        main = self.main
        return isinstance(main, ClusterView | Board) and main.back()

    def action_describe(self) -> None:
        """Why is it so? All about what is under the cursor."""
        event = self.events.selected if isinstance(self.pane(), EventsView) else None
        if event is not None:
            why = self._explain(event.subject) if event.subject else []
            lines = event_lines(event, why)
            self.app.push_screen(TextDialog(event.kind, lambda width: lines))
            return
        if self.pane() is self.cluster:
            self.describe_object()
            return
        row = self.map.chosen
        if row is not None:
            self._describe_row(row)

    def _describe_row(self, row: TreeRow, first: str = "why") -> None:
        # A service may be called like a container: its id says which of them is meant.
        by_key = row.kind in ("kernel", "container")
        name = row.key.partition("/")[2] if by_key else row.view.name
        lines = row_lines(row, self._explain(name))
        if row.kind == "container":
            self.show_tabs(row, first, lines)
            return
        title = f"{row.kind} {map_row(row).name}"
        self.app.push_screen(TextDialog(title, lambda width: lines))

    def _explain(self, name: str) -> list[str]:
        with self.reporting():
            return self.driver.session.reader.explain(name)
        return []

    def action_logs(self) -> None:
        """What the container under the cursor wrote."""
        if self.pane() is self.cluster:
            self.logs_of_cluster()
            return
        row = self.map.row
        if row is None or row.kind != "container":
            self.flash("choose a container on the map first (2)")
            return
        chosen = self.map.chosen
        if chosen is not None:
            self._describe_row(chosen, "logs")

    def action_charts(self) -> None:
        """Full-size charts."""
        from simulator.tui.screens.chart import ChartScreen

        if self.seen is None:
            return
        # Axes need room, a service, and signs that are not plain ASCII.
        roomy = self.size.width >= 80 and self.size.height >= 24 and glyphs().braille
        axes = roomy and bool(self.seen.services)
        screen = ChartScreen(self.seen, self.charts, self.driver.clock, axes=axes)
        self.watcher = screen.show

        def closed(_: None) -> None:
            self.watcher = None
            self.look()

        self.app.push_screen(screen, closed)

    def action_service(self) -> None:
        """Show the curves of the next service."""
        name = self.charts.next_service()
        if name is None:
            self.flash("there is no service yet")
        self.look()

    def action_window(self) -> None:
        """Show another stretch of time on the charts."""
        self.flash(f"charts show {self.window.turn()}")
        self.look()

    def action_home(self) -> None:
        """Back to the home screen, after asking: this world is not kept."""
        what = "Your progress is kept." if self.tutor is not None else "It is not kept."
        self.app.push_screen(
            Confirm(f"Leave this world and go to the home screen? {what}", yes="leave", no="stay"),
            self._go_home,
        )

    def _go_home(self, sure: bool | None) -> None:
        if sure:
            self.app.call_later(self.app.run_action, "home")

    def action_boxes(self) -> None:
        """Show the map as boxes, or as rows."""
        boxes = self.map.turn()
        self.flash("the map shows boxes" if boxes else "the map shows rows")
        self.action_pane("map")

    def action_copy(self) -> None:
        """Copy the row under the cursor."""
        pane = self.pane()
        text = pane.cursor_text() if isinstance(pane, RowView) else self.charts.text()
        if text:
            self.app.copy_to_clipboard(text)
            self.flash("copied")

    def action_help(self) -> None:
        """The keys of this screen."""
        lesson = self.tutor is not None
        self.app.push_screen(
            TextDialog(
                "keys of the workbench",
                lambda width: help_lines(WORKBENCH, width, lesson=lesson),
            )
        )

    def action_describe_screen(self) -> None:
        """Everything on this screen as plain sentences."""
        if self.seen is None or self.replaying:
            return
        clock, reader = self.driver, self.driver.session.reader
        first, count = self.map.scroll_offset.y, self.map.visible_rows
        sentences = screen_sentences(
            replace(self.seen, events=reader.events(10)),
            self._read_map(first, count),
            running=clock.running,
            speed=clock.speed,
            waiting=clock.waiting,
            page=self.shown_page,
            output=[one.text for one in self.output.said[-10:]],
            cluster=self.main.text() if isinstance(self.main, ClusterView | Board) else (),
        )
        self.app.push_screen(TextDialog("this screen in words", sentence_lines(sentences)))
