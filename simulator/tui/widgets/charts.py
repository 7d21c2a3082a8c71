"""The charts beside the map: request rates, latency percentiles, CPU per container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip

from simulator.tui.braille import plot
from simulator.tui.charts import Chart, charts_of, seconds_text, service_in_view
from simulator.tui.glyphs import glyphs, spark
from simulator.tui.rows import cores_text
from simulator.tui.widgets.ink import INK_CLASSES, Inked, Line, fit, text_of

if TYPE_CHECKING:
    from simulator.look.answers import BusyContainer
    from simulator.look.views import ContainerView
    from simulator.tui.seen import Seen

AXIS_WIDTH = 7


class ChartsView(Inked, can_focus=True):
    """All compact charts in one widget: one repaint a frame, however many curves there are."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)

    def __init__(self, *, widget_id: str = "charts") -> None:
        super().__init__(id=widget_id)
        self.service: str | None = None
        self.observed: tuple[str, ...] = ()
        """Series that a lesson wants to be seen, as ``web.p95``; empty shows the service."""
        self.lines: list[Line] = []
        self._seen: Seen | None = None

    def show(self, seen: Seen) -> None:
        """Draw the curves of a new seen."""
        self._seen = seen
        lines = self._compose_lines()
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    def next_service(self) -> str | None:
        """Show the next service; its name, None when there is none."""
        if self._seen is None or not self._seen.services:
            return None
        names = [one.name for one in self._seen.services]
        now = service_in_view(self._seen, self.service)
        self.observed = ()
        self.service = names[(names.index(now) + 1) % len(names)] if now in names else names[0]
        self.show(self._seen)
        return self.service

    def on_resize(self) -> None:
        """Draw again for the new size."""
        self.lines = []
        if self._seen is not None:
            self.show(self._seen)

    def render_line(self, y: int) -> Strip:
        """One row of the charts."""
        line = self.lines[y] if y < len(self.lines) else ()
        return self.strip(line, self.size.width)

    def text(self) -> str:
        """All rows as plain text."""
        return "\n".join(text_of(line) for line in self.lines)

    def _compose_lines(self) -> list[Line]:
        seen, (width, height) = self._seen, self.size
        if seen is None or width < 12 or height < 2:
            return []
        service, busy = service_in_view(seen, self.service), seen.busiest
        cpu_rows = min(len(busy), max(2, height // 4)) if busy else 0
        plots = charts_of(seen, service, self.observed)[: max(1, height // 5)]
        lines: list[Line] = []
        room = height - (cpu_rows + 1 if cpu_rows else 0) - (1 if plots else 0)
        for index, chart in enumerate(plots):
            rows = room // (len(plots) - index)
            room -= rows
            lines += chart_lines(chart, width, rows)
        if plots:
            lines.append(time_axis(plots[0], width))
        if cpu_rows:
            lines += self._cpu_lines(seen, busy[:cpu_rows], width)
        return lines or [((" no service and no container yet", "dim"),)]

    def _cpu_lines(self, seen: Seen, shown: Sequence[BusyContainer], width: int) -> list[Line]:
        left = seen.totals.alive - len(shown)
        more = f", {left:,} more" if left > 0 else ""
        lines: list[Line] = [(("CPU", "title"), (f"  cores used/of{more}", "dim"))]
        return lines + [self._cpu_line(seen, one.view, one.cores, width) for one in shown]

    def _cpu_line(self, seen: Seen, one: ContainerView, of: float, width: int) -> Line:
        name_width = min(14, max(6, width // 3))
        value = fit(cores_text(one.cpu_cores, of), 9)
        room = width - name_width - len(value) - 2
        series = seen.series.get(f"container/{one.name}/cpu")
        curve = spark(list(series.values) if series else [one.cpu_cores], of, max(1, room))
        hot = one.cpu_cores >= 0.97 * of
        return (
            (fit(one.name, name_width, glyphs().ellipsis) + " ", "plain"),
            (value + " ", "bad" if hot else "plain"),
            (curve, "series-1"),
        )


def chart_lines(chart: Chart, width: int, height: int) -> list[Line]:
    """A title with the values now, then the curves with a labelled axis."""
    lines = [title_line(chart, width)]
    rows = height - 1
    if rows < 1:
        return lines[:height]
    signs = glyphs()
    cells = plot(chart.curves, chart.frame, max(4, width - AXIS_WIDTH), rows, braille=signs.braille)
    for y, row in enumerate(cells):
        label = axis_label(chart, y, rows)
        line: list[tuple[str, str]] = [
            (label[: AXIS_WIDTH - 1].rjust(AXIS_WIDTH - 1) + signs.pipe[0], "dim")
        ]
        text, ink = "", 0
        for char, number in row:
            if number != ink and text:
                line.append((text, f"series-{ink}" if ink else "plain"))
                text = ""
            ink = number
            text += char
        line.append((text, f"series-{ink}" if ink else "plain"))
        lines.append(tuple(line))
    return lines


def title_line(chart: Chart, width: int) -> Line:
    """The name of a chart and what its curves are at now."""
    parts: list[tuple[str, str]] = [(chart.title, "title")]
    used = len(chart.title)
    for label, text, ink in chart.now:
        piece = f" {label} {text}"
        if used + len(piece) > width:
            break
        parts.append((piece, f"series-{ink}"))
        used += len(piece)
    return tuple(parts)


def axis_label(chart: Chart, y: int, rows: int) -> str:
    """The value at a row of a chart: at the ends, and at each decade of a logarithmic axis."""
    frame = chart.frame
    if frame.log:
        value = frame.low
        while value <= frame.high * 1.001:
            if frame.row(value, rows) == y:
                return seconds_text(value)
            value *= 10
        return ""
    if y == 0:
        return chart.text(frame.high)
    return chart.text(frame.low) if y == rows - 1 else ""


def time_axis(chart: Chart, width: int) -> Line:
    """From when to when the curves run, in simulated time."""
    start, end = clock_text(chart.frame.start), clock_text(chart.frame.end)
    rule = glyphs().rule * max(0, width - AXIS_WIDTH - len(start) - len(end) - 2)
    return ((" " * AXIS_WIDTH + start + " ", "dim"), (rule, "rule"), (" " + end, "dim"))


def clock_text(seconds: float) -> str:
    """Simulated time as h:mm:ss, or m:ss below an hour."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"
