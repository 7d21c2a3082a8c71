"""Virtual environments: which one is in use, and what making one leaves behind."""

from __future__ import annotations

import posixpath

from simulator.image.builder.costs import MB
from simulator.image.builder.session import Session

VENV_BYTES = 14 * MB


def venv_of(session: Session) -> str | None:
    """The virtual environment that a command works in: named, or first on the PATH."""
    stated = session.variable("VIRTUAL_ENV")
    if stated:
        return stated
    for folder in session.path:
        above = posixpath.dirname(folder.rstrip("/"))
        if session.entry(f"{above}/pyvenv.cfg") is not None:
            return above
        if session.entry(f"{folder}/python3") is not None:
            return None
    return None


def make_venv(path: str, session: Session) -> None:
    """A virtual environment: its folder, its interpreter, pip."""
    if session.entry(f"{path}/pyvenv.cfg") is not None:
        return
    session.write(path, VENV_BYTES, files=900)
    session.write(f"{path}/pyvenv.cfg", 150)
    for name in ("python", "python3", "pip", "pip3"):
        session.program(f"{path}/bin/{name}")
