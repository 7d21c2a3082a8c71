"""The panes of the workbench by name."""

from __future__ import annotations

from textual.screen import Screen

from simulator.tui.widgets.board import Board
from simulator.tui.widgets.boxmap import BoxMap
from simulator.tui.widgets.charts import ChartsView
from simulator.tui.widgets.cluster import ClusterView
from simulator.tui.widgets.events import EventsView
from simulator.tui.widgets.output import OutputView
from simulator.tui.widgets.prompt import Prompt
from simulator.tui.widgets.text import TextView

MAIN = ("map", "cluster", "images", "kernel")
"""Panes that take the large place, one at a time."""


class Panes(Screen[None]):
    """A screen that has the workbench's panes."""

    @property
    def boards(self) -> list[Board]:
        """The panes that show pages."""
        return list(self.query(Board))

    @property
    def map(self) -> BoxMap:
        """The map."""
        return self.query_one("#map", BoxMap)

    @property
    def charts(self) -> ChartsView:
        """The charts."""
        return self.query_one("#charts", ChartsView)

    @property
    def cluster(self) -> ClusterView:
        """The cluster pane, which stands where the map does."""
        return self.query_one("#cluster", ClusterView)

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
