"""How long the lines of a run block take in simulated time, as far as the lines themselves say."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.errors import InputError
from simulator.units import parse_duration


def block_length(lines: Sequence[str]) -> float:
    """Seconds: the latest time given with ``@``, or the sum of all ``advance`` lines."""
    total, latest = 0.0, 0.0
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word.startswith("@"):
            latest = max(latest, _seconds(word[1:]))
            word, _, rest = rest.strip().partition(" ")
        if word == "advance":
            total += _seconds(rest.split(" ")[0])
    return max(total, latest)


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except InputError:
        return 0.0
