"""How kubectl sums a pod up: READY, STATUS, RESTARTS (``printers.go``, ``printPod``)."""

from __future__ import annotations

from simulator.cluster.kubernetes.api.times import age
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Pod


def ready_of(pod: Pod) -> str:
    """``1/2``: containers that are ready, sidecars included, of all."""
    sidecars = {one.name for one in pod.spec.init_containers if one.is_sidecar}
    ready = sum(one.ready for one in pod.status.containers)
    ready += sum(one.started for one in pod.status.init_containers if one.name in sidecars)
    return f"{ready}/{len(pod.spec.containers) + len(sidecars)}"


def restarts_of(pod: Pod, now: float) -> str:
    """``3 (20s ago)``: restarts, and how long the last end is ago."""
    every = (*pod.status.containers, *pod.status.init_containers)
    count = sum(one.restarts for one in every)
    ends = [one.last.finished_at for one in every if one.last is not None]
    return f"{count} ({age(now - max(ends))} ago)" if count and ends else str(count)


def status_of(pod: Pod) -> str:
    """One word for how a pod is."""
    status = pod.status
    word = status.reason or status.phase
    if status.unschedulable_reason == "SchedulingGated" and not pod.node:
        word = "SchedulingGated"
    word = _initialising(pod) or _of_containers(pod, word)
    if pod.deleting:
        return "Terminating" if status.reason != "NodeLost" else "Unknown"
    return word


def _initialising(pod: Pod) -> str:
    """Where init containers are at work, or failed; nothing where they are done."""
    wanted = {one.name: one for one in pod.spec.init_containers}
    for number, one in enumerate(pod.status.init_containers):
        if one.ended is not None and one.ended.exit_code == 0:
            continue
        if wanted[one.name].is_sidecar and one.started:
            continue
        if one.ended is not None:
            return f"Init:{one.ended.reason or f'ExitCode:{one.ended.exit_code}'}"
        if one.waiting and one.waiting != "PodInitializing" and one.running_since is None:
            return f"Init:{one.waiting}"
        return f"Init:{number}/{len(wanted)}"
    return ""


def _of_containers(pod: Pod, word: str) -> str:
    running = False
    for one in reversed(pod.status.containers):
        said = _word(one)
        if said:
            word = said
        running = running or (one.ready and one.running_since is not None)
    if word == "Completed" and running:
        return "Running" if pod.status.ready else "NotReady"
    return word


def _word(one: ContainerStatus) -> str:
    if one.running_since is not None:
        return ""
    if one.ended is not None:
        return one.ended.reason or f"ExitCode:{one.ended.exit_code}"
    return one.waiting
