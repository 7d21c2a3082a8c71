"""What a line of a script came to, as data."""

from __future__ import annotations

import msgspec


class LineSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the script, when it was typed and what came of it."""

    time_s: float
    line: str
    output: tuple[str, ...] = ()
    error: str | None = None
    later: bool = False
    """True for what a line brought about when something that it started was done."""
