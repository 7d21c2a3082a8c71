"""The pods of each Job, counted change by change: ends count for ever, whatever becomes of pods."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from simulator.cluster.kubernetes.controllers.crew import Maker
from simulator.cluster.kubernetes.controllers.failures import judged
from simulator.cluster.kubernetes.objects.batch import Job
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod

INDEX = "batch.kubernetes.io/job-completion-index"


class Tally(msgspec.Struct):
    """What became of the pods of one Job so far."""

    active: dict[Key, None] = {}
    """Pods that are neither over nor on their way out."""
    going: dict[Key, None] = {}
    """Pods on their way out."""
    indexes: dict[int, Key] = {}
    """The active pod of each index."""
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    restarts: int = 0
    """Restarts of containers of active pods."""
    in_a_row: int = 0
    """Failures since the last success."""
    failed_at: float = 0.0
    done: set[int] = set()
    lost: set[int] = set()
    """Indexes that are given up."""
    index_failures: dict[int, tuple[int, float]] = {}
    """By index: failures so far, and when the last was."""
    verdict: str = ""
    """Why the Job fails at once."""


def index_of(pod: Pod) -> int | None:
    """The completion that a pod works on."""
    word = pod.meta.annotations.get(INDEX, "")
    return int(word) if word.isdigit() else None


class Tallies:
    """By uid of the Job; tells ``dirty`` whose changed."""

    def __init__(self, maker: Maker, dirty: Callable[[Key], None]) -> None:
        self._server = maker.server
        self._dirty = dirty
        self._known: dict[str, Tally] = {}
        maker.owned.watch("Job", self._changed)

    def of(self, uid: str) -> Tally:
        """The pods of a Job."""
        found = self._known.get(uid)
        if found is None:
            found = self._known[uid] = Tally()
        return found

    def forget(self, uid: str) -> None:
        """A Job is gone."""
        self._known.pop(uid, None)

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        owner = None if pod is None else pod.meta.controller
        if pod is None or owner is None or owner.kind != "Job":
            return
        if old is not None and new is not None and _same(old, new):
            return
        tally = self.of(owner.uid)
        if old is not None:
            _forget(tally, old)
        if new is not None:
            _note(tally, new)
        if (old is None or not _ended(old)) and _ends(new, pod):
            job = self._server.store.get(Job, pod.namespace, owner.name)
            if job is not None and job.meta.uid == owner.uid and not job.status.finished:
                self._count(job, tally, pod)
        self._dirty((pod.namespace, owner.name))

    def _count(self, job: Job, tally: Tally, pod: Pod) -> None:
        """A pod has ended, well or not."""
        index = index_of(pod) if job.spec.indexed else None
        if pod.status.phase == "Succeeded":
            if index is None or index not in tally.done:
                tally.succeeded += 1
            tally.in_a_row = 0
            if index is not None:
                tally.done.add(index)
            return
        action, why = judged(job.spec, pod)
        if action == "Ignore" or job.spec.suspend:
            return
        now = self._server.sim.now
        tally.failed += 1
        tally.in_a_row += 1
        tally.failed_at = now
        if action == "FailJob":
            tally.verdict = tally.verdict or why
        if index is not None:
            self._count_index(job, tally, index, action)

    def _count_index(self, job: Job, tally: Tally, index: int, action: str) -> None:
        times = tally.index_failures.get(index, (0, 0.0))[0] + 1
        tally.index_failures[index] = times, self._server.sim.now
        limit = job.spec.backoff_limit_per_index
        if limit is not None and (times > limit or action == "FailIndex"):
            tally.lost.add(index)


def _same(old: Pod, new: Pod) -> bool:
    return (
        old.meta is new.meta
        and old.status.phase == new.status.phase
        and old.status.ready == new.status.ready
        and old.status.containers is new.status.containers
    )


def _ended(pod: Pod) -> bool:
    return pod.status.over or pod.deleting


def _ends(new: Pod | None, pod: Pod) -> bool:
    """Whether it counts now: it is over, or was taken away before that."""
    return new is None or _ended(new) or pod.status.over


def _forget(tally: Tally, pod: Pod) -> None:
    tally.going.pop(pod.key, None)
    if pod.key in tally.active:
        del tally.active[pod.key]
        tally.ready -= pod.status.ready
        tally.restarts -= _restarts(pod)
        index = index_of(pod)
        if index is not None and tally.indexes.get(index) == pod.key:
            del tally.indexes[index]


def _note(tally: Tally, pod: Pod) -> None:
    if pod.active:
        tally.active[pod.key] = None
        tally.ready += pod.status.ready
        tally.restarts += _restarts(pod)
        index = index_of(pod)
        if index is not None:
            tally.indexes[index] = pod.key
    elif pod.deleting and not pod.status.over:
        tally.going[pod.key] = None


def _restarts(pod: Pod) -> int:
    return sum(one.restarts for one in (*pod.status.init_containers, *pod.status.containers))


def ranges(indexes: Iterable[int]) -> str:
    """``0-2,4``; of two neighbours both are named."""
    found: list[list[int]] = []
    for one in sorted(indexes):
        if found and found[-1][1] == one - 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return ",".join(_range(first, last) for first, last in found)


def _range(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"
