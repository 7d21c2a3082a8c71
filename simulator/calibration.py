"""Every constant of the model: its value, its unit, its plausible range, and where it comes from.

The data are the files ``assets/calibration/<family>.toml``; ``runtime.runc.create_s`` is the entry
``[runc.create_s]`` of ``runtime.toml``. A family is read when a constant of it is first asked for,
so that starting the program costs nothing. ``sources.toml`` holds the bibliography.

    Calibration().value(name)       the number, in the unit that ends the name (``_s``, ``_bytes``)
    Calibration().constant(name)    the number with everything known about it
    explain(name)                   the answer to "why this number?", in a few lines

A scenario that sets constants makes its own ``Calibration({"cpu.vm.user_factor": 1.05})``. Whatever
needs a constant is given a ``Calibration``: there is none to fall back on, so that no part of the
model can go on with the shipped number while the rest has another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from simulator.errors import InputError, unknown
from simulator.files import asset, folder

EVIDENCE = {
    "raw": "computed from the raw data that its authors published",
    "primary": "read in the primary document",
    "secondary": "read in a document that quotes the primary one",
    "memory": "from memory of the paper; not re-read",
    "weak": "common experience or a low-confidence memory; treat as an assumption",
    "derived": "derived from other figures by a stated formula",
    "assumption": "a modelling decision, no measurement behind it",
}

# Quantiles of the standard normal law; `statistics` would cost ten times this module's import.
Z99 = 2.3263478740408408
Z90 = 1.2815515655446004
_SOURCES = "sources"

_FAR = 1e6
"""How many times larger or smaller than it is a constant may be set where nothing else bounds it:
beyond that nobody means it, and sums lose their last bits."""


@dataclass(frozen=True, slots=True)
class Source:
    """A paper, repository or document: how to find it, what it was measured on, and when."""

    key: str
    title: str
    testbed: str = ""
    year: int | None = None

    def __str__(self) -> str:
        return self.title if self.year is None else f"{self.title} ({self.year})"


@dataclass(frozen=True, slots=True)
class Constant:
    """One calibrated number. For a distribution ``value`` is the median; for a table see points."""

    name: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    testbed: str
    year: int | None
    evidence: str
    note: str = ""
    least: float | None = None
    """What a scenario may set at least and at most, where the thing itself has such bounds."""
    most: float | None = None
    p90: float | None = None
    p99: float | None = None
    points: tuple[tuple[float, float], ...] = ()
    shipped: float | None = None
    """The shipped value, where a scenario has set another one."""

    def lognormal(self) -> tuple[float, float]:
        """Parameters (mu, sigma) of the lognormal law through the median and p99 (else p90).

        sigma is 0, that is a fixed value, where no percentile is known.
        """
        if self.value <= 0:
            return (-math.inf, 0.0)
        mu = math.log(self.value)
        if self.p99 is not None:
            return (mu, math.log(self.p99 / self.value) / Z99)
        if self.p90 is not None:
            return (mu, math.log(self.p90 / self.value) / Z90)
        return (mu, 0.0)

    def at(self, x: float) -> float:
        """The table's value at ``x``: linear between its points, constant outside them."""
        return between(self.points, x) if self.points else self.value

    def with_value(self, value: float) -> Constant:
        """The same constant set to another value; percentiles and table keep their proportions."""
        ratio = value / self.value if self.value else 1.0
        return replace(
            self,
            value=value,
            p90=None if self.p90 is None else self.p90 * ratio,
            p99=None if self.p99 is None else self.p99 * ratio,
            points=tuple((x, y * ratio) for x, y in self.points),
            shipped=self.value,
        )

    def explain(self) -> str:
        """Why this number: value, range, source, testbed and how good the evidence is."""
        lines = [f"{self.name} = {quantity(self.value)} {self.unit}"]
        if self.unit == "s" and 0 < self.value < 0.01:
            lines[0] += f" ({quantity(self.value * 1e6)} µs)"
        if self.p99 is not None:
            lines[0] += f" (median; 99 % of cases below {quantity(self.p99)})"
        if self.shipped is not None:
            lines.append(f"set by this scenario; the shipped value is {quantity(self.shipped)}")
        if self.low is not None and self.high is not None:
            lines.append(f"plausible from {quantity(self.low)} to {quantity(self.high)}")
        if self.points:
            lines.append("table: " + ", ".join(f"{x:g} → {quantity(y)}" for x, y in self.points))
        lines.append(f"source: {self.source}")
        if self.testbed:
            lines.append(f"measured on: {self.testbed}")
        lines.append(f"evidence: {EVIDENCE[self.evidence]}")
        if self.note:
            lines.append(f"note: {self.note}")
        return "\n".join(lines)


def between(points: Sequence[tuple[float, float]], x: float) -> float:
    """A table's value at ``x``: linear between its points, which are sorted; constant outside."""
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y1 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def quantity(value: float) -> str:
    """A number as people write it: six significant digits, no exponent between 0.001 and 10^9."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", " ")
    return f"{value:.6g}"


class Calibration:
    """The constants, with the ones that a scenario sets. Immutable; equal when these are."""

    def __init__(self, overrides: Mapping[str, float] | None = None) -> None:
        """Refuse by InputError an unknown name or a value that is not a finite number >= 0."""
        self._set = {
            name: _checked(constant_of(name), value) for name, value in (overrides or {}).items()
        }
        self._known = dict(self._set)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calibration) and self.overrides == other.overrides

    def __hash__(self) -> int:
        return hash(frozenset(self.overrides.items()))

    @property
    def overrides(self) -> dict[str, float]:
        """The constants set by the scenario and their values."""
        return {name: found.value for name, found in self._set.items()}

    def constant(self, name: str) -> Constant:
        """Everything known about a constant; an unknown name is an InputError."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = constant_of(name)
        return found

    def value(self, name: str) -> float:
        """The number, in the unit that its name ends with."""
        return self.constant(name).value

    def explain(self, name: str) -> str:
        """The answer to "why this number?"."""
        return self.constant(name).explain()

    def names(self) -> tuple[str, ...]:
        """Names of all constants of all families, sorted."""
        return names()


def _checked(found: Constant, value: object) -> Constant:
    lowest = min(0.0, found.low or 0.0) if found.least is None else found.least
    highest = _FAR * max(abs(found.value), abs(found.high or 0.0), 1e-3)
    highest = highest if found.most is None else found.most
    tiny = min(abs(found.value), abs(found.low or found.value)) / _FAR
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
        if lowest <= number <= highest and (not 0.0 < abs(number) < tiny):
            return found.with_value(number)
    raise InputError(
        f"bad value for the constant '{found.name}'",
        found=value,
        expected=f"a number of {found.unit}, at least {lowest:g} and at most {highest:g}",
    )


def families() -> tuple[str, ...]:
    """The families of constants, that is the calibration files, sorted."""
    found = (path.stem for path in (folder("assets") / "calibration").glob("*.toml"))
    return tuple(sorted(name for name in found if name != _SOURCES))


@cache
def _read(name: str) -> dict[str, Any]:
    import tomllib  # only when a number is asked for

    return tomllib.loads(asset("calibration", f"{name}.toml").read_text("utf-8"))


@cache
def sources() -> Mapping[str, Source]:
    """The bibliography by key."""
    return {key: Source(key=key, **entry) for key, entry in _read(_SOURCES).items()}


@cache
def family(name: str) -> Mapping[str, Constant]:
    """All constants of one family by full name."""
    return {found.name: found for found in _constants(name, _read(name))}


def _constants(prefix: str, table: Mapping[str, Any]) -> Iterator[Constant]:
    for key, entry in table.items():
        name = f"{prefix}.{key}"
        if "value" in entry:
            yield _constant(name, entry)
        else:
            yield from _constants(name, entry)


def _constant(name: str, entry: Mapping[str, Any]) -> Constant:
    given = dict(entry)
    source = sources()[given.pop("source")]
    points = tuple((float(x), float(y)) for x, y in given.pop("points", ()))
    spread = given.pop("range", (None, None))
    return Constant(
        name=name,
        value=float(given.pop("value")),
        unit=given.pop("unit"),
        low=spread[0],
        high=spread[1],
        source=str(source),
        testbed=given.pop("testbed", source.testbed),
        year=given.pop("year", source.year),
        points=points,
        **given,
    )


def constant_of(name: str) -> Constant:
    """The shipped constant called ``name``; an unknown name is an InputError with the nearest."""
    head = name.partition(".")[0] if isinstance(name, str) else ""
    if head in _families():
        found = family(head).get(name)
        if found is not None:
            return found
    raise unknown("constant", str(name), names())


@cache
def _families() -> frozenset[str]:
    return frozenset(families())


@cache
def names() -> tuple[str, ...]:
    """Names of all constants of all families, sorted."""
    return tuple(sorted(name for head in families() for name in family(head)))


def explain(name: str) -> str:
    """The answer to "why this number?" for a shipped constant."""
    return constant_of(name).explain()


def explain_lines(name: str | None) -> list[str]:
    """What people read about a constant, about a family of them (names), or the names of all."""
    known = names()
    if name is None:
        return list(known)
    group = [one for one in known if one.startswith(name.rstrip(".") + ".")]
    return group if group and name not in known else explain(name).split("\n")
