"""The composition root: a World holds one simulation and everything in it."""

from simulator.world.jobs import Job, Reply
from simulator.world.world import World

__all__ = ["Job", "Reply", "World"]
