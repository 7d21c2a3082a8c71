"""Going on until something: a time, an event, a condition over measures.

``until 5m``, ``until event oom``, ``until web.p95 > 250ms``, ``until endpoints('web') == 3``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from simulator.errors import InputError, Refused
from simulator.tui.ports import ReaderPort, SessionPort
from simulator.units import format_span, parse_duration

if TYPE_CHECKING:
    from simulator.look.views import EventView

LIMIT_S = 86_400.0
"""Simulated seconds after which something that does not come is given up."""
MOST_EVENTS = 500
"""Events looked through at once; those before them came at the same instant."""
ROUTINE = frozenset({"LayerDownloaded", "LayerExtracted"})
"""Kinds of events that are parts of a thing under way, of which the end is told as well."""
EXAMPLES = "until 5m, until event oom, until web.p95 > 250ms"
_SIMPLE = re.compile(r"([\w./-]+\.\w+)\s*(<=|>=|==|<|>)\s*(\S+)")


def worth_seeing(event: EventView) -> bool:
    """Whether one would stop for it."""
    return event.kind not in ROUTINE


class Events:
    """New events of a world that somebody waits for."""

    def __init__(self, reader: ReaderPort, wanted: Callable[[EventView], bool]) -> None:
        self._reader = reader
        self._wanted = wanted
        self._known = reader.event_count

    def __call__(self) -> str:
        """What came first of what is wanted; empty as long as nothing did."""
        count = self._reader.event_count
        if count == self._known:
            return ""
        after, self._known = self._known - 1, count
        new = self._reader.events(MOST_EVENTS, after)
        found = next((one for one in new if self._wanted(one)), None)
        return found.text if found is not None else ""


class Condition:
    """An expression that becomes true; measured once a simulated second, as curves are."""

    def __init__(self, session: SessionPort, text: str) -> None:
        from simulator.course.expression import parse_expression

        self._session = session
        self._text = text
        self._expression = parse_expression(_in_words_of_checks(text))
        self._next = 0.0
        try:
            self._value()
        except InputError as error:
            if error.problem.startswith("unknown") or self._of_nobody(text):
                raise

    def _of_nobody(self, text: str) -> bool:
        """Whether it is of a curve of something that does not exist."""
        found = _SIMPLE.fullmatch(text)
        owner = found[1].rpartition(".")[0] if found else ""
        world = cast("Any", self._session.world)
        return bool(owner) and not any(
            owner in names for names in (world.services, world.containers, world.machines)
        )

    def __call__(self) -> str:
        """The expression, once it is true."""
        now = self._session.world.now
        if now < self._next:
            return ""
        self._next = now + 1.0
        try:
            return self._text if self._value() else ""
        except InputError:
            return ""  # it cannot be measured yet

    def _value(self) -> object:
        from simulator.course.measures import measures

        return self._expression.value(measures(cast("Any", self._session.world)))


@dataclass(slots=True)
class Until:
    """What is waited for, as the job of a line."""

    clock: Callable[[], float]
    until: float
    """When the wait ends, whatever happens."""
    title: str
    came: Callable[[], str]
    """What was waited for, once it is there; empty before."""
    found: str = ""
    error: str | None = None
    flat_out: bool = True
    """Time need not be shown on the way."""

    @property
    def done(self) -> bool:
        """Whether it has come, or the time is up."""
        self.found = self.found or self.came()
        return bool(self.found) or self.clock() >= self.until - 1e-9

    @property
    def lines(self) -> tuple[str, ...]:
        """What it was."""
        if not self.done:
            return ()
        return (self.found or f"it has not come until {format_span(self.clock())}",)


def until_of(session: SessionPort, text: str) -> Until:
    """What a person wants to wait for. Raises ``DrydockError`` where that cannot be read."""
    words = " ".join(text.split())
    clock = _clock(session)
    now = clock()
    if not words:
        raise InputError("until when?", expected=EXAMPLES)
    if words.startswith("event "):
        wanted = words.removeprefix("event ").strip().lower()
        came = Events(session.reader, lambda one: wanted in _words(one))
        return Until(clock, now + LIMIT_S, f"event {wanted}", came)
    time = _time(words)
    if time is None:
        return Until(clock, now + LIMIT_S, words, Condition(session, words))
    if time <= now:
        raise Refused(f"{format_span(time)} is past: it is {format_span(now)}; 'rewind' goes back")
    return Until(clock, time, f"until {words}", lambda: words if clock() >= time - 1e-9 else "")


def _clock(session: SessionPort) -> Callable[[], float]:
    return lambda: session.world.now


def _words(event: EventView) -> str:
    return f"{event.kind} {event.subject} {event.text}".lower()


def _time(words: str) -> float | None:
    try:
        return parse_duration(words)
    except InputError:
        return None


def _in_words_of_checks(text: str) -> str:
    """``web.p95 > 250ms`` in the language of checks; what is written in it stays as it is."""
    found = _SIMPLE.fullmatch(text)
    if found is None:
        return text
    series, sign, value = found.groups()
    seconds = _time(value) if not value.replace(".", "", 1).isdigit() else None
    return f"last('{series}') {sign} {value if seconds is None else repr(seconds)}"
