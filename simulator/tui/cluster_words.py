"""Words that, typed alone, go to a view of the cluster instead of being carried out."""

from __future__ import annotations

from typing import NamedTuple

from simulator.cluster.kubernetes.api.kinds import KINDS

VIEWS = {
    "cluster": "overview", "nodes": "nodes", "node": "nodes", "no": "nodes",
    "pods": "pods", "pod": "pods", "po": "pods",
    "deploy": "workloads", "deployments": "workloads", "workloads": "workloads",
    "svc": "services", "services": "services", "service": "services",
    "hpa": "autoscalers", "events": "events", "event": "events", "ev": "events",
    "queue": "queue", "pending": "queue", "ctx": "contexts", "contexts": "contexts",
    "tasks": "tasks", "task": "tasks",
}  # fmt: skip
"""Views of their own."""
TABLES = {
    word: one.kind for one in KINDS for word in (one.plural, one.singular, *one.short)
    if word not in VIEWS
}  # fmt: skip
"""Kinds of which there is a table."""
ALSO_COMMANDS = ("events", "secrets", "services", "service")
"""Words that are commands too: they go to the cluster only from the cluster."""
EVERYWHERE = ("all", "0")


class Place(NamedTuple):
    """Where a line goes to. ``namespace`` None: the one that is shown now."""

    kind: str
    namespace: str | None = None
    filter: str = ""
    cluster: str = ""


def place_of(line: str, *, from_cluster: bool) -> Place | None:
    """What ``pods shop /web``, ``ns shop``, ``ctx b`` mean; None for all other lines."""
    word, *rest = line.split() or [""]
    kind = VIEWS.get(word) or TABLES.get(word)
    if kind is None or (word in ALSO_COMMANDS and not from_cluster):
        return None
    place = Place(kind)
    for one in rest:
        if one.startswith("/") and not place.filter:
            place = place._replace(filter=one[1:])
        elif one.startswith("@") and not place.cluster:
            place = place._replace(cluster=one[1:])
        elif kind == "contexts" and not place.cluster:
            place = place._replace(cluster=one)
        elif place.namespace is None and not one.startswith("-"):
            place = place._replace(namespace="" if one in EVERYWHERE else one)
        else:
            return None
    if kind == "Namespace" and place.namespace is not None:
        return place._replace(kind="pods")
    return place


class Offer(NamedTuple):
    """A word that could stand at the beginning of a line."""

    text: str
    start: int = 0
    help: str = "go to this view of the cluster"


def offers(typed: str) -> list[Offer]:
    """Words that begin so, for who completes the first word of a line."""
    if not typed or " " in typed:
        return []
    return [Offer(one) for one in (*VIEWS, *TABLES) if one.startswith(typed)]
