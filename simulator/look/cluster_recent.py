"""The newest events of a cluster: what was seen last stands last, and only so many are listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.look.cluster_facts import View

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.recorder import Event, Recorder

MOST = 500
"""Events that are listed, the newest of them."""
MOST_READ = 5_000
"""Events that are looked at to find these: under a filter there may be fewer."""


class Recent(list[str]):
    """Keys of events, with the events themselves."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = {f"event/{one.number}": one for one in events}
        super().__init__(self.events)


def newest(recorder: Recorder, view: View) -> list[Event]:
    """The newest that a view shows, oldest of them first."""
    found: list[Event] = []
    for number, one in enumerate(recorder.newest()):
        if len(found) == MOST or number == MOST_READ:
            break
        if _meant(one, view):
            found.append(one)
    return found[::-1]


def _meant(one: Event, view: View) -> bool:
    if view.namespace and (one.namespace or "default") != view.namespace:
        return False
    if view.within and view.within != f"{one.kind}/{one.namespace}/{one.name}":
        return False
    if not view.filter:
        return True
    wanted, unlike = view.filter.lower().removeprefix("!"), view.filter.startswith("!")
    said = f"{one.type} {one.kind}/{one.namespace}/{one.name} {one.reason} {one.message}"
    return (wanted in said.lower()) != unlike
