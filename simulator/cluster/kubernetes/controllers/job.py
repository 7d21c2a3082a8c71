"""Jobs: pods until enough have succeeded, later each time one fails.

upstream: ``pkg/controller/job``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.conditions import condition, set_condition
from simulator.cluster.kubernetes.controllers.crew import Maker
from simulator.cluster.kubernetes.controllers.tallies import INDEX, Tallies, Tally, ranges
from simulator.cluster.kubernetes.objects.batch import Job, JobStatus
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.queue import WorkQueue

SOURCE = "job-controller"
BACKOFF_S = (10.0, 600.0)
"""A new pod after a failure: 10 s later, doubled each time, up to 10 min."""
REACHED = "Reached expected number of succeeded pods"
TOO_OFTEN = "Job has reached the specified backoff limit"
TOO_LONG = "Job was active longer than specified deadline"


class Jobs:
    """The controller of Jobs."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.server = maker.server
        self.sim = maker.server.sim
        self.queue = WorkQueue(self.sim, self.sync)
        self.ends = WorkQueue(self.sim, self._expire)
        self.tallies = Tallies(maker, self.queue.add)
        self._templates: dict[str, Template] = {}
        self.server.store.watch(Job, self._changed)

    def _changed(self, old: Job | None, new: Job | None) -> None:
        if new is None:
            if old is not None:
                self.tallies.forget(old.meta.uid)
                self._templates.pop(old.meta.uid, None)
            return
        if old is None or old.data is not new.data or old.meta is not new.meta:
            self._templates.pop(new.meta.uid, None)
            self.queue.add(new.key)
            if new.status.finished:
                self.ends.add(new.key)

    # --- one of them ------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Make or take pods, and say how far it is."""
        job = self.server.store.get(Job, *key)
        if job is None or job.status.finished or job.meta.deleting_since is not None:
            return
        tally = self.tallies.of(job.meta.uid)
        status = self._started(job)
        failed = self._failure(job, tally, status)
        if failed:
            self._fail(job, tally, status, *failed)
        elif self._complete(job, tally):
            self._finish(job, tally, status)
        else:
            self._work(job, tally)
            self._tell(job, tally, status)

    def _started(self, job: Job) -> JobStatus:
        """Its status with what follows from its being held back or not."""
        status, now = job.status, self.sim.now
        held = condition(status.conditions, "Suspended")
        if job.spec.suspend:
            if held is None or held.status != "True":
                self._say(job, "Suspended", "Job suspended")
            return replace(
                status, start_time=None,
                conditions=set_condition(
                    status.conditions, "Suspended", "True", "JobSuspended", "Job suspended", now
                ),
            )  # fmt: skip
        if held is not None and held.status == "True":
            self._say(job, "Resumed", "Job resumed")
            status = replace(
                status,
                conditions=set_condition(
                    status.conditions, "Suspended", "False", "JobResumed", "Job resumed", now
                ),
            )
        return status if status.start_time is not None else replace(status, start_time=now)

    def _failure(self, job: Job, tally: Tally, status: JobStatus) -> tuple[str, str] | None:
        """Why it has failed, if it has."""
        spec = job.spec
        marked = condition(status.conditions, "FailureTarget")
        if marked is not None:
            return marked.reason, marked.message
        if tally.verdict:
            return "PodFailurePolicy", tally.verdict
        if tally.failed > spec.backoff_limit and spec.backoff_limit_per_index is None:
            return "BackoffLimitExceeded", TOO_OFTEN
        if spec.template.spec.get("restartPolicy") == "OnFailure":
            most = max(1, spec.backoff_limit)
            if tally.restarts >= most:
                return "BackoffLimitExceeded", TOO_OFTEN
        if spec.active_deadline_seconds is not None and status.start_time is not None:
            left = status.start_time + spec.active_deadline_seconds - self.sim.now
            if left <= 0:
                return "DeadlineExceeded", TOO_LONG
            self.queue.add_after(job.key, left)
        return self._lost(job, tally)

    def _lost(self, job: Job, tally: Tally) -> tuple[str, str] | None:
        spec = job.spec
        if spec.max_failed_indexes is not None and len(tally.lost) > spec.max_failed_indexes:
            text = "Job has exceeded the specified maximal number of failed indexes"
            return "MaxFailedIndexesExceeded", text
        over = len(tally.lost) + len(tally.done)
        if tally.lost and spec.completions is not None and over >= spec.completions:
            return "FailedIndexes", "Job has failed indexes"
        return None

    def _complete(self, job: Job, tally: Tally) -> bool:
        wanted = job.spec.completions
        if wanted is None:
            return tally.succeeded > 0 and not tally.active
        return tally.succeeded >= wanted

    # --- pods -------------------------------------------------------------------------------------

    def _work(self, job: Job, tally: Tally) -> None:
        """As many pods as are wanted at once, and no more than are still needed."""
        spec = job.spec
        wanted = 0 if spec.suspend else spec.parallelism
        if spec.completions is not None:
            wanted = min(wanted, spec.completions - tally.succeeded)
        elif tally.succeeded and not spec.suspend:
            wanted = len(tally.active)
        extra = len(tally.active) - wanted
        if extra > 0:
            self._take(job, list(tally.active)[-extra:])
            return
        waits = tally.going and (
            spec.pod_replacement_policy == "Failed" or spec.pod_failure_policy is not None
        )
        missing = -extra - (len(tally.going) if waits else 0)
        if missing <= 0:
            return
        if spec.indexed:
            self._make_indexed(job, tally, missing)
            return
        left = self._wait_s(tally.in_a_row, tally.failed_at)
        if left > 0:
            self.queue.add_after(job.key, left)
        elif self.maker.make_many(job, self._template(job), missing, SOURCE):
            self.queue.again(job.key)

    def _wait_s(self, failures: int, last: float) -> float:
        if not failures:
            return 0.0
        first, most = BACKOFF_S
        return last + min(most, first * 2.0 ** min(failures - 1, 30)) - self.sim.now

    def _make_indexed(self, job: Job, tally: Tally, missing: int) -> None:
        per_index = job.spec.backoff_limit_per_index is not None
        for index in range(job.spec.completions or 0):
            if missing <= 0:
                return
            if index in tally.done or index in tally.lost or index in tally.indexes:
                continue
            times, last = tally.index_failures.get(index, (0, 0.0))
            if not per_index:
                times, last = tally.in_a_row, tally.failed_at
            left = self._wait_s(times, last)
            if left > 0:
                self.queue.add_after(job.key, left)
                continue
            missing -= 1
            if self._make(job, index) is not None:
                self.queue.again(job.key)
                return

    def _make(self, job: Job, index: int) -> Exception | None:
        pod = self.maker.pod(job, self._template(job), labels={INDEX: str(index)})
        meta = replace(
            pod.meta,
            annotations={**pod.meta.annotations, INDEX: str(index)},
            generate_name=f"{job.name}-{index}-",
        )
        return self.maker.make(job, replace(pod, meta=meta), SOURCE)

    def _template(self, job: Job) -> Template:
        """The template of its pods, with the labels by which they are known."""
        found = self._templates.get(job.meta.uid)
        if found is None:
            wanted = job.spec.template
            labels = {**wanted.metadata.labels, **labels_of(job)}
            spec = _with_index(wanted.spec) if job.spec.indexed else wanted.spec
            meta = replace(wanted.metadata, labels=labels)
            found = self.maker.template(replace(wanted, metadata=meta, spec=spec))
            self._templates[job.meta.uid] = found
        return found

    def _take(self, job: Job, keys: Iterable[Key]) -> None:
        pods = [self.server.store.get(Pod, *key) for key in keys]
        self.maker.take(job, [pod for pod in pods if pod is not None], SOURCE)

    # --- its end ----------------------------------------------------------------------------------

    def _fail(self, job: Job, tally: Tally, status: JobStatus, reason: str, message: str) -> None:
        """Its pods are taken away; when the last is gone it has failed."""
        now = self.sim.now
        conditions = set_condition(status.conditions, "FailureTarget", "True", reason, message, now)
        status = replace(status, conditions=conditions)
        self._take(job, list(tally.active))
        if not tally.going and not tally.active:
            status = replace(
                status,
                conditions=set_condition(conditions, "Failed", "True", reason, message, now),
            )
            self._say(job, reason, message, "Warning")
        self._tell(job, tally, status)

    def _finish(self, job: Job, tally: Tally, status: JobStatus) -> None:
        now = self.sim.now
        self._take(job, list(tally.active))
        conditions = set_condition(
            status.conditions, "SuccessCriteriaMet", "True", "CompletionsReached", REACHED, now
        )
        if not tally.active and not tally.going:
            conditions = set_condition(
                conditions, "Complete", "True", "CompletionsReached", REACHED, now
            )
            status = replace(status, completion_time=now)
            self._say(job, "Completed", "Job completed")
        self._tell(job, tally, replace(status, conditions=conditions))

    def _tell(self, job: Job, tally: Tally, status: JobStatus) -> None:
        status = replace(
            status,
            active=len(tally.active),
            ready=tally.ready,
            succeeded=tally.succeeded,
            failed=tally.failed,
            terminating=len(tally.going),
            completed_indexes=ranges(tally.done) if job.spec.indexed else "",
            failed_indexes=ranges(tally.lost),
        )
        if status != job.status:
            kept = self.server.update_status(job, status)
            if kept.status.finished:
                self.ends.add(job.key)

    def _expire(self, key: Key) -> None:
        """``ttlSecondsAfterFinished`` are over."""
        job = self.server.store.get(Job, *key)
        if job is None or not job.status.finished or job.spec.ttl_seconds_after_finished is None:
            return
        ended = max(
            one.since for one in job.status.conditions if one.type in ("Complete", "Failed")
        )
        left = ended + job.spec.ttl_seconds_after_finished - self.sim.now
        if left > 0:
            self.ends.add_after(key, left)
        elif job.meta.deleting_since is None:
            self.server.delete(job, propagation="Foreground")

    def _say(self, job: Job, reason: str, message: str, type_: str = "Normal") -> None:
        self.server.recorder.event(job, type_, reason, message, SOURCE)


def labels_of(job: Job) -> dict[str, str]:
    """The labels by which a Job's pods are known."""
    return {
        "batch.kubernetes.io/controller-uid": job.meta.uid,
        "batch.kubernetes.io/job-name": job.name,
        "controller-uid": job.meta.uid,
        "job-name": job.name,
    }


def _with_index(spec: Any) -> dict[str, Any]:
    """Containers know the completion that they work on."""
    path = f"metadata.annotations['{INDEX}']"
    source = {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}
    mine = {"name": "JOB_COMPLETION_INDEX", "valueFrom": source}
    found = dict(spec)
    for word in ("initContainers", "containers"):
        if word in spec:
            found[word] = [{**one, "env": [*one.get("env", ()), mine]} for one in spec[word]]
    return found
