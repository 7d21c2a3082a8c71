"""The cluster pane: what its nodes hold, what its workloads want and have, who waits for a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.look.cluster_facts import MOST_EACH, ClusterFacts, View
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.cluster_boxes import HEIGHT, Grid, box, grid, legend
from simulator.tui.widgets.cluster_rows import cells, heads, line_of, names_width, summary
from simulator.tui.widgets.cluster_tables import Table
from simulator.tui.widgets.cluster_trace import plots, reasons
from simulator.tui.widgets.cluster_way import Way, is_table, title_of
from simulator.tui.widgets.ink import Line
from simulator.tui.widgets.rowview import RowView

if TYPE_CHECKING:
    from simulator.tui.seen import Seen

LEAST_ROWS = 30
"""Rows asked for where the size of the pane is not known yet."""
MOST_CELL_ROWS = 6
"""Rows that signs of nodes take above the rest."""

Read = Callable[[View, int, int], ClusterFacts | None]


class ClusterView(RowView):
    """Rows of one view of the cluster; enter goes down, esc comes back."""

    header_rows = 2

    def __init__(self, *, widget_id: str = "cluster") -> None:
        super().__init__(widget_id=widget_id)
        self.display = False
        """Until somebody asks for it: nothing is asked of the world for it before."""
        self.way = Way()
        self.meant = ""
        """The cluster that kubectl speaks to; nothing: the newest."""
        self.read: Read = _nothing
        """Rows that the last frame did not bring."""
        self._facts: ClusterFacts | None = None
        self._shown: tuple[object, ...] = ()
        self._above: list[Line] = []
        """Lines between the summary and the names of the columns."""
        self._text: list[Line] | None = None
        """The rows, where they are a text and no objects."""
        self._grid: Grid | None = None
        self._boxes: dict[int, tuple[Line, ...]] = {}
        self._table = Table()
        self._heads: Line = ()
        self._now = 0.0
        self._names = 20

    @property
    def view(self) -> View:
        """What is shown."""
        return self.way.view._replace(cluster=self.meant)

    @property
    def asked(self) -> tuple[View, int, int]:
        """What a frame has to bring."""
        first, count = self.scroll_offset.y, max(self.visible_rows, LEAST_ROWS)
        if self._grid is not None and self.way.view.kind == "nodes":
            columns = self._grid.columns
            first, count = first // HEIGHT * columns, (self.visible_rows // HEIGHT + 2) * columns
        return self.view, first, count

    @property
    def title(self) -> str:
        """The pane's name, the way down, the namespace and the filter."""
        return title_of(self.way)

    def show(self, seen: Seen) -> None:
        """Take the rows of a new frame; nothing is drawn where it is the same as the last."""
        shown = seen.cluster, seen.time, self.size, self.way.view
        if seen.cluster is not None and shown == self._shown:
            return
        self._shown, self._now = shown, seen.time
        self._take(seen.cluster)
        if self._text is not None:
            self.set_keys([str(number) for number in range(len(self._text))])
        else:
            self.set_keys(seen.cluster.keys if seen.cluster is not None else ())

    def _take(self, found: ClusterFacts | None) -> None:
        self._facts, self._grid, self._text, self._above = found, None, None, []
        self._boxes.clear()
        self._heads = ()
        if found is not None:
            self._lay_out(found, max(40, self.row_width - 2))
        self.has_cursor = self._text is None
        self.header_rows = 1 + len(self._above) + (1 if self._heads else 0)

    def _lay_out(self, found: ClusterFacts, width: int) -> None:
        kind = found.view.kind
        if kind == "trace":
            facts: Any = found.rows[0] if found.rows else None
            self._text = reasons(facts, self._now, width) if facts is not None else []
            room = self.size.height - 1
            self._above = plots(facts, self._now, width, room) if facts is not None else []
        elif kind == "nodes":
            room = self.size.height - 1
            self._grid = grid(len(found.keys), self.row_width, room)
            all_fit = self._grid.height <= room
            self._heads = () if all_fit and self._grid.height == room else legend(width)
        else:
            if kind == "overview" and found.nodes > MOST_EACH:
                self._above = cells(found.fills, width)[:MOST_CELL_ROWS]
            self._measure(found)

    def _measure(self, found: ClusterFacts) -> None:
        """Widths of columns, of what is seen."""
        kind = found.view.kind
        if is_table(kind):
            self._heads = self._table.heads(kind, found.rows, self._now)
            return
        seen_keys = found.keys[found.first : found.first + len(found.rows)]
        self._names = names_width(seen_keys, found.rows, max(40, self.row_width - 2))
        self._heads = ((heads(kind, self._names), "dim"),)

    # --- going down and back ------------------------------------------------------------------

    def go(self, kind: str, within: str = "") -> None:
        """Show another view, from the next frame on."""
        self.way.down(kind, within, self.cursor_key)
        self._turn(None)

    def jump(self, kind: str, namespace: str | None = None, text: str = "") -> None:
        """Show a view of everything; back from there is the overview."""
        self.way.jump(kind, namespace, text)
        self._turn(None)

    def back(self) -> bool:
        """Come back to where one was; False at the top."""
        if self.view.filter:
            self.set_filter("")
            return True
        came, cursor = self.way.back()
        if came:
            self._turn(cursor)
        return came

    def everywhere(self) -> None:
        """Show all namespaces."""
        self.way.view = self.way.view._replace(namespace="")

    def _turn(self, cursor: str | None) -> None:
        self.cursor_key, self.cursor_index = cursor, 0
        self.follow = self._follows_by_nature = self.way.view.kind == "events"
        self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def set_filter(self, text: str) -> None:
        """Show only rows whose key contains a text."""
        self.way.view = self.way.view._replace(filter=text)

    def down(self) -> bool:
        """Go into the row under the cursor; False where there is nothing below it."""
        key = self.cursor_key if self.keys and self._text is None else None
        below = self.way.below(key) if key is not None else None
        if key is None or below is None:
            return False
        if key.startswith("Namespace/"):
            self.jump("pods", key.rpartition("/")[2])
        else:
            self.go(below, key)
        return True

    @property
    def row(self) -> Any:
        """What is under the cursor; None where nothing is."""
        return self._row(self.cursor_index) if self.keys else None

    @property
    def subject(self) -> tuple[str, str] | None:
        """Kind and name of what is under the cursor, as ``why`` takes it, and its namespace."""
        if not self.keys or self.cursor_key is None:
            return None
        key = self.cursor_key if self._text is None else self.way.view.within
        kind, _, rest = key.partition("/")
        if kind == "node":
            return f"node/{rest}", ""
        if kind == "event":
            one = self.row
            return (f"{one.kind.lower()}/{one.name}", one.namespace) if one is not None else None
        if kind in ("queue", "context"):
            return None
        namespace, _, name = rest.partition("/")
        if kind == "container":
            return f"pod/{name.partition('/')[0]}", namespace
        return f"{kind.lower()}/{name}", namespace

    # --- drawing ------------------------------------------------------------------------------

    def empty_line(self) -> str:
        """Say why nothing is there."""
        if self._facts is None:
            return " no cluster yet; for example:  cluster create shop"
        if self.view.filter:
            return f" nothing here matches '{self.view.filter}'"
        where = f" in namespace {self.view.namespace}; 0 shows all" if self.view.namespace else ""
        return f" no {self.way.name} here{where}"

    def _line_at(self, y: int, width: int) -> Line:
        if y >= self.header_rows:
            return self._box_line(y) if self._grid is not None else super()._line_at(y, width)
        if self._facts is None:
            return ()
        if y == 0:
            return ((" ", "plain"), *summary(self._facts))
        if y <= len(self._above):
            return ((" ", "plain"), *self._above[y - 1])
        return (("  ", "plain"), *self._heads)

    # --- boxes --------------------------------------------------------------------------------

    def _box_line(self, y: int) -> Line:
        if self._grid is None or not self.keys:
            return ((self.empty_line(), "dim"),) if y == self.header_rows else ()
        number = y - self.header_rows + self.scroll_offset.y
        return self._grid.line(number, self._box) if number < self._grid.height else ()

    def _box(self, index: int) -> tuple[Line, ...]:
        chosen = index == self.cursor_index
        lines = self._boxes.get(index)
        if lines is None or chosen:
            width = self._grid.width if self._grid is not None else 0
            lines = box(self._row(index), width, chosen=chosen)
            if not chosen:
                self._boxes[index] = lines
        return lines

    def span(self, index: int) -> tuple[int, int]:
        """Where a row begins, and how many lines it takes."""
        return (self._grid.top(index), HEIGHT) if self._grid is not None else (index, 1)

    @property
    def body_height(self) -> int:
        """Lines that all rows take."""
        return self._grid.height if self._grid is not None else len(self.keys)

    def row_at(self, x: int, y: int) -> int:
        """The number of the row at a place."""
        at = super().row_at(x, y)
        return self._grid.at(x, at) if self._grid is not None and at >= 0 else at

    def move(self, by: int) -> None:
        """Move the cursor by rows; among boxes, to the one below or above."""
        if self._grid is not None and abs(by) < len(self.keys):
            lines = by if abs(by) == 1 else int(by / HEIGHT) or (1 if by > 0 else -1)
            at = self.cursor_index + lines * self._grid.columns
            if 0 <= at < len(self.keys) or abs(by) > 1:
                self.move_to(at)
            return
        super().move(by)

    def sideways(self, by: int) -> bool:
        """Go to the box beside this one; False where there are no boxes."""
        if self._grid is not None:
            self.move_to(self.cursor_index + by)
        return self._grid is not None

    # --- rows ---------------------------------------------------------------------------------

    def _row(self, index: int) -> Any:
        """The row of a number: what the last frame brought, or else what is read now."""
        facts = self._facts
        if facts is None:
            return None
        if not facts.first <= index < facts.first + len(facts.rows):
            first = max(0, index - LEAST_ROWS)  # around it: one scrolls up as well as down
            facts = self.read(facts.view, first, 2 * LEAST_ROWS)
            if facts is None or not facts.first <= index < facts.first + len(facts.rows):
                return None
            self._facts = facts
            self._measure(facts)
        return facts.rows[index - facts.first]

    def line(self, index: int, width: int) -> Line:
        """One row of the view."""
        if self._text is not None:
            return ((" ", "plain"), *self._text[index])
        marker = glyphs().cursor if index == self.cursor_index else " "
        row = self._row(index)
        if row is not None and self._facts is not None and is_table(self._facts.view.kind):
            body = self._table.line(row, self._now)
        else:
            body = line_of(row, self._names, self._now)
        return ((marker, "accent"), (" ", "plain"), *body)


def _nothing(view: View, first: int, count: int) -> ClusterFacts | None:
    return None
