"""Charts at full size, with axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen

from simulator.tui.actions import CHART, actions_of, bindings
from simulator.tui.describe import help_lines
from simulator.tui.glyphs import glyphs
from simulator.tui.screens.dialogs import TextDialog
from simulator.tui.widgets.bars import KeyRow, bar_keys
from simulator.tui.widgets.charts import ChartsView

if TYPE_CHECKING:
    from simulator.tui.seen import Seen
    from simulator.tui.widgets.plots import ServicePlots


class ChartScreen(Screen[None]):
    """The curves of one service over the whole terminal; they go on while time runs."""

    BINDINGS = bindings(CHART)

    def __init__(
        self, seen: Seen, strips: ChartsView, clock: Callable[[], float], *, axes: bool
    ) -> None:
        """``axes``: with plotted axes, where there is room; else the strips at full size."""
        super().__init__()
        self._seen = seen
        self._strips = strips
        self._clock = clock
        self._axes = axes

    def compose(self) -> ComposeResult:
        """The charts and the keys."""
        yield self._charts()
        yield KeyRow()

    def _charts(self) -> ServicePlots | ChartsView:
        if not self._axes:
            return ChartsView(widget_id="full")
        from simulator.tui.widgets.plots import ServicePlots

        return ServicePlots(self._clock)

    def on_mount(self) -> None:
        """Draw what the workbench last saw."""
        self.set_class(not glyphs().braille, "-ascii")
        self.charts.service = self._strips.service
        self.charts.observed = self._strips.observed
        self.call_after_refresh(self.show, self._seen)
        self.query_one(KeyRow).show(bar_keys(actions_of(CHART)))

    @property
    def charts(self) -> ServicePlots | ChartsView:
        """The charts."""
        chart = self.query_one("#plots" if self._axes else "#full")
        return cast("ServicePlots | ChartsView", chart)

    def show(self, seen: Seen) -> None:
        """Draw a newer frame."""
        if self.is_mounted:
            self.charts.show(seen)

    def action_service(self) -> None:
        """The next service."""
        self._strips.service = self.charts.next_service()
        self._strips.observed = ()

    def action_back(self) -> None:
        """Back to the workbench."""
        self.dismiss(None)

    def action_help(self) -> None:
        """The keys of this screen."""
        self.app.push_screen(
            TextDialog("keys of the charts", lambda width: help_lines(CHART, width))
        )
