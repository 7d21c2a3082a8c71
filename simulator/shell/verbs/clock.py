"""Time: ``advance``, ``step``, ``speed``, ``pause``, ``play``, ``undo``, ``redo``, ``rewind``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import InputError, nearest
from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call, Kind
from simulator.shell.registry import verb
from simulator.units import counted, format_span, parse_number

if TYPE_CHECKING:
    from simulator.shell.session import Session

MAX_SPEED = 600.0


def _speed(value: str) -> float:
    if value.lower() in ("max", "inf"):
        return float("inf")
    word = value.lower().removeprefix("x").removesuffix("x")
    try:
        speed = parse_number(word, "speed")
    except InputError:
        speed = 0.0
    if not 0 < speed <= MAX_SPEED:
        near = nearest(value, ["max"])
        raise InputError(
            "bad speed", found=value, expected=f"1 to {MAX_SPEED:g}, or max", nearest=near
        )
    return speed


_SPEED = Kind("speed", _speed, choices=("1", "10", "60", "600", "max"))


@verb(
    "advance",
    "Let simulated time pass",
    arguments=(Argument("DURATION", kinds.DURATION, "how long: 500ms, 60s, 5m"),),
    aliases=("wait", "sleep"),
    examples=("advance 60s",),
)
def advance(session: Session, call: Call) -> Iterable[str]:
    """Let time pass; says nothing, as a clock does."""
    session.pass_time(session.world.now + call["DURATION"])
    return ()


@verb("step", "Go to the next instant at which something happens", examples=("step",))
def step(session: Session, call: Call) -> Iterable[str]:
    """One step."""
    before = session.world.journal.count
    if not session.world.step():
        return ["nothing is going to happen"]
    new = session.world.journal.count - before
    events = session.reader.events(min(new, 20)) if new else ()
    lines = [f"{one.time:.3f}s  {one.text}" for one in events]
    return lines or [f"it is {session.world.now:.3f}s"]


@verb(
    "speed",
    "How many simulated seconds pass in a second while playing",
    arguments=(Argument("FACTOR", _SPEED, "1 to 600, or max", optional=True),),
    examples=("speed 10", "speed max"),
)
def speed(session: Session, call: Call) -> Iterable[str]:
    """Set or show the speed of play."""
    if call["FACTOR"] is not None:
        session.speed = call["FACTOR"]
    if session.speed == float("inf"):
        return ["speed: as fast as it can"]
    return [f"speed: x{session.speed:g}"]


@verb("pause", "Stop the clock", examples=("pause",))
def pause(session: Session, call: Call) -> Iterable[str]:
    """Pause play."""
    session.paused = True
    return [f"paused at {format_span(session.world.now)}"]


@verb("play", "Let the clock run", aliases=("resume",), examples=("play",))
def play(session: Session, call: Call) -> Iterable[str]:
    """Resume play."""
    session.paused = False
    return ["playing"]


@verb(
    "undo",
    "Take back the last line that changed the world, and the time since",
    examples=("undo",),
)
def undo(session: Session, call: Call) -> Iterable[str]:
    """Undo one line."""
    left = session.undo()
    span = left.time - session.world.now
    time = f", and {format_span(span)} that passed since" if span > 0 else ""
    return [
        f"undone: {left.line} ({counted(left.commands, 'command')}{time})",
        f"it is {format_span(session.world.now)} again; 'redo' brings it back",
    ]


@verb(
    "redo",
    "Have again what undo or rewind took back, until another line changes the world",
    examples=("redo",),
)
def redo(session: Session, call: Call) -> Iterable[str]:
    """Redo what was left."""
    left = session.redo()
    what = f"done again: {left.line}" if left.line else "gone forward again"
    return [f"{what} ({counted(left.commands, 'command')})",
            f"it is {format_span(session.world.now)}"]  # fmt: skip


@verb(
    "rewind",
    "Go back in simulated time; what was typed later is forgotten",
    arguments=(Argument("DURATION", kinds.DURATION, "how far back"),),
    examples=("rewind 30s",),
)
def rewind(session: Session, call: Call) -> Iterable[str]:
    """Rewind."""
    to = session.world.now - call["DURATION"]
    left = session.rewind(to)
    begun = [f"this world began {format_span(-to)} after that: this is its beginning"]
    taken = f", without {counted(left.commands, 'command')} given since" if left.commands else ""
    return [
        *(begun if to < -1e-9 else []),
        f"it is {format_span(session.world.now)} again{taken}; 'redo' brings it back",
    ]
