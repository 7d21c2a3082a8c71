"""Service-time distributions: drawn in bulk, with exact mean and squared coefficient of variation.

``cs2`` is variance / mean², the C_s² of the queueing formulas (Pollaczek-Khinchine, Allen-Cunneen).
Every ``draw`` takes its random numbers value by value, so drawing n and then m values gives the
same as drawing n + m at once: whoever draws ahead changes nobody's numbers. None computes an
array of logarithms or powers, whose last bit numpy rounds differently on different processors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError, unknown
from simulator.units import parse_number

Floats = npt.NDArray[np.float64]


class Distribution(Protocol):
    """Positive random values, usually CPU seconds of work per request."""

    @property
    def mean(self) -> float:
        """Exact mean."""

    @property
    def cs2(self) -> float:
        """Exact variance / mean²; infinite where the variance is."""

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""


@dataclass(frozen=True)
class Constant:
    """Always the mean: the D of M/D/1."""

    mean: float
    cs2 = 0.0

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` times the mean; nothing is taken from the stream."""
        return np.full(n, self.mean)


@dataclass(frozen=True)
class Exponential:
    """Memoryless: the M of M/M/1."""

    mean: float
    cs2 = 1.0

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""
        return stream.standard_exponential(n) * self.mean


@dataclass(frozen=True)
class Gamma:
    """Gamma of any shape; a whole shape k is Erlang-k, the sum of k exponential stages."""

    mean: float
    shape: float

    @property
    def cs2(self) -> float:
        """1 / shape."""
        return 1 / self.shape

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""
        return stream.standard_gamma(self.shape, n) * (self.mean / self.shape)


@dataclass(frozen=True)
class Hyperexponential:
    """Two exponentials with balanced means: each carries half of the work. cs2 >= 1.

    p = (1 + sqrt((cs2 - 1) / (cs2 + 1))) / 2, means mean / 2p and mean / 2(1 - p)
    (Allen, *Probability, Statistics and Queueing Theory*, 2nd ed. 1990, 3.2).
    """

    mean: float
    cs2: float

    @cached_property
    def share(self) -> float:
        """Probability of the short kind."""
        return (1 + math.sqrt((self.cs2 - 1) / (self.cs2 + 1))) / 2

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values, two exponentials each, read as choice and size."""
        pairs = stream.standard_exponential((n, 2))
        p = self.share
        short = pairs[:, 0] < -math.log1p(-p)
        return pairs[:, 1] * np.where(short, self.mean / (2 * p), self.mean / (2 * (1 - p)))


@dataclass(frozen=True)
class Lognormal:
    """Lognormal, the usual fit of measured service times."""

    mean: float
    cs2: float

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""
        variance = math.log1p(self.cs2)
        return stream.lognormal(math.log(self.mean) - variance / 2, math.sqrt(variance), n)


@dataclass(frozen=True)
class Uniform:
    """Uniform between mean x (1 - spread) and mean x (1 + spread), spread at most 1."""

    mean: float
    spread: float = 1.0

    @property
    def cs2(self) -> float:
        """spread² / 3."""
        return self.spread**2 / 3

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""
        return (stream.random(n) * (2 * self.spread) + (1 - self.spread)) * self.mean


@dataclass(frozen=True)
class Pareto:
    """Bounded Pareto: heavy tail alpha between a lowest value and ``bound`` times it.

    Density alpha L^alpha x^(-alpha-1) / (1 - (L/H)^alpha) on [L, H] (Harchol-Balter, *Performance
    Modeling and Design of Computer Systems*, 2013, chapter 20). ``mean`` is that of this law.
    """

    mean: float
    alpha: float
    bound: float = 1e6

    @cached_property
    def low(self) -> float:
        """The smallest value."""
        return self.mean / self._moment(1)

    @cached_property
    def cs2(self) -> float:
        """Finite for every alpha, since the law is bounded."""
        return self._moment(2) / self._moment(1) ** 2 - 1

    def _moment(self, k: int) -> float:
        """E[X^k] / L^k: alpha times the integral of r^(k - alpha - 1) over 1..bound, normalised."""
        power, logarithm = k - self.alpha, math.log(self.bound)
        # expm1 keeps the digits where alpha is close to k, and its limit is the logarithm.
        area = math.expm1(power * logarithm) / power if power else logarithm
        return self.alpha * area / -math.expm1(-self.alpha * logarithm)

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""
        values = stream.pareto(self.alpha, n) + 1
        # The logarithm is exponential, so without memory: what passes the bound, less the bound,
        # has again the same law. Dividing bounds it exactly, and takes no further draw.
        while (beyond := values > self.bound).any():
            values[beyond] /= self.bound
        return values * self.low


@dataclass(frozen=True)
class Empirical:
    """One of the given values, all equally likely."""

    values: tuple[float, ...]

    @cached_property
    def _array(self) -> Floats:
        return np.array(self.values, dtype=np.float64)

    @cached_property
    def mean(self) -> float:
        """Mean of the values."""
        return float(self._array.mean())

    @cached_property
    def cs2(self) -> float:
        """Variance of the values / mean²."""
        return float(self._array.var()) / self.mean**2

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values."""
        return self._array[(stream.random(n) * len(self.values)).astype(np.intp)]


@dataclass(frozen=True)
class Mixture:
    """Classes of requests: each with a share of them and a mean, exponential or constant around it.

    E[X²] = Σ share * mean² * (1 + c), c = 1 for exponential classes: with Pollaczek-Khinchine a
    few long requests make all others wait.
    """

    shares: tuple[float, ...]
    means: tuple[float, ...]
    exponential: bool = True

    @cached_property
    def mean(self) -> float:
        """Mean over all classes."""
        return sum(share * mean for share, mean in zip(self.shares, self.means, strict=True))

    @cached_property
    def cs2(self) -> float:
        """Variance over all classes / mean²."""
        pairs = zip(self.shares, self.means, strict=True)
        square = sum(share * mean**2 for share, mean in pairs) * (1 + self.exponential)
        return square / self.mean**2 - 1

    @cached_property
    def _bounds(self) -> Floats:
        """Where an exponential value that chooses the class passes on to the next one."""
        cumulative = np.cumsum(self.shares[:-1]).tolist()
        return np.array([-math.log1p(-share) if share < 1 else math.inf for share in cumulative])

    def draw(self, stream: np.random.Generator, n: int) -> Floats:
        """``n`` independent values, two exponentials each, read as class and size."""
        pairs = stream.standard_exponential((n, 2))
        means = np.array(self.means)[np.searchsorted(self._bounds, pairs[:, 0], side="right")]
        return means * pairs[:, 1] if self.exponential else means


def _erlang(mean: float, stages: float) -> Distribution:
    return Gamma(mean, float(int(stages)))


_Make = Callable[[float, float], Distribution]
_KINDS: Mapping[str, tuple[_Make, str, float | None, float, float]] = {
    # name: constructor, what the parameter means, its default, lowest, highest
    "gamma": (Gamma, "shape", None, 1e-3, 1e6),
    "erlang": (_erlang, "number of stages", 2.0, 1.0, 1e6),
    "hyperexponential": (Hyperexponential, "cs2", 4.0, 1.0, 1e6),
    "lognormal": (Lognormal, "cs2", 1.0, 1e-9, 1e6),
    "pareto": (Pareto, "alpha", 1.5, 0.1, 100.0),
    "uniform": (Uniform, "spread", 1.0, 0.0, 1.0),
}
_PLAIN: Mapping[str, Callable[[float], Distribution]] = {
    "constant": Constant,
    "exponential": Exponential,
}
NAMES = (*_PLAIN, *_KINDS)
MAX_VALUES = 1_000_000


def parse_distribution(text: str, mean: float) -> Distribution:
    """The law named by ``exponential``, ``hyperexponential:4``, ``pareto:2.5`` ..., with this mean.

    The number is cs2 (hyperexponential, lognormal), alpha (pareto), stages (erlang), shape
    (gamma) or spread (uniform). Raises InputError for other words and numbers out of range.
    """
    if not 0 < mean < math.inf:
        raise InputError("bad mean", found=mean, expected="a number above 0")
    name, colon, number = text.strip().lower().partition(":")
    if name in _PLAIN:
        if colon:
            raise InputError(f"'{name}' takes no number", found=text, expected=name, nearest=name)
        return _PLAIN[name](mean)
    if name not in _KINDS:
        raise unknown("distribution", name[:60], NAMES)
    make, meaning, default, low, high = _KINDS[name]
    if not colon:
        if default is None:
            raise InputError(f"{meaning} missing", found=text, expected=f"for example {name}:2")
        return make(mean, default)
    parameter = parse_number(number, meaning)
    whole = name != "erlang" or parameter == int(parameter)
    if not low <= parameter <= high or not whole:
        wanted = f"{low:g} to {high:g}" if whole else "a whole number"
        raise InputError(f"{meaning} of {name} out of range", found=number, expected=wanted)
    return make(mean, parameter)


def empirical(values: Sequence[float]) -> Empirical:
    """The law of measured values, all above 0 and finite; at most a million."""
    if not 0 < len(values) <= MAX_VALUES:
        raise InputError("bad number of values", found=len(values), expected=f"1 to {MAX_VALUES:,}")
    for number, value in enumerate(values, 1):
        if not 0 < value < math.inf:
            raise InputError(f"value {number} out of range", found=value, expected="above 0")
    return Empirical(tuple(float(value) for value in values))
