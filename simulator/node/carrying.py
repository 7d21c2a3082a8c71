"""One process of a container that is carried out: process 1, or what ``exec`` started.

Each is a ``Machine`` of ``programs/shell`` and knows what it waits for; time passes in entries of
the calendar, so that all of it can be copied at any instant.
"""

from __future__ import annotations

from dataclasses import replace
from math import isinf

from simulator.engine import Moment
from simulator.engine.calendar import Entry
from simulator.errors import DrydockError
from simulator.image.identity import Identity
from simulator.machine.container import Container
from simulator.machine.writing import Writing
from simulator.node.insides import Inside
from simulator.node.reaching import Line, surroundings_of
from simulator.programs.pauses import Asks, Burns, Computes, Ended, Pause, Reads, Serves, Waits
from simulator.programs.shell.core import Machine
from simulator.programs.view import View

LOOK_S = 0.5
"""How often a program that counts its requests is looked at: it goes on so much late at most."""
LEAST_PAUSE_S = 1e-4
"""From an answer to the next request of a program that starts no other for it."""
INTERRUPT = "\x03"
"""Ctrl-C, where a line may be typed."""
NOT_CARRIED_OUT = 125
"""Exit code of a program that does what is not modelled: the one of the tool itself."""


class _Killed(Exception):
    """The kernel has killed the container for the memory that was asked for."""


class Running:
    """One process under way, and what it has printed."""

    def __init__(self, inside: Inside, container: Container, machine: Machine) -> None:
        self.inside = inside
        self.container = container
        self.machine = machine
        self.who: Identity | None = None
        """Who it is, where that is not the user of process 1."""
        self.prompt: str | None = None
        """With what it waits for a line to be typed; None when it does not."""
        self.ended = False
        self.code = 0
        self.problem = ""
        """What it did that is not modelled."""
        self.waiting = Moment(container.sim)
        """When it waits for a line, or is over."""
        self.partial = ""
        self.held_bytes = 0
        """Memory that it has taken."""
        self.printed: list[tuple[str, str]] = []
        """(stream, line) since somebody took them."""
        self.lines: list[Line] = []
        """Requests of it that come again and again, the first of them where it waits for their
        end."""

    # --- what happens to it -----------------------------------------------------------------------

    def go_on(self, view: View | None = None) -> None:
        """Go on until something takes time, and see what.

        ``view``: what is around it, where somebody has looked at this instant.
        """
        self.prompt = None
        self.hang_up()
        view = view or self.inside.view(self.container, self.who)
        view.hold = self._hold
        try:
            pause = self.machine.go(view)
        except _Killed:
            return
        except DrydockError as error:
            self.problem = str(error)
            self.machine.printed.append(("stderr", f"drydock: {error}\n"))
            pause = Ended(NOT_CARRIED_OUT)
        self._print(pause)
        self._see(pause)
        if not self.ended:
            self._tend()

    def _tend(self) -> None:
        """See to what is in the background: what never ends, and who goes on next."""
        for pause in self.machine.take_pauses():
            if isinstance(pause, Burns):
                self.container.burn(pause.threads)
            elif isinstance(pause, Asks):
                self._dial(pause)
            elif isinstance(pause, Serves):
                self.pass_time(pause)
        due = self.machine.next_due
        if not isinf(due):
            self.container.sim.at(due, self._child_due)

    def _child_due(self) -> None:
        if self.ended or not self.container.running:
            return
        view = self.inside.view(self.container, self.who)
        view.hold = self._hold
        try:
            joined = self.machine.tick(view)
        except _Killed:
            return
        except DrydockError as error:
            self.machine.printed.append(("stderr", f"drydock: {error}\n"))
            joined = False
        self._print(Waits(0.0))
        if joined:
            self.go_on()
        else:
            self._tend()

    def _hold(self, size_bytes: int) -> None:
        self.held_bytes += size_bytes
        if not self.container.hold(size_bytes):
            raise _Killed

    def type(self, line: str) -> None:
        """A line is typed at it."""
        self.machine.lines.append(line)
        self.waiting = Moment(self.container.sim)
        self.go_on()

    def interrupt(self) -> None:
        """Ctrl-C: what a shell that is typed at waits for is ended, with code 130."""
        self.hang_up()
        self.machine.interrupt()
        self.waiting = Moment(self.container.sim)
        self.go_on()

    def close(self) -> None:
        """No line will come any more."""
        self.machine.closed = True
        self.waiting = Moment(self.container.sim)
        self.go_on()

    def over(self, code: int) -> None:
        """It has ended."""
        if not self.ended:
            self.ended, self.code, self.prompt = True, code, None
            self.hang_up()
            if self.held_bytes and self.container.pid:
                self.container.hold(-self.held_bytes)
            self.waiting.happen()

    def take(self) -> list[tuple[str, str]]:
        """What it has printed since this was last asked."""
        printed, self.printed = self.printed, []
        return printed

    def _print(self, pause: Pause) -> None:
        """Lines of what was printed; the last one waits for its end, while more may come."""
        printed, self.machine.printed = self.machine.printed, []
        for stream, text in printed:
            *lines, self.partial = f"{self.partial}{text}".split("\n")
            for line in lines:
                self.tell(stream, line)
        if self.partial and not isinstance(pause, Waits | Computes):
            self.tell("stdout", self.partial)
            self.partial = ""

    def tell(self, stream: str, line: str) -> None:
        """One line of output."""
        if len(self.printed) < 10_000:
            self.printed.append((stream, line))

    def _see(self, pause: Pause) -> None:
        if isinstance(pause, Reads):
            self.prompt = pause.prompt
            self.waiting.happen()
        elif isinstance(pause, Burns):
            self.container.burn(pause.threads)
            if pause.grows_bytes_s:
                self.container.grow(pause.grows_bytes_s)
            self.fill(pause.fills)
        elif isinstance(pause, Asks):
            self._ask(pause)
        elif isinstance(pause, Ended):
            self.end(pause.code)
        else:
            self.pass_time(pause)

    # --- requests again and again -----------------------------------------------------------------

    def _dial(self, pause: Asks) -> Line | None:
        spawned = pause.programs * self.container.constants.value("runtime.process.exec_s")
        pause = replace(pause, pause_s=pause.pause_s + max(spawned, LEAST_PAUSE_S))
        around = surroundings_of(self.inside.wiring, self.container)
        line = around.dial(pause, self.container.local_name or self.container.name)
        if line is not None:
            self.lines.append(line)
        return line

    def _ask(self, pause: Asks) -> None:
        line = self._dial(pause)
        sim = self.container.sim
        if line is None:
            sim.at(sim.now + LOOK_S, self._asked, None, sim.now)
        elif pause.most is not None or not isinf(pause.lasts_s):
            until = sim.now + pause.lasts_s
            sim.at(min(until, sim.now + LOOK_S), self._asked, line, until)

    def _asked(self, line: Line | None, until: float) -> None:
        """Whether the requests that it waits for are over: it goes on."""
        sim = self.container.sim
        if self.ended or not self.container.running:
            return
        if line is not None and line not in self.lines:
            return  # it was interrupted
        if line is not None and sim.now < until and not line.over:
            sim.at(min(until, sim.now + LOOK_S), self._asked, line, until)
            return
        self.machine.heard = None if line is None else line.said()
        self.go_on()

    def hang_up(self) -> None:
        """What it asks again and again, it asks no more."""
        lines, self.lines = self.lines, []
        for one in lines:
            one.hang_up()

    def fill(self, where: str) -> None:
        """What it prints without end goes somewhere: what is asked of others stays with them."""

    def pass_time(self, pause: Pause) -> None:
        """Wait, compute or serve."""
        raise NotImplementedError

    def end(self, code: int) -> None:
        """It ends by itself."""
        raise NotImplementedError


class First(Running):
    """Process 1 of a container: its output is the log, its end the container's."""

    def tell(self, stream: str, line: str) -> None:
        """One line of output goes to the log, and to who is attached."""
        super().tell(stream, line)
        self.container.say(line)

    def _see(self, pause: Pause) -> None:
        own = " ".join(self.container.settings.command)
        static = isinstance(pause, Serves) or self.machine.joins is not None
        doing = None if static else self.machine.doing or own
        self.container.doing, self.container.doing_last = doing, self.machine.at_its_end
        super()._see(pause)

    def pass_time(self, pause: Pause) -> None:
        """In the life of the container."""
        if isinstance(pause, Waits) and not isinf(pause.seconds):
            if self.machine.children:
                # What is in the background may have the container's own timer.
                sim = self.container.sim
                sim.at(sim.now + pause.seconds, self._awake)
            else:
                self.container.wait(pause.seconds, self.go_on)
        elif isinstance(pause, Computes):
            self.container.compute(pause.cpu_s, self.go_on)
        elif isinstance(pause, Serves):
            self.container.serve()

    def _awake(self) -> None:
        if not self.ended and self.container.running:
            self.go_on()

    def fill(self, where: str) -> None:
        """The daemon's log, or a file."""
        if where == "stdout":
            self.container.print_on(self.container.constants.value("io.log.json_bytes_s"))
        elif where:
            self.container.flood(where, ends=True)

    def end(self, code: int) -> None:
        """With the container."""
        self.container.finish(code)


class Execution(Running):
    """A process that ``exec`` started in a container that runs."""

    def __init__(self, inside: Inside, container: Container, machine: Machine, number: int) -> None:
        super().__init__(inside, container, machine)
        self.number = number
        self.entry: Entry | None = None
        self.writing: Writing | None = None
        """A file that it fills without end."""

    def pass_time(self, pause: Pause) -> None:
        """In entries of its own."""
        sim = self.container.sim
        if isinstance(pause, Waits) and not isinf(pause.seconds):
            self.entry = sim.at(sim.now + pause.seconds, self._later)
        elif isinstance(pause, Computes):
            self.entry = sim.at(sim.now + pause.cpu_s, self._later)
        elif isinstance(pause, Serves):
            self.problem = (
                f"'{pause.argv[0]}' is a program of its own: beside the one that the container "
                "runs it is not modelled; start a container for it with 'docker run'"
            )
            self.end(NOT_CARRIED_OUT)

    def fill(self, where: str) -> None:
        """A file; what it prints is no daemon's."""
        if where and where != "stdout":
            self.writing = self.container.flood(where, ends=False)

    def _later(self) -> None:
        self.entry = None
        if not self.ended:
            self.go_on()

    def end(self, code: int) -> None:
        """By itself, or with its container."""
        if self.writing is not None:
            self.container.close(self.writing)
            self.writing = None
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None
        self.over(code)
