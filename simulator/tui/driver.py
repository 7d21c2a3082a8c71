"""What moves the world while a person looks at it: pause, step, speed, waiting for a job.

The source of wall time is injected, so a test feeds frames by hand and nothing ever waits. One
call of :meth:`Driver.frame` advances the world within a budget of wall time and returns; what the
screen then shows is one snapshot of the world.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.errors import DrydockError
from simulator.ports import Job, Outcome
from simulator.shell import wording
from simulator.tui.pace import (
    MAX_LEAP_S,
    MAX_SLICE_S,
    PLAY_S,
    PLAY_SPEED,
    SPEEDS,
    Allowance,
)
from simulator.tui.ports import DeskPort, PlaybackPort, SessionPort, WorldPort
from simulator.tui.until import Events, Until, worth_seeing

AHEAD_S = 3600.0
"""Simulated seconds in which a step looks for an event."""
ENOUGH = 0.85
"""Share of the wanted speed that counts as reached."""
LOOK_AHEAD_S = 0.25
"""Wall seconds that it may take to look; then it goes as far as it has looked."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line for the output pane. ``kind``: typed, caret, out, error, note or good."""

    kind: str
    text: str


class Driver:
    """Runs what is at one desk frame by frame."""

    def __init__(
        self,
        desk: DeskPort,
        *,
        clock: Callable[[], float] = time.perf_counter,
        budget_s: float = 0.04,
    ) -> None:
        self.desk = desk
        self.clock = clock
        self.budget_s = budget_s
        self.job: Job | None = None
        self.playback: PlaybackPort | None = None
        self.held = False
        """Whether a wait or a playback stands still because somebody wants to look."""
        self.script: Sequence[tuple[float, str]] = ()
        """Lines that are typed when their simulated time comes, in order."""
        self._next_line = 0
        self._line = ""
        """The line whose job is waited for."""
        self._pace = math.inf
        self._allowance = Allowance(budget_s)
        self._said: list[Said] = []
        self._growing = wording.Growing()
        self._last = clock()
        self._lately: deque[tuple[float, float]] = deque(maxlen=10)

    # --- what is so ---------------------------------------------------------------------------

    @property
    def session(self) -> SessionPort:
        """The session at the desk now."""
        return self.desk.session

    @property
    def world(self) -> WorldPort:
        """The world now; undo, rewind and reset replace it."""
        return self.desk.session.world

    @property
    def running(self) -> bool:
        """Whether time passes by itself. The session holds it, so that a typed word sets it too."""
        return not self.session.paused

    @property
    def waiting(self) -> str:
        """What the prompt waits for, empty when it waits for nothing."""
        if self.playback is not None:
            return f"lesson: {self.playback.next_line or 'the last line'}"
        return job_title(self.job) if self.job is not None else ""

    @property
    def busy(self) -> bool:
        """Whether the next frame has anything to do. False means: no work at all."""
        if self.job is not None or self.playback is not None:
            return not self.held
        return self.running

    @property
    def speed(self) -> float:
        """Simulated seconds per wall second that are wanted; infinite for no limit."""
        return self.session.speed

    @property
    def behind(self) -> float | None:
        """What is reached where that is less than is wanted; None where time passes as wanted."""
        reached = self.reached
        if reached is None or self.job is not None or self.playback is not None:
            return None
        return reached if reached < ENOUGH * self.speed or math.isinf(self.speed) else None

    @property
    def reached(self) -> float | None:
        """Simulated seconds per wall second truly reached lately; None when nothing moves."""
        wall = sum(w for w, _ in self._lately)
        return sum(s for _, s in self._lately) / wall if wall > 0 and self.busy else None

    # --- what a person asks for ---------------------------------------------------------------

    def run(self) -> None:
        """Let time pass until paused."""
        self._begin_to_move()
        self.session.paused = False

    def pause(self) -> None:
        """Stop time. A job that is waited for still goes on; its wait is left with ``leave``."""
        self.session.paused = True

    def toggle(self) -> None:
        """Pause or run; what is waited for is held or goes on."""
        if self.job is not None or self.playback is not None:
            self.held = not self.held
            self._begin_to_move()
        elif self.running:
            self.pause()
        else:
            self.run()

    def step(self) -> str:
        """Pause, and go to the next event worth seeing; what it is.

        Where none comes within ``AHEAD_S`` nothing has moved, and the answer is empty.
        """
        self.pause()
        at = self._next_event()
        if at is None:
            return ""
        events = Events(self.session.reader, worth_seeing)
        self._advance(at, lambda: True)
        return events() or "the script went on"

    def _next_event(self) -> float | None:
        """When the next event comes, or the script's next line; seen in a copy of the world."""
        script = self.script[self._next_line : self._next_line + 1]
        limit = min([self.world.now + AHEAD_S, *(at for at, _ in script)])
        copy = self.session.branch()
        events, deadline = Events(copy.reader, worth_seeing), self.clock() + LOOK_AHEAD_S
        came = False

        def keep_going() -> bool:
            nonlocal came
            came = bool(events())
            return not came and self.clock() < deadline

        copy.advance(limit, keep_going)
        if came or events() or script or self.clock() >= deadline:
            return copy.world.now
        return None

    def wait(self, job: Until) -> None:
        """Let time pass until something comes, then pause; ``leave`` ends the wait."""
        self.pause()
        self._wait_for(job, "")

    def change_speed(self, by: int) -> float:
        """Go up or down the ladder of speeds."""
        if by > 0:
            wanted = next((s for s in SPEEDS if s > self.speed), SPEEDS[-1])
        else:
            wanted = next((s for s in reversed(SPEEDS) if s < self.speed), SPEEDS[0])
        self.session.speed = wanted
        self._lately.clear()
        return wanted

    def submit(self, line: str) -> bool:
        """Carry out one typed line; False when it was refused. Its job is waited for."""
        self._said.append(Said("typed", line))
        was_running = self.running
        try:
            result = self.desk.execute(line)
        except DrydockError as error:
            self._said.append(Said("error", str(error)))
            return False
        if self.running and not was_running:
            self._begin_to_move()
        self._print(result, line)
        if result.job is not None:
            self._wait_for(result.job, line)
        return not result.error

    def play(self, playback: PlaybackPort, length_s: float = 0.0) -> None:
        """Play lines that type themselves; ``length_s`` is how long they take in simulated time."""
        self.job, self.held = None, False
        self.playback = playback
        self._pace = max(self.speed, PLAY_SPEED, length_s / PLAY_S)
        self._allowance.begin()
        self._begin_to_move()

    def leave(self) -> bool:
        """Stop waiting; what was begun in the world goes on in its own time."""
        self.held = False
        if self.playback is not None:
            self.playback.stop()
            self.playback = None
            self.say("note", "stopped; the lines left were not typed")
            return True
        if self.job is None:
            return False
        self.say("note", f"no longer waiting for: {job_title(self.job)}")
        self.job = None
        return True

    def say(self, kind: str, text: str) -> None:
        """Put a line of the front end's own into the output pane."""
        self._said.append(Said(kind, text))

    def drain(self) -> list[Said]:
        """Lines said since the last call."""
        said, self._said = self._said, []
        return said

    # --- one frame ----------------------------------------------------------------------------

    def frame(self) -> None:
        """Advance the world by what this frame may and must."""
        now = self.clock()
        wall, self._last = min(now - self._last, MAX_LEAP_S), now
        before, busy = self.world.now, self.busy
        deadline = now + self.budget_s
        if not busy:
            return
        if self.playback is not None:
            self._play_a_frame(self.playback, wall)
        elif self.job is not None:
            self._wait_a_frame(self.job, wall, deadline)
        elif self.running:
            self._advance(self._target(wall, self.speed), lambda: self.clock() < deadline)
        if wall > 0:
            self._lately.append((wall, max(0.0, self.world.now - before)))

    def _begin_to_move(self) -> None:
        """Time that passed while nothing moved does not count."""
        if not self.busy or not self._lately:
            self._last = self.clock()
        self._lately.clear()

    def _target(self, wall: float, pace: float) -> float:
        return self.world.now + (MAX_SLICE_S if math.isinf(pace) else wall * pace)

    def _advance(self, until: float, keep_going: Callable[[], bool]) -> None:
        """Let time pass, typing the script's lines on the way; their jobs are not waited for."""
        while self._next_line < len(self.script) and self.script[self._next_line][0] <= until:
            at, line = self.script[self._next_line]
            if at > self.world.now and not self.session.advance(at, keep_going):
                self._later()
                return
            self._next_line += 1
            self._said.append(Said("typed", line))
            self._print(self.desk.execute(line))
        self.session.advance(until, keep_going)
        self._later()

    def replayed(self) -> None:
        """History was run again: what the script typed after now is to be typed again."""
        now = self.world.now
        self._next_line = sum(1 for at, _ in self.script if at <= now)
        self.job = None
        self._lately.clear()

    def _play_a_frame(self, playback: PlaybackPort, wall: float) -> None:
        began, before = self.clock(), self.world.now
        target = before + min(wall * self._pace, self._allowance.simulated_s)
        typed = playback.play(target)
        self._allowance.learn(self.world.now - before, self.clock() - began)
        for line, result in typed:
            self._later()
            if line:  # an empty one is what an earlier line brought about only now
                self._said.append(Said("typed", line))
                self._line = line
            self._print(result)
            self.job = result.job
        self._later()
        if self.job is not None and self.job.done:
            self.job = None
        if not playback.done:
            return
        self.playback = None
        if playback.failed and Said("error", playback.failed) not in self._said:
            self.say("error", playback.failed)

    def _wait_a_frame(self, job: Job, wall: float, deadline: float) -> None:
        if not job.done:
            streams = getattr(job, "streams", False)  # its time passes as it would without it
            pace = self.speed if streams else self._pace
            target = min(self._target(wall, pace), getattr(job, "until", math.inf))
            self._advance(target, lambda: not job.done and self.clock() < deadline)
        if self.job is job and job.done:
            self.job = None
            if isinstance(job, Until):
                self._said += [Said("good" if job.found else "note", one) for one in job.lines]

    # --- results ------------------------------------------------------------------------------

    @property
    def live(self) -> list[str]:
        """What the job that is waited for has printed so far; it is said for good when it ends."""
        if self.job is None:
            return []
        redrawn = getattr(self.job, "live", list)
        return [*self._growing.lines(self.job.lines), *wording.lines(redrawn())]

    def _print(self, result: Outcome, typed: str = "") -> None:
        self._said += [Said("out", text) for text in result.lines]
        column = getattr(result, "column", None)
        if result.error and column and self._said and self._said[-1] == Said("typed", typed):
            self._said.append(Said("caret", " " * (column - 1) + "^"))
        if result.error:
            self._said += [Said("error", text) for text in result.error.splitlines()]

    def _later(self) -> None:
        """Show what lines brought about that had to wait; go on waiting if they do."""
        results = self.session.results
        while results:
            result = results.pop(0)
            line = getattr(result, "line", "")
            waited = self.job is not None and line == self._line
            if not waited and line:
                self.say("note", f"has ended: {line}")
            self._print(result)
            if waited:
                self.job = None
                if result.job is not None:
                    self._wait_for(result.job, line)

    def _wait_for(self, job: Job, line: str) -> None:
        self.job, self._line, self.held = job, line, False
        until = None if getattr(job, "flat_out", False) else getattr(job, "until", None)
        length = 0.0 if until is None else until - self.world.now
        self._pace = max(self.speed, length / PLAY_S) if length > 0 else math.inf
        self._begin_to_move()


def job_title(job: Job) -> str:
    """What a job is, for people; not every kind of waiting has a name."""
    return str(getattr(job, "title", "what was begun"))
