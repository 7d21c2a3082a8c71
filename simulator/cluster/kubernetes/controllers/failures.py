"""What the failure of a Job's pod means (``podFailurePolicy``)."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.batch import FailureRule, JobSpec, OnExitCodes
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Pod


def judged(spec: JobSpec, pod: Pod) -> tuple[str, str]:
    """Count, Ignore, FailIndex or FailJob, and for the last the sentence that says why."""
    policy = spec.pod_failure_policy
    for number, rule in enumerate(policy.rules if policy is not None else ()):
        why = _matches(rule, pod)
        if why:
            return rule.action, f"{why} matching {rule.action} rule at index {number}"
    return "Count", ""


def _matches(rule: FailureRule, pod: Pod) -> str:
    if rule.on_exit_codes is not None:
        for one in (*pod.status.init_containers, *pod.status.containers):
            code = _code(one)
            if code and _is_about(rule.on_exit_codes, one.name, code):
                where = f"{pod.namespace}/{pod.name}"
                return f"Container {one.name} for pod {where} failed with exit code {code}"
    for wanted in rule.on_pod_conditions:
        for had in pod.status.conditions:
            if (had.type, had.status) == (wanted.type, wanted.status):
                return f"Pod {pod.namespace}/{pod.name} has condition {had.type}"
    return ""


def _code(one: ContainerStatus) -> int:
    ended = one.ended if one.ended is not None else one.last
    return 0 if ended is None else ended.exit_code


def _is_about(wanted: OnExitCodes, container: str, code: int) -> bool:
    if wanted.container_name not in ("", container):
        return False
    return (code in wanted.values) == (wanted.operator == "In")
