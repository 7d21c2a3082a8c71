"""What one frame shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.look.answers import BusyContainer, Totals, TreeRow
    from simulator.look.cluster_facts import ClusterFacts
    from simulator.look.pages import Page
    from simulator.look.swarm_facts import SwarmFacts
    from simulator.look.views import EventView, SeriesView, ServiceView


@dataclass(frozen=True, slots=True)
class Seen:
    """Plain values only: widgets hold no object of the model."""

    time: float
    seed: int
    totals: Totals
    outline: Sequence[str] = ()
    """Keys of all rows of the map, seen or not; none where no map is."""
    first: int = 0
    """Which row of the map ``rows`` begins with."""
    rows: tuple[TreeRow, ...] = ()
    crumbs: tuple[str, ...] = ()
    """The way down to what the map shows."""
    services: tuple[ServiceView, ...] = ()
    busiest: tuple[BusyContainer, ...] = ()
    series: Mapping[str, SeriesView] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    """What bears the names that a lesson wants to be observed."""
    events: tuple[EventView, ...] = ()
    event_count: int = 0
    cluster: ClusterFacts | SwarmFacts | None = None
    page: Page | None = None
    """What is shown of kernels or images; None where what it was a page of is gone."""

    def service(self, name: str) -> ServiceView | None:
        """The service of this name."""
        return next((one for one in self.services if one.name == name), None)
