"""Jobs and CronJobs: pods that are to end, once or by a timetable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Condition, Data, Object
from simulator.cluster.kubernetes.objects.workloads import PodTemplate


class OnExitCodes(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Which exit codes a rule is about: ``In`` or ``NotIn``; of one container, or of any."""

    operator: str
    values: tuple[int, ...] = ()
    container_name: str = ""


class OnPodCondition(msgspec.Struct, frozen=True, gc=False):
    """Which condition of a pod a rule is about."""

    type: str
    status: str = "True"


class FailureRule(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What a pod's failure means: FailJob, FailIndex, Ignore or Count."""

    action: str
    on_exit_codes: OnExitCodes | None = None
    on_pod_conditions: tuple[OnPodCondition, ...] = ()


class FailurePolicy(msgspec.Struct, frozen=True, gc=False):
    """Rules, of which the first that matches counts."""

    rules: tuple[FailureRule, ...] = ()


class JobSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """So many pods at once until so many have succeeded."""

    parallelism: int = 1
    completions: int | None = None
    completion_mode: str = "NonIndexed"
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    active_deadline_seconds: int | None = None
    ttl_seconds_after_finished: int | None = None
    pod_failure_policy: FailurePolicy | None = None
    pod_replacement_policy: str = ""
    suspend: bool = False
    template: PodTemplate = PodTemplate()

    @property
    def indexed(self) -> bool:
        """Whether each completion has a number."""
        return self.completion_mode == "Indexed"


class JobStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Pods by what became of them."""

    active: int = 0
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    terminating: int = 0
    start_time: float | None = None
    completion_time: float | None = None
    completed_indexes: str = ""
    failed_indexes: str = ""
    conditions: tuple[Condition, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether it has completed, or failed for good."""
        return any(
            one.type in ("Complete", "Failed") and one.status == "True" for one in self.conditions
        )


class Job(Object, frozen=True, kw_only=True, gc=False):
    """Runs pods until enough of them have succeeded."""

    KIND: ClassVar[str] = "Job"

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(msgspec.Struct, frozen=True, gc=False):
    """A Job as a CronJob makes it; ``spec`` stays data."""

    metadata: Mapping[str, Any] = {}
    spec: Data = {}


class CronJobSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """When a Job is made, and what if the last one still runs."""

    schedule: str = ""
    time_zone: str = ""
    concurrency_policy: str = "Allow"
    starting_deadline_seconds: int | None = None
    suspend: bool = False
    successful_jobs_history_limit: int = 3
    failed_jobs_history_limit: int = 1
    job_template: JobTemplate = JobTemplate()


class CronJobStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Jobs that run, and when the last was due."""

    active: tuple[Mapping[str, str], ...] = ()
    last_schedule_time: float | None = None
    last_successful_time: float | None = None


class CronJob(Object, frozen=True, kw_only=True, gc=False):
    """Makes Jobs by a timetable."""

    KIND: ClassVar[str] = "CronJob"

    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()
