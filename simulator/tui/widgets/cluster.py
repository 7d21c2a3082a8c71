"""The cluster pane: what its nodes hold, what its workloads want and have, who waits for a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from simulator.look.cluster_facts import MOST_EACH, ClusterFacts, QueueFacts, View
from simulator.look.swarm_facts import MemberFacts, SwarmFacts, SwarmServiceFacts, TaskFacts
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets import swarm_rows
from simulator.tui.widgets.boxed import BoxedRows
from simulator.tui.widgets.cluster_boxes import grid, legend
from simulator.tui.widgets.cluster_rows import cells, heads, line_of, names_width, summary
from simulator.tui.widgets.cluster_tables import Table
from simulator.tui.widgets.cluster_way import Way, is_table, title_of
from simulator.tui.widgets.ink import Line, text_of

if TYPE_CHECKING:
    from simulator.tui.seen import Seen

LEAST_ROWS = 30
"""Rows asked for where the size of the pane is not known yet."""
MOST_CELL_ROWS = 6
"""Rows that signs of nodes take above the rest."""

Found: TypeAlias = ClusterFacts | SwarmFacts
Read: TypeAlias = Callable[[View, int, int], Found | None]
SWARM_ROWS = (MemberFacts, SwarmServiceFacts, TaskFacts)


class ClusterView(BoxedRows):
    """Rows of one view of the cluster; enter goes down, esc comes back."""

    header_rows = 2

    def __init__(self, *, widget_id: str = "cluster") -> None:
        super().__init__(widget_id=widget_id)
        self.display = False
        """Until somebody asks for it: nothing is asked of the world for it before."""
        self.way = Way()
        self.meant = ""
        """The cluster that kubectl speaks to; nothing: the newest."""
        self.swarm = ""
        """The swarm that somebody chose instead."""
        self.read: Read = _nothing
        """Rows that the last frame did not bring."""
        self._facts: Found | None = None
        self._shown: tuple[object, ...] = ()
        self._above: list[Line] = []
        """Lines between the summary and the names of the columns."""
        self._text: list[Line] | None = None
        """The rows, where they are a text and no objects."""
        self._table = Table()
        self._heads: Line = ()
        self._now = 0.0
        self._names = 20

    @property
    def view(self) -> View:
        """What is shown."""
        return self.way.view._replace(cluster=self.swarm or self.meant)

    @property
    def asked(self) -> tuple[View, int, int]:
        """What a frame has to bring."""
        rows = max(self.visible_rows, LEAST_ROWS)
        return self.view, *self.window(self.scroll_offset.y, rows)

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

    def _take(self, found: Found | None) -> None:
        self._facts, self._text, self._above, self._heads = found, None, [], ()
        self.take_grid(None)
        if found is not None:
            self._lay_out(found, max(40, self.row_width - 2))
        self.has_cursor = self._text is None
        self.header_rows = 1 + len(self._above) + (1 if self._heads else 0)

    def _lay_out(self, found: Found, width: int) -> None:
        kind = found.view.kind
        if isinstance(found, SwarmFacts):
            self._measure(found)
        elif kind == "trace":
            from simulator.tui.widgets.cluster_trace import plots, reasons  # not before it is seen

            facts: Any = found.rows[0] if found.rows else None
            self._text = reasons(facts, self._now, width) if facts is not None else []
            room = self.size.height - 1
            self._above = plots(facts, self._now, width, room) if facts is not None else []
        elif kind == "nodes":
            room = self.size.height - 1
            found_grid = grid(len(found.keys), self.row_width, room)
            self.take_grid(found_grid)
            self._heads = () if found_grid.height == room else legend(width)
        else:
            if kind == "overview" and found.nodes > MOST_EACH:
                self._above = cells(found.fills, width, MOST_CELL_ROWS)
            self._measure(found)

    def _measure(self, found: Found) -> None:
        """Widths of columns, of what is seen."""
        kind = found.view.kind
        if isinstance(found, SwarmFacts) and kind != "contexts":
            self._names = swarm_rows.names_width(found.rows, max(40, self.row_width - 2))
            self._heads = ((swarm_rows.heads(kind, self._names), "dim"),)
            return
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
        return self.row_of(self.cursor_index) if self.keys else None

    @property
    def leader(self) -> str:
        """The manager that leads the swarm that is shown; nothing where there is none."""
        return self._facts.leader if isinstance(self._facts, SwarmFacts) else ""

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
        row = self.row
        if isinstance(row, QueueFacts) and row.example:
            return f"pod/{row.example}", row.namespace
        if kind in ("queue", "context", "service", "task", "member"):
            return None
        namespace, _, name = rest.partition("/")
        if kind == "container":
            return f"pod/{name.partition('/')[0]}", namespace
        return f"{kind.lower()}/{name}", namespace

    def text(self) -> list[str]:
        """All lines that are seen, for who cannot see them."""
        lines = [self._line_at(y, self.row_width) for y in range(self.size.height)]
        return [text for text in (text_of(one).strip() for one in lines) if text]

    # --- drawing ------------------------------------------------------------------------------

    def empty_line(self) -> str:
        """Say why nothing is there."""
        if self._facts is None:
            return " no cluster yet; for example:  cluster create shop"
        if isinstance(self._facts, SwarmFacts) and self._facts.view.kind not in swarm_rows.HEADS:
            return " a swarm has no such thing; it has: services tasks nodes"
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
            return ((" ", "plain"), *_summary(self._facts))
        if y <= len(self._above):
            return ((" ", "plain"), *self._above[y - 1])
        return (("  ", "plain"), *self._heads)

    # --- rows ---------------------------------------------------------------------------------

    def row_of(self, index: int) -> Any:
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
        row, facts = self.row_of(index), self._facts
        if isinstance(row, SWARM_ROWS):
            body = swarm_rows.line_of(row, self._names, self._now)
        elif row is not None and facts is not None and is_table(facts.view.kind):
            body = self._table.line(row, self._now)
        else:
            body = line_of(row, self._names, self._now)
        return ((marker, "accent"), (" ", "plain"), *body)


def _summary(facts: Found) -> Line:
    return swarm_rows.summary(facts) if isinstance(facts, SwarmFacts) else summary(facts)


def _nothing(view: View, first: int, count: int) -> Found | None:
    return None
