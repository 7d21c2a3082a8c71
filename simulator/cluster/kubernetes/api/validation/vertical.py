"""VerticalPodAutoscalers, as the schema of their definition has them (``vpa-v1-crd``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.validation.budgets import QUANTITY_TEXT, quantity
from simulator.cluster.kubernetes.api.validation.words import invalid, required, unsupported

Data = Mapping[str, Any]
MODES = ("Auto", "InPlaceOrRecreate", "Initial", "Off", "Recreate")
RESOURCES = ("cpu", "memory")


def vertical(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A target, a mode, and bounds for containers."""
    spec = body.get("spec")
    if not isinstance(spec, Mapping):
        yield required("spec")
        return
    yield from _target(spec.get("targetRef"))
    update = spec.get("updatePolicy") or {}
    if not isinstance(update, Mapping):
        yield invalid("spec.updatePolicy", update, "must be of type object")
    elif update.get("updateMode", "Off") not in MODES:
        yield unsupported("spec.updatePolicy.updateMode", update["updateMode"], MODES)
    policy = spec.get("resourcePolicy") or {}
    listed = policy.get("containerPolicies") or [] if isinstance(policy, Mapping) else None
    if not isinstance(listed, list):
        yield invalid("spec.resourcePolicy", policy, "must be of type object with a list")
        return
    for number, one in enumerate(listed):
        yield from _policy(one, f"spec.resourcePolicy.containerPolicies[{number}]")


def _target(ref: Any) -> Iterator[FieldError]:
    if not isinstance(ref, Mapping):
        yield required("spec.targetRef")
        return
    for word in ("kind", "name"):
        if not isinstance(ref.get(word), str) or not ref[word]:
            yield required(f"spec.targetRef.{word}")


def _policy(one: Any, path: str) -> Iterator[FieldError]:
    if not isinstance(one, Mapping):
        yield invalid(path, one, "must be of type object")
        return
    if one.get("mode", "Auto") not in ("Auto", "Off"):
        yield unsupported(f"{path}.mode", one["mode"], ("Auto", "Off"))
    controlled = one.get("controlledResources")
    for number, word in enumerate(controlled if isinstance(controlled, list) else ()):
        if word not in RESOURCES:
            yield unsupported(f"{path}.controlledResources[{number}]", word, RESOURCES)
    if controlled is not None and not isinstance(controlled, list):
        yield invalid(f"{path}.controlledResources", controlled, "must be of type array")
    for word in ("minAllowed", "maxAllowed"):
        yield from _amounts(one.get(word), f"{path}.{word}")


def _amounts(said: Any, path: str) -> Iterator[FieldError]:
    if said is None:
        return
    if not isinstance(said, Mapping):
        yield invalid(path, said, "must be of type object")
        return
    for name, amount in said.items():
        if quantity(amount) is None:
            yield invalid(f"{path}.{name}", amount, QUANTITY_TEXT)
