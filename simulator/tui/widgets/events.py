"""The event log: bounded, filterable, follows its end until one scrolls up."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.charts import clock_text
from simulator.tui.widgets.ink import Line, fit, text_of
from simulator.tui.widgets.rowview import RowView

if TYPE_CHECKING:
    from simulator.look.views import EventView
    from simulator.tui.seen import Seen

CAPACITY = 2000
_INK = {"info": "plain", "good": "good", "warn": "warn", "bad": "bad"}


class EventsView(RowView):
    """Journal entries for people, oldest first."""

    def __init__(self, *, widget_id: str = "events") -> None:
        super().__init__(widget_id=widget_id, follow=True)
        self.events: deque[EventView] = deque(maxlen=CAPACITY)
        self.filter = ""
        self._shown: list[EventView] = []
        self.last_seq = -1
        """The number of the newest event that is here."""
        self._time = 0.0

    def begin_again(self, time: float, event_count: int) -> None:
        """Forget what is here if that was in a world that has been taken back."""
        if time < self._time or event_count <= self.last_seq:
            self.forget()

    def forget(self) -> None:
        """Another world is looked at."""
        self.events.clear()
        self._shown = []
        self.last_seq = -1
        self.set_keys(())  # something may be drawn before the next frame is there

    def show(self, seen: Seen) -> None:
        """Take over what is new."""
        self.begin_again(seen.time, seen.event_count)
        self._time = seen.time
        new = [event for event in seen.events if event.seq > self.last_seq]
        if not new and self._shown:
            return
        if new:
            missed = new[0].seq - self.last_seq - 1
            if missed > 0 and self.last_seq >= 0:
                self.events.append(_gap(new[0], missed))
            self.last_seq = new[-1].seq
            self.events.extend(new)
        self._refilter()

    def set_filter(self, text: str) -> None:
        """Show only events that contain a text; ``!text`` inverts."""
        self.filter = text
        self._refilter()

    def _refilter(self) -> None:
        wanted = self.filter.lower()
        inverse, wanted = wanted.startswith("!"), wanted.removeprefix("!")
        self._shown = [
            event for event in self.events if not wanted or (wanted in _words(event)) != inverse
        ]
        self.set_keys([str(event.seq) for event in self._shown])

    def empty_line(self) -> str:
        """Say why nothing is there."""
        return f" no event matches '{self.filter}'" if self.filter else " nothing has happened yet"

    @property
    def selected(self) -> EventView | None:
        """The event under the cursor."""
        return self._shown[self.cursor_index] if self.cursor_index < len(self._shown) else None

    def line(self, index: int, width: int) -> Line:
        """One event: when, a sign, what happened."""
        event = self._shown[index]
        signs = glyphs()
        mark = {
            "good": signs.passed,
            "warn": signs.warn,
            "bad": signs.bad,
        }.get(event.level, signs.dot)
        ink = _INK.get(event.level, "plain")
        when = clock_text(event.time).rjust(6)
        return (
            (f"{when} ", "dim"),
            (f"{mark} ", ink),
            (fit(event.text, max(1, width - len(when) - 3), signs.ellipsis), ink),
        )

    def cursor_text(self) -> str:
        """The whole event, not cut to the width."""
        event = self.selected
        if event is None:
            return ""
        return f"{event.time:.3f} {event.kind} {event.subject} {event.text}"

    def plain(self) -> list[str]:
        """All shown events as text."""
        return [text_of(self.line(i, 200)).rstrip() for i in range(len(self._shown))]


def _gap(following: EventView, missed: int) -> EventView:
    """An entry in place of events that were more than fit a frame."""
    text = f"{missed} more events; the command 'events' lists them"
    return replace(
        following, seq=following.seq - 1, kind="Skipped", text=text, level="info", subject=""
    )


def _words(event: EventView) -> str:
    return f"{event.kind} {event.subject} {event.text} {event.level}".lower()
