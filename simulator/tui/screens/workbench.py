"""The workbench: lesson, map, charts, events, output and prompt over one world."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Static

from simulator.tui.actions import WORKBENCH, bindings
from simulator.tui.glyphs import glyphs
from simulator.tui.screens.look_actions import LookActions
from simulator.tui.widgets.bars import ClockRow, KeyRow
from simulator.tui.widgets.boxmap import BoxMap
from simulator.tui.widgets.charts import ChartsView
from simulator.tui.widgets.cluster import ClusterView
from simulator.tui.widgets.events import EventsView
from simulator.tui.widgets.images import ImagesView
from simulator.tui.widgets.ink import plain
from simulator.tui.widgets.kernel import KernelView
from simulator.tui.widgets.output import OutputView
from simulator.tui.widgets.prompt import Prompt
from simulator.tui.widgets.text import TextView


class Workbench(LookActions):
    """The screen on which a world is worked with; the style sheet gives each pane its place."""

    BINDINGS = bindings(WORKBENCH)
    AUTO_FOCUS = "#map"

    def compose(self) -> ComposeResult:
        """All panes; which of them are seen depends on the size."""
        yield ClockRow()
        with Container(id="body"):
            yield _pane(TextView(widget_id="lesson"), "1 lesson")
            yield _pane(BoxMap(), "2 map")
            yield _pane(ClusterView(), "6 cluster")
            yield _pane(ImagesView(), "7 images")
            yield _pane(KernelView(), "8 kernel")
            yield _pane(ChartsView(), "3 charts")
            yield _pane(OutputView(), "5 output")
            yield _pane(EventsView(), "4 events")
        yield Static(id="offers", markup=False)
        with Horizontal(id="promptrow"):
            yield Static(f"{glyphs().cursor} ", id="mode", markup=False)
            yield Prompt(self.completions)
        yield KeyRow()
        yield Static(id="toosmall", markup=False)

    def on_mount(self) -> None:
        """Tell the style sheet what it cannot know by itself."""
        self.set_class(not glyphs().braille, "-ascii")

    def on_resize(self) -> None:
        """Choose the layout for the size."""
        self.place_panes()


def _pane(widget: Widget, title: str) -> Widget:
    widget.add_class("pane")
    widget.border_title = plain(title)
    return widget
