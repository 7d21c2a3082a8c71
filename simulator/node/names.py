"""Names as daemons allow them, and names for containers that got none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sized
from itertools import count

from simulator.errors import InputError

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}")
CONTAINER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}")
ADJECTIVES = (
    "brave", "bright", "calm", "clever", "eager", "gentle", "happy", "keen", "kind", "lively",
    "lucid", "merry", "modest", "nimble", "patient", "quiet", "quick", "steady", "sunny", "tidy",
)  # fmt: skip
SURNAMES = (
    "babbage", "bell", "curie", "darwin", "dijkstra", "erlang", "euler", "faraday", "franklin",
    "gauss", "hamilton", "hopper", "kleinrock", "lamport", "liskov", "little", "lovelace",
    "meitner", "newton", "noether", "turing", "volta",
)  # fmt: skip


def check_name(what: str, name: str) -> None:
    """Names as Docker allows them: of containers any length that a file may have, else 63."""
    pattern = CONTAINER if what == "container" else NAME
    if not pattern.fullmatch(name):
        raise InputError(
            f"bad name for a {what}",
            found=name,
            expected="letters, digits, '_', '.', '-', beginning with a letter or digit",
        )


class Namer:
    """Gives names of two words, drawn from a seed and from what was carried out so far.

    Never from a stream of random numbers: a refused command draws nothing, so that a replay, which
    does not know of it, gives the same names.
    """

    def __init__(self, seed: int, carried_out: Sized) -> None:
        """``carried_out``: how many commands there were is its length."""
        self.seed = seed
        self.carried_out = carried_out

    def __call__(self, taken: Collection[str]) -> str:
        """Two words that are not ``taken`` yet."""
        for attempt in count():
            text = f"{self.seed}/name/{len(self.carried_out)}/{attempt}"
            number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            rest, first = divmod(number, len(ADJECTIVES))
            name = f"{ADJECTIVES[first]}_{SURNAMES[rest % len(SURNAMES)]}"
            if name not in taken:
                return name
            if len(taken) > len(ADJECTIVES) * len(SURNAMES) // 2:
                return f"{name}_{len(self.carried_out)}"
        raise AssertionError("count() never ends")
