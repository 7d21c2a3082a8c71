"""A session in time: lines wait for what they started, go on, and are taken back.

What a line does is in ``session.py``; what is remembered of it in ``timeline.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simulator.errors import Refused
from simulator.shell import wording
from simulator.shell.grammar import Call
from simulator.shell.piping import taken
from simulator.shell.results import (
    Output,
    Result,
    Timed,
    in_words,
    refusal_of,
)
from simulator.shell.timeline import Future, Mark, Queued, Timeline, Waiting
from simulator.world import World


class InTime:
    """A world, the lines that wait for something in it, and the way back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.results: list[Result] = []
        """Results of calls that had to wait, for who shows them to take away."""
        self.timeline = Timeline()
        self._typed: Mark | None = None
        """Where the line was typed that is carried out; None inside another."""
        self._unmarked = 0
        """Commands that came before what the line does now."""
        self._queue: list[Queued] = []
        self._output = Output()

    def _carry_out(
        self, calls: list[Call], wait: bool, output: Output, mark: Mark | None
    ) -> Result:
        """Do what these calls of a line say."""
        raise NotImplementedError

    # --- what is noted of lines ---------------------------------------------------------------

    def _mark(self, line: str) -> Mark:
        return self.timeline.mark(line, self.world.now, len(self.world.log), self._queue)

    def _note_change(self) -> None:
        mark = self._typed
        if mark is None or len(self.world.log) <= self._unmarked:
            return
        if not self._output.later:
            self.timeline.futures.clear()
        self.timeline.changed(mark)

    def _note_waiting(self) -> None:
        self.timeline.wait(self.world.now, self._queue)

    # --- time ---------------------------------------------------------------------------------

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Like ``World.advance``; calls that wait for a job go on at the instant it is done."""
        stopped = False

        def going() -> bool:
            nonlocal stopped
            stopped = keep_going is not None and not keep_going()
            return not stopped and not self._ready()

        while True:
            due = self._due(until)
            reached = self.world.advance(due, going)
            self.poll()
            if stopped or (reached and due >= until and not self._ready()):
                return reached and due >= until

    def _due(self, until: float) -> float:
        """The first time before ``until`` that a line waits for."""
        jobs = [job for one in self._queue for _, job in one.jobs if not job.done]
        return min([job.until for job in jobs if isinstance(job, Timed)] + [until])

    def poll(self) -> list[Result]:
        """Go on with lines whose jobs are done; what the jobs and the rest of the lines brought.

        It is added to ``results`` too, whence whoever shows the session takes it away.
        """
        results: list[Result] = []
        while self._ready():
            ready = next(one for one in self._queue if one.done)
            self._queue.remove(ready)
            self._note_waiting()
            results.append(self._go_on(ready))
        self.results += results
        return results

    def _go_on(self, queued: Queued) -> Result:
        output = Output(queued.line, later=True)
        for call, job in queued.jobs:
            output.lines += wording.lines(job.lines)
            if job.error:
                output.errors.append(in_words(call, refusal_of(job, job.error)))
        if queued.calls and queued.calls[0].operator == "|":
            first = queued.calls[0]
            first.stdin = (first.stdin or "") + taken(output.lines, 0)
        return self._carry_out(queued.calls, False, output, queued.mark)

    def _ready(self) -> bool:
        return any(one.done for one in self._queue)

    @property
    def waiting(self) -> bool:
        """Whether some line has calls left that wait for a job."""
        return bool(self._queue)

    # --- back and forth -----------------------------------------------------------------------

    def undo(self) -> Future:
        """Take back the last line that changed the world, as if it had never been typed."""
        timeline, world = self.timeline, self.world
        if not timeline.marks:
            raise Refused("nothing to undo: no line has changed this world yet")
        mark = timeline.marks[-1]
        earlier = world.with_past(world.log.first(mark.commands), mark.time)
        timeline.leave(world, mark.line, mark.commands)
        timeline.marks.pop()
        timeline.go_back(mark.time)
        self._stand_in(earlier, mark.waiting)
        return timeline.futures[-1]

    def redo(self) -> Future:
        """Have again what the last ``undo`` or ``rewind`` left."""
        timeline = self.timeline
        if not timeline.futures:
            raise Refused("nothing to redo: nothing was undone since a line changed this world")
        future = timeline.futures[-1]
        later = self.world.with_past(future.log, future.time, future.history)
        timeline.futures.pop()
        self._stand_in(later, timeline.go_on(future))
        return future

    def rewind(self, to: float) -> Future:
        """Go back to an earlier simulated time, and forget what was typed later."""
        timeline, world = self.timeline, self.world
        if to > world.now:
            raise Refused(f"cannot rewind to the future: it is {world.now:g}s now")
        earlier = world.rewound(max(0.0, to))
        timeline.leave(world, "", len(earlier.log))
        timeline.marks = [mark for mark in timeline.marks if mark.commands < len(earlier.log)]
        self._stand_in(earlier, timeline.go_back(earlier.now))
        return timeline.futures[-1]

    def begin_here(self) -> None:
        """Take what was typed so far for the start of it all: ``undo`` does not go behind it."""
        self.timeline.marks.clear()
        self.timeline.futures.clear()

    def _stand_in(self, world: World, waiting: Iterable[Waiting]) -> None:
        """Another world takes the place of this one; lines go on waiting for its jobs."""
        self.world = world
        self._queue = [one.revived(world) for one in waiting]
        self._note_waiting()
        # What the rest of this line does, it does from here on.
        self._unmarked = len(world.log)
        if self._typed is not None:
            self._typed = self._mark(self._typed.line)
