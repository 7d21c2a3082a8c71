"""What a HorizontalPodAutoscaler measures, and how fast it may act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.validation.budgets import QUANTITY_TEXT, quantity
from simulator.cluster.kubernetes.api.validation.words import invalid, required, unsupported

Data = Mapping[str, Any]
SOURCES = {
    "ContainerResource": "containerResource", "External": "external", "Object": "object",
    "Pods": "pods", "Resource": "resource",
}  # fmt: skip
TARGETS = ("AverageValue", "Utilization", "Value")
MOST_PERIOD_S = 1800
MOST_WINDOW_S = 3600


def metrics_errors(metrics: Any) -> Iterator[FieldError]:
    """Each metric has the source that its type names, and a target."""
    for number, one in enumerate(metrics or ()):
        path = f"spec.metrics[{number}]"
        word = SOURCES.get(one.get("type"))
        if word is None:
            yield unsupported(f"{path}.type", one.get("type"), SOURCES)
            continue
        source = one.get(word)
        if not source:
            text = "must populate information for the given metric source"
            yield required(f"{path}.{word}", text)
            continue
        yield from _source(source, word, f"{path}.{word}")


def _source(source: Data, word: str, path: str) -> Iterator[FieldError]:
    by_resource = word in ("resource", "containerResource")
    if by_resource and not source.get("name"):
        yield required(f"{path}.name", "must specify a resource name")
    if word == "containerResource" and not source.get("container"):
        yield required(f"{path}.container", "must specify a container")
    if not by_resource and not (source.get("metric") or {}).get("name"):
        yield required(f"{path}.metric.name", "must specify a metric name")
    if word == "object":
        described = source.get("describedObject") or {}
        for part in ("kind", "name"):
            if not described.get(part):
                yield required(f"{path}.describedObject.{part}", "")
    target = source.get("target") or {}
    type_ = target.get("type")
    if not type_:
        yield required(f"{path}.target.type", "must specify a metric target type")
    elif type_ not in TARGETS:
        yield unsupported(f"{path}.target.type", type_, TARGETS)
    yield from _amounts(target, f"{path}.target")
    wanted = target.get("averageUtilization")
    if isinstance(wanted, int) and wanted < 1:
        yield invalid(f"{path}.target.averageUtilization", wanted, "must be greater than 0")
    if by_resource and wanted is None and target.get("averageValue") is None:
        text = "must set either a target raw value or a target utilization"
        yield required(f"{path}.target.averageUtilization", text)
    if word == "pods" and target.get("averageValue") is None:
        text = "must specify a positive target averageValue"
        yield required(f"{path}.target.averageValue", text)
    elif word in ("object", "external") and not ({"value", "averageValue"} & set(target)):
        text = "must set either a target value for metric or a per-pod target"
        yield required(f"{path}.target.averageValue", text)


def _amounts(target: Data, path: str) -> Iterator[FieldError]:
    """``validateMetricTarget``: what is an amount is one, and is more than nothing."""
    for word in ("value", "averageValue"):
        if target.get(word) is None:
            continue
        found = quantity(target[word])
        if found is None:
            yield invalid(f"{path}.{word}", target[word], QUANTITY_TEXT)
        elif found.nanos <= 0:
            yield invalid(f"{path}.{word}", str(target[word]), "must be positive")


def behavior_errors(behavior: Data) -> Iterator[FieldError]:
    """Windows and policies of both directions."""
    for word in ("scaleUp", "scaleDown"):
        rules = behavior.get(word)
        if rules is None:
            continue
        path = f"spec.behavior.{word}"
        window = rules.get("stabilizationWindowSeconds")
        if isinstance(window, int) and window < 0:
            text = "must be greater than or equal to zero"
            yield invalid(f"{path}.stabilizationWindowSeconds", window, text)
        elif isinstance(window, int) and window > MOST_WINDOW_S:
            text = f"must be less than or equal to {MOST_WINDOW_S}"
            yield invalid(f"{path}.stabilizationWindowSeconds", window, text)
        if rules.get("selectPolicy") not in ("Disabled", "Max", "Min"):
            known = ("Disabled", "Max", "Min")
            yield unsupported(f"{path}.selectPolicy", rules.get("selectPolicy"), known)
        if not rules.get("policies"):
            yield required(f"{path}.policies", "must specify at least one Policy")
        for number, one in enumerate(rules.get("policies") or ()):
            yield from _policy(one, f"{path}.policies[{number}]")


def _policy(one: Data, path: str) -> Iterator[FieldError]:
    if one.get("type") not in ("Percent", "Pods"):
        yield unsupported(f"{path}.type", one.get("type"), ("Percent", "Pods"))
    for word in ("value", "periodSeconds"):
        said = one.get(word) or 0
        if said <= 0:
            yield invalid(f"{path}.{word}", said, "must be greater than zero")
    period = one.get("periodSeconds") or 0
    if period > MOST_PERIOD_S:
        text = f"must be less than or equal to {MOST_PERIOD_S}"
        yield invalid(f"{path}.periodSeconds", period, text)
