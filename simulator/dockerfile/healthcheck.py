"""HEALTHCHECK options as values."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.dockerfile.durations import parse_duration
from simulator.dockerfile.model import Flag, Instruction
from simulator.dockerfile.syntax import go_quote
from simulator.errors import InputError, Place, nearest

SHORTEST_S = 0.001
"""Docker refuses shorter intervals than a millisecond (api/types/container MinimumDuration)."""


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """A health check. Durations are None when not given, which leaves the engine's default.

    ``test`` is ("NONE",), ("CMD", program, arguments...) or ("CMD-SHELL", line).
    """

    test: tuple[str, ...]
    interval_s: float | None = None
    timeout_s: float | None = None
    start_period_s: float | None = None
    start_interval_s: float | None = None
    retries: int | None = None

    @property
    def disabled(self) -> bool:
        """HEALTHCHECK NONE switches off a check that the base image brought."""
        return self.test == ("NONE",)


def read_healthcheck(instruction: Instruction, file: str = "Dockerfile") -> Healthcheck:
    """The options of a HEALTHCHECK. Raises InputError that names the bad option or type."""
    place = instruction.place(file)
    kind, *command = instruction.words
    if kind.upper() == "NONE":
        if command:
            raise InputError("HEALTHCHECK NONE takes no arguments", place=place, found=command[0])
        return Healthcheck(("NONE",))
    if kind.upper() != "CMD":
        raise InputError(
            f"Unknown type {go_quote(kind.upper()[:40])} in HEALTHCHECK (try CMD)",
            place=place,
            expected="CMD or NONE",
            nearest=nearest(kind, ("CMD", "NONE")),
        )
    if not command:
        raise InputError("Missing command after HEALTHCHECK CMD", place=place)
    test = ("CMD", *command) if instruction.json else ("CMD-SHELL", *command)
    flags = {flag.name: flag for flag in instruction.flags}
    return Healthcheck(
        test,
        interval_s=_interval(flags.get("interval"), file),
        timeout_s=_interval(flags.get("timeout"), file),
        start_period_s=_interval(flags.get("start-period"), file),
        start_interval_s=_interval(flags.get("start-interval"), file),
        retries=_retries(flags.get("retries"), file),
    )


def _interval(flag: Flag | None, file: str) -> float | None:
    if flag is None or not flag.value:
        return None
    place = Place(file, flag.line or None, flag.column)
    seconds = parse_duration(flag.value, what=f"--{flag.name}", place=place)
    if seconds and seconds < SHORTEST_S:
        raise InputError(
            f'Interval "{flag.name}" cannot be less than 1ms', place=place, found=flag.value
        )
    # Zero means "not set", as the engine reads it.
    return seconds or None


def _retries(flag: Flag | None, file: str) -> int | None:
    if flag is None or not flag.value:
        return None
    digits = flag.value.removeprefix("-").removeprefix("+")
    place = Place(file, flag.line or None, flag.column)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise InputError(
            "invalid --retries", place=place, found=flag.value, expected="a whole number"
        )
    if flag.value.startswith("-") and int(digits):
        raise InputError(f"--retries cannot be negative ({flag.value})", place=place)
    return int(digits) or None
