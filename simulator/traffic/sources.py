"""What traffic a service gets, as frozen data that builds its arrivals."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np

from simulator.errors import InputError
from simulator.traffic.arrivals import Arrivals, Nothing
from simulator.traffic.presets import preset
from simulator.traffic.profiles import AnyProfile, AnySpacing, Poisson, private
from simulator.traffic.rates import MOST_PER_S, Rate
from simulator.traffic.replay import Trace, scaled_counts
from simulator.units import format_si, format_span

Streams = Callable[[str], np.random.Generator]


class TrafficSpec(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    """Base of all traffic: begins after ``after_s``, ends ``lasts_s`` later, ``times`` as much."""

    after_s: float = 0.0
    lasts_s: float | None = None
    times: float = 1.0

    def rate(self) -> Rate | None:
        """Expected requests per second since the beginning; None for a trace."""
        raise NotImplementedError

    def total(self) -> float:
        """How many requests there are altogether, where that is known."""
        return math.inf

    def sentence(self) -> str:
        """In words for people."""
        words = [self._what()]
        if self.times != 1:
            words.append(f"{self.times:g} times")
        if self.after_s:
            words.append(f"after {format_span(self.after_s)}")
        if self.lasts_s is not None:
            words.append(f"for {format_span(self.lasts_s)}")
        return ", ".join(words)

    def arrivals(self, streams: Streams, name: str, start_s: float) -> Arrivals:
        """The source for the service ``name``, from the simulated time ``start_s`` on.

        Its randomness comes from the stream ``arrivals/<name>`` and from no other.
        """
        stream = private(streams(f"arrivals/{name}"))
        start = start_s + self.after_s
        stop = math.inf if self.lasts_s is None else start + self.lasts_s
        return self._source(stream, start, stop)

    def check(self) -> TrafficSpec:
        """Itself, or the InputError that building its arrivals would raise."""
        for what, value in (("delay", self.after_s), ("multiple", self.times)):
            if not 0 <= value < math.inf:
                raise InputError(f"{what} out of range", found=value, expected="0 or more")
        self._source(np.random.Generator(np.random.PCG64(0)), 0.0, math.inf)
        return self

    @property
    def peak(self) -> float:
        """The highest rate that it ever has, requests per second."""
        rate = self.rate()
        return 0.0 if rate is None else rate.peak

    def _what(self) -> str:
        raise NotImplementedError

    def _source(self, stream: np.random.Generator, start_s: float, stop_s: float) -> Arrivals:
        raise NotImplementedError


class ShapedTraffic(TrafficSpec, frozen=True, tag="shaped", kw_only=True):
    """Traffic of a given profile and spacing."""

    profile: AnyProfile
    spacing: AnySpacing = Poisson()

    def rate(self) -> Rate:
        """The profile's rate times the multiple."""
        return self.profile.rate().scaled(self.times)

    def _what(self) -> str:
        return f"{self.profile.sentence()}, {self.spacing.sentence()}"

    def _source(self, stream: np.random.Generator, start_s: float, stop_s: float) -> Arrivals:
        rate = self.rate()
        return self.spacing.source(rate, stream, start_s, stop_s) if rate.peak else Nothing()


class PresetTraffic(TrafficSpec, frozen=True, tag="preset", kw_only=True):
    """A published surge, scaled to a peak or a base rate, to a speed or a length."""

    name: str
    peak_per_s: float | None = None
    base_per_s: float | None = None
    speed: float = 1.0
    over_s: float | None = None
    spacing: AnySpacing | None = None

    def rate(self) -> Rate:
        """The preset's rate as scaled, times the multiple."""
        return self._scaled()[0]

    def _scaled(self) -> tuple[Rate, float]:
        rate, factor = preset(self.name).rate(
            peak=self.peak_per_s, base=self.base_per_s, speed=self.speed, lasts_s=self.over_s
        )
        return rate.scaled(self.times), factor * self.times

    def _what(self) -> str:
        spacing = self.spacing or preset(self.name).spacing
        peak = format_si(self.rate().peak)
        return f"preset {self.name}, up to {peak}/s, {spacing.sentence()}"

    def _source(self, stream: np.random.Generator, start_s: float, stop_s: float) -> Arrivals:
        rate, factor = self._scaled()
        if not rate.peak:
            return Nothing()
        spacing = self.spacing or preset(self.name).spacing.thicker(factor)
        return spacing.source(rate, stream, start_s, stop_s)


class TraceTraffic(TrafficSpec, frozen=True, tag="trace", kw_only=True):
    """Recorded requests, replayed; the trace itself is here, so nothing is read again."""

    trace: Trace
    speed: float = 1.0
    spread: bool = True

    def rate(self) -> None:
        """None: a trace is replayed request by request, not drawn from a rate."""

    @property
    def peak(self) -> float:
        """The highest rate it ever has, requests per second."""
        return self.trace.peak_rate * self.speed * self.times

    def total(self) -> float:
        """How many requests it has."""
        return float(scaled_counts(np.array([self.trace.total]), self.times)[0])

    def _what(self) -> str:
        requests = int(self.total())
        span = format_span(self.trace.lasts_s / self.speed)
        skipped = self.trace.skipped_lines
        note = f", {skipped:,} malformed lines passed over" if skipped else ""
        return f"file {self.trace.name}, {requests:,} requests within {span}{note}"

    def _source(self, stream: np.random.Generator, start_s: float, stop_s: float) -> Arrivals:
        if not 0 < self.speed < math.inf:
            raise InputError("bad speed", found=self.speed, expected="a number above 0")
        if self.peak > MOST_PER_S:
            wanted = f"at most {MOST_PER_S:g} per second"
            raise InputError("rate out of range", found=f"{self.peak:g}/s", expected=wanted)
        return self.trace.arrivals(
            stream,
            speed=self.speed,
            scale=self.times,
            spread=self.spread,
            start_s=start_s,
            stop_s=stop_s,
        )


AnyTraffic = ShapedTraffic | PresetTraffic | TraceTraffic
