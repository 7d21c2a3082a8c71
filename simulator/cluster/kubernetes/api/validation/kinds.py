"""Each kind's own rules, for what is new and for what is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.schedules import parse
from simulator.cluster.kubernetes.api.validation import (
    budgets,
    config,
    networking,
    pods,
    scaling,
    vertical,
)
from simulator.cluster.kubernetes.api.validation.words import (
    forbidden,
    invalid,
    labels_errors,
    name_errors,
    not_negative,
    required,
    unsupported,
)
from simulator.cluster.kubernetes.objects.selectors import LabelSelector, Requirement
from simulator.errors import InputError

Data = Mapping[str, Any]
Rule = Callable[[Data, Data | None], Iterator[FieldError]]


def validate(kind: str, meta: Data, body: Data, old: Data | None = None) -> list[FieldError]:
    """All that is wrong with an object; ``old``: its body before, where it is changed."""
    found = list(name_errors(meta.get("name") or _prefix(meta), "metadata.name", kind))
    found += labels_errors(meta.get("labels") or {}, "metadata.labels")
    rule = _RULES.get(kind)
    if rule is not None:
        found += rule(body, old)
    return found


def _prefix(meta: Data) -> str:
    prefix = str(meta.get("generateName") or "")
    return f"{prefix}x" if prefix else ""


# --- workloads -----------------------------------------------------------------------------------


def _template(spec: Data, selector: bool) -> Iterator[FieldError]:
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    yield from labels_errors(labels, "spec.template.metadata.labels")
    if selector:
        said = spec.get("selector")
        if not said:
            yield required("spec.selector")
            text = "`selector` does not match template `labels`"
            yield invalid("spec.template.metadata.labels", labels, text)
        else:
            yield from _selector(said, "spec.selector")
            if not _selects(said, labels):
                text = "`selector` does not match template `labels`"
                yield invalid("spec.template.metadata.labels", labels, text)


def _selector(said: Data, path: str) -> Iterator[FieldError]:
    if not said.get("matchLabels") and not said.get("matchExpressions"):
        yield invalid(path, said, "empty selector is invalid for deployment")
    yield from labels_errors(said.get("matchLabels") or {}, f"{path}.matchLabels")
    for number, one in enumerate(said.get("matchExpressions") or ()):
        operator = one.get("operator")
        if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            text = "not a valid selector operator"
            yield invalid(f"{path}.matchExpressions[{number}].operator", operator, text)
        elif operator in ("In", "NotIn") and not one.get("values"):
            text = "must be specified when `operator` is 'In' or 'NotIn'"
            yield required(f"{path}.matchExpressions[{number}].values", text)


def _selects(said: Data, labels: Data) -> bool:
    expressions = tuple(
        Requirement(one.get("key", ""), one.get("operator", ""), tuple(one.get("values") or ()))
        for one in said.get("matchExpressions") or ()
    )
    return LabelSelector(said.get("matchLabels") or {}, expressions).matches(labels)


def _immutable(new: Data, old: Data | None, field: str) -> Iterator[FieldError]:
    if old is not None and new.get(field) != old.get("spec", {}).get(field):
        yield invalid(f"spec.{field}", new.get(field), "field is immutable")


def _workload(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    yield from not_negative(spec.get("replicas"), "spec.replicas")
    yield from not_negative(spec.get("minReadySeconds"), "spec.minReadySeconds")
    yield from _template(spec, selector=True)
    yield from _immutable(spec, old, "selector")
    pod = (spec.get("template") or {}).get("spec") or {}
    templates = spec.get("volumeClaimTemplates") or ()
    claims = tuple(str((one.get("metadata") or {}).get("name", "")) for one in templates)
    yield from pods.spec_errors(pod, "spec.template.spec", ("Always",), claims)


def _deployment(body: Data, old: Data | None) -> Iterator[FieldError]:
    yield from _workload(body, old)
    spec = body.get("spec") or {}
    strategy = spec.get("strategy") or {}
    kinds = ("Recreate", "RollingUpdate")
    if strategy.get("type") not in kinds:
        yield unsupported("spec.strategy.type", strategy.get("type"), kinds)
    elif strategy["type"] == "Recreate" and strategy.get("rollingUpdate") is not None:
        text = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden("spec.strategy.rollingUpdate", text)
    rolling = strategy.get("rollingUpdate") or {}
    for word in ("maxUnavailable", "maxSurge"):
        yield from _int_or_percent(rolling.get(word), f"spec.strategy.rollingUpdate.{word}")
    if _is_zero(rolling.get("maxUnavailable")) and _is_zero(rolling.get("maxSurge")):
        text = "may not be 0 when `maxSurge` is 0"
        path = "spec.strategy.rollingUpdate.maxUnavailable"
        yield invalid(path, rolling.get("maxUnavailable"), text)
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    if isinstance(deadline, int) and deadline <= ready:
        yield invalid(
            "spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"
        )


def _is_zero(value: Any) -> bool:
    return value in (0, "0%")


def _int_or_percent(value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(value, int):
        yield from not_negative(value, path)
    elif isinstance(value, str) and not (value[:-1].isdigit() and value.endswith("%")):
        text = (
            "a valid percent string must be a numeric string followed by an ending '%' (e.g. "
            "'1%',  or '93%', regex used for validation is '[0-9]+%')"
        )
        yield invalid(path, value, text)


def _replication_controller(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    yield from not_negative(spec.get("replicas"), "spec.replicas")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    selector = spec.get("selector") or {}
    if not selector:
        yield required("spec.selector")
    elif any(labels.get(key) != word for key, word in selector.items()):
        text = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", labels, text)
    pod = (spec.get("template") or {}).get("spec") or {}
    yield from pods.spec_errors(pod, "spec.template.spec", ("Always",))


STATEFUL_MAY_CHANGE = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip


def _stateful_set(body: Data, old: Data | None) -> Iterator[FieldError]:
    yield from _workload(body, None)
    spec = body.get("spec") or {}
    for number, one in enumerate(spec.get("volumeClaimTemplates") or ()):
        if not (one.get("metadata") or {}).get("name"):
            yield required(f"spec.volumeClaimTemplates[{number}].metadata.name")
    if old is None:
        return
    before = old.get("spec", {})
    changed = [
        word
        for word in {**spec, **before}
        if word not in STATEFUL_MAY_CHANGE and spec.get(word) != before.get(word)
    ]
    if changed:
        fields = ", ".join(f"'{word}'" for word in STATEFUL_MAY_CHANGE[:-1])
        text = (
            f"updates to statefulset spec for fields other than {fields} and "
            f"'{STATEFUL_MAY_CHANGE[-1]}' are forbidden"
        )
        yield forbidden("spec", text)


def _job(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    for word in ("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds",
                 "ttlSecondsAfterFinished"):  # fmt: skip
        yield from not_negative(spec.get(word), f"spec.{word}")
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        text = "when completion mode is Indexed"
        yield required("spec.completions", text)
    if old is not None:
        yield from _immutable(spec, old, "completions")
        if spec.get("template") != old.get("spec", {}).get("template"):
            yield invalid("spec.template", spec.get("template"), "field is immutable")
    pod = (spec.get("template") or {}).get("spec") or {}
    yield from pods.spec_errors(pod, "spec.template.spec", ("OnFailure", "Never"))


def _timetable(spec: Data) -> Iterator[FieldError]:
    """A schedule that can be read, in the only time zone that is modelled."""
    text, zone = str(spec.get("schedule") or ""), spec.get("timeZone")
    parts = text.split()
    if not text:
        yield required("spec.schedule")
    elif not text.startswith("@") and len(parts) != 5:
        why = f"expected exactly 5 fields, found {len(parts)}: [{' '.join(parts)}]"
        yield invalid("spec.schedule", text, why)
    else:
        yield from _readable(text)
    if zone not in (None, "UTC", "Etc/UTC"):
        yield invalid("spec.timeZone", zone, "only UTC and Etc/UTC are modelled")


def _readable(text: str) -> Iterator[FieldError]:
    try:
        parse(text)
    except InputError as error:
        yield invalid("spec.schedule", text, str(error))


def _cron_job(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    yield from _timetable(spec)
    policies = ("Allow", "Forbid", "Replace")
    if spec.get("concurrencyPolicy") not in policies:
        yield unsupported("spec.concurrencyPolicy", spec.get("concurrencyPolicy"), policies)
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    pod = (job.get("template") or {}).get("spec") or {}
    path = "spec.jobTemplate.spec.template.spec"
    yield from pods.spec_errors(pod, path, ("OnFailure", "Never"))


POD_MAY_CHANGE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def _pod(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    yield from pods.spec_errors(spec, "spec")
    if old is not None and _fixed(spec) != _fixed(old.get("spec", {})):
        yield forbidden("spec", f"pod updates may not change fields other than {POD_MAY_CHANGE}")


def _fixed(spec: Data) -> Any:
    """What of a pod can never change."""
    kept = {
        key: value
        for key, value in spec.items()
        if key not in ("activeDeadlineSeconds", "tolerations", "schedulingGates", "nodeName")
    }
    for word in ("containers", "initContainers"):
        kept[word] = [
            {key: value for key, value in one.items() if key not in ("image", "resources")}
            for one in spec.get(word) or ()
        ]
    return kept


# --- networking and scaling ----------------------------------------------------------------------


def _autoscaler(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if not isinstance(most, int) or most < 1:
        yield invalid("spec.maxReplicas", most or 0, "must be greater than 0")
    if isinstance(least, int) and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        text = "must be greater than or equal to `minReplicas`"
        yield invalid("spec.maxReplicas", most, text)
    target = spec.get("scaleTargetRef") or {}
    for word in ("kind", "name"):
        if not target.get(word):
            yield required(f"spec.scaleTargetRef.{word}")
    yield from scaling.metrics_errors(spec.get("metrics"))
    yield from scaling.behavior_errors(spec.get("behavior") or {})


def _budget(body: Data, old: Data | None) -> Iterator[FieldError]:
    spec = body.get("spec") or {}
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield invalid("spec", dict(spec), "minAvailable and maxUnavailable cannot be both set")
    for word in ("minAvailable", "maxUnavailable"):
        yield from _int_or_percent(spec.get(word), f"spec.{word}")


_RULES: dict[str, Rule] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _workload,
    "DaemonSet": _workload,
    "ReplicationController": _replication_controller,
    "StatefulSet": _stateful_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": networking.service,
    "HorizontalPodAutoscaler": _autoscaler,
    "VerticalPodAutoscaler": vertical.vertical,
    "PodDisruptionBudget": _budget,
    "Ingress": networking.ingress,
    "ResourceQuota": budgets.quota,
    "LimitRange": budgets.limit_range,
    "PriorityClass": budgets.priority_class,
    "ConfigMap": config.texts,
    "Secret": config.secret,
    "PersistentVolumeClaim": config.claim,
    "StorageClass": config.storage_class,
}
