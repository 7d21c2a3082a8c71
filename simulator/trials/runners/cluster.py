"""Trials on a cluster: the workers of a Dask scheduler that is running already.

What goes there is data: the name of a function of this package, an item, and once for each worker
the files. A worker that dies costs only what it had under way; the scheduler gives that to another.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Refused
from simulator.trials import model
from simulator.trials.bundle import Files
from simulator.trials.model import version
from simulator.trials.runners.protocol import Closing, Done, Play, name_of, named

CONNECT_S = 5.0
ASKED_EVERY_S = 0.1
AHEAD = 2
"""Items that lie ready for each worker beside the one that it has."""
_FILES = "drydock-files"


def _libraries() -> Any:
    try:
        import distributed
    except ImportError:
        raise InputError(
            "trials on a cluster need dask", expected="pip install 'drydock[cluster]'"
        ) from None
    return distributed


class Cluster(Closing):
    """The workers behind ``tcp://HOST:PORT``; InputError where nobody is there, or others are."""

    def __init__(self, address: str) -> None:
        try:
            self._client = _libraries().Client(
                address, timeout=CONNECT_S, set_as_default=False, name="drydock"
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                "no scheduler answers", found=address, expected="the address of a Dask scheduler"
            ) from error
        try:
            self._check(address)
        except BaseException:
            self.close()
            raise
        self.workers = self._threads()

    def _threads(self) -> int:
        """Threads that all workers have now, one at least."""
        return max(1, sum(int(threads) for threads in self._client.nthreads().values()))

    def _check(self, address: str) -> None:
        """All workers have this very package: what they would find would be something else."""
        if not self._client.nthreads():
            raise InputError("this scheduler has no workers", found=address)
        try:
            found = self._client.run(model.version)
        except Exception as error:
            raise InputError(
                "a worker cannot load drydock", found=f"{type(error).__name__}: {error}",
                expected=f"version {version()} installed on each",
            ) from None  # fmt: skip
        for worker, theirs in sorted(found.items()):
            if theirs != version():
                raise InputError(
                    f"worker {worker} has another version", found=str(theirs), expected=version()
                )

    def each(
        self,
        play: Play,
        items: Iterable[bytes],
        contents: Mapping[str, bytes],
        keep_going: Callable[[], bool] | None = None,
    ) -> Iterator[Done]:
        """See :class:`Runner`."""
        self._client.register_plugin(_carried(dict(contents)), name=_FILES)
        self.workers = self._threads()
        run, left = uuid.uuid4().hex, iter(enumerate(items))
        under_way: dict[Any, int] = {}
        over: queue.SimpleQueue[Any] = queue.SimpleQueue()
        try:
            while self._fill(under_way, left, name_of(play), run, over):
                if keep_going is not None and not keep_going():
                    return
                with contextlib.suppress(queue.Empty):
                    future = over.get(timeout=ASKED_EVERY_S)
                    yield self._done(under_way.pop(future), future)
                if self._client.status != "running":
                    raise Refused("the scheduler is gone; what was done is kept")
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel(list(under_way), force=True)

    def _fill(
        self,
        under_way: dict[Any, int],
        left: Iterator[tuple[int, bytes]],
        name: str,
        run: str,
        over: queue.SimpleQueue[Any],
    ) -> bool:
        """Hand items over as there is room; whether any is under way."""
        room = (1 + AHEAD) * self.workers - len(under_way)
        for number, item in itertools.islice(left, max(0, room)):
            future = self._client.submit(carried_out, name, item, key=f"drydock-{run}-{number}")
            under_way[future] = number
            future.add_done_callback(over.put)
        return bool(under_way)

    def _done(self, number: int, future: Any) -> Done:
        if future.status == "finished":
            return Done(number, future.result())
        error = future.exception() if future.status == "error" else None
        if error is None or type(error).__name__ == "KilledWorker":
            return Done(number, b"", "the workers that ran it died")
        raise error

    def close(self) -> None:
        """Leave the scheduler as it was."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=CONNECT_S)


def carried_out(name: str, item: bytes) -> bytes:
    """For a worker: the result of an item, by a function of this package."""
    from distributed import get_worker

    return named(name)(item, Files(_folder(get_worker())))


def _folder(worker: Any) -> Path:
    return Path(worker.local_directory) / "drydock"


def _carried(contents: dict[str, bytes]) -> Any:
    """What puts files down at each worker, also at those that come later."""
    from simulator.trials.runners.carried import Carried

    return Carried(contents)
