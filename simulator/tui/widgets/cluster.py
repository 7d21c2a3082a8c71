"""The cluster pane: what its nodes hold, what its workloads want and have, who waits for a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.look.cluster_facts import MOST_EACH, ClusterFacts, View
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.cluster_rows import cells, heads, line_of, names_width, summary
from simulator.tui.widgets.ink import Line
from simulator.tui.widgets.rowview import RowView

if TYPE_CHECKING:
    from simulator.tui.seen import Seen

LEAST_ROWS = 30
"""Rows asked for where the size of the pane is not known yet."""
MOST_CELL_ROWS = 6
"""Rows that signs of nodes take above the rest."""
TITLES = {"overview": "6 cluster", "pods": "6 pods", "nodes": "6 nodes", "workloads": "6 workloads",
          "services": "6 services", "autoscalers": "6 autoscalers"}  # fmt: skip


class ClusterView(RowView):
    """Rows of one view of the cluster; enter goes down, esc comes back."""

    header_rows = 2

    def __init__(self, *, widget_id: str = "cluster") -> None:
        super().__init__(widget_id=widget_id)
        self.display = False
        """Until somebody asks for it: nothing is asked of the world for it before."""
        self.view = View()
        self._way: list[tuple[View, str | None]] = []
        """Views that were left by going down, with the row on which the cursor was."""
        self._facts: ClusterFacts | None = None
        self._cells: list[Line] = []
        self._now = 0.0
        self._names = 20

    @property
    def asked(self) -> tuple[View, int, int]:
        """What a frame has to bring."""
        return self.view, self.scroll_offset.y, max(self.visible_rows, LEAST_ROWS)

    @property
    def title(self) -> str:
        """The pane's name, the way down, and the filter."""
        way = [one.within for one, _ in self._way[1:] if one.within]
        parts = [TITLES[self.view.kind], *way, *([self.view.within] if self.view.within else [])]
        text = f" {glyphs().crumb} ".join(parts)
        return f"{text}  /{self.view.filter}" if self.view.filter else text

    def show(self, seen: Seen) -> None:
        """Take the rows of a new frame."""
        self._facts, self._now = seen.cluster, seen.time
        found = seen.cluster
        many = found is not None and found.view.kind == "overview" and found.nodes > MOST_EACH
        self._cells = cells(found.fills, max(10, self.row_width - 2)) if many and found else []
        self.header_rows = 2 + len(self._cells[:MOST_CELL_ROWS])
        if found is not None:
            seen_keys = found.keys[found.first : found.first + len(found.rows)]
            self._names = names_width(seen_keys, max(40, self.row_width - 2))
        self.set_keys(found.keys if found is not None else ())

    # --- going down and back ------------------------------------------------------------------

    def go(self, kind: str, within: str = "") -> None:
        """Show another view, from the next frame on."""
        self._way.append((self.view, self.cursor_key))
        self._turn(View(kind, within), None)

    def jump(self, kind: str) -> None:
        """Show a view of everything; back from there is the overview."""
        self._way = [(View(), None)] if kind != "overview" else []
        self._turn(View(kind), None)

    def back(self) -> bool:
        """Come back to where one was; False at the top."""
        if self.view.filter:
            self.set_filter("")
            return True
        if not self._way:
            return False
        self._turn(*self._way.pop())
        return True

    def _turn(self, view: View, cursor: str | None) -> None:
        self.view, self.cursor_key, self.cursor_index = view, cursor, 0
        self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def set_filter(self, text: str) -> None:
        """Show only rows whose key contains a text."""
        self.view = self.view._replace(filter=text)

    def down(self) -> bool:
        """Go into the row under the cursor: its pods; False for a pod, which is the last."""
        key = self.cursor_key if self.keys else None
        if key is None or key.startswith(("Pod/", "HorizontalPodAutoscaler/")):
            return False
        self.go("pods", key)
        return True

    @property
    def subject(self) -> tuple[str, str] | None:
        """Kind and name of what is under the cursor, as ``why`` takes it, and its namespace."""
        if not self.keys or self.cursor_key is None:
            return None
        kind, _, rest = self.cursor_key.partition("/")
        if kind == "node":
            return f"node/{rest}", ""
        namespace, _, name = rest.partition("/")
        return f"{kind.lower()}/{name}", namespace

    # --- drawing ------------------------------------------------------------------------------

    def empty_line(self) -> str:
        """Say why nothing is there."""
        if self._facts is None:
            return " no cluster yet; for example:  cluster create shop"
        if self.view.filter:
            return f" nothing here matches '{self.view.filter}'"
        return f" no {self.view.kind} here"

    def _line_at(self, y: int, width: int) -> Line:
        if y < self.header_rows and self._facts is not None:
            if y == 0:
                return ((" ", "plain"), *summary(self._facts))
            if y == self.header_rows - 1:
                return ((f"  {heads(self.view.kind, self._names)}", "dim"),)
            return ((" ", "plain"), *self._cells[y - 1])
        if y < self.header_rows:
            return ()
        return super()._line_at(y, width)

    def line(self, index: int, width: int) -> Line:
        """One row of the view."""
        facts = self._facts
        marker = glyphs().cursor if index == self.cursor_index else " "
        if facts is None or not facts.first <= index < facts.first + len(facts.rows):
            return ((marker, "accent"),)
        row = facts.rows[index - facts.first]
        return ((marker, "accent"), (" ", "plain"), *line_of(row, self._names, self._now))
