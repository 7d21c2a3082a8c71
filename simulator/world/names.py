"""Names for containers that got none, drawn from the world's seed."""

from __future__ import annotations

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
    stream = world.sim.streams("names")
    while True:
        first, second = stream.random(2)
        name = f"{ADJECTIVES[int(first * len(ADJECTIVES))]}_{SURNAMES[int(second * len(SURNAMES))]}"
        if name not in world.containers:
            return name
        if len(world.containers) > len(ADJECTIVES) * len(SURNAMES) // 2:
            return f"{name}_{len(world.containers)}"
