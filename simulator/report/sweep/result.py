"""What a sweep has found, as data: a point for each combination, a row for each trial."""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.trials.statistics import Estimate

FORMAT = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One trial of a point."""

    seed: int
    values: dict[str, float]
    missing: dict[str, str] = {}
    """Measures without a value in this trial, and why."""
    digest: str = ""
    cpu_s: float = 0.0
    warnings: tuple[str, ...] = ()
    error: str | None = None


class Pooled(msgspec.Struct, frozen=True, kw_only=True):
    """A percentile over all requests of all seeds together, from the merged histogram."""

    value: float
    requests: int


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One combination of values: what comes of it, over its seeds."""

    settings: dict[str, str]
    """Values by key; for a comparison: ``design``."""
    estimates: dict[str, Estimate]
    """By measure; one that has a value in no trial is not here."""
    differences: dict[str, Estimate] = {}
    """To the first point, seed by seed."""
    pooled: dict[str, Pooled] = {}
    """By measure, for those that are a percentile of a service."""
    notes: tuple[str, ...] = ()
    """What must be known of it: data that lack, trials that failed, a target that was not met."""
    rows: tuple[Row, ...] = ()

    @property
    def failed(self) -> int:
        """Trials that could not be run."""
        return sum(row.error is not None for row in self.rows)


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep or a comparison, finished or not."""

    format: int = FORMAT
    drydock: str
    model: str
    """The version of the model: the same one gives the same digests."""
    title: str
    scenario: str
    command: str
    """What was typed, so that it can be typed again."""
    keys: tuple[str, ...]
    """What was varied."""
    measures: dict[str, str]
    """Expressions by name."""
    points: tuple[Point, ...]
    finished: bool = True
    """False: it was interrupted, and not all trials are here."""
    notes: tuple[str, ...] = ()
    answer: str = ""
    """What was searched for, in words."""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    workers: int = 1

    @property
    def trials(self) -> int:
        """All trials that are here."""
        return sum(len(point.rows) for point in self.points)


def to_json(sweep: Sweep) -> str:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(sweep), indent=2).decode()


def of_trials(sweep: Sweep) -> list[dict[str, Any]]:
    """A plain record for each trial: values by key, seed, measures (None without data), digest."""
    return [
        {
            **{key: _number(point.settings[key]) for key in point.settings},
            "seed": row.seed,
            **{name: row.values.get(name) for name in sweep.measures},
            "digest": row.digest,
            "cpu_s": row.cpu_s,
            "error": row.error or "; ".join(f"{k}: {v}" for k, v in row.missing.items()) or None,
        }
        for point in sweep.points
        for row in point.rows
    ]


def of_points(sweep: Sweep) -> list[dict[str, Any]]:
    """A plain record for each combination: of each measure its mean, the ends of its interval, of
    how many seeds, and the difference to the first combination with its ends."""
    return [
        {
            **{key: _number(value) for key, value in point.settings.items()},
            "seeds": len(point.rows),
            "failed": point.failed,
            **{
                column: value
                for name in sweep.measures
                for column, value in _columns(point, name).items()
            },
            "notes": "; ".join(point.notes) or None,
        }
        for point in sweep.points
    ]


def _columns(point: Point, name: str) -> dict[str, float | int | None]:
    found, other = point.estimates.get(name), point.differences.get(name)
    columns: dict[str, float | int | None] = {
        name: found.mean if found else None,
        f"{name} low": found.low if found else None,
        f"{name} high": found.high if found else None,
        f"{name} n": found.count if found else 0,
        f"{name} difference": other.mean if other else None,
        f"{name} difference low": other.low if other else None,
        f"{name} difference high": other.high if other else None,
    }
    if name in point.pooled:
        columns[f"{name} of all requests"] = point.pooled[name].value
    return columns


def _number(text: str) -> str | int | float:
    """A setting as the number that it is, for who draws or sorts; other texts stay."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return text
    return value if abs(value) < 1e300 and text.lower() not in ("nan", "inf", "-inf") else text
