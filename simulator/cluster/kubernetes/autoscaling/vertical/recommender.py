"""The vertical autoscaler's recommender: once a minute it looks at what pods use, and advises.

There is no updater and no admission hook: nobody is evicted and no request is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.times import stamp
from simulator.cluster.kubernetes.autoscaling.labelled import Labelled
from simulator.cluster.kubernetes.autoscaling.metrics import Metrics
from simulator.cluster.kubernetes.autoscaling.vertical.recommending import (
    Advice,
    Usage,
    advice,
    within,
)
from simulator.cluster.kubernetes.objects.meta import Custom, Key, Object
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.cluster.kubernetes.server.server import Server

KIND = "VerticalPodAutoscaler"
PERIOD_S = 60.0
"""``recommender-interval``."""
CONTROLLED = ("cpu", "memory")
_STEPS = ("", "k", "M", "G", "T", "P")


class Recommender:
    """All VerticalPodAutoscalers of a cluster."""

    def __init__(self, server: Server, metrics: Metrics, labelled: Labelled) -> None:
        self.server = server
        self.metrics = metrics
        self.labelled = labelled
        self.usage: dict[Key, dict[str, Usage]] = {}
        """By autoscaler and name of the container."""
        self._kills: dict[str, float] = {}
        """By uid of the pod and name of the container: when the last kill was that is counted."""
        self._running = False
        server.store.watch(KIND, self._changed)

    def _changed(self, old: Object | None, new: Object | None) -> None:
        if new is None and old is not None:
            self.usage.pop(old.key, None)
        elif new is not None and not self._running:
            self._running = True
            now = self.server.sim.now
            self.server.sim.at((floor(now / PERIOD_S + 1e-9) + 1) * PERIOD_S, self._look)

    def _look(self) -> None:
        """Once a period, while there is any."""
        every = [one for one in self.server.store.table(KIND) if isinstance(one, Custom)]
        for one in every:
            self._advise(one)
        self._running = bool(every)
        if self._running:
            self.server.sim.at(self.server.sim.now + PERIOD_S, self._look)

    def pods(self, one: Custom) -> list[Pod]:
        """Those that the target of an autoscaler selects."""
        ref = one.data.get("spec", {}).get("targetRef") or {}
        kind, name = str(ref.get("kind", "")), str(ref.get("name", ""))
        target: Any = self.server.store.find(kind, one.namespace, name)
        selector = getattr(getattr(target, "spec", None), "selector", None)
        return [] if selector is None else self.labelled.pods(one.namespace, selector)

    def _advise(self, one: Custom) -> None:
        pods = self.pods(one)
        known = self.usage.setdefault(one.key, {})
        for pod in pods:
            self._note(pod, known)
        here = {pod.meta.uid for pod in pods}
        for usage in known.values():
            usage.peaks = {uid: peak for uid, peak in usage.peaks.items() if uid in here}
        found = [told for told in self._told(one, known) if told]
        now = stamp(self.server.sim.now)
        conditions = [_condition("RecommendationProvided", bool(found), now, one.status)]
        if not pods:
            text = "No pods match this VPA object"
            more = {"reason": "NoPodsMatched", "message": text}
            conditions.insert(0, _condition("NoPodsMatched", True, now, one.status) | more)
        status: dict[str, Any] = {"conditions": conditions}
        if found:
            status["recommendation"] = {"containerRecommendations": found}
        if status != one.status:
            self.server.store.put(replace(one, status=status))

    def _note(self, pod: Pod, known: dict[str, Usage]) -> None:
        """What its containers use now, and whether one was killed for want of memory."""
        sample = self.metrics.sample(pod)
        for name, (cores, held) in sample.use.items() if sample is not None else ():
            assert sample is not None
            usage = known.setdefault(name, Usage())
            usage.used_cpu(cores, sample.time)
            usage.used_memory(pod.meta.uid, held, sample.time)
        for one in pod.status.containers:
            ended = one.ended or one.last
            key = f"{pod.meta.uid}/{one.name}"
            if ended is None or ended.reason != "OOMKilled":
                continue
            if self._kills.get(key) == ended.finished_at:
                continue
            self._kills[key] = ended.finished_at
            wanted = next(each for each in pod.spec.containers if each.name == one.name)
            bytes_ = resources_of(wanted.resources.requests).memory_bytes
            usage = known.setdefault(one.name, Usage())
            usage.killed(pod.meta.uid, bytes_, ended.finished_at)

    def _told(self, one: Custom, known: Mapping[str, Usage]) -> Iterator[dict[str, Any]]:
        for name, usage in sorted(known.items()):
            policy = policy_of(one, name)
            if usage.samples and policy.get("mode") != "Off":
                yield _recommendation(name, advice(usage, len(known)), policy)


def policy_of(one: Custom, container: str) -> Mapping[str, Any]:
    """What an autoscaler says of a container, or of all that it does not name."""
    spec = one.data.get("spec", {}).get("resourcePolicy") or {}
    listed = spec.get("containerPolicies") or ()
    policies = {str(each.get("containerName")): each for each in listed}
    found: Mapping[str, Any] = policies.get(container) or policies.get("*") or {}
    return found


def _recommendation(name: str, found: Advice, policy: Mapping[str, Any]) -> dict[str, Any]:
    least, most = (_bounds(policy.get(word)) for word in ("minAllowed", "maxAllowed"))
    controlled = tuple(one for one in CONTROLLED
                       if one in (policy.get("controlledResources") or CONTROLLED))  # fmt: skip
    parts = (("lowerBound", found.lower), ("target", found.target), ("upperBound", found.upper))
    told: dict[str, Any] = {"containerName": name}
    for word, amounts in parts:
        told[word] = _quantities(within(amounts, least, most, controlled))
    told["uncappedTarget"] = _quantities({one: found.target[one] for one in controlled})
    return told


def _bounds(said: Any) -> dict[str, int]:
    amounts = resources_of(said or {})
    return {name: amounts.amount(name) for name in said or () if name in CONTROLLED}


def _quantities(amounts: Mapping[str, int]) -> dict[str, str]:
    return {name: _written(value, millis=name == "cpu") for name, value in amounts.items()}


def _written(value: int, *, millis: bool) -> str:
    """As the API writes a decimal amount: ``25m``, ``1``, ``262144k``."""
    if millis and value % 1000:
        return f"{value}m"
    whole, step = value // 1000 if millis else value, 0
    while whole and whole % 1000 == 0 and step < len(_STEPS) - 1:
        whole, step = whole // 1000, step + 1
    return f"{whole}{_STEPS[step]}"


def _condition(kind: str, true: bool, now: str, status: Mapping[str, Any]) -> dict[str, Any]:
    """A condition, with the time at which it last changed."""
    word = "True" if true else "False"
    for before in status.get("conditions", ()):
        if before["type"] == kind and before["status"] == word:
            now = before["lastTransitionTime"]
    return {"lastTransitionTime": now, "status": word, "type": kind}
