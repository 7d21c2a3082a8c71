"""What a command of swarm mode reads: a file of the person, or what the line hands to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.files import is_file, is_folder, read_bytes

if TYPE_CHECKING:
    from simulator.shell.grammar import Call
    from simulator.shell.session import Session

MOST_BYTES = 2 << 20
"""Of more is not read: twice what any secret or config may have."""


def standard_input(session: Session, call: Call) -> str:
    """What the line hands over; InputError where it hands nothing."""
    if call.stdin_files:
        return "".join(_file(session, one) for one in call.stdin_files)
    if call.stdin is None:
        raise InputError("nothing is handed over to be read from '-'",
                         expected="'echo TEXT |', 'cat FILE |' or '<<EOF'")  # fmt: skip
    return call.stdin


def content(session: Session, call: Call, name: str) -> str:
    """The bytes of a secret or config, as text; those that are none are kept as they are."""
    source = "STDIN" if name == "-" else name
    text = standard_input(session, call) if name == "-" else _file(session, name)
    if not text:
        raise InputError(f"error reading from {source}: data is empty")
    return text


def _file(session: Session, name: str) -> str:
    path = session.path(name)
    if is_folder(path):
        raise InputError(f"error reading from {name}: read {name}: is a directory")
    if not is_file(path):
        raise InputError(f"error reading from {name}: open {name}: no such file or directory")
    return text_of(read_bytes(path, limit_bytes=MOST_BYTES))


def text_of(body: bytes) -> str:
    """Bytes as text; ``Secret.body`` gives them back."""
    return body.decode("utf-8", "surrogateescape")


def natural(name: str) -> list[tuple[int, str]]:
    """A name by its words and numbers: app2 comes before app10 (sortorder.NaturalLess)."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
