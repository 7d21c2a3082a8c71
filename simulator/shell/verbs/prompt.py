"""The prompt itself: ``help``, ``history``, ``source``, ``seed``, ``clear``, ``exit``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.shell import help as help_texts
from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call, Kind
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_TOPIC = Kind("word", kinds.TEXT.parse, "topic")


@verb(
    "help",
    "Help on a command or topic; without words, all commands",
    arguments=(Argument("TOPIC", _TOPIC, "", optional=True, repeat=True),),
    aliases=("?", "docker help"),
    examples=("help", "help docker run", "help time"),
)
def help_(session: Session, call: Call) -> Iterable[str]:
    """Help."""
    return help_texts.about(call["TOPIC"])


@verb("history", "Lines typed so far", examples=("history",))
def history(session: Session, call: Call) -> Iterable[str]:
    """The history, numbered."""
    return [f"{number:>5}  {line}" for number, line in enumerate(session.history, 1)]


@verb(
    "source",
    "Carry out the lines of a file; all are read before the first is carried out",
    arguments=(Argument("FILE", kinds.FILE, "one command a line, '#' for comments"),),
    aliases=(".",),
    examples=("source setup.txt",),
)
def source(session: Session, call: Call) -> Iterable[str]:
    """Carry out a file."""
    session.source(call, call["FILE"])
    return ()


@verb(
    "seed",
    "The seed of all chance; a new world can be given another one",
    arguments=(Argument("SEED", kinds.integer("seed", 0, 2**63 - 1), "", optional=True),),
    examples=("seed", "seed 7"),
)
def seed(session: Session, call: Call) -> Iterable[str]:
    """Show the seed or set it before anything has happened."""
    if call["SEED"] is not None:
        if len(session.world.log):
            raise Refused(
                "the seed cannot change once something has happened; start anew with "
                f"'drydock shell --seed {call['SEED']}'"
            )
        session.world = type(session.world)(call["SEED"])
    return [f"seed {session.world.seed}"]


@verb("clear", "Clear the screen", examples=("clear",))
def clear(session: Session, call: Call) -> Iterable[str]:
    """Ask whoever shows the session to clear its screen."""
    session.cleared = True
    return ()


@verb("exit", "End the session", aliases=("quit", "logout"), examples=("exit",))
def exit_(session: Session, call: Call) -> Iterable[str]:
    """End."""
    session.ended = True
    return ()
