"""How far a rollout is, in kubectl's words (``rollout_status.go``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.shell.kubectl.target import KubectlError, one_of

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster


def progress(cluster: Cluster, target: tuple[Kind, str, str]) -> tuple[str, bool]:
    """What a rollout waits for, and whether it is through (``rollout_status.go``)."""
    kind, namespace, name = target
    one: Any = one_of(cluster, kind, namespace, name)
    if kind.kind == "Deployment":
        return _of_deployment(one, name)
    if kind.kind == "StatefulSet":
        return _of_stateful_set(one)
    if kind.kind == "DaemonSet":
        return _of_daemon_set(one, name)
    raise KubectlError(f"error: no status viewer has been implemented for {kind.kind}")


def _of_deployment(one: Any, name: str) -> tuple[str, bool]:
    status, wanted = one.status, one.spec.replicas
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if one.meta.generation > status.observed_generation:
        return "Waiting for deployment spec update to be observed...", False
    if any(each.reason == "ProgressDeadlineExceeded" for each in status.conditions):
        raise KubectlError(f'error: deployment "{name}" exceeded its progress deadline')
    if status.updated_replicas < wanted:
        fresh = f"{status.updated_replicas} out of {wanted} new replicas have been updated..."
        return waiting + fresh, False
    if status.replicas > status.updated_replicas:
        old = status.replicas - status.updated_replicas
        return f"{waiting}{old} old replicas are pending termination...", False
    if status.available_replicas < status.updated_replicas:
        now = f"{status.available_replicas} of {status.updated_replicas}"
        return f"{waiting}{now} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _of_stateful_set(one: Any) -> tuple[str, bool]:
    status, spec = one.status, one.spec
    rolling = _rolling(one)
    if one.meta.generation > status.observed_generation:
        return "Waiting for statefulset spec update to be observed...", False
    if status.ready_replicas < spec.replicas:
        return f"Waiting for {spec.replicas - status.ready_replicas} pods to be ready...", False
    if "partition" in rolling:
        wanted = spec.replicas - rolling["partition"]
        if status.updated_replicas < wanted:
            return (
                f"Waiting for partitioned roll out to finish: {status.updated_replicas} out of "
                f"{wanted} new pods have been updated...", False,
            )  # fmt: skip
        done = f"{status.updated_replicas} new pods have been updated..."
        return f"partitioned roll out complete: {done}", True
    if status.update_revision != status.current_revision:
        text_ = (
            f"waiting for statefulset rolling update to complete {status.updated_replicas} pods at "
            f"revision {status.update_revision}..."
        )
        return text_, False
    text_ = (
        f"statefulset rolling update complete {status.current_replicas} pods at revision "
        f"{status.current_revision}..."
    )
    return text_, True


def _rolling(one: Any) -> dict[str, Any]:
    """How a StatefulSet or DaemonSet replaces pods; KubectlError where that is left to people."""
    strategy = one.data.get("spec", {}).get("updateStrategy") or {}
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        raise KubectlError("error: rollout status is only available for RollingUpdate strategy "
                           "type")  # fmt: skip
    return strategy.get("rollingUpdate") or {}


def _of_daemon_set(one: Any, name: str) -> tuple[str, bool]:
    _rolling(one)
    status, wanted = one.status, one.status.desired_number_scheduled
    waiting = f'Waiting for daemon set "{name}" rollout to finish: '
    if one.meta.generation > status.observed_generation:
        return "Waiting for daemon set spec update to be observed...", False
    if status.updated_number_scheduled < wanted:
        fresh = f"{status.updated_number_scheduled} out of {wanted} new pods have been updated..."
        return waiting + fresh, False
    if status.number_available < wanted:
        now = f"{status.number_available} of {wanted} updated pods are available..."
        return waiting + now, False
    return f'daemon set "{name}" successfully rolled out', True
