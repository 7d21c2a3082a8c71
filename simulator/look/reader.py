"""Whoever looks at a world: snapshots and explanations, without leaving a trace in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.look import from_model, why
from simulator.look.views import Snapshot

if TYPE_CHECKING:
    from simulator.world.world import World


class Reader:
    """Reads one world, as often as it likes; what it made last time it need not make again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kept: from_model.Kept = {}

    def snapshot(
        self,
        *,
        events: int = 200,
        series: Sequence[str] = (),
        points: int = 120,
        since: float = 0.0,
    ) -> Snapshot:
        """A frozen picture: the newest events, and the named series after ``since``, thinned."""
        return from_model.whole(self.world, self._kept, events, series, points, since)

    def explain(self, name: str) -> list[str]:
        """Why something is as it is, in lines."""
        return why.explain(self.world, name)


def snapshot(
    world: World,
    *,
    events: int = 200,
    series: Sequence[str] = (),
    points: int = 120,
    since: float = 0.0,
) -> Snapshot:
    """One picture for who looks once: see :meth:`Reader.snapshot`."""
    return Reader(world).snapshot(events=events, series=series, points=points, since=since)
