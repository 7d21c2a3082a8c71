"""Metrics of requests: how many a second, how many at once, how long, as an adapter names them.

A pod's counters are those of its containers that answer: requests taken in, and request-seconds
spent inside. What is served is the change of both between two readings: their rate, the mean
number inside, and by Little's law (1961) the mean time of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from simulator.cluster.kubernetes.autoscaling.labelled import Labelled
from simulator.cluster.kubernetes.objects.autoscaling import (
    HorizontalPodAutoscaler,
    Metric,
    TargetRef,
)
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Ingress, Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store

RATE, INSIDE, SECONDS, MILLISECONDS = "rate", "inside", "seconds", "milliseconds"
_START = r"(?:[a-z0-9]+_)*"
_MEANINGS = {
    RATE: re.compile(
        rf"{_START}(?:requests?_per_(?:second|sec|s)|requests?_rate|rps|qps|requests(?:_total)?)"
    ),
    INSIDE: re.compile(
        rf"{_START}(?:requests_in_?flight|in_?flight(?:_requests)?|concurrent_requests|"
        r"(?:requests?_)?concurrency|active_requests)"
    ),
    SECONDS: re.compile(
        rf"{_START}(?:request|response)s?_(?:duration|latency|time)(?:_seconds)?(?:_mean|_avg)?"
    ),
    MILLISECONDS: re.compile(
        rf"{_START}(?:request|response)s?_(?:duration|latency|time)_(?:milliseconds|ms)"
        r"(?:_mean|_avg)?"
    ),
}

_OTHERS = frozenset(
    [
        "failed",
        "failing",
        "failure",
        "failures",
        "error",
        "errors",
        "pending",
        "queued",
        "waiting",
        "rejected",
        "dropped",
        "retried",
        "timeout",
        "timeouts",
        "cpu",
        "memory",
    ]
)
"""Words of names that are of part of the requests only, or of what pods ask of their node."""


def meaning(name: str) -> str:
    """What a metric of this name is of requests; nothing where it is something else."""
    plain = re.sub(r"[-./]", "_", name.lower())
    if _OTHERS & set(plain.split("_")):
        return ""
    return next((word for word, made in _MEANINGS.items() if made.fullmatch(plain)), "")


class Count(msgspec.Struct, frozen=True):
    """A pod's, or an Ingress's, counters since its start."""

    taken: int = 0
    stayed_s: float = 0.0
    """Request-seconds inside."""

    def plus(self, other: Count) -> Count:
        """Of both."""
        return Count(self.taken + other.taken, self.stayed_s + other.stayed_s)

    def since(self, before: Count) -> Count:
        """What came between; a program that began anew counts from nothing."""
        if self.taken < before.taken:
            return self
        return Count(self.taken - before.taken, max(0.0, self.stayed_s - before.stayed_s))

    def value(self, word: str, window_s: float) -> float | None:
        """A metric over a window; None: no request took any time."""
        if word == RATE:
            return self.taken / window_s
        if word == INSIDE:
            return self.stayed_s / window_s
        if not self.taken:
            return None
        return self.stayed_s / self.taken * (1000.0 if word == MILLISECONDS else 1.0)


class Behind:
    """Whose requests are counted: pods that autoscalers go by, and pods behind objects."""

    def __init__(self, store: Store, labelled: Labelled) -> None:
        self.store = store
        self.labelled = labelled

    def uids(self) -> set[str]:
        """All pods whose counters are to be read."""
        return {
            pod.meta.uid
            for one in self.store.all(HorizontalPodAutoscaler)
            for metric in one.spec.metrics
            for pod in self._counted(one, metric)
        }

    def ingresses(self) -> list[Ingress]:
        """All Ingresses whose requests are to be counted."""
        found: dict[Key, Ingress] = {}
        for one in self.store.all(HorizontalPodAutoscaler):
            for metric in one.spec.metrics:
                named = metric.object
                ref = None if named is None else named.described_object
                if ref is not None and ref.kind == Ingress.KIND:
                    ingress = self.store.get(Ingress, one.namespace, ref.name)
                    if ingress is not None:
                        found[ingress.key] = ingress
        return list(found.values())

    def _counted(self, one: HorizontalPodAutoscaler, metric: Metric) -> Iterable[Pod]:
        if metric.pods is not None and meaning(metric.pods.metric.name):
            ref = one.spec.scale_target_ref
        elif metric.object is not None and meaning(metric.object.metric.name):
            described = metric.object.described_object
            ref = TargetRef() if described is None else described
        else:
            return ()
        return self.of(ref, one.namespace) or ()

    def of(self, ref: TargetRef, namespace: str) -> list[Pod] | None:
        """The pods behind an object; None where it is of a kind that has none."""
        found: Any = self.store.find(ref.kind, namespace, ref.name)
        if isinstance(found, Pod):
            return [found]
        if isinstance(found, Service):
            wanted: Mapping[str, str] = found.spec.selector or {}
            return self.labelled.pods(namespace, wanted) if wanted else []
        selector = getattr(getattr(found, "spec", None), "selector", None)
        return None if selector is None else self.labelled.pods(namespace, selector)
