"""Measures of recorded series: what a curve says in a number."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simulator.engine import Samples
from simulator.errors import InputError, nearest, printable
from simulator.world.roster import ambiguous

if TYPE_CHECKING:
    from simulator.world.world import World


LATENCIES = ("mean", "p50", "p95", "p99")
"""Curves of a service that mean nothing while nobody is answered."""


class Curves:
    """Measures over the series of one world.

    A series is written as in the recorder (``service/web/p95``) or shorter with a dot: ``web.p95``
    of a service, ``web-1.cpu`` of a container, ``big.cpu`` of a machine. ``from_s`` and ``to_s``
    are simulated times that bound what is looked at. Where nothing was recorded, an InputError
    says so: no sample is not a zero.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def max(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Largest sample."""
        return max(self._values(series, from_s, to_s))

    def min(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Smallest sample."""
        return min(self._values(series, from_s, to_s))

    def mean(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Mean of the samples."""
        values = self._values(series, from_s, to_s)
        return sum(values) / len(values)

    def last(self, series: str) -> float:
        """The newest sample."""
        return self._values(series, 0.0, math.inf)[-1]

    def integral(self, series: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Area under the series, in its unit times seconds."""
        return sum(value * width for _, value, width in self._steps(series, from_s, to_s))

    def seconds_above(
        self, series: str, value: float, from_s: float = 0.0, to_s: float = math.inf
    ) -> float:
        """How long it was above a value."""
        return sum(width for _, v, width in self._steps(series, from_s, to_s) if v > value)

    def seconds_below(
        self, series: str, value: float, from_s: float = 0.0, to_s: float = math.inf
    ) -> float:
        """How long it was below a value."""
        return sum(width for _, v, width in self._steps(series, from_s, to_s) if v < value)

    def first_above(
        self, series: str, value: float, from_s: float = 0.0, to_s: float = math.inf
    ) -> float:
        """When it was first above a value; infinity for never."""
        steps = self._steps(series, from_s, to_s)
        return next((time for time, v, _ in steps if v > value), math.inf)

    def offered_rate(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Mean requests per second sent to a service."""
        return self.mean(f"{service}.offered", from_s, to_s)

    def mean_latency(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Mean latency in seconds of what was answered."""
        low, high = number(from_s), number(to_s)
        ok = self._series(f"{text(service)}.ok").between(low, high)[1]
        means = self._series(f"{service}.mean").between(low, high)[1]
        answered = float(ok.sum())
        if not answered:
            raise InputError("nothing was answered in this time", found=service)
        return float(ok @ means) / answered

    def throttled(self, container: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Share of the time for which a container was throttled, 0 to 1."""
        return self.mean(f"{text(container)}.throttled", from_s, to_s)

    def replica_minutes(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Endpoints of a service times minutes."""
        return self.integral(f"{service}.endpoints", from_s, to_s) / 60

    def min_replicas(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Fewest endpoints that a service had."""
        return self.min(f"{service}.endpoints", from_s, to_s)

    def max_replicas(self, service: str, from_s: float = 0.0, to_s: float = math.inf) -> float:
        """Most endpoints that a service had."""
        return self.max(f"{service}.endpoints", from_s, to_s)

    # --- finding and reading ----------------------------------------------------------------------

    def _series(self, name: str) -> Samples:
        recorder = self._world.recorder
        for candidate in self._candidates(name):
            if recorder.has(candidate):
                return recorder.samples(candidate)
        raise InputError(
            "no such series (yet)", found=name, nearest=nearest(name, aliases(recorder.names()))
        )

    def _candidates(self, name: str) -> Iterator[str]:
        """Names in the recorder that a name may mean, the likeliest first."""
        yield name
        subject, _, what = name.rpartition(".")
        yield f"service/{subject}/{what}"
        called = self._world.fleet.roster.called(subject)
        if len(called) < 2:
            yield f"container/{called[0].name if called else subject}/{what}"
        yield from (f"{kind}/{subject}/{what}" for kind in ("vm", "host"))
        if len(called) > 1:
            raise ambiguous(subject, called)

    def _values(self, name: str, from_s: float, to_s: float) -> list[float]:
        series = self._series(text(name))
        times, values = series.between(number(from_s) - 1e-9, number(to_s))
        kept = [float(value) for value in values if math.isfinite(value)]
        if not kept:
            raise InputError("nothing recorded in this time", found=name)
        if (answered := self._answered(name)) is None:
            return kept
        there = answered.between(float(times[0]) - 1e-9, float(times[-1]))[1]
        if len(there) == len(kept):
            kept = [value for value, count in zip(kept, there, strict=True) if count > 0]
        if not kept:
            raise InputError("nothing was answered in this time", found=name)
        return kept

    def _answered(self, name: str) -> Samples | None:
        """Answers a second beside a latency: where there were none, there is no latency."""
        subject, _, what = name.replace("/", ".").removeprefix("service.").rpartition(".")
        beside = f"service/{subject}/ok"
        if what not in LATENCIES or not self._world.recorder.has(beside):
            return None
        return self._world.recorder.samples(beside)

    def _steps(self, name: str, from_s: float, to_s: float) -> list[tuple[float, float, float]]:
        """Time, value and the seconds for which each sample stands (since the one before)."""
        series = self._series(text(name))
        times, values = series.between(number(from_s), number(to_s))
        before = bisect.bisect_right(series.times, number(from_s))
        last = float(series.times[before - 1]) if before else max(0.0, number(from_s))
        steps = []
        for time, value in zip(times, values, strict=True):
            steps.append((float(time), float(value), float(time) - last))
            last = float(time)
        return steps


def aliases(names: Iterable[str]) -> list[str]:
    """``service/web/p95`` as people write it: ``web.p95``."""
    owned = (name.partition("/")[2].rpartition("/") for name in names)
    return [f"{owner}.{metric}" for owner, _, metric in owned if owner]


def number(value: float | str) -> float:
    """A number as an expression gave it; InputError for a text."""
    if isinstance(value, str):
        raise InputError("not a number", found=printable(value))
    return float(value)


def text(value: object) -> str:
    """The name of a series or service; InputError for what is no text."""
    if not isinstance(value, str):
        raise InputError("a series is written like 'web.p95'", found=value)
    return value
