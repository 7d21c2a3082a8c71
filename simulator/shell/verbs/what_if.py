"""``what-if``: what would come of a line, tried in a copy of the world; nothing here changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING

from simulator.errors import Refused, printable
from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call
from simulator.shell.registry import verb
from simulator.shell.tables import columns
from simulator.traffic.tally import FAILURES
from simulator.units import format_span

if TYPE_CHECKING:
    from simulator.shell.session import Session

Row = tuple[str, ...]
Outcomes = Mapping[str, Mapping[str, int]]


@verb(
    "what-if",
    "Try lines in a copy of the world and compare; this world stays as it is",
    arguments=(
        Argument("DURATION", kinds.POSITIVE_DURATION, "how long to look"),
        Argument("LINE", kinds.text("line"), "a line in quotes, as it would be typed", repeat=True),
    ),
    examples=(
        "what-if 2m 'docker stop web'",
        "what-if 1m 'traffic web 300/s'",
        "what-if 30s 'fault power a'",
    ),
)
def what_if(session: Session, call: Call) -> Iterable[str]:
    """Two copies go on for as long: one as it is, one with the lines."""
    start = session.world.now
    end = start + call["DURATION"]
    for line in call["LINE"]:
        session.check(line)
    before = {view.name: dict(view.outcomes) for view in session.reader.services()}
    _, with_it = copies = session.branch(), session.branch()
    said = [said for line in call["LINE"] for said in _typed(with_it, line)]
    end = max(end, with_it.world.now)
    for copy in copies:
        if not copy.world.advance(end, session.keep_going):
            raise Refused("interrupted before the copies had come to the end")
    span = format_span(end - start)
    heads = (f"in the next {span}", "as it is", "with it")
    table = columns(heads, list(_rows(copies, start, before)))
    return [*said, *table, "Nothing of this has happened: this world is as it was."]


def _typed(copy: Session, line: str) -> tuple[str, ...]:
    """What a line prints in the copy; Refused where it fails there."""
    result = copy.execute(line)
    if result.error is not None:
        raise Refused(f"'{printable(line, 200)[1:-1]}' fails in the copy: {result.error}")
    return result.lines


def _rows(sessions: tuple[Session, Session], start: float, before: Outcomes) -> Iterator[Row]:
    """What clients of each service see, and what there is at the end."""
    for view in sessions[1].reader.services():
        name, earlier = view.name, before.get(view.name, {})
        ended = [_ended(session, name, earlier) for session in sessions]
        yield (f"{name}: answered", *(f"{ok:,}" for ok, _ in ended))
        yield (f"{name}: failed", *(f"{failed:,}" for _, failed in ended))
        for rank in (50, 95):
            yield (f"{name}: p{rank}", *(_percentile(one, name, rank, start) for one in sessions))
    running = [sum(one.running for one in s.world.containers.values()) for s in sessions]
    yield ("containers running", *map(str, running))


def _ended(session: Session, service: str, before: Mapping[str, int]) -> tuple[int, int]:
    """Requests that were answered since, and those that failed."""
    views = [view for view in session.reader.services() if view.name == service]
    now = views[0].outcomes if views else {}
    new = {kind: now.get(kind, 0) - before.get(kind, 0) for kind in ("ok", *FAILURES)}
    return new["ok"], sum(new.values()) - new["ok"]


def _percentile(session: Session, service: str, rank: int, start: float) -> str:
    """The mean of the seconds' percentiles, each second by how many were answered in it."""
    series = session.world.sim.recorder.series
    answered = series(f"service/{service}/ok").between(start, inf)[1]
    seconds = series(f"service/{service}/p{rank}", "s").between(start, inf)[1]
    total = float(answered.sum())
    return format_span(float(answered @ seconds) / total) if total else "-"
