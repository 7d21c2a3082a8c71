"""Seeds of a sweep: ``20`` is 1 to 20, ``5..9`` those, ``7,12`` those two."""

from __future__ import annotations

import re

from simulator.errors import InputError, Place

FLAG = "--seeds"
MOST = 10_000
_ONE = re.compile(r"([0-9]{1,18})(?:\.\.([0-9]{1,18}))?")


def read_seeds(text: str) -> list[int]:
    """The seeds that are meant, each once, in this order."""
    words = [word.strip() for word in text.split(",")]
    found: dict[int, None] = {}
    for word in words:
        match = _ONE.fullmatch(word)
        if match is None:
            expected = "20, 5..9 or 7,12"
            raise InputError("bad seeds", place=Place(FLAG), found=text, expected=expected)
        low = int(match[1])
        if match[2] is None and len(words) == 1:
            low, high = 1, low
        else:
            high = int(match[2] or low)
        if high < low or high - low >= MOST or len(found) > MOST:
            raise InputError(
                "number of seeds", place=Place(FLAG), found=text, expected=f"1 to {MOST:,}"
            )
        found |= dict.fromkeys(range(low, high + 1))
    return list(found)


def more(seeds: list[int], count: int) -> list[int]:
    """So many more seeds that are not among these: those that follow."""
    last = max(seeds)
    return list(range(last + 1, last + 1 + count))
