"""CronJobs: Jobs by a timetable.

upstream: ``pkg/controller/cronjob`` (``cronjob_controllerv2.go``).
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import ApiError
from simulator.cluster.kubernetes.api.schedules import Schedule, parse
from simulator.cluster.kubernetes.api.times import stamp
from simulator.cluster.kubernetes.controllers.crew import owner_of
from simulator.cluster.kubernetes.objects.batch import CronJob, CronJobStatus, Job
from simulator.cluster.kubernetes.objects.meta import Key, Meta
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.queue import WorkQueue
from simulator.errors import DrydockError, InputError
from simulator.units import EPOCH

SOURCE = "cronjob-controller"
TOO_MANY = 100
"""Missed times from which on it is warned."""
SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"


class CronJobs:
    """The controller of CronJobs."""

    def __init__(self, server: Server, templates: Templates) -> None:
        self.server = server
        self.sim = server.sim
        self.builder = Builder(templates)
        self.queue = WorkQueue(self.sim, self.sync)
        server.store.watch(CronJob, self._changed)
        server.store.watch(Job, self._job_changed)

    def _changed(self, old: CronJob | None, new: CronJob | None) -> None:
        if new is not None and (old is None or old.status is new.status):
            self.queue.add(new.key)

    def _job_changed(self, old: Job | None, new: Job | None) -> None:
        job = new if new is not None else old
        owner = None if job is None else job.meta.controller
        if job is None or owner is None or owner.kind != "CronJob":
            return
        if old is None or new is None or old.status.finished != new.status.finished:
            self.queue.add((job.namespace, owner.name))

    # --- one of them ------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Make what is due, forget what is long over, and wait for the next time."""
        one = self.server.store.get(CronJob, *key)
        if one is None or one.meta.deleting_since is not None:
            return
        jobs = list(self.server.store.owned(Job, one.meta.uid).values())
        self._trim(one, jobs)
        one = self._told(one, jobs)
        if one.spec.suspend:
            return
        try:
            schedule = parse(one.spec.schedule)
        except InputError as error:
            text = f"unparseable schedule: {one.spec.schedule}: {error}"
            self._say(one, "UnparseableSchedule", text, "Warning")
            return
        due = self._due(one, schedule)
        if due is not None:
            self._start(one, due, [job for job in jobs if not job.status.finished])
        following = schedule.after(self.sim.now)
        if following is not None:
            self.queue.add_after(key, following - self.sim.now)

    def _due(self, one: CronJob, schedule: Schedule) -> float | None:
        """The latest time that it missed; None: nothing is due."""
        last = one.status.last_schedule_time
        earliest = one.meta.created if last is None else last
        deadline = one.spec.starting_deadline_seconds
        if deadline is not None:
            earliest = max(earliest, self.sim.now - deadline)
        found, missed = None, 0
        following = schedule.after(earliest)
        while following is not None and following <= self.sim.now:
            found, missed = following, missed + 1
            if missed > TOO_MANY:
                found = _latest(schedule, self.sim.now, following)
                break
            following = schedule.after(following)
        if missed > TOO_MANY:
            text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or "
            self._say(one, "TooManyMissedTimes", f"{text}check clock skew", "Warning")
        if found is not None and deadline is not None and found + deadline < self.sim.now:
            self._say(one, "MissSchedule", f"Missed scheduled time to start a job: {stamp(found)}",
                      "Warning")  # fmt: skip
            return None
        return found

    def _start(self, one: CronJob, due: float, active: list[Job]) -> None:
        policy = one.spec.concurrency_policy
        if active and policy == "Forbid":
            text = "Not starting job because prior execution is running and concurrency policy is "
            self._say(one, "JobAlreadyActive", f"{text}Forbid")
            return
        for job in active if policy == "Replace" else ():
            self.server.delete(job)
            self._say(one, "SuccessfulDelete", f"Deleted job {job.name}")
        name = f"{one.name}-{int((EPOCH.timestamp() + due) // 60)}"
        try:
            self.server.create(self._job(one, name, due))
            self._say(one, "SuccessfulCreate", f"Created job {name}")
        except ApiError as error:
            if error.reason != "AlreadyExists":
                self._failed(one, error)
                return
        except DrydockError as error:
            self._failed(one, error)
            return
        now = self.server.store.get(CronJob, *one.key)
        if now is not None:
            self.server.update_status(now, replace(now.status, last_schedule_time=due))

    def _failed(self, one: CronJob, error: DrydockError) -> None:
        self._say(one, "FailedCreate", f"Error creating job: {error}", "Warning")

    def _job(self, one: CronJob, name: str, due: float) -> Job:
        wanted = one.spec.job_template
        said: dict[str, Any] = dict(wanted.metadata)
        meta = Meta(
            name,
            one.namespace,
            labels=said.get("labels") or {},
            annotations={**(said.get("annotations") or {}), SCHEDULED: stamp(due)},
            owners=(owner_of(one),),
        )
        made = self.builder.build("Job", "batch/v1", meta, {"spec": wanted.spec})
        assert isinstance(made, Job)
        return made

    # --- what was ---------------------------------------------------------------------------------

    def _told(self, one: CronJob, jobs: list[Job]) -> CronJob:
        active = tuple(
            {"kind": "Job", "namespace": job.namespace, "name": job.name, "uid": job.meta.uid,
             "apiVersion": "batch/v1"}
            for job in jobs if not job.status.finished and job.meta.deleting_since is None
        )  # fmt: skip
        ended = [
            job.status.completion_time for job in jobs if job.status.completion_time is not None
        ]
        last = max(ended, default=one.status.last_successful_time)
        self._say_ended(one, jobs)
        status = CronJobStatus(active, one.status.last_schedule_time, last)
        return one if status == one.status else self.server.update_status(one, status)

    def _say_ended(self, one: CronJob, jobs: list[Job]) -> None:
        before = {each["uid"] for each in one.status.active}
        for job in jobs:
            if job.meta.uid in before and job.status.finished:
                word = "Complete" if job.status.completion_time is not None else "Failed"
                self._say(
                    one, "SawCompletedJob", f"Saw completed job: {job.name}, condition: {word}"
                )

    def _trim(self, one: CronJob, jobs: list[Job]) -> None:
        """Old Jobs beyond the history that is to be kept."""
        over = [job for job in jobs if job.status.finished and job.meta.deleting_since is None]
        over.sort(key=lambda job: (job.status.start_time or 0.0, job.name))
        good = [job for job in over if job.status.completion_time is not None]
        bad = [job for job in over if job.status.completion_time is None]
        limits = (
            (good, one.spec.successful_jobs_history_limit),
            (bad, one.spec.failed_jobs_history_limit),
        )
        for listed, limit in limits:
            for job in listed[: max(0, len(listed) - limit)]:
                self.server.delete(job)
                self._say(one, "SuccessfulDelete", f"Deleted job {job.name}")

    def _say(self, one: CronJob, reason: str, message: str, type_: str = "Normal") -> None:
        self.server.recorder.event(one, type_, reason, message, SOURCE)


def _latest(schedule: Schedule, now: float, known: float) -> float:
    """The last time that was due, found from near ``now`` on, however many were missed."""
    span = 60.0
    while now - span > known:
        following = schedule.after(now - span)
        if following is not None and following <= now:
            known = following
            break
        span *= 2
    following = schedule.after(known)
    while following is not None and following <= now:
        known, following = following, schedule.after(following)
    return known
