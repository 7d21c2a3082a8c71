"""Names for containers that got none, drawn from the world's seed."""

from __future__ import annotations

import hashlib
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.world import World

ADJECTIVES = (
    "brave", "bright", "calm", "clever", "eager", "gentle", "happy", "keen", "kind", "lively",
    "lucid", "merry", "modest", "nimble", "patient", "quiet", "quick", "steady", "sunny", "tidy",
)  # fmt: skip
SURNAMES = (
    "babbage", "bell", "curie", "darwin", "dijkstra", "erlang", "euler", "faraday", "franklin",
    "gauss", "hamilton", "hopper", "kleinrock", "lamport", "liskov", "little", "lovelace",
    "meitner", "newton", "noether", "turing", "volta",
)  # fmt: skip


def random_name(world: World) -> str:
    """Two words that no container bears yet."""
    # From what was carried out so far, never from a stream: a refused command draws nothing, so
    # that a replay, which does not know of it, gives the same names.
    for attempt in count():
        text = f"{world.seed}/name/{len(world.log)}/{attempt}"
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        rest, first = divmod(number, len(ADJECTIVES))
        name = f"{ADJECTIVES[first]}_{SURNAMES[rest % len(SURNAMES)]}"
        if name not in world.containers:
            return name
        if len(world.containers) > len(ADJECTIVES) * len(SURNAMES) // 2:
            return f"{name}_{len(world.log)}"
    raise AssertionError("count() never ends")
