"""Moving about: panes, the cursor, and which panes have a place at which size."""

from __future__ import annotations

from textual.widgets import Static

from simulator.tui.screens.base import Bench
from simulator.tui.screens.panes import MAIN
from simulator.tui.widgets.boxmap import BoxMap
from simulator.tui.widgets.charts import ChartsView
from simulator.tui.widgets.cluster import ClusterView
from simulator.tui.widgets.prompt import Prompt
from simulator.tui.widgets.rowview import RowView

PANES = ("lesson", *MAIN, "charts", "events", "output")
MIN_WIDTH, MIN_HEIGHT = 60, 20
WIDE, NORMAL = 120, 80


class PaneActions(Bench):
    """Actions on panes and within them."""

    def place_panes(self) -> None:
        """Show the panes that have a place at this size."""
        width, height = self.size
        tiny = width < MIN_WIDTH or height < MIN_HEIGHT
        self.set_class(tiny, "tiny")
        if tiny:
            self.query_one("#toosmall", Static).update(
                f"{width}x{height} is too small; {MIN_WIDTH}x{MIN_HEIGHT} is needed"
            )
        seen = {self.place if name == "map" else name for name in self._seen()}
        for name in PANES:
            self.query_one(f"#{name}").display = name in seen
        self.set_class("lesson" in seen, "with-lesson")
        self.set_class(self.alone and "charts" not in seen, "alone")
        self.set_class(self.zoomed is not None, "zoomed")
        body = self.query_one("#body")
        # The grid fills its cells in order, and only a wide screen has a row of two below.
        if width >= WIDE:
            body.move_child(self.events, after=self.output)
        else:
            body.move_child(self.events, before=self.output)
        self.show_keys()

    def _seen(self) -> set[str]:
        """The panes that have a place: all on a wide screen, two on a normal one, else one."""
        if self.zoomed is not None:
            return {self.zoomed}
        if self.size.width >= WIDE:
            return set(self.available_panes()) - set(MAIN[1:])
        if self.size.width < NORMAL:
            return {self.one, "output"}
        if self.tutor is not None and self.drawer:
            return {"lesson", self.side, "output"}
        if self.alone:
            return {"map", "output"}
        return {"map", "charts" if self.side == "map" else self.side, "output"}

    def on_descendant_focus(self) -> None:
        """Other keys work elsewhere."""
        self.show_keys()

    def pane(self) -> RowView | ChartsView:
        """The pane that keys act on: the one with the focus, else the map."""
        focused = self.focused
        return focused if isinstance(focused, RowView | ChartsView) else self.main

    @property
    def main(self) -> RowView:
        """What stands in the large place: the map, the cluster, images or a kernel."""
        return self.query_one(f"#{self.place}", RowView)

    def available_panes(self) -> list[str]:
        """Panes that exist here."""
        return [name for name in PANES if name != "lesson" or self.tutor is not None]

    def action_pane(self, name: str) -> None:
        """Show a pane and go there."""
        if name not in self.available_panes():
            self.flash("there is no lesson here")
            return
        self.alone = name in MAIN[1:] or (self.alone and name == "output")
        if name in MAIN:
            self.place, name_of_place = name, "map"
        else:
            name_of_place = name
        if name == "lesson":
            self.drawer = True
        elif name != "output":
            self.side = name_of_place
        if name != "output":
            self.one = name_of_place
        if self.zoomed is not None:
            self.zoomed = name_of_place
        self.place_panes()
        pane = self.query_one(f"#{name}")
        self.call_after_refresh(self._arrive)
        pane.focus()

    def _arrive(self) -> None:
        """A pane that was hidden shows what is so now."""
        if not self.replaying:
            self.look()

    def action_next_pane(self) -> None:
        """Go to the next pane, showing it if it is hidden."""
        self._turn(1)

    def action_previous_pane(self) -> None:
        """Go to the previous pane."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        others = set(MAIN) - {self.place}
        panes = [name for name in self.available_panes() if name not in others]
        focused = self.focused.id if self.focused is not None else None
        at = panes.index(focused) if focused in panes else -1 if by > 0 else 0
        self.action_pane(panes[(at + by) % len(panes)])

    def action_lesson(self) -> None:
        """Show or hide the lesson on a small screen."""
        if self.tutor is None:
            return
        if self.size.width < NORMAL:
            self.action_pane("map" if self.one == "lesson" else "lesson")
        elif self.drawer and self.size.width < WIDE:
            self.drawer = False
            self.action_pane("map")
        else:
            self.action_pane("lesson")

    def action_zoom(self) -> None:
        """Give the whole body to one pane, or take it back."""
        name = self.pane().id
        self.zoomed = None if self.zoomed is not None else "map" if name in MAIN else name
        self.place_panes()
        self.call_after_refresh(self._arrive)

    # --- within a pane ------------------------------------------------------------------------

    def _move(self, by: int) -> None:
        pane = self.pane()
        if isinstance(pane, RowView):
            pane.move(by)

    def action_down(self) -> None:
        """Next row."""
        self._move(1)

    def action_up(self) -> None:
        """Previous row."""
        self._move(-1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self._move(max(1, self.pane().size.height // 2))

    def action_half_up(self) -> None:
        """Half a page up."""
        self._move(-max(1, self.pane().size.height // 2))

    def action_top(self) -> None:
        """First row."""
        pane = self.pane()
        if isinstance(pane, RowView):
            pane.top()

    def action_end(self) -> None:
        """Last row; a log follows again."""
        pane = self.pane()
        if isinstance(pane, RowView):
            pane.end()

    def action_left(self) -> None:
        """Scroll wide output to the left; among boxes, go to the one on the left."""
        if not self._among_boxes(-1):
            self.output.sideways(-10)

    def action_right(self) -> None:
        """Scroll wide output to the right; among boxes, go to the one on the right."""
        if not self._among_boxes(1):
            self.output.sideways(10)

    def action_earlier_output(self) -> None:
        """Where the output of an earlier line begins."""
        self.output.begin_at(-1)
        self.title_output()

    def action_later_output(self) -> None:
        """Where the output of a later line begins."""
        if not self.output.begin_at(1):
            self.output.end()
        self.title_output()

    def _among_boxes(self, by: int) -> bool:
        pane = self.pane()
        return isinstance(pane, BoxMap | ClusterView) and pane.sideways(by)

    def in_prompt(self) -> bool:
        """Whether one is typing."""
        return isinstance(self.focused, Prompt)
