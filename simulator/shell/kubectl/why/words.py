"""What explanations of all kinds share: events, conditions, what would have to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.api.times import age
from simulator.units import format_binary_bytes

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.cluster.kubernetes.scheduler.plugin import Change, Verdict

MOST_EVENTS = 8


def events(cluster: Cluster, one: Object) -> list[str]:
    """The last events of an object."""
    meta = one.meta
    found = cluster.recorder.of(one.kind, meta.namespace, meta.name)[-MOST_EVENTS:]
    if not found:
        return []
    return ["What happened:", *(
        f"  {each.last:9.3f}s  {each.reason}: {each.message}"
        + (f" (x{each.count})" if each.count > 1 else "")
        for each in found
    )]  # fmt: skip


def conditions(found: Iterable[Any]) -> Iterator[str]:
    """One line a condition."""
    for one in found:
        because = f" ({one.reason})" if one.reason else ""
        yield f"  {one.type} is {one.status}{because}" + (f": {one.message}" if one.message else "")


def since(now: float, then: float) -> str:
    """``for 3m20s``."""
    return f"for {age(max(0.0, now - then))}"


def amount(resource: str, value: int) -> str:
    """An amount of a resource as people write it: ``300m CPU``, ``512MiB memory``, ``2 pods``."""
    if resource == "cpu":
        return f"{value}m CPU"
    if resource in ("memory", "ephemeral-storage"):
        return f"{format_binary_bytes(value)} {resource}"
    return f"{value} {resource}"


def changes(verdict: Verdict) -> str:
    """What would have to be otherwise for a node to take a pod."""
    return "; ".join(_change(one) for one in verdict.changes)


_OPERATORS = {"In": "of", "NotIn": "other than", "Exists": "of any value",
              "DoesNotExist": "not there", "Gt": "above", "Lt": "below"}  # fmt: skip


def _change(one: Change) -> str:
    said = [str(each) for each in one.details]
    match one.what, one.details:
        case "free", (resource, missing, there):
            name = str(resource)
            return f"{amount(name, int(missing))} more free of {amount(name, int(there))}"
        case "tolerate", (key, value, effect):
            return f"a toleration of {key}{f'={value}' if value else ''}:{effect}"
        case "uncordon", _:
            return "kubectl uncordon"
        case "label", (key, operator, *values):
            how, wanted = _OPERATORS.get(str(operator), operator), " or ".join(map(str, values))
            return f"a label {key} {how} {wanted}".strip()
        case "name", (node, *_):
            return f"the name {node}"
        case "port", (protocol, number):
            return f"port {number}/{protocol} free"
        case "spread", (key, value, count, least, skew):
            return f"{key}={value} has {count}, the least has {least}: no more than {skew} apart"
        case "with", (key, value, *_):
            return f"a matching pod in {key}={value}"
        case "without", (key, value, *_):
            return f"no such pod in {key}={value}"
    return f"{one.what} {' '.join(said)}".rstrip()
