"""Tools at the end of a pipe, carried out: the programs that containers have, without files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.errors import InputError, Refused
from simulator.shell.grammar import Call, Verb
from simulator.shell.parts import Part
from simulator.shell.piping import AS_IT_IS


def call_of(part: Part) -> Call:
    """A tool at the end of a pipe as a call; InputError for ``$( )`` in it."""
    words = [word.text for word in part.words]
    if any(word.substitution is not None for word in part.words):
        raise InputError(f"$( ) in the words of {words[0]} is not modelled")
    values: dict[str, Any] = {"words": tuple(words), "help": False}
    return Call(_VERB, values, part.operator, part.words[0].column, " ".join(words))


def _filtered(session: Any, call: Call) -> Sequence[str]:
    """What the tool makes of what it is handed."""
    words, text = call["words"], call.stdin or ""
    if words[0] in AS_IT_IS:
        return text.splitlines()
    out, err = _carried_out(words, text)
    if err:
        session.say(out.splitlines())
        raise Refused(err.rstrip("\n"))
    return out.splitlines()


def _carried_out(words: tuple[str, ...], text: str) -> tuple[str, str]:
    from simulator.machine.seat import Seat
    from simulator.node.insides import NoFiles
    from simulator.programs.commands import RunFrame
    from simulator.programs.pauses import Ended
    from simulator.programs.running import check
    from simulator.programs.shell.core import new_machine
    from simulator.programs.shell.streams import Given, Streams
    from simulator.programs.view import View

    check(words)
    machine = new_machine({}, "/")
    machine.push(RunFrame(words, Streams(source=Given(text)), (), {}))
    pause = machine.go(View(seat=Seat("terminal", ""), files=NoFiles(())))
    if not isinstance(pause, Ended):
        raise Refused(f"{words[0]} takes time here; that is not modelled")
    out, err = (
        "".join(one for stream, one in machine.printed if stream == wanted)
        for wanted in ("stdout", "stderr")
    )
    return out, err


_VERB = Verb(("|",), "a tool that reads what the command before it prints", _filtered)
