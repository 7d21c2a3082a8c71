"""What single commands do."""

from __future__ import annotations

from simulator.image.builder.running import Session
from simulator.image.builder.shell import Command

UNKNOWN_S = 5.0


def perform(command: Command, session: Session) -> None:
    """Let one command take effect."""
    session.effect.cpu_s += UNKNOWN_S
    session.effect.opaque = True
    session.effect.notes.append(f"{command.program}: unknown command, {UNKNOWN_S:g} s assumed")
