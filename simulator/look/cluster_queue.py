"""Who waits for a node, and why: pods that wait for the same are one row.

The scheduler keeps those that it refused by template and by who refused them, so what is looked
at is one pod of each such group, however many there are; of those in a back-off, which it keeps one
by one, the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from simulator.look.cluster_facts import QueueFacts

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Key
    from simulator.cluster.kubernetes.scheduler.pending import Pending

MOST_READ = 200
"""Groups, and pods in a back-off, that are looked at."""
MOST_PODS = 2_000
"""Pods of one reason that are listed."""
NOBODY = "", ""
NOT_TRIED = "not tried yet"
MORE = "more, not looked at one by one"


def queue(cluster: Cluster) -> dict[str, QueueFacts]:
    """Rows by queue and reason: unschedulable first, those with most pods first."""
    found: dict[str, QueueFacts] = {}
    pending = cluster.scheduler.pending
    for which, reason, example, count in _parts(cluster, pending):
        key = f"{which}/{reason}"
        before = found.get(key)
        if before is None:
            found[key] = QueueFacts(which, reason, count, *example)
        else:
            found[key] = replace(before, count=before.count + count)
    order = ("unschedulable", "backoff", "active")
    ranked = sorted(found.items(), key=lambda one: (order.index(one[1].queue), -one[1].count))
    return dict(ranked)


def _parts(cluster: Cluster, pending: Pending) -> Iterator[tuple[str, str, Key, int]]:
    """Queue, reason, an example and how many, of a few at a time."""
    active, backoff, unschedulable = pending.counts()
    seen = 0
    for sample, keys in islice(pending.refusals(), MOST_READ):
        seen += len(keys)
        yield "unschedulable", _reason(cluster, sample.key), sample.key, len(keys)
    if seen < unschedulable:
        yield "unschedulable", MORE, NOBODY, unschedulable - seen
    for key in islice(pending.backing_off(), MOST_READ):
        yield "backoff", _reason(cluster, key), key, 1
    if backoff > MOST_READ:
        yield "backoff", MORE, NOBODY, backoff - MOST_READ
    if active:
        yield "active", NOT_TRIED, NOBODY, active


def pods_of(cluster: Cluster, wanted: str) -> list[Key]:
    """Pods of one row, by namespace and name; ``wanted`` is its queue and its reason."""
    pending = cluster.scheduler.pending
    found: list[Key] = []
    for sample, keys in islice(pending.refusals(), MOST_READ):
        if wanted == f"unschedulable/{_reason(cluster, sample.key)}":
            found += islice(keys, MOST_PODS - len(found))
    for key in islice(pending.backing_off(), MOST_READ):
        if wanted == f"backoff/{_reason(cluster, key)}":
            found.append(key)
    return found


def _reason(cluster: Cluster, key: Key) -> str:
    """What the scheduler said of a pod, without the count of nodes that it begins with."""
    pod = cluster.store.find("Pod", *key)
    said = getattr(getattr(pod, "status", None), "unschedulable", "") or NOT_TRIED
    _, cut, why = said.partition("nodes are available: ")
    return (why.partition(" preemption:")[0] if cut else said).rstrip(".")
