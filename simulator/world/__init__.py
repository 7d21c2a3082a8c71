"""The composition root: a World holds one simulation and everything in it.

Loaded when it is asked for: whoever only wants a file beside it does not wait for all of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.world.jobs import Job, Reply
    from simulator.world.world import World

__all__ = ["Job", "Reply", "World"]
_HOMES = {"Job": "jobs", "Reply": "jobs", "World": "world"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
