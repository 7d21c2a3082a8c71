"""Windows of time in expressions: ``during(60s, 120s)``, ``during('surge')``, ``recent(20s)``.

A window stands where a measure takes ``from_s`` and ``to_s``. One that is not over yet has no
value: half of it must not pass for the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.errors import InputError

WINDOWS: Mapping[str, tuple[str, str]] = {
    "during": (
        "during(run) or during(run, from_s, to_s) or during(from_s, to_s)",
        "the time of a run block, a part of it, or a part of the simulated time",
    ),
    "recent": ("recent(seconds)", "the last seconds before now, all of them after the task began"),
    "since": ("since(time)", "from a time until now: since(start)"),
}  # fmt: skip
"""Name -> how it is written, and what it means."""
_COUNTS = {"during": (1, 2, 3), "recent": (1,), "since": (1,)}

Value = float | int | bool | str


Clock = Callable[..., float]
"""``now``, ``start``, ``started`` and ``ended`` of a run block, by name."""


def check_window(name: str, arguments: int) -> None:
    """InputError where a window has too few or too many arguments."""
    if arguments not in _COUNTS[name]:
        raise InputError(
            f"wrong number of arguments for {name}", found=str(arguments), expected=WINDOWS[name][0]
        )


def bounds(name: str, arguments: list[Value], clock: Clock) -> tuple[float, float]:
    """The first and last time of a window; InputError where it is not over yet."""
    now = clock("now")
    if name == "since":
        return _number(arguments[0]), now
    if name == "recent":
        return _recent(_number(arguments[0]), now, clock)
    if isinstance(arguments[0], str):
        began = clock("started", arguments[0])
        if len(arguments) == 1:
            return began, clock("ended", arguments[0])
        first, *rest = (began + _number(one) for one in arguments[1:])
        return _over(first, rest[0] if rest else now, now)
    if len(arguments) != 2:
        raise InputError("a window has two ends", expected=WINDOWS[name][0])
    return _over(_number(arguments[0]), _number(arguments[1]), now)


def _recent(seconds: float, now: float, clock: Clock) -> tuple[float, float]:
    """What came before the task is no merit of who solves it."""
    if now - seconds < clock("start") - 1e-9:
        left = clock("start") + seconds - now
        raise InputError(f"too little time has passed: let {left:.3g} s more pass")
    return now - seconds, now


def _over(first: float, last: float, now: float) -> tuple[float, float]:
    if last < first:
        raise InputError("a window ends after it begins", found=f"{first:g} to {last:g}")
    if last > now + 1e-9:
        raise InputError(f"this time is not over yet: let {last - now:.3g} s more pass")
    return first, last


def _number(value: Value) -> float:
    if isinstance(value, str):
        raise InputError("not a number", found=value)
    return float(value)
