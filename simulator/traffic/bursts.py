"""Two-state bursts: a Markov-modulated Poisson process, MMPP(2), on top of any rate.

The source is either in a burst or quiet, for exponential times; the state multiplies the rate, so
that its mean stays what it was. The limiting index of dispersion of counts (variance / mean over
long windows; 1 for Poisson) is, for a rate whose mean is m,

    I = 1 + 2 m v s,    v = p (1 - p) (high - low)²,

with p the share of time in bursts and s the time scale 1 / (r1 + r2) of the two switching rates:
Fischer & Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", *Performance
Evaluation* 18 (1993), in other letters. Within a window of t seconds the dispersion is
1 + (I - 1) (1 - (1 - exp(-t/s)) s/t).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.traffic.arrivals import TimeChanged
from simulator.traffic.rates import Rate

Floats = npt.NDArray[np.float64]

USUAL_SHARE = 0.2
SHORTEST_SCALE_S = 0.01
LARGEST_IDC = 1e9
_FIRST_PAIRS = 64


@dataclass(frozen=True, slots=True)
class Bursts:
    """The two states: share of time in bursts, multipliers of the rate, time scale in seconds."""

    share: float
    high: float
    low: float
    scale_s: float

    @property
    def burst_s(self) -> float:
        """Mean length of a burst."""
        return self.scale_s / (1 - self.share)

    @property
    def quiet_s(self) -> float:
        """Mean length of the time between bursts."""
        return self.scale_s / self.share

    def dispersion(self, mean_rate: float) -> float:
        """Limiting index of dispersion of counts at this mean rate."""
        variance = self.share * (1 - self.share) * (self.high - self.low) ** 2
        return 1 + 2 * mean_rate * variance * self.scale_s


def bursts(mean_rate: float, idc: float, scale_s: float, share: float | None = None) -> Bursts:
    """The states that give a mean rate this index of dispersion.

    Bursts take a fifth of the time unless ``share`` says otherwise; where the dispersion is too
    high for that, less of it, and nothing arrives in between (an interrupted Poisson process).
    """
    for what, value in (("mean rate", mean_rate), ("time scale", scale_s)):
        if not 0 < value < math.inf:
            raise InputError(f"bad {what} of bursts", found=value, expected="a number above 0")
    if scale_s < SHORTEST_SCALE_S or mean_rate * scale_s < 0.01:
        wanted = f"at least {max(SHORTEST_SCALE_S, 0.01 / mean_rate):g} s at this rate"
        raise InputError("time scale of bursts too short", found=scale_s, expected=wanted)
    if not 1 <= idc <= LARGEST_IDC:
        raise InputError("bad index of dispersion", found=idc, expected="1 (Poisson) to 1e9")
    variance = (idc - 1) / (2 * mean_rate * scale_s)
    largest = 1 / (1 + variance)
    if share is None:
        share = min(USUAL_SHARE, largest)
    # A share read back from text may be a rounding above what is possible.
    if not 0 < share < 1 or share > largest * (1 + 1e-9):
        wanted = f"above 0 and at most {largest:.3g} for this dispersion and time scale"
        raise InputError("bad share of time in bursts", found=share, expected=wanted)
    apart = math.sqrt(variance / (share * (1 - share)))
    low = max(1 - apart * share, 0.0)
    return Bursts(share, (1 - low * (1 - share)) / share, low, scale_s)


class Bursty(TimeChanged):
    """Poisson arrivals at a rate multiplied by the state of the bursts."""

    def __init__(
        self,
        rate: Rate,
        shape: Bursts,
        stream: np.random.Generator,
        states: np.random.Generator,
        start_s: float = 0.0,
        stop_s: float = math.inf,
    ) -> None:
        super().__init__(stream.standard_exponential, rate, start_s, stop_s)
        self._states = states
        first = bool(states.random() < shape.share)
        pair = ((shape.high, shape.burst_s), (shape.low, shape.quiet_s))
        ordered = np.array(pair if first else pair[::-1])
        self._factors, self._means = ordered[:, 0], ordered[:, 1]
        # Where states change: times, the plain integral there, and the modulated one.
        self._path = np.zeros((3, 1))
        self._path_factors = np.empty(0)

    def _times(self, counts: Floats) -> Floats:
        self._forget(float(counts[0]))
        while self._path[2, -1] < counts[-1] and self._path[1, -1] < self._rate.total:
            self._extend()
        if not len(self._path_factors):
            return np.full(len(counts), math.inf)
        _, plain, modulated = self._path
        state = np.searchsorted(modulated, counts, side="left") - 1
        known = state < len(self._path_factors)
        state = np.minimum(state, len(self._path_factors) - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = (counts - modulated[state]) / self._path_factors[state]
        reached = np.minimum(plain[state] + inside, plain[state + 1])
        return np.where(known, self._rate.inverse(reached), math.inf)

    def _extend(self) -> None:
        """Draw about as many more states as there are, and integrate over them."""
        pairs = max(_FIRST_PAIRS, len(self._path_factors) // 2)
        draws = self._states.standard_exponential((pairs, 2)) * self._means
        times = self._path[0, -1] + np.cumsum(draws.ravel())
        plain = np.asarray(self._rate.integral(times))
        factors = np.tile(self._factors, pairs)
        gained = np.diff(np.append(self._path[1, -1], plain)) * factors
        modulated = self._path[2, -1] + np.cumsum(gained)
        self._path = np.hstack((self._path, np.stack((times, plain, modulated))))
        self._path_factors = np.concatenate((self._path_factors, factors))

    def _forget(self, count: float) -> None:
        """Drop the states that are over for all counts to come, by pairs: the states alternate."""
        done = max(int(np.searchsorted(self._path[2], count, side="left")) - 1, 0) // 2 * 2
        self._path = self._path[:, done:]
        self._path_factors = self._path_factors[done:]
