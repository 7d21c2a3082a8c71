"""The columns of ``kubectl get`` for Jobs, CronJobs, disruption budgets and revisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.api.times import age, stamp
from simulator.cluster.kubernetes.objects.batch import CronJob, Job
from simulator.cluster.kubernetes.objects.policy import PodDisruptionBudget

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.workloads import ControllerRevision

Row = tuple[str, ...]
NONE = "<none>"


def job_row(one: Job, cluster: Cluster) -> tuple[Row, Row]:
    """Status, completions and how long it took (upstream, ``printJob``)."""
    cells = (
        one.name, _state(one), _completions(one), _duration(one, cluster), _age(one, cluster),
    )  # fmt: skip
    return cells, (*_images(one.data.get("spec") or {}), f"batch.kubernetes.io/controller-uid="
                   f"{one.meta.uid}")  # fmt: skip


def _state(one: Job) -> str:
    said = {each.type for each in one.status.conditions if each.status == "True"}
    for word in ("Complete", "Failed"):
        if word in said:
            return word
    if one.meta.deleting_since is not None:
        return "Terminating"
    for word in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if word in said:
            return word
    return "Running"


def _completions(one: Job) -> str:
    if one.spec.completions is not None:
        return f"{one.status.succeeded}/{one.spec.completions}"
    several = one.spec.parallelism > 1
    return f"{one.status.succeeded}/1" + (f" of {one.spec.parallelism}" if several else "")


def _duration(one: Job, cluster: Cluster) -> str:
    start, end = one.status.start_time, one.status.completion_time
    if start is None:
        return ""
    return age((cluster.sim.now if end is None else end) - start)


def cron_row(one: CronJob, cluster: Cluster) -> tuple[Row, Row]:
    """Its schedule, and when it was last due (``printCronJob``)."""
    last = one.status.last_schedule_time
    cells = (
        one.name, one.spec.schedule, one.spec.time_zone or NONE, str(one.spec.suspend),
        str(len(one.status.active)), NONE if last is None else age(cluster.sim.now - last),
        _age(one, cluster),
    )  # fmt: skip
    return cells, (*_images(one.spec.job_template.spec), NONE)


def budget_row(one: PodDisruptionBudget, cluster: Cluster) -> tuple[Row, Row]:
    """How many pods may go now (``printPodDisruptionBudget``)."""
    least, most = one.spec.min_available, one.spec.max_unavailable
    cells = (
        one.name, "N/A" if least is None else str(least), "N/A" if most is None else str(most),
        str(one.status.disruptions_allowed), _age(one, cluster),
    )  # fmt: skip
    return cells, ()


def revision_row(one: ControllerRevision, cluster: Cluster) -> tuple[Row, Row]:
    """Whose revision it is, and its number."""
    owner = one.meta.controller
    whose = NONE if owner is None else f"{owner.kind.lower()}.apps/{owner.name}"
    number = str(one.data.get("revision", 0))
    return (one.name, whose, number, _age(one, cluster)), ()


def quota_row(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    """What is used, of what there is at most: requests and objects, and limits."""
    status = one.status if isinstance(one.status, Mapping) else {}
    hard = status.get("hard") or (one.data.get("spec") or {}).get("hard") or {}
    used = status.get("used") or {}
    words = {key: f"{key}: {used.get(key, 0)}/{hard[key]}" for key in sorted(hard)}
    limits = [text for key, text in words.items() if key.startswith("limits.")]
    others = [text for key, text in words.items() if not key.startswith("limits.")]
    return (one.name, ", ".join(others), ", ".join(limits), _age(one, cluster)), ()


def limits_row(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    """Since when there is a LimitRange."""
    return (one.name, stamp(one.meta.created)), ()


def account_row(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    """A ServiceAccount, which has no secrets of its own any more."""
    return (one.name, str(len(one.data.get("secrets") or ())), _age(one, cluster)), ()


def priority_row(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    """What pods of a class weigh."""
    policy = str(one.data.get("preemptionPolicy", "PreemptLowerPriority"))
    default = str(bool(one.data.get("globalDefault"))).lower()
    return (one.name, str(one.data.get("value", 0)), default, _age(one, cluster), policy), ()


def policy_row(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    """Whose traffic a NetworkPolicy is about."""
    from simulator.shell.kubectl.tabs import selector

    said = (one.data.get("spec") or {}).get("podSelector")
    return (one.name, selector(said), _age(one, cluster)), ()


def runtime_row(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    """What starts containers of a RuntimeClass."""
    return (one.name, str(one.data.get("handler", "")), _age(one, cluster)), ()


def _age(one: Any, cluster: Cluster) -> str:
    return age(cluster.sim.now - one.meta.created)


def _images(spec: Any) -> tuple[str, str]:
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = pod.get("containers") or ()
    names = ",".join(str(one.get("name", "")) for one in containers)
    return names, ",".join(str(one.get("image", "")) for one in containers)


PRINTERS: dict[str, tuple[Row, Row, Callable[[Any, Cluster], tuple[Row, Row]]]] = {
    "Job": (
        ("NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        job_row,
    ),
    "CronJob": (
        ("NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        cron_row,
    ),
    "PodDisruptionBudget": (
        ("NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"),
        (),
        budget_row,
    ),
    "ResourceQuota": (("NAME", "REQUEST", "LIMIT", "AGE"), (), quota_row),
    "LimitRange": (("NAME", "CREATED AT"), (), limits_row),
    "ServiceAccount": (("NAME", "SECRETS", "AGE"), (), account_row),
    "PriorityClass": (
        ("NAME", "VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"),
        (),
        priority_row,
    ),
    "NetworkPolicy": (("NAME", "POD-SELECTOR", "AGE"), (), policy_row),
    "RuntimeClass": (("NAME", "HANDLER", "AGE"), (), runtime_row),
    "ControllerRevision": (("NAME", "CONTROLLER", "REVISION", "AGE"), (), revision_row),
}
