"""Quotas, limit ranges and priority classes: amounts that are amounts, bounds in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.validation.words import (
    forbidden,
    invalid,
    required,
    unsupported,
)
from simulator.cluster.kubernetes.objects.quantity import Quantity, parse
from simulator.errors import InputError

Data = Mapping[str, Any]
QUANTITY_TEXT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
TYPES = ("Container", "PersistentVolumeClaim", "Pod")
SCOPES = (
    "BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass",
    "Terminating",
)  # fmt: skip


def amounts_errors(said: Any, path: str) -> Iterator[FieldError]:
    """A map of amounts: none below nothing."""
    for name, amount in (said or {}).items():
        found = quantity(amount)
        if found is None:
            yield invalid(f"{path}[{name}]", amount, QUANTITY_TEXT)
        elif found.nanos < 0:
            text = "must be greater than or equal to 0"
            yield invalid(f"{path}[{name}]", str(amount), text)


def quantity(amount: Any) -> Quantity | None:
    """An amount as written; None where it is none."""
    try:
        return parse(str(amount))
    except InputError:
        return None


def quota(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A ResourceQuota."""
    spec = body.get("spec") or {}
    yield from amounts_errors(spec.get("hard"), "spec.hard")
    for number, scope in enumerate(spec.get("scopes") or ()):
        if scope not in SCOPES:
            yield unsupported(f"spec.scopes[{number}]", scope, SCOPES)
    if old is not None and (spec.get("scopes") or ()) != (old.get("spec", {}).get("scopes") or ()):
        yield invalid("spec.scopes", spec.get("scopes"), "field is immutable")


def limit_range(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A LimitRange."""
    for number, item in enumerate((body.get("spec") or {}).get("limits") or ()):
        path = f"spec.limits[{number}]"
        if not item.get("type"):
            yield required(f"{path}.type")
        elif item["type"] not in TYPES:
            yield unsupported(f"{path}.type", item["type"], TYPES)
        for word in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
            yield from amounts_errors(item.get(word), f"{path}.{word}")
        if item.get("type") == "Pod":
            for word in ("default", "defaultRequest"):
                if item.get(word):
                    text = "may not be specified when `type` is 'Pod'"
                    yield forbidden(f"{path}.{word}", text)
        yield from _in_order(item, path)


OVER_LIMIT = "default request value {} is greater than default limit value {}"
ORDER = (
    ("min", "max", "min value {} is greater than max value {}"),
    ("min", "defaultRequest", "min value {} is greater than default request value {}"),
    ("defaultRequest", "max", "default request value {} is greater than max value {}"),
    (
        "defaultRequest",
        "default",
        OVER_LIMIT,
    ),
    ("min", "default", "min value {} is greater than default value {}"),
    ("default", "max", "default value {} is greater than max value {}"),
)
_TOLD_AT = {("min", "max"): "min", ("min", "default"): "default"}


def _in_order(item: Data, path: str) -> Iterator[FieldError]:
    for low, high, text in ORDER:
        least, most = item.get(low) or {}, item.get(high) or {}
        for name in sorted({*least} & {*most}):
            less, more = quantity(least[name]), quantity(most[name])
            if less is not None and more is not None and less.nanos > more.nanos:
                word = _TOLD_AT.get((low, high)) or (low if low != "min" else high)
                shown = {"min": least, "max": most}.get(word, item.get(word) or {})[name]
                yield invalid(f"{path}.{word}[{name}]", str(shown), text.format(less, more))


def priority_class(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A PriorityClass."""
    policies = ("Never", "PreemptLowerPriority")
    policy = body.get("preemptionPolicy")
    if policy is not None and policy not in policies:
        yield unsupported("preemptionPolicy", policy, policies)
    if old is None:
        return
    if (body.get("value") or 0) != (old.get("value") or 0):
        yield forbidden("value", "may not be changed in an update.")
    if policy != old.get("preemptionPolicy"):
        yield invalid("preemptionPolicy", policy, "field is immutable")
