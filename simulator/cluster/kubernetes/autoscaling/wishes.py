"""What each metric of an autoscaler asks for, from what the pipeline knows of its pods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.autoscaling import replicas
from simulator.cluster.kubernetes.autoscaling.labelled import Labelled
from simulator.cluster.kubernetes.autoscaling.measured import Measured
from simulator.cluster.kubernetes.autoscaling.metrics import Metrics, Sample
from simulator.cluster.kubernetes.autoscaling.replicas import MISSING, Part, Tolerance, Wish
from simulator.cluster.kubernetes.autoscaling.sources import Sources
from simulator.cluster.kubernetes.objects.autoscaling import (
    HorizontalPodAutoscaler,
    Metric,
    NamedMetric,
    ResourceMetric,
)
from simulator.cluster.kubernetes.objects.containers import Container
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.routes import Routes
from simulator.errors import DrydockError, Refused

INITIALIZATION_S, READINESS_S = 300.0, 30.0
"""kube-controller-manager: cpu-initialization-period and initial-readiness-delay."""


class Unknown(Refused):
    """A metric that cannot be had, with the reason of its condition."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)

    def __reduce__(self) -> tuple[type[Unknown], tuple[str, str]]:
        return Unknown, (self.reason, str(self))


class Wishes:
    """Reads metrics for autoscalers."""

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        routes: Routes,
        sources: Sources,
        clock: Callable[[], float],
        profile: Profile,
    ) -> None:
        self._labelled = Labelled(store)
        self.measured = Measured(store, self._labelled, metrics, routes)
        self.metrics = metrics
        self.sources = sources
        self._clock = clock
        self.newest = profile.hpa_missing_at_target

    def of(
        self,
        one: HorizontalPodAutoscaler,
        scaled: Any,
        metric: Metric,
        current: int,
        tolerance: Tolerance,
    ) -> tuple[str, Wish, str]:
        """Its name in messages, its wish, and how ``kubectl get`` shows it; Unknown without one."""
        pods = self.pods(scaled, one.namespace)
        resource = metric.resource or metric.container_resource
        if resource is not None:
            return self._resource(resource, pods, current, tolerance)
        named = metric.pods or metric.object or metric.external
        if named is None:
            raise Unknown("InvalidMetricSourceType", f"unknown metric source type {metric.type}")
        return self._named(metric, named, pods, current, tolerance)

    def pods(self, scaled: Any, namespace: str) -> list[Pod]:
        """The pods that the target's selector selects, whoever made them."""
        return self._labelled.pods(namespace, scaled.spec.selector)

    # --- CPU and memory ---------------------------------------------------------------------------

    def _resource(
        self, one: ResourceMetric, pods: list[Pod], current: int, tolerance: Tolerance
    ) -> tuple[str, Wish, str]:
        name = one.name
        target = one.target
        about = f"{name} resource utilization (percentage of request)"
        reason = f"Failed{'GetContainerResourceMetric' if one.container else 'GetResourceMetric'}"
        try:
            self._check_measured(pods, one)
            parts = [self._part(pod, name, one.container) for pod in pods if _counts(pod)]
            self._check_requests(pods, one, target)
            if target.average_utilization is not None:
                wish = replicas.utilization(
                    parts, current, target.average_utilization, tolerance, newest=self.newest
                )
                return about, wish, f"{name}: {wish.utilization}%"
            amount = resources_of({name: target.average_value or 1}).amount(name)
            wanted = amount / 1000 if name == "cpu" else float(amount)
            wish = replicas.average_value(parts, current, wanted, tolerance)
            return f"{name} resource", wish, f"{name}: {_quantity(wish.average or 0.0)}"
        except Refused as why:
            kind = "utilization" if target.average_utilization is not None else "usage"
            text = f"failed to get {name} {kind}: {self._said(str(why), name)}"
            raise Unknown(reason, text) from None

    def _said(self, why: str, name: str) -> str:
        """The pipeline is asked first, and the pods after that."""
        if why != "no pods" and "matched" not in why:
            return why
        return (
            f"unable to get metrics for resource {name}: no metrics returned from resource metrics "
            "API"
        )

    def _check_measured(self, pods: list[Pod], one: ResourceMetric) -> None:
        """A container that pods do not have is not measured (``getContainerMetrics``)."""
        for pod in pods if one.container else ():
            sample = self.metrics.sample(pod)
            if sample is not None and one.container not in sample.use:
                raise Refused(
                    f"unable to get metrics for resource {one.name}: failed to get container "
                    f"metrics: container {one.container} not present in metrics for pod "
                    f"{pod.namespace}/{pod.name}"
                )

    def _check_requests(self, pods: list[Pod], one: ResourceMetric, target: Any) -> None:
        """Every container counts, whether anybody thought of it or not."""
        if target.average_utilization is None:
            return
        for pod in pods:
            if not _counts(pod):
                continue
            for container in _beside(pod):
                if one.container and container.name != one.container:
                    continue
                if one.name not in _asked(container):
                    raise Refused(
                        f"missing request for {one.name} in container {container.name} of Pod "
                        f"{pod.name}"
                    )

    def _part(self, pod: Pod, name: str, container: str) -> Part:
        sample = self.metrics.sample(pod)
        asked = 0.0
        for one in _beside(pod):
            if container and one.name != container:
                continue
            amount = resources_of(_asked(one)).amount(name)
            asked += amount / 1000 if name == "cpu" else amount
        usage = _usage(sample.use, name, container) if sample is not None else None
        state = self._state(pod, sample, cpu=name == "cpu")
        return Part(pod.name, usage, asked, state)

    def _state(self, pod: Pod, sample: Sample | None, *, cpu: bool) -> str:
        now, status = self._clock(), pod.status
        if status.phase == "Pending":
            return replicas.UNREADY
        if sample is None:
            return MISSING
        since = status.ready_since if status.ready else status.unready_since
        changed = since if since is not None else status.started_at
        return replicas.state_of(
            cpu=cpu,
            phase=status.phase,
            started_ago=None if status.started_at is None else now - status.started_at,
            ready=status.ready,
            ready_changed_ago=None if changed is None else now - changed,
            sampled_ago=now - sample.time,
            window=sample.window,
            initialization=INITIALIZATION_S,
            delay=READINESS_S,
        )

    # --- metrics by name --------------------------------------------------------------------------

    def _named(
        self,
        metric: Metric,
        one: NamedMetric,
        pods: list[Pod],
        current: int,
        tolerance: Tolerance,
    ) -> tuple[str, Wish, str]:
        name, target = one.metric.name, one.target
        word = {"Pods": "Pods", "Object": "Object", "External": "External"}[metric.type]
        about = f"{word.lower()} metric {name}"
        ready = sum(pod.status.ready for pod in pods)
        try:
            if metric.type == "Pods":
                parts = self._parts(name, pods)
                wanted = _number(target.average_value)
                wish = replicas.average_value(parts, current, wanted, tolerance)
            elif target.average_value is not None:
                value, wanted = self._value(metric, one, pods), _number(target.average_value)
                wish = replicas.by_average(value, wanted, current, tolerance)
            else:
                value, wanted = self._value(metric, one, pods), _number(target.value)
                wish = replicas.by_value(value, wanted, ready, current, tolerance)
        except DrydockError as why:
            text = f"failed to get {name} {word.lower()} metric value: {why}"
            raise Unknown(f"FailedGet{word}Metric", text) from None
        shown = 0.0 if wish.average is None else wish.average
        return about, wish, _quantity(shown)

    def _parts(self, name: str, pods: list[Pod]) -> list[Part]:
        """A metric of each pod: what somebody said it is in all, or what is measured in each."""
        if self.sources.has(name):
            value = self.sources.get(name)
            return [Part(pod.name, value) for pod in pods if pod.status.phase == "Running"]
        every = [pod for pod in pods if _counts(pod)]
        found = [Part(pod.name, self.measured.of_pod(pod, name)) for pod in every]
        if all(one.usage is None for one in found):
            raise Refused(
                f"unable to get metric {name}: no metrics returned from custom metrics API"
            )
        states = [replicas.UNREADY if pod.status.phase == "Pending" else "" for pod in every]
        return [
            replace(part, state=state or (MISSING if part.usage is None else replicas.READY))
            for part, state in zip(found, states, strict=True)
        ]

    def _value(self, metric: Metric, one: NamedMetric, pods: list[Pod]) -> float:
        """A metric of an object, or of somewhere else."""
        name, ref = one.metric.name, one.described_object
        if self.sources.has(name) or metric.type != "Object" or ref is None:
            return self.sources.get(name)
        namespace = pods[0].namespace if pods else "default"
        found = self.measured.of_object(ref, namespace, name)
        if found is None:
            raise Refused(
                f"unable to get metric {name}: {ref.kind} on {namespace} {ref.name}/unable to "
                "fetch metrics from custom metrics API: the server could not find the metric "
                f"{name} for {ref.kind.lower()} {ref.name}"
            )
        return found


def _beside(pod: Pod) -> Iterator[Container]:
    """The containers whose requests count: sidecars among those that go first, too."""
    yield from pod.spec.containers
    yield from (one for one in pod.spec.init_containers if one.is_sidecar)


def _asked(container: Container) -> Mapping[str, Any]:
    """Requests; what has only a limit is asked for as much."""
    return {**container.resources.limits, **container.resources.requests}


def _counts(pod: Pod) -> bool:
    return pod.status.phase != "Failed" and not pod.deleting and pod.status.phase != "Succeeded"


def _usage(use: Mapping[str, tuple[float, float]], name: str, container: str) -> float | None:
    at = 0 if name == "cpu" else 1
    if container:
        return use[container][at] if container in use else None
    return sum(one[at] for one in use.values())


def _number(value: Any) -> float:
    return resources_of({"cpu": value or 1}).cpu_millis / 1000


def _quantity(value: float) -> str:
    """As the API writes it: in thousandths where it is not whole."""
    millis = round(value * 1000)
    return f"{millis}m" if millis % 1000 else str(millis // 1000)
