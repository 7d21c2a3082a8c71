"""Charts at full size, with axes."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.screen import Screen

from simulator.tui.actions import CHART, actions_of, bindings
from simulator.tui.describe import help_lines
from simulator.tui.screens.dialogs import TextDialog
from simulator.tui.widgets.bars import KeyRow, bar_keys
from simulator.tui.widgets.charts import ChartsView
from simulator.world.snapshot import Snapshot

FRAME_S = 0.5


class ChartScreen(Screen[None]):
    """The curves of one service over the whole terminal; they go on while time runs."""

    BINDINGS = bindings(CHART)

    def __init__(self, latest: Callable[[], Snapshot | None], service: str | None) -> None:
        super().__init__()
        self._latest = latest
        self._service = service

    def compose(self) -> ComposeResult:
        """The charts and the keys."""
        yield ChartsView(widget_id="full")
        yield KeyRow()

    def on_mount(self) -> None:
        """Draw what the workbench last saw."""
        chart = self.query_one(ChartsView)
        chart.service = self._service
        snapshot = self._latest()
        if snapshot is not None:
            chart.show(snapshot)
        self.query_one(KeyRow).show(bar_keys(actions_of(CHART)))

    def action_service(self) -> None:
        """The next service."""
        self.query_one(ChartsView).next_service()

    def action_back(self) -> None:
        """Back to the workbench."""
        self.dismiss(None)

    def action_help(self) -> None:
        """The keys of this screen."""
        self.app.push_screen(TextDialog("keys of the charts", lambda width: help_lines(CHART)))
