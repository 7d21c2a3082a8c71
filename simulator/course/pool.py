"""Work spread over processes: each piece by itself, so that one that fails stops no other.

What is handed in may be hostile: a piece that outlasts its time is broken off by an alarm, one
that takes too much memory gets no more, and where a process dies all the same its pieces are
tried once more, each in a process of its own.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")
Tell = Callable[[int, int], None]
"""Told after each piece: how many are done, of how many."""

MEMORY_BYTES = 4 * 1024**3
"""Address space of a process; a course's largest world takes a tenth of it."""


class Overtime(BaseException):
    """The alarm went off. No ``Exception``: nothing on the way takes it for an error of a line."""


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def spread(
    work: Callable[[Job], Done],
    jobs: Sequence[Job],
    broken: Callable[[Job], Done],
    *,
    processes: int = 0,
    tell: Tell | None = None,
) -> list[Done]:
    """``work`` of each job, in their order; ``broken`` of those whose process died.

    ``processes`` 0: as many as there are cores; 1: here, without any protection.
    """
    count = min(processes or cores(), max(1, len(jobs)))
    done: dict[int, Done] = {}

    def note(index: int, value: Done) -> None:
        done[index] = value
        if tell is not None:
            tell(len(done), len(jobs))

    if processes == 1:
        for index, job in enumerate(jobs):
            note(index, work(job))
        return [done[i] for i in range(len(jobs))]
    for index, value in _pooled(work, list(enumerate(jobs)), count):
        note(index, value)
    for index, job in enumerate(jobs):
        if index not in done:
            alone = dict(_pooled(work, [(index, job)], 1))
            note(index, alone[index] if index in alone else broken(job))
    return [done[i] for i in range(len(jobs))]


def _pooled(
    work: Callable[[Job], Done], jobs: Sequence[tuple[int, Job]], count: int
) -> Iterator[tuple[int, Done]]:
    """What comes of the jobs as it comes; those of a pool that breaks are left out."""
    with ProcessPoolExecutor(max_workers=count, initializer=_begin) as pool:
        running: dict[Future[Done], int] = {}
        try:
            for index, job in jobs:
                running[pool.submit(work, job)] = index
            for future in as_completed(running):
                yield running[future], future.result()
        except BrokenProcessPool:
            return
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin() -> None:
    """In each process: no more memory than is sensible, and Ctrl-C is the parent's affair."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """While inside, Overtime after so many real seconds, where the system has such alarms."""
    import signal
    import threading

    if not hasattr(signal, "setitimer") or threading.current_thread() is not (
        threading.main_thread()
    ):
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise Overtime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
