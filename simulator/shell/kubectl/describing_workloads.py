"""Workloads, as describe tells them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.shell.kubectl.describing_pods import template
from simulator.shell.kubectl.tabs import NONE, head, notes, pairs, selector, when


def _top(said: Any, *, created: bool = True) -> list[str]:
    meta = said["metadata"]
    lines = head(said, labels=False)
    if created:
        lines.append(f"CreationTimestamp:\t{when(meta.get('creationTimestamp'))}")
    return [*lines, *pairs("Labels", meta.get("labels")), *notes(meta)]


def conditions(said: Any, *names: str) -> list[str]:
    """Conditions as a table of type, status, reason and what else is asked for."""
    found = said.get("status", {}).get("conditions")
    if not found:
        return []
    keys = {"Reason": "reason", "Message": "message"}
    rows = [
        "\t".join([f"  {one['type']}", one["status"], *(one.get(keys[word], "") for word in names)])
        for one in found
    ]
    lines = [[word, "-" * len(word)] for word in names]
    top = "\t".join(["  Type", "Status", *(one for one, _ in lines)])
    under = "\t".join(["  ----", "------", *(one for _, one in lines)])
    return ["Conditions:", top, under, *rows]


def deployment(said: Any, one: Any, cluster: Any) -> list[str]:
    """A Deployment (``describeDeployment``)."""
    spec, status = said["spec"], one.status
    lines = [
        *_top(said), f"Selector:\t{selector(spec.get('selector'))}",
        f"Replicas:\t{one.spec.replicas} desired | {status.updated_replicas} updated | "
        f"{status.replicas} total | {status.available_replicas} available | "
        f"{status.unavailable_replicas} unavailable",
        f"StrategyType:\t{one.spec.strategy.type}",
        f"MinReadySeconds:\t{one.spec.min_ready_seconds}",
    ]  # fmt: skip
    if one.spec.strategy.type == "RollingUpdate":
        rolling = one.spec.strategy.rolling_update
        lines.append(f"RollingUpdateStrategy:\t{rolling.max_unavailable} max unavailable, "
                     f"{rolling.max_surge} max surge")  # fmt: skip
    lines += [*template(spec.get("template")), *conditions(said, "Reason")]
    old, new = _sets(cluster, one)
    return [*lines, f"OldReplicaSets:\t{_counted(old)}", f"NewReplicaSet:\t{_counted(new)}"]


def _sets(cluster: Any, one: Any) -> tuple[list[Any], list[Any]]:
    """Its ReplicaSets: those of earlier templates, and that of the present one."""
    from simulator.cluster.kubernetes.controllers.histories import revision
    from simulator.cluster.kubernetes.objects.workloads import ReplicaSet

    every = sorted(cluster.store.owned(ReplicaSet, one.meta.uid).values(), key=revision)
    return every[:-1], every[-1:]


def _counted(sets: Iterable[Any]) -> str:
    told = [f"{one.name} ({one.status.replicas}/{one.spec.replicas} replicas created)"
            for one in sets]  # fmt: skip
    return ", ".join(told) or NONE


def replica_set(said: Any, one: Any, cluster: Any) -> list[str]:
    """A ReplicaSet or a ReplicationController."""
    spec, owner = said["spec"], one.meta.controller
    lines = [*head(said, labels=False), f"Selector:\t{selector(spec.get('selector'))}"]
    lines += [*pairs("Labels", one.meta.labels), *notes(said["metadata"])]
    if owner is not None:
        lines.append(f"Controlled By:\t{owner.kind}/{owner.name}")
    lines.append(f"Replicas:\t{one.status.replicas} current / {one.spec.replicas} desired")
    return [*lines, _phases(cluster, one), *template(spec.get("template")),
            *conditions(said, "Reason")]  # fmt: skip


def _phases(cluster: Any, one: Any) -> str:
    """How the pods of a workload are."""
    from simulator.cluster.kubernetes.objects.pod import Pod

    counts = dict.fromkeys(("Running", "Pending", "Succeeded", "Failed"), 0)
    for pod in cluster.store.owned(Pod, one.meta.uid).values():
        counts[pod.status.phase] = counts.get(pod.status.phase, 0) + 1
    told = (f"{counts['Running']} Running", f"{counts['Pending']} Waiting",
            f"{counts['Succeeded']} Succeeded", f"{counts['Failed']} Failed")  # fmt: skip
    return "Pods Status:\t" + " / ".join(told)


def stateful_set(said: Any, one: Any, cluster: Any) -> list[str]:
    """A StatefulSet."""
    spec = said["spec"]
    update = spec.get("updateStrategy") or {}
    lines = [*head(said, labels=False),
             f"CreationTimestamp:\t{when(said['metadata'].get('creationTimestamp'))}",
             f"Selector:\t{selector(spec.get('selector'))}",
             *pairs("Labels", one.meta.labels), *notes(said["metadata"]),
             f"Replicas:\t{one.spec.replicas} desired | {one.status.replicas} total",
             f"Update Strategy:\t{update.get('type', 'RollingUpdate')}"]  # fmt: skip
    if "rollingUpdate" in update:
        lines.append(f"  Partition:\t{update['rollingUpdate'].get('partition', 0)}")
    lines += [_phases(cluster, one), *template(spec.get("template"))]
    claims = spec.get("volumeClaimTemplates")
    if not claims:
        return [*lines, f"Volume Claims:\t{NONE}"]
    lines.append("Volume Claims:")
    for each in claims:
        meta, inner = each.get("metadata") or {}, each.get("spec") or {}
        size = (inner.get("resources") or {}).get("requests", {}).get("storage", "")
        lines += [f"  Name:\t{meta.get('name')}", f"  StorageClass:\t"
                  f"{inner.get('storageClassName', '')}",
                  *pairs("Labels", meta.get("labels"), "  "), *notes(meta, "  "),
                  f"  Capacity:\t{size}",
                  f"  Access Modes:\t[{' '.join(inner.get('accessModes') or ())}]"]  # fmt: skip
    return lines


def daemon_set(said: Any, one: Any, cluster: Any) -> list[str]:
    """A DaemonSet."""
    spec, status = said["spec"], one.status
    inner = (spec.get("template") or {}).get("spec") or {}
    nodes = pairs("Node-Selector", inner.get("nodeSelector"))
    desired = status.desired_number_scheduled
    return [
        *head(said, labels=False), f"Selector:\t{selector(spec.get('selector'))}", *nodes,
        *pairs("Labels", one.meta.labels), *notes(said["metadata"]),
        f"Desired Number of Nodes Scheduled: {desired}",
        f"Current Number of Nodes Scheduled: {status.current_number_scheduled}",
        f"Number of Nodes Scheduled with Up-to-date Pods: {status.updated_number_scheduled}",
        f"Number of Nodes Scheduled with Available Pods: {status.number_available}",
        f"Number of Nodes Misscheduled: {said.get('status', {}).get('numberMisscheduled', 0)}",
        _phases(cluster, one), *template(spec.get("template")),
    ]  # fmt: skip


def job(said: Any, one: Any, cluster: Any) -> list[str]:
    """A Job."""
    from simulator.cluster.kubernetes.api.times import age

    spec, status = said["spec"], one.status
    owner = one.meta.controller
    lines = [*head(said, labels=False), f"Selector:\t{selector(spec.get('selector'))}",
             *pairs("Labels", one.meta.labels), *notes(said["metadata"])]  # fmt: skip
    if owner is not None:
        lines.append(f"Controlled By:\t{owner.kind}/{owner.name}")
    wanted = one.spec.completions
    lines += [f"Parallelism:\t{one.spec.parallelism}",
              f"Completions:\t{wanted if wanted is not None else '<unset>'}",
              f"Completion Mode:\t{one.spec.completion_mode}",
              f"Suspend:\t{str(one.spec.suspend).lower()}",
              f"Backoff Limit:\t{one.spec.backoff_limit}"]  # fmt: skip
    start, end = status.start_time, status.completion_time
    told = said.get("status", {})
    if start is not None:
        lines.append(f"Start Time:\t{when(told.get('startTime'))}")
    if end is not None:
        lines.append(f"Completed At:\t{when(told.get('completionTime'))}")
    if start is not None and end is not None:
        lines.append(f"Duration:\t{age(end - start)}")
    if one.spec.active_deadline_seconds is not None:
        lines.append(f"Active Deadline Seconds:\t{one.spec.active_deadline_seconds}s")
    lines.append(f"Pods Statuses:\t{status.active} Active ({status.ready} Ready) / "
                 f"{status.succeeded} Succeeded / {status.failed} Failed")  # fmt: skip
    if one.spec.completion_mode == "Indexed":
        lines.append(f"Completed Indexes:\t{status.completed_indexes or NONE}")
    return [*lines, *template(spec.get("template"))]


def cron_job(said: Any, one: Any, cluster: Any) -> list[str]:
    """A CronJob."""
    spec, told = said["spec"], said.get("status", {})
    inner = (spec.get("jobTemplate") or {}).get("spec") or {}
    deadline = spec.get("startingDeadlineSeconds")
    active = ", ".join(str(each if isinstance(each, str) else each.get("name"))
                       for each in told.get("active") or ())  # fmt: skip
    return [
        *head(said), f"Schedule:\t{one.spec.schedule}",
        f"Time Zone:\t{one.spec.time_zone or '<unset>'}",
        f"Concurrency Policy:\t{one.spec.concurrency_policy}",
        f"Suspend:\t{one.spec.suspend}",
        f"Successful Job History Limit:\t{spec.get('successfulJobsHistoryLimit', 3)}",
        f"Failed Job History Limit:\t{spec.get('failedJobsHistoryLimit', 1)}",
        f"Starting Deadline Seconds:\t{'<unset>' if deadline is None else f'{deadline}s'}",
        "Selector:\t<unset>", f"Parallelism:\t{inner.get('parallelism', '<unset>')}",
        f"Completions:\t{inner.get('completions', '<unset>')}",
        *template(inner.get("template")),
        f"Last Schedule Time:\t{when(told.get('lastScheduleTime'))}",
        f"Active Jobs:\t{active or NONE}",
    ]  # fmt: skip
