"""The first process of a container, and what becomes of a signal that is sent to it.

The kernel protects the first process of a namespace: a signal without a handler does nothing to it
(pid_namespaces(7)), where any other process would take the default action and end with 128 and the
number of the signal. So it matters what stands in front of a program: a shell that waits for it
neither ends nor passes a signal on; an init passes it on to a program that is not the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.dockerfile.signals import NUMBERS

_HARMLESS = ("CHLD", "CONT", "URG", "WINCH", "STOP", "TSTP", "TTIN", "TTOU")
"""Signals whose default action ends nobody (signal(7))."""
_KEPT_BY_INIT = ("FPE", "ILL", "SEGV", "BUS", "ABRT", "IOT", "TRAP", "SYS", "TTIN", "TTOU", "CHLD")
"""What tini does not pass on: it would be about itself (krallin/tini, tini.c)."""
DOCKER_INIT = ("/sbin/docker-init", "--")


@dataclass(frozen=True, slots=True)
class End:
    """How a container ends at a signal: its exit code, and whether what is inside is done first."""

    code: int
    finishes: bool = False
    after_s: float = 0.0
    """How long the one that handles it is busy with something else, at most."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """Signals that a program handles by ending, with its exit code of each."""

    ends: tuple[tuple[str, int], ...] = ()
    fast: tuple[str, ...] = ()
    """After these it does not finish what is inside it."""
    after_s: float = 0.0

    def end(self, signal: str) -> End | None:
        """How it ends at a signal; None where it has no handler that ends it."""
        code = dict(self.ends).get(signal)
        return None if code is None else End(code, signal not in self.fast, self.after_s)


NONE = Handlers()


@dataclass(frozen=True, slots=True)
class FirstProcess:
    """Who is process 1, what it started, and what it does with signals.

    ``commands`` are process 1, the one that it started, and so on down to the program that works.
    """

    commands: tuple[tuple[str, ...], ...] = ()
    handlers: Handlers = NONE
    """Of the one that signals reach: the program, or the shell that waits for it."""
    passed_on: bool = False
    """Whether an init is process 1, so that default actions apply to whom signals reach."""
    waits: bool = False
    """Whether a shell stands in front of the program and waits for it."""

    @property
    def program(self) -> tuple[str, ...]:
        """The words of the program that works."""
        return self.commands[-1] if self.commands else ()

    def behind_init(self) -> FirstProcess:
        """The same behind Docker's own init (``--init``)."""
        if not self.commands:
            return replace(self, passed_on=True)
        init = (*DOCKER_INIT, *self.commands[0])
        return replace(self, commands=(init, *self.commands), passed_on=True)

    def end(self, signal: str, *, hung: bool = False) -> End | None:
        """How the container ends at a signal, named without SIG; None where it lives on.

        ``hung``: its program does not come to run its handlers; a shell in front of it does.
        """
        if signal == "KILL":
            return End(137)
        if self.passed_on and signal in _KEPT_BY_INIT:
            return None
        end = self.handlers.end(signal)
        if hung and end is not None and not self.waits:
            return None
        if end is not None or not self.passed_on or signal in _HARMLESS:
            return end
        number = NUMBERS.get(signal) or int(signal)
        return End(128 + number)
