"""``kubectl get events`` and ``kubectl events``: what was noted of objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.following import FOLLOW_S
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    cluster_of,
    kind_of,
    namespace_of,
    until,
)
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
        Flag(("-w", "--watch"), "also what comes, for a minute"),
        Flag(("-o", "--output"), "wide, yaml, json, name", text("format")),
    ),
    examples=("kubectl events --for pod/web-0", "kubectl events --types=Warning"),
)  # fmt: skip
def events(session: Session, call: Call) -> Iterable[str]:
    """The events of a namespace, or of an object."""
    return event_table(session, call)


def event_table(session: Session, call: Call) -> list[str]:
    """Events as a table, as they are, or also those that come."""
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    spread, output = bool(call.values.get("all_namespaces")), call.values.get("output") or ""
    found = _chosen(session, call, cluster)
    if output not in ("", "wide"):
        return _printed(found, output)
    watched = bool(call.values.get("watch"))
    if not found and not watched:
        where = namespace_of(session, call)
        return ["No resources found" if spread else f"No resources found in {where} namespace."]
    wide = output == "wide"
    rows = [] if call.values.get("no_headers") else [_headings(spread, wide)]
    rows += [_row(cluster, one, spread, wide) for one in found]
    if not watched:
        return aligned(rows)
    session.say(aligned(rows))
    return _followed(session, call, cluster, rows, wide)


def _followed(
    session: Session, call: Call, cluster: Cluster, rows: list[tuple[str, ...]], wide: bool
) -> list[str]:
    """One more row for each event that is noted from now on."""
    from simulator.shell.kubectl.printers import aligned

    end, spread = session.world.now + FOLLOW_S, bool(call.values.get("all_namespaces"))
    while True:
        count, before = cluster.recorder.count, session.world.now
        known = {_identity(one) for one in cluster.recorder}
        if not until(session, lambda: cluster.recorder.count != count, end):  # noqa: B023
            return [f"(watched for {FOLLOW_S:g}s)"]
        fresh = [one for one in _chosen(session, call, cluster)
                 if one.last >= before and _identity(one) not in known]  # fmt: skip
        more = [_row(cluster, one, spread, wide) for one in fresh]
        session.say(aligned([*rows, *more])[len(rows) :])


def _identity(one: Event) -> tuple[int, int]:
    return one.number, one.count


def _chosen(session: Session, call: Call, cluster: Cluster) -> list[Event]:
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
    path = call.values.get("sort_by")
    if path:
        from simulator.shell.kubectl.sorting import sort_key

        found.sort(key=lambda one: sort_key(_data(one), path))
    return found


def _data(one: Event) -> dict[str, Any]:
    """An event as the API gives it out."""
    from simulator.cluster.kubernetes.api.times import stamp

    space = one.namespace or "default"
    goal = {"kind": one.kind, "name": one.name, "uid": one.uid}
    if one.namespace:
        goal["namespace"] = one.namespace
    return {
        "apiVersion": "v1", "count": one.count, "eventTime": None,
        "firstTimestamp": stamp(one.first), "involvedObject": goal, "kind": "Event",
        "lastTimestamp": stamp(one.last), "message": one.message,
        "metadata": {
            "creationTimestamp": stamp(one.first), "name": _name(one), "namespace": space,
        },
        "reason": one.reason, "reportingComponent": one.source, "reportingInstance": "",
        "source": {"component": one.source}, "type": one.type,
    }  # fmt: skip


def _name(one: Event) -> str:
    return f"{one.name}.{one.number:016x}"


def _printed(found: list[Event], output: str) -> list[str]:
    from simulator.shell.kubectl.jsonpath import custom_columns
    from simulator.shell.kubectl.output import printed_data

    if output == "name":
        return [f"event/{_name(one)}" for one in found]
    said = [_data(one) for one in found]
    word, _, rest = output.partition("=")
    if word == "custom-columns":
        return custom_columns(said, rest)
    meta = {"resourceVersion": ""}
    return printed_data({"apiVersion": "v1", "items": said, "kind": "List", "metadata": meta},
                        output)  # fmt: skip


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


def _headings(spread: bool, wide: bool) -> tuple[str, ...]:
    names: tuple[str, ...] = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
    if wide:
        names = (*names[:4], "SUBOBJECT", "SOURCE", "MESSAGE", "FIRST SEEN", "COUNT", "NAME")
    return ("NAMESPACE", *names) if spread else names


def _row(cluster: Cluster, one: Event, spread: bool, wide: bool) -> tuple[str, ...]:
    from simulator.cluster.kubernetes.api.times import age

    start = since(cluster, one), one.type, one.reason, f"{one.kind.lower()}/{one.name}"
    row: tuple[str, ...] = (*start, one.message)
    if wide:
        first = age(cluster.sim.now - one.first)
        row = (*start, "", one.source, one.message, first, str(one.count), _name(one))
    return (one.namespace or "default", *row) if spread else row


def since(cluster: Cluster, one: Event) -> str:
    """``12s``, or ``12s (x3 over 40s)`` where it was seen more than once."""
    from simulator.cluster.kubernetes.api.times import age

    now = cluster.sim.now
    if one.count > 1:
        return f"{age(now - one.last)} (x{one.count} over {age(now - one.first)})"
    return age(now - one.last)
