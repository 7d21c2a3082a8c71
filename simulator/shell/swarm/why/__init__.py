"""``why service/web``, ``task/web.1``, ``node/n2``: what a swarm's managers think, and why.

It is the model that answers, and no manager: it does so also where nobody leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused, nearest
from simulator.shell.swarm.common import identity, meant, name_of
from simulator.shell.swarm.why import nodes, services, tasks

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Task
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

KINDS = ("service", "task", "node")
_TELLERS: dict[str, Callable[[Swarm, Any], Iterator[str]]] = {
    "service": services.lines, "task": tasks.lines, "node": nodes.lines,
}  # fmt: skip


def of_swarms(session: Session, word: str) -> list[str] | None:
    """What is known of ``KIND/NAME``, or of a bare name; None where no swarm has that."""
    swarm = _swarm(session)
    if swarm is None:
        return None
    kind, slash, name = word.partition("/")
    if slash and kind not in KINDS:
        return None
    for one in (kind,) if slash else KINDS:
        found = _found(swarm, one, name if slash else word)
        if found is not None:
            return list(_TELLERS[one](swarm, found))
    if slash:
        raise Refused(_missing(swarm, kind, name))
    return None


def _swarm(session: Session) -> Swarm | None:
    """That of the current machine; else the newest."""
    orchestras = session.world.orchestras
    here = session.reader.current_machine
    found = None if here is None else orchestras.swarm_of(here)
    return found or next(reversed(orchestras.swarms.values()), None)


def _found(swarm: Swarm, kind: str, word: str) -> Any:
    if kind == "task":
        return _task(swarm, word)
    state = swarm.state
    try:
        if kind == "service":
            return meant(state.services.values(), word, kind, identity, name_of)
        return meant(state.nodes.values(), word, kind, identity, lambda one: one.hostname)
    except Refused:
        return None


def _task(swarm: Swarm, word: str) -> Task | None:
    """``web.1`` (its newest), ``web.n2`` of a global service, or an identity."""
    state = swarm.state
    if word in state.tasks:
        return state.tasks[word]
    service, _, place = word.rpartition(".")
    known = state.service_named(service)
    if known is not None:
        wanted = next((one.id for one in state.nodes.values() if one.hostname == place), place)
        found = state.at_place((known.id, wanted))
        if found:
            return found[-1]
    begun = [one for key, one in state.tasks.items() if len(word) > 3 and key.startswith(word)]
    return begun[0] if len(begun) == 1 else None


def _missing(swarm: Swarm, kind: str, name: str) -> str:
    state = swarm.state
    known = {
        "service": [one.name for one in state.services.values()],
        "task": [one.name for one in state.tasks.values()],
        "node": [one.hostname for one in state.nodes.values()],
    }[kind]
    near = nearest(name, known)
    return f"{kind} {name} not found" + (f"; did you mean '{near}'?" if near else "")
