"""What an object counts against the quotas of its namespace (``quota/v1/evaluator``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from simulator.cluster.kubernetes.api.kinds import resource_of
from simulator.cluster.kubernetes.objects.meta import Data, Object
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.quantity import NANO, ONE, Quantity, parse

Charge: TypeAlias = Mapping[str, Quantity]
COUNTED = {
    "Service": "services",
    "Secret": "secrets",
    "ConfigMap": "configmaps",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "ReplicationController": "replicationcontrollers",
    "ResourceQuota": "resourcequotas",
}
COMPUTE = ("cpu", "memory", "ephemeral-storage")


def charge(one: Object) -> Charge:
    """By the names that quotas use; a pod that has ended counts as an object only."""
    found = {f"count/{resource_of(one.kind)}": ONE}
    if isinstance(one, Pod):
        return found if one.status.over else found | {"pods": ONE} | _compute(one.template)
    if one.kind in COUNTED:
        found[COUNTED[one.kind]] = ONE
    if one.kind == "Service":
        found |= _service(one.data.get("spec") or {})
    elif one.kind == "PersistentVolumeClaim":
        found |= _claim(one.data.get("spec") or {})
    return found


def _compute(template: Template) -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    for word, total in (("requests", template.requests), ("limits", template.limits)):
        forms = _forms(template, word)
        amounts = {
            "cpu": Quantity(total.cpu_millis * 10**6, forms.get("cpu", "DecimalSI")),
            "memory": Quantity(total.memory_bytes * NANO, forms.get("memory", "BinarySI")),
            "ephemeral-storage": Quantity(
                total.ephemeral_bytes * NANO, forms.get("ephemeral-storage", "BinarySI")
            ),
        }
        amounts |= {name: Quantity(count * NANO) for name, count in total.extended}
        for name, amount in amounts.items():
            found[f"{word}.{name}"] = amount
            if word == "requests" and (name in COMPUTE or name.startswith("hugepages-")):
                found[name] = amount
    return found


def _forms(template: Template, word: str) -> dict[str, str]:
    """How the first container that states an amount writes it."""
    found: dict[str, str] = {}
    for one in template.spec.containers:
        for name, amount in getattr(one.resources, word).items():
            found.setdefault(name, parse(str(amount)).form)
    return found


def _service(spec: Data) -> dict[str, Quantity]:
    type_ = spec.get("type")
    balanced = type_ == "LoadBalancer"
    opened = type_ == "NodePort" or (balanced and spec.get("allocateLoadBalancerNodePorts", True))
    ports = len(spec.get("ports") or ()) if opened else 0
    found = {"services.nodeports": Quantity(ports * NANO)}
    return found | ({"services.loadbalancers": ONE} if balanced else {})


def _claim(spec: Data) -> dict[str, Quantity]:
    asked = ((spec.get("resources") or {}).get("requests") or {}).get("storage", "0")
    amount = parse(str(asked))
    found = {"requests.storage": amount}
    of = spec.get("storageClassName")
    if of:
        prefix = f"{of}.storageclass.storage.k8s.io"
        found |= {f"{prefix}/requests.storage": amount, f"{prefix}/persistentvolumeclaims": ONE}
    return found


def unstated(template: Template, names: Iterable[str]) -> str:
    """What containers must state because a quota limits it: ``limits.cpu for: app``."""
    found = []
    for name in sorted(names):
        word, _, resource = name.rpartition(".")
        if resource not in COMPUTE or word not in ("", "requests", "limits"):
            continue
        lacking = [
            one.name
            for one in (*template.spec.init_containers, *template.spec.containers)
            if resource not in getattr(one.resources, word or "requests")
        ]
        if lacking:
            found.append(f"{name} for: {','.join(sorted(lacking))}")
    return "; ".join(found)


# --- scopes ---------------------------------------------------------------------------------------


def scopes_of(spec: Data) -> list[tuple[str, str, tuple[str, ...]]]:
    """The scopes of a quota: name, operator, values."""
    found = [(str(one), "Exists", ()) for one in spec.get("scopes") or ()]
    return [*found, *_selected((spec.get("scopeSelector") or {}).get("matchExpressions") or ())]


def _selected(said: Iterable[Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for one in said:
        values = tuple(str(each) for each in one.get("values") or ())
        yield str(one.get("scopeName")), str(one.get("operator", "Exists")), values


def in_scope(one: Object, scopes: list[tuple[str, str, tuple[str, ...]]]) -> bool:
    """Whether a quota with these scopes counts an object: scopes select pods only."""
    if not scopes:
        return True
    return isinstance(one, Pod) and all(_matches(one, *scope) for scope in scopes)


def _matches(pod: Pod, scope: str, operator: str, values: tuple[str, ...]) -> bool:
    spec = pod.spec
    if scope == "PriorityClass":
        name = spec.priority_class_name
        return {
            "In": name in values, "NotIn": name not in values,
            "Exists": bool(name), "DoesNotExist": not name,
        }.get(operator, False)  # fmt: skip
    best = pod.template.qos == "BestEffort"
    ends = spec.active_deadline_seconds is not None
    return {
        "BestEffort": best, "NotBestEffort": not best,
        "Terminating": ends, "NotTerminating": not ends,
    }.get(scope, False)  # fmt: skip
