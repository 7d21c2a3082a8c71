"""Trials in other processes of this machine.

They are started as programs of their own, with nothing of this process in them: that is the same
on every system, and in a notebook. One that dies takes only its trial with it, which another one
gets once more.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import simulator
from simulator.trials.bundle import Files
from simulator.trials.runners import frames
from simulator.trials.runners.protocol import Closing, Done, Play, name_of

ASKED_EVERY_S = 0.1
ATTEMPTS = 2
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Of numpy's libraries: the other cores have trials of their own."""


class Processes(Closing):
    """So many processes, each with one trial at a time."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._root = tempfile.TemporaryDirectory(prefix="drydock-")
        self._idle: list[_Worker] = []

    def each(
        self,
        play: Play,
        items: Iterable[bytes],
        contents: Mapping[str, bytes],
        keep_going: Callable[[], bool] | None = None,
    ) -> Iterator[Done]:
        """See :class:`Runner`."""
        Files(Path(self._root.name)).keep(contents)
        crew = _Crew(name_of(play).encode(), items, self._idle, self._start)
        try:
            yield from crew.results(self.workers, keep_going)
        finally:
            self._idle = crew.dismiss()

    def _start(self) -> _Worker:
        return _Worker(self._root.name)

    def close(self) -> None:
        """End the processes and remove the files."""
        for worker in self._idle:
            worker.end()
        self._idle = []
        self._root.cleanup()


class _Died(Exception):
    """A worker is gone; the text says how."""


class _Worker:
    """One process, and the pipes to it."""

    def __init__(self, root: str) -> None:
        package = Path(simulator.__file__).parents[1]
        path = os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "simulator.trials.runners.worker", root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
        )

    def ask(self, name: bytes, item: bytes) -> bytes:
        """The result of an item; _Died when there will be none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            frames.write(self._process.stdin, name, item)
            return frames.read(self._process.stdout)
        except (OSError, EOFError, ValueError):
            code = self.end()
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise _Died(f"the process that ran it ended ({how})") from None

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Whatever it does, it does no more; who waits for it hears that it is gone."""
        self._process.kill()

    def end(self) -> int:
        """Its exit code, after it was made to end where it had not."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
        except OSError:
            pass
        code = self._process.poll()
        if code is None:
            self._process.kill()
            code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


class _Crew:
    """Workers on one list of items: a thread each, which hands items over and waits."""

    def __init__(
        self,
        name: bytes,
        items: Iterable[bytes],
        idle: list[_Worker],
        start: Callable[[], _Worker],
    ) -> None:
        self._name = name
        self._items = iter(enumerate(items))
        self._idle = idle
        self._start = start
        self._lock = threading.Lock()
        self._found: queue.Queue[Done | BaseException | None] = queue.Queue()
        self._room = threading.Semaphore(0)
        self._stopped = False
        self._busy: set[_Worker] = set()
        self._threads: list[threading.Thread] = []

    def results(self, workers: int, keep_going: Callable[[], bool] | None) -> Iterator[Done]:
        """Results in the order in which they come."""
        for _ in range(4 * workers):
            self._room.release()  # so many may wait to be taken
        for _ in range(workers):
            thread = threading.Thread(target=self._serve, daemon=True)
            self._threads.append(thread)
            thread.start()
        left = workers
        while left:
            if keep_going is not None and not keep_going():
                return
            try:
                one = self._found.get(timeout=ASKED_EVERY_S)
            except queue.Empty:
                continue
            if one is None:
                left -= 1
            elif isinstance(one, BaseException):
                raise one
            else:
                self._room.release()
                yield one

    def _serve(self) -> None:
        """One thread: items, one after the other, to one worker."""
        worker: _Worker | None = None
        try:
            while (pair := self._next()) is not None:
                worker = self._one(pair[0], pair[1], worker)
        except BaseException as error:
            self._found.put(error)
        finally:
            with self._lock:
                if worker is not None:
                    self._busy.discard(worker)
                    self._idle.append(worker)
            self._found.put(None)

    def _next(self) -> tuple[int, bytes] | None:
        self._room.acquire()
        with self._lock:
            return None if self._stopped else next(self._items, None)

    def _one(self, index: int, item: bytes, worker: _Worker | None) -> _Worker | None:
        """Have one item done; the worker that is free then, if it lives."""
        problem = ""
        for _ in range(ATTEMPTS):
            worker = worker or self._taken()
            if self._stopped:
                return worker
            try:
                self._found.put(Done(index, worker.ask(self._name, item)))
                return worker
            except _Died as error:
                problem = str(error)
                with self._lock:
                    self._busy.discard(worker)
                worker = None
        self._found.put(Done(index, b"", problem))
        return None

    def _taken(self) -> _Worker:
        with self._lock:
            worker = self._idle.pop() if self._idle else self._start()
            self._busy.add(worker)
            return worker

    def dismiss(self) -> list[_Worker]:
        """Stop what is under way; the workers that are free and well."""
        with self._lock:
            self._stopped = True
            busy = list(self._busy)
        for _ in self._threads:
            self._room.release()
        if any(thread.is_alive() for thread in self._threads):
            for worker in busy:
                worker.kill()
        for thread in self._threads:
            thread.join()
        return [worker for worker in self._idle if worker.lives]
