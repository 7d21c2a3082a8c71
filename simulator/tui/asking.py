"""What the seen panes ask of whoever looks at the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.tui.charts import MAX_CONTAINERS, service_in_view, wanted_series
from simulator.tui.seen import Seen

if TYPE_CHECKING:
    from simulator.look.cluster_facts import View
    from simulator.look.pages import Page, Place
    from simulator.tui.ports import ReaderPort

EVENTS_PER_FRAME = 200
POINTS = 160


@dataclass(frozen=True, slots=True)
class Asked:
    """What the panes of a screen need to know. None: that pane is not seen."""

    map_rows: tuple[int, int] | None = None
    """First row, and how many."""
    root: str | None = None
    filter: str = ""
    charts: bool = False
    service: str | None = None
    """The service whose curves were chosen."""
    observed: tuple[str, ...] = ()
    """Series that are to be shown instead, as ``web.p95``."""
    since: float = 0.0
    events_after: int | None = None
    """The number of the newest event that is known already."""
    cluster: tuple[View, int, int] | None = None
    """What is shown of a cluster: the view, its first row, and how many."""
    page: tuple[Place, int, int] | None = None
    """What is shown of kernels or images: which page, its first row, and how many."""


def see(reader: ReaderPort, asked: Asked, time: float, seed: int) -> Seen:
    """Ask for what is shown, and for nothing else."""
    services = reader.services()
    seen = Seen(
        time,
        seed,
        reader.totals(),
        services=services,
        kinds={owner: reader.kind_of(owner) for owner in owners(asked.observed)},
        event_count=reader.event_count,
    )
    if asked.map_rows is not None:
        seen = _with_map(seen, reader, asked, *asked.map_rows)
    if asked.cluster is not None:
        seen = replace(seen, cluster=reader.cluster(*asked.cluster))
    if asked.page is not None:
        seen = replace(seen, page=page_of(reader, *asked.page))
    if asked.events_after is not None:
        events = reader.events(EVENTS_PER_FRAME, asked.events_after)
        seen = replace(seen, events=events)
    return _with_charts(seen, reader, asked) if asked.charts else seen


def page_of(reader: ReaderPort, place: Place, first: int, count: int) -> Page | None:
    """Some rows of a page; None where what it was a page of is gone."""
    try:
        return reader.page(place, first, count)
    except DrydockError:
        return None


def owners(observed: Sequence[str]) -> list[str]:
    """Whose series are observed: ``web`` of ``web.p95``."""
    return list(dict.fromkeys(one.rpartition(".")[0] for one in observed))


def _with_map(seen: Seen, reader: ReaderPort, asked: Asked, first: int, count: int) -> Seen:
    root, text = asked.root, asked.filter
    return replace(
        seen,
        outline=reader.outline(root, text),
        first=first,
        rows=reader.rows(first, count, root, text),
        crumbs=tuple(reader.way(root)) if root is not None else (),
    )


def _with_charts(seen: Seen, reader: ReaderPort, asked: Asked) -> Seen:
    service = service_in_view(seen, asked.service)
    seen = replace(seen, busiest=reader.busiest(service, MAX_CONTAINERS))
    names = wanted_series(seen, service, asked.observed)
    return replace(seen, series=reader.series(names, POINTS, asked.since))
