"""Charts with axes, zoom and legend, where there is room for them: two redraws a second at most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual_plot import AxisFormatter, HiResMode, LegendLocation, NumericAxisFormatter, PlotWidget

from simulator.tui.charts import Chart, charts_of, seconds_text, service_in_view
from simulator.tui.widgets.charts import clock_text
from simulator.tui.widgets.ink import INK_CLASSES, Inked

if TYPE_CHECKING:
    from simulator.tui.seen import Seen

EVERY_S = 0.5
"""A redraw costs about 15 ms a curve, so a running world is redrawn twice a second only."""


class Times(NumericAxisFormatter):
    """Simulated time as minutes and seconds."""

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Labels of ticks."""
        return [clock_text(tick) for tick in ticks]


class Decades(AxisFormatter):
    """Powers of ten of a logarithmic axis, whose values are logarithms of seconds."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        """One tick a decade."""
        return [float(n) for n in range(math.ceil(min_ - 1e-9), math.floor(max_ + 1e-9) + 1)]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        """Labels of ticks."""
        return [seconds_text(10.0**tick) for tick in ticks]


class ServicePlots(Inked, Vertical):
    """Request rates above latency percentiles, of one service."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(id="plots")
        self.service: str | None = None
        self.observed: tuple[str, ...] = ()
        self._clock = clock
        self._drawn_at = -math.inf
        self._seen: Seen | None = None

    def compose(self) -> ComposeResult:
        """Two plots."""
        yield PlotWidget(id="first")
        yield PlotWidget(id="second")

    def show(self, seen: Seen, *, at_once: bool = False) -> None:
        """Draw a newer frame, unless the last drawing was a moment ago."""
        self._seen = seen
        now = self._clock()
        if now - self._drawn_at < EVERY_S and not at_once:
            return
        self._drawn_at = now
        service = service_in_view(seen, self.service)
        charts = charts_of(seen, service, self.observed)
        for index, plot in enumerate(self.query(PlotWidget)):
            plot.display = index < len(charts)
            if index < len(charts):
                self._draw(plot, charts[index])

    def next_service(self) -> str | None:
        """Show the next service; its name, None when there is none."""
        if self._seen is None or not self._seen.services:
            return None
        names = [one.name for one in self._seen.services]
        now = service_in_view(self._seen, self.service)
        self.observed = ()
        self.service = names[(names.index(now) + 1) % len(names)] if now in names else names[0]
        self.show(self._seen, at_once=True)
        return self.service

    def _draw(self, plot: PlotWidget, chart: Chart) -> None:
        frame = chart.frame
        labels = {ink: f"{label} {text}" for label, text, ink in chart.now}
        plot.clear()
        plot.set_x_formatter(Times())
        if frame.log:
            plot.set_y_formatter(Decades())
            plot.set_ylimits(math.log10(frame.low), math.log10(frame.high))
        else:
            plot.set_ylimits(frame.low, frame.high)
        plot.set_xlimits(frame.start, max(frame.end, frame.start + 1.0))
        plot.set_ylabel(f"{chart.title} (log)" if frame.log else chart.title)
        for curve in chart.curves:
            values = [math.log10(v) if v > 0 else math.nan for v in curve.values]
            plot.plot(
                curve.times,
                values if frame.log else curve.values,
                line_style=self._colour(curve.ink),
                hires_mode=HiResMode.BRAILLE,
                label=labels.get(curve.ink),
            )
        plot.show_legend(LegendLocation.TOPLEFT)

    def _colour(self, ink: int) -> str:
        colour = self.ink(f"series-{ink}").color
        return colour.name if colour is not None else "default"
