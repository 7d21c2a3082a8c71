"""``kubectl get events`` and ``kubectl events``: what was noted of objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import COMMON, EVERYWHERE, cluster_of, kind_of, namespace_of
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.recorder import Event
    from simulator.shell.session import Session


@verb(
    "kubectl events",
    "Show what was noted of objects, the latest last",
    aliases=("k events",),
    flags=(
        *COMMON, EVERYWHERE,
        Flag(("--for",), "of one object only", text("type/name")),
        Flag(("--types",), "Normal or Warning", text("types")),
        Flag(("--no-headers",), "without the headings"),
    ),
    examples=("kubectl events --for pod/web-0", "kubectl events --types=Warning"),
)  # fmt: skip
def events(session: Session, call: Call) -> Iterable[str]:
    """The events of a namespace, or of an object."""
    return event_table(session, call)


def event_table(session: Session, call: Call) -> list[str]:
    """Events as a table."""
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    spread = call.values.get("all_namespaces")
    found = [one for one in cluster.recorder if spread or _within(one, session, call)]
    goal = call.values.get("for")
    if goal:
        kind, _, name = goal.partition("/")
        word = kind_of(cluster, kind).kind
        found = [one for one in found if (one.kind, one.name) == (word, name)]
    types = call.values.get("types")
    if types:
        found = [one for one in found if one.type in types.split(",")]
    found = _by_fields(call, found)
    if not found:
        where = namespace_of(session, call)
        return ["No resources found" if spread else f"No resources found in {where} namespace."]
    rows = [] if call.values.get("no_headers") else [_headings(bool(spread))]
    rows += [_row(cluster, one, spread=bool(spread)) for one in found]
    return aligned(rows)


def _by_fields(call: Call, found: list[Event]) -> list[Event]:
    from simulator.shell.kubectl.selecting import matches, read_selector

    asked = call.values.get("field_selector")
    if not asked:
        return found
    tests = read_selector(asked)
    return [
        one
        for one in found
        if matches(
            tests,
            {
                "involvedObject.kind": one.kind, "involvedObject.name": one.name,
                "involvedObject.namespace": one.namespace, "reason": one.reason, "type": one.type,
            },
        )
    ]  # fmt: skip


def _within(one: Event, session: Session, call: Call) -> bool:
    return (one.namespace or "default") == namespace_of(session, call)


def _headings(spread: bool) -> tuple[str, ...]:
    names = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
    return ("NAMESPACE", *names) if spread else names


def _row(cluster: Cluster, one: Event, *, spread: bool) -> tuple[str, ...]:
    row = (since(cluster, one), one.type, one.reason, f"{one.kind.lower()}/{one.name}", one.message)
    return (one.namespace or "default", *row) if spread else row


def since(cluster: Cluster, one: Event) -> str:
    """``12s``, or ``12s (x3 over 40s)`` where it was seen more than once."""
    from simulator.cluster.kubernetes.api.times import age

    now = cluster.sim.now
    if one.count > 1:
        return f"{age(now - one.last)} (x{one.count} over {age(now - one.first)})"
    return age(now - one.last)
