"""What is added to a pod that is made: priority, account, tolerations, amounts of limit ranges.

All of it follows from the pod's template and a few objects of its namespace, so it is worked out
once for each template, and again when one of those objects has changed.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import (
    ApiError,
    FieldError,
    forbidden,
    invalid,
)
from simulator.cluster.kubernetes.objects.meta import Custom, Meta, Object
from simulator.cluster.kubernetes.objects.pod import Pod, PodSpec, Template
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.server.admission import limits
from simulator.cluster.kubernetes.server.server import Server

Data = dict[str, Any]
SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
FIRST_SYSTEM = 1_000_000_000
LOST_S = 300
"""``default-not-ready-toleration-seconds`` and ``default-unreachable-toleration-seconds``."""
LOST = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
SOURCES = ("LimitRange", "PriorityClass", "ServiceAccount")


class PodDefaults:
    """Completes pods as they are made."""

    def __init__(self, server: Server, templates: Templates) -> None:
        self._store = server.store
        self._templates = templates
        self._known: dict[tuple[str, int], tuple[Template, int]] = {}
        for kind in SOURCES:
            server.store.table(kind).watchers.append(self._forget)

    def _forget(self, old: Object | None, new: Object | None) -> None:
        if old is None or new is None or old.data != new.data:
            self._known = {}

    def complete(self, pod: Pod) -> Pod:
        """The pod with all that is added; ApiError where it is not let in."""
        key = pod.meta.namespace, pod.template.number
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._worked_out(pod)
        template, priority = found
        meta = pod.meta
        if ANNOTATION in template.annotations:
            notes = {**meta.annotations, ANNOTATION: template.annotations[ANNOTATION]}
            meta = replace(meta, annotations=notes)
        return replace(pod, template=template, priority=priority, meta=meta)

    def _worked_out(self, pod: Pod) -> tuple[Template, int]:
        before = pod.template
        spec: Data = dict(before.data)
        priority, policy = self._priority(pod, before.spec)
        spec |= {"priority": priority, "preemptionPolicy": policy}
        account = spec.get("serviceAccountName") or "default"
        spec |= {"serviceAccountName": account, "serviceAccount": account}
        self._account(pod, account)
        spec["tolerations"] = _tolerations(before.spec, list(spec.get("tolerations") or ()))
        items = self._items(pod.meta.namespace)
        spec, note = limits.filled(spec, items)
        said = limits.wrong(spec, items)
        if said:
            raise forbidden("pods", pod.name, said[0] if len(said) == 1 else _several(said))
        notes = {**before.annotations, **({ANNOTATION: note} if note else {})}
        return self._templates.of(spec, before.labels, notes), priority

    # --- priority and account ---------------------------------------------------------------------

    def _priority(self, pod: Pod, spec: PodSpec) -> tuple[int, str]:
        name = spec.priority_class_name
        chosen = self._class(name) if name else self._default()
        if chosen is None and name:
            raise forbidden("pods", pod.name, f"no PriorityClass with name {name} was found")
        value = int(chosen.data.get("value") or 0) if chosen is not None else 0
        stated = pod.template.data.get("priority")
        if stated is not None and stated != value:
            text = (
                f"the integer value of priority ({stated}) must not be provided in pod spec; "
                f"priority admission controller computed {value} from the given PriorityClass name"
            )
            raise forbidden("pods", pod.name, text)
        policy = None if chosen is None else chosen.data.get("preemptionPolicy")
        return value, str(pod.template.data.get("preemptionPolicy") or policy or LOWER)

    def _class(self, name: str) -> Object | None:
        return self._store.find("PriorityClass", "", name)

    def _default(self) -> Object | None:
        """The class that pods without one get: of several the one with the lowest value."""
        classes = self._store.table("PriorityClass")
        default = [one for one in classes if one.data.get("globalDefault")]
        return min(default, key=lambda one: int(one.data.get("value") or 0), default=None)

    def _account(self, pod: Pod, name: str) -> None:
        space = pod.meta.namespace
        if self._store.find("ServiceAccount", space, name) is None:
            text = (
                f"error looking up service account {space}/{name}: "
                f'serviceaccount "{name}" not found'
            )
            raise forbidden("pods", pod.name, text)

    # --- limit ranges -----------------------------------------------------------------------------

    def _items(self, namespace: str) -> list[Data]:
        ranges = self._store.table("LimitRange").namespaces.get(namespace, {})
        return [
            item
            for _, one in sorted(ranges.items())
            for item in (one.data.get("spec") or {}).get("limits") or ()
        ]

    def check_claim(self, claim: Object) -> None:
        """ApiError where a claim of storage is outside the ranges of its namespace."""
        items = self._items(claim.meta.namespace)
        said = limits.wrong_claim(dict(claim.data.get("spec") or {}), items)
        if said:
            text = said[0] if len(said) == 1 else _several(said)
            raise forbidden("persistentvolumeclaims", claim.name, text)


ANNOTATION = limits.ANNOTATION
LOWER = "PreemptLowerPriority"


def _several(said: list[str]) -> str:
    return f"[{', '.join(said)}]"


def _tolerations(spec: PodSpec, said: list[Data]) -> list[Data]:
    """A pod stays for five minutes on a node that is lost, unless it says how long."""
    for key in LOST:
        known = any(one.key in ("", key) and one.effect in ("", EVICTS) for one in spec.tolerations)
        if not known:
            said.append(
                {"key": key, "operator": "Exists", "effect": EVICTS, "tolerationSeconds": LOST_S}
            )
    return said


EVICTS = "NoExecute"


def system_classes() -> list[Custom]:
    """The priority classes that every cluster has."""
    return [
        Custom(
            kind="PriorityClass",
            api_version="scheduling.k8s.io/v1",
            meta=Meta(name),
            data={"value": value, "preemptionPolicy": LOWER},
        )
        for name, value in SYSTEM_CLASSES.items()
    ]


def check_class(one: Object) -> ApiError | None:
    """Only the system's own classes are as high as these."""
    value = int(one.data.get("value") or 0)
    if value > FIRST_SYSTEM and one.name not in SYSTEM_CLASSES:
        text = f"Forbidden: maximum allowed value of a user defined priority is {FIRST_SYSTEM}"
        return invalid("PriorityClass.scheduling.k8s.io", one.name, [FieldError("value", text)])
    return None
