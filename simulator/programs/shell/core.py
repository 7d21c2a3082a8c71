"""A process that carries out a script, as a stack of frames: all of it data.

Each frame is one command under way and knows what comes next in it. The process goes on until
something takes time; then it says what, and can be copied, kept and gone on with later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from simulator.errors import Refused
from simulator.programs.files import FileSystem
from simulator.programs.pauses import Burns, Computes, Ended, Heard, Pause, Waits
from simulator.programs.shell.parser import parse
from simulator.programs.shell.scope import Scope
from simulator.programs.shell.streams import ERR, MAX_BUFFER, OUT, Streams
from simulator.programs.view import View

MAX_STEPS = 30_000
"""Steps at one instant: a program that takes more is taken for one that never ends."""
PROGRAM_STEPS = 5
"""What a program costs that is started, beside what it writes."""
LEAST_STEPS = 500
"""What each of many in the background has of them: they share the steps of an instant."""
MAX_FRAMES = 150
MAX_CHILDREN = 50
MAX_GENERATIONS = 5
"""Jobs in the background that send jobs to the background, and so on."""
MAX_DESCENDANTS = 200
FIRST_CHILD = 6
"""Numbers between a shell and the first that it sends to the background."""


class Frame:
    """A command under way. ``boundary``: an ``exit`` in it ends it, and nothing around it."""

    code: int | None = None
    """With which it ends, once what it waits for is over."""
    boundary = False
    guards = False
    """Whether a failure in it is one that it asks for: a condition."""
    loop = False
    spent = False
    """Whether nothing comes after what is done in it now."""
    typed_at = False
    """Whether it is a shell that reads lines."""
    function = False

    def __init__(self, streams: Streams) -> None:
        self.streams = streams

    def step(self, machine: Machine) -> Pause | None:
        """Go on; None when others, or it, can go on at once."""
        raise NotImplementedError

    def unwound(self, machine: Machine) -> None:
        """It is left before its end."""


class Machine:
    """A stack of frames, the scope of the innermost shell, and what was printed."""

    def __init__(self, scope: Scope) -> None:
        self.frames: list[Frame] = []
        self.scope = scope
        self.status = 0
        self.printed: list[tuple[str, str]] = []
        """(stdout or stderr, text), for whoever runs it to take away."""
        self.shown = self.spent = 0
        """Characters printed and steps taken at this instant."""
        self.lines: list[str] = []
        """Lines that were typed and not read yet."""
        self.closed = False
        """Whether no line will come any more."""
        self.interactive = False
        """Whether somebody types at it, or may."""
        self.left = False
        """Whether a shell was just left by ``exit``."""
        self.signals: list[str] = []
        """Signals that came and that a trap is to answer."""
        self.doing = ""
        """The command that it waits for now."""
        self.children: list[Child] = []
        """What was sent to the background."""
        self.joins: int | None = None
        """Which of those a ``wait`` waits for; 0: all."""
        self.heard: Heard | None = None
        """What came of the requests that it was told to make again and again."""
        self._started = 0
        self.generation = 0
        self.first = self
        """Whose jobs, jobs of jobs and so on it is one of; its own where it is nobody's."""
        self.descendants = 0
        self.shell: Scope | None = None
        """The outermost shell, where the process is one."""
        self._view: View | None = None

    # --- what goes on ---------------------------------------------------------------------------

    def go(self, view: View) -> Pause:
        """Go on until something takes time, with what was sent to the background too."""
        while True:
            pause = self._go_on(view)
            joined = self.tick(view)
            if isinstance(pause, Ended) or not joined:
                return pause

    def _go_on(self, view: View) -> Pause:
        self._view = view
        self.shown = 0
        self.doing = ""
        try:
            self.spent, most = 0, max(LEAST_STEPS, MAX_STEPS // (1 + self.first.descendants))
            while self.spent < most:
                self.spent += 1
                if not self.frames:
                    return Ended(self.status)
                pause = self.frames[-1].step(self)
                if self.signals and pause is None:
                    self._answer(self.signals.pop(0))
                if pause is not None:
                    self.doing = getattr(pause, "what", "")
                    return pause
            return Burns(1, fills="stdout" if self.shown else "")
        finally:
            self._view = None

    def spend(self, steps: int) -> None:
        """Something costs more than one step."""
        self.spent += steps

    @property
    def view(self) -> View:
        """Its surroundings, while it goes on."""
        assert self._view is not None
        return self._view

    @property
    def files(self) -> FileSystem:
        """The files that it sees."""
        return self.view.files

    @property
    def user(self) -> object:
        """As whom it uses them."""
        return self.view.user

    def show(self, stream: str, text: str) -> None:
        """Print; what is too much at one instant is dropped."""
        if self.shown < MAX_BUFFER:
            self.printed.append((stream, text))
            self.shown += len(text)

    # --- the background ---------------------------------------------------------------------------

    def background(self, node: Any, streams: Streams) -> int:
        """Carry a node out beside what comes next; its number."""
        if len(self.children) >= MAX_CHILDREN:
            raise Refused(f"more than {MAX_CHILDREN} background jobs are not modelled")
        if self.generation >= MAX_GENERATIONS or self.first.descendants >= MAX_DESCENDANTS:
            raise Refused(
                f"more than {MAX_GENERATIONS} generations of background jobs, or"
                f" {MAX_DESCENDANTS} of them, are not modelled"
            )
        self._started += 1
        self.first.descendants += 1
        child = Machine(self.scope.copy())
        child.first, child.generation = self.first, self.generation + 1
        child.start(node, streams)
        pid = self.scope.pid + FIRST_CHILD + self._started
        self.children.append(Child(child, pid))
        self.scope.variables["!"] = str(pid)
        return pid

    def tick(self, view: View) -> bool:
        """Let those in the background go on whose time has come.

        True when that was what the shell waited for: it can go on.
        """
        for one in self.children:
            if not one.ended and one.due <= view.now_s + 1e-9:
                one.go(view)
                self.printed += one.machine.printed
                one.machine.printed = []
        return self._joined()

    def _joined(self) -> bool:
        """Whether what a ``wait`` waits for has ended."""
        if self.joins is None:
            return False
        wanted = [one for one in self.children if self.joins in (0, one.pid)]
        if not all(one.ended for one in wanted):
            return False
        if self.joins and wanted and self.frames:
            self.frames[-1].code = wanted[0].code
        self.joins = None
        return True

    @property
    def next_due(self) -> float:
        """When the first of those in the background goes on; infinity if none does."""
        return min((one.due for one in self.children if not one.ended), default=inf)

    def take_pauses(self) -> list[Pause]:
        """What those in the background have come to that goes on for ever."""
        found = [one.endless for one in self.children if one.endless is not None]
        for one in self.children:
            one.endless = None
        return found

    def end_child(self, pid: int, code: int) -> bool:
        """End one in the background; False where there is none of this number."""
        for one in self.children:
            if one.pid == pid and not one.ended:
                one.end(code)
                return True
        return False

    # --- the stack ------------------------------------------------------------------------------

    def push(self, frame: Frame) -> None:
        """Do this first."""
        if len(self.frames) >= MAX_FRAMES:
            raise Refused(f"more than {MAX_FRAMES} commands within each other are not modelled")
        self.frames.append(frame)

    def start(self, node: Any, streams: Streams) -> None:
        """Carry a node out."""
        self.push(FRAMES[type(node)](node, streams))

    def pop(self) -> None:
        """The innermost command is done."""
        self.frames.pop()

    def leave(self, code: int, *, quits: bool = True) -> None:
        """End everything up to the shell that it is in, and if it ``quits`` that too."""
        self.status = code
        while self.frames and not self.frames[-1].boundary:
            self.frames.pop().unwound(self)
        self.left = quits

    @property
    def at_its_end(self) -> bool:
        """Whether what it does now is the last thing that it does: nothing around it goes on."""
        return all(frame.spent for frame in self.frames[:-1])

    def interrupt(self) -> None:
        """End what is under way in the shell that is typed at."""
        while self.frames and not self.frames[-1].typed_at:
            self.frames.pop().unwound(self)
        self.status = 130

    def deliver(self, signal: str) -> bool:
        """A signal comes: whether a trap of the outermost shell answers it, after what it does."""
        traps = self.traps
        if signal not in traps:
            return False
        if traps[signal] and len(self.signals) < 100:
            self.signals.append(signal)
        return True

    @property
    def traps(self) -> dict[str, str]:
        """Those of the outermost shell, which signals reach."""
        return (self.shell or self.scope).traps

    def _answer(self, signal: str) -> None:
        text = self.traps.get(signal)
        if text:
            self.start(parse(text), TERMINAL)

    def failed(self) -> None:
        """A command has ended: under ``set -e`` a failure that nobody asked for ends the shell."""
        if self.status and self.scope.on("errexit"):
            for frame in reversed(self.frames):
                if frame.guards:
                    return
                if frame.boundary:
                    break
            self.leave(self.status)

    def unwind(self, wanted: Callable[[Frame], bool]) -> Frame | None:
        """Leave frames up to one that is wanted, which stays; None, and nothing, without it."""
        for frame in reversed(self.frames):
            if wanted(frame):
                while self.frames[-1] is not frame:
                    self.frames.pop().unwound(self)
                return frame
            if frame.boundary:
                return None
        return None


class Child:
    """A process in the background of a shell."""

    def __init__(self, machine: Machine, pid: int) -> None:
        self.machine = machine
        self.pid = pid
        self.due = 0.0
        """When it goes on, in simulated seconds."""
        self.ended = False
        self.code = 0
        self.endless: Pause | None = None
        """What it has come to that goes on for ever, until somebody takes that up."""

    def go(self, view: View) -> None:
        """Go on, and note what comes of it."""
        pause = self.machine.go(view)
        if isinstance(pause, Ended):
            self.end(pause.code)
        elif isinstance(pause, Waits):
            self.due = view.now_s + pause.seconds
        elif isinstance(pause, Computes):
            self.due = view.now_s + pause.cpu_s
        else:
            self.due, self.endless = inf, pause

    def end(self, code: int) -> None:
        """It is over."""
        self.ended, self.code, self.due = True, code, inf


FRAMES: dict[type, Callable[[Any, Streams], Frame]] = {}
"""How each kind of node is carried out."""
TERMINAL = Streams(None, OUT, ERR)


def new_machine(env: Mapping[str, str], cwd: str, name: str = "sh") -> Machine:
    """A machine with nothing to do yet."""
    return Machine(Scope(env, cwd, name))
