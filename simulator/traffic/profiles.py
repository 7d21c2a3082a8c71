"""Traffic as data: a profile (how the rate goes) and a spacing (how requests cluster).

All are frozen and readable from JSON, TOML and YAML by msgspec. Times in seconds, rates per second.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from simulator.traffic import arrivals, bursts, shapes
from simulator.traffic.arrivals import Arrivals
from simulator.traffic.rates import Rate
from simulator.units import format_si, format_span


class Profile(msgspec.Struct, frozen=True, tag_field="shape", tag=str.lower):
    """Base of the shapes of a rate."""

    def rate(self) -> Rate:
        """The rate as a function of time; raises InputError when a number is out of range."""
        raise NotImplementedError

    def sentence(self) -> str:
        """In words for people."""
        raise NotImplementedError


class Level(Profile, frozen=True):
    """The same rate for ever."""

    rate_per_s: float

    def rate(self) -> Rate:
        """See :func:`shapes.constant`."""
        return shapes.constant(self.rate_per_s)

    def sentence(self) -> str:
        """``100/s``."""
        return _per_s(self.rate_per_s)


class Steps(Profile, frozen=True):
    """Levels from (time, rate) pairs."""

    changes: tuple[tuple[float, float], ...]

    def rate(self) -> Rate:
        """See :func:`shapes.steps`."""
        return shapes.steps(self.changes)

    def sentence(self) -> str:
        """``steps 30/s, 160/s from 1m``."""
        shown = [_per_s(r) + (f" from {format_span(t)}" if t else "") for t, r in self.changes[:8]]
        return "steps " + ", ".join(shown) + (", …" if len(self.changes) > 8 else "")


class Lines(Profile, frozen=True):
    """Straight lines through (time, rate) points; the times in units of ``unit_s`` seconds."""

    points: tuple[tuple[float, float], ...]
    unit_s: float = 1.0

    def rate(self) -> Rate:
        """See :func:`shapes.lines`."""
        return shapes.lines([(time * self.unit_s, rate) for time, rate in self.points])

    def sentence(self) -> str:
        """``lines through 60 points, up to 3.63k/s``."""
        peak = max((rate for _, rate in self.points), default=0.0)
        return f"lines through {len(self.points)} points, up to {_per_s(peak)}"


class Ramp(Profile, frozen=True):
    """From one level to another."""

    from_per_s: float
    to_per_s: float
    at_s: float
    over_s: float

    def rate(self) -> Rate:
        """See :func:`shapes.ramp`."""
        return shapes.ramp(self.from_per_s, self.to_per_s, self.at_s, self.over_s)

    def sentence(self) -> str:
        """``ramp from 30/s to 160/s at 1m over 30s``."""
        ends = f"from {_per_s(self.from_per_s)} to {_per_s(self.to_per_s)}"
        return f"ramp {ends} at {format_span(self.at_s)} over {format_span(self.over_s)}"


class Surge(Profile, frozen=True):
    """A flash crowd: base, ramp, plateau, decay with a half-life back to base."""

    base_per_s: float
    peak_per_s: float
    at_s: float
    ramp_s: float
    hold_s: float
    half_life_s: float

    def rate(self) -> Rate:
        """See :func:`shapes.surge`."""
        times = (self.at_s, self.ramp_s, self.hold_s, self.half_life_s)
        return shapes.surge(self.base_per_s, self.peak_per_s, *times)

    def sentence(self) -> str:
        """``surge from 30/s to 160/s at 1m within 30s, held 2m, half-life 1m``."""
        spans = [format_span(t) for t in (self.at_s, self.ramp_s, self.hold_s, self.half_life_s)]
        return (
            f"surge from {_per_s(self.base_per_s)} to {_per_s(self.peak_per_s)} at {spans[0]}"
            f" within {spans[1]}, held {spans[2]}, half-life {spans[3]}"
        )


class Diurnal(Profile, frozen=True):
    """A daily wave, with factors of successive days."""

    mean_per_s: float
    amplitude: float
    period_s: float = 86400.0
    peak_s: float | None = None
    days: tuple[float, ...] = (1.0,)

    def rate(self) -> Rate:
        """See :func:`shapes.diurnal`."""
        return shapes.diurnal(
            self.mean_per_s, self.amplitude, self.period_s, peak_s=self.peak_s, days=self.days
        )

    def sentence(self) -> str:
        """``daily wave around 100/s, ±50%, period 1d``."""
        around = f"{_per_s(self.mean_per_s)}, ±{self.amplitude:.0%}"
        return f"daily wave around {around}, period {format_span(self.period_s)}"


AnyProfile = Level | Steps | Lines | Ramp | Surge | Diurnal


class Spacing(msgspec.Struct, frozen=True, tag_field="spacing", tag=str.lower):
    """Base of the ways in which requests cluster around a rate."""

    def source(
        self, rate: Rate, stream: np.random.Generator, start_s: float, stop_s: float
    ) -> Arrivals:
        """Arrivals at this rate; raises InputError when a number is out of range."""
        raise NotImplementedError

    def sentence(self) -> str:
        """In words for people."""
        raise NotImplementedError

    def thicker(self, factor: float) -> Spacing:
        """The same clustering at ``factor`` times the rate."""
        return self


class Even(Spacing, frozen=True):
    """Equal distances, nothing random."""

    def source(
        self, rate: Rate, stream: np.random.Generator, start_s: float, stop_s: float
    ) -> Arrivals:
        """See :func:`arrivals.even`."""
        return arrivals.even(rate, start_s, stop_s)

    def sentence(self) -> str:
        """``evenly spaced``."""
        return "evenly spaced"


class Poisson(Spacing, frozen=True):
    """Independent requests."""

    def source(
        self, rate: Rate, stream: np.random.Generator, start_s: float, stop_s: float
    ) -> Arrivals:
        """See :func:`arrivals.poisson`."""
        return arrivals.poisson(rate, stream, start_s, stop_s)

    def sentence(self) -> str:
        """``Poisson``."""
        return "Poisson"


class Renewal(Spacing, frozen=True):
    """Independent gaps with a coefficient of variation."""

    cv: float

    def source(
        self, rate: Rate, stream: np.random.Generator, start_s: float, stop_s: float
    ) -> Arrivals:
        """See :func:`arrivals.renewal`."""
        return arrivals.renewal(rate, self.cv, stream, start_s, stop_s)

    def sentence(self) -> str:
        """``gaps of CV 3``."""
        return f"gaps of CV {self.cv:g}"


class Bursting(Spacing, frozen=True):
    """Two-state bursts with a limiting index of dispersion at the rate's mean."""

    idc: float
    scale_s: float
    share: float | None = None

    def source(
        self, rate: Rate, stream: np.random.Generator, start_s: float, stop_s: float
    ) -> Arrivals:
        """See :class:`bursts.Bursty`."""
        states = bursts.bursts(rate.mean, self.idc, self.scale_s, self.share)
        return bursts.Bursty(rate, states, stream, private(stream), start_s, stop_s)

    def sentence(self) -> str:
        """``bursts, index of dispersion 16, time scale 10s``."""
        return f"bursts, index of dispersion {self.idc:g}, time scale {format_span(self.scale_s)}"

    def thicker(self, factor: float) -> Spacing:
        """The same two states: what goes beyond Poisson grows with the rate."""
        idc = min(1 + (self.idc - 1) * factor, bursts.LARGEST_IDC) if factor > 0 else self.idc
        return Bursting(idc, self.scale_s, self.share)


AnySpacing = Even | Poisson | Renewal | Bursting


def private(stream: np.random.Generator) -> np.random.Generator:
    """A stream of its own for one source.

    It takes 16 bytes of the named stream, always: how far a source was drawn ahead when it was
    replaced cannot shift the draws of the next.
    """
    return np.random.Generator(np.random.PCG64(int.from_bytes(stream.bytes(16), "little")))


def _per_s(rate: float) -> str:
    return f"{rate:.3g}/s" if 0 < rate < 1 or math.isnan(rate) else f"{format_si(rate)}/s"
