"""Sweeps from Python, for notebooks: what goes in and what comes out is plain.

from simulator import Scenario, sweep

rows = sweep(Scenario("surge"), {"hosts.0.cores": [2, 4, 8]}, seeds=10)
pandas.DataFrame(rows)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from simulator import files
from simulator.errors import InputError
from simulator.report.sweep.planning import Prepared, Wanted
from simulator.report.sweep.result import of_points, of_trials
from simulator.shell import LineReader
from simulator.trials.store import Store, usual_folder

EACH = ("point", "trial")
Values = str | Iterable[Any]


class Scenario:
    """A scenario file or folder, or the name of a shipped one, perhaps with changes.

    ``changes``: ``{"hosts.0.cores": 8}``; ``traffic``: ``{"web": "poisson 200/s"}``.
    """

    def __init__(
        self,
        file: str | Path,
        changes: Mapping[str, Any] | None = None,
        traffic: Mapping[str, str] | None = None,
    ) -> None:
        shipped = files.asset("scenarios", f"{file}.yaml")
        self.path = shipped if not Path(file).exists() and shipped.is_file() else Path(file)
        self.sets = tuple(f"{key}={value}" for key, value in (changes or {}).items())
        self.traffic = tuple(f"{name} {words}" for name, words in (traffic or {}).items())


def sweep(
    scenario: Scenario | str | Path,
    vary: Mapping[str, Values] | None = None,
    *,
    seeds: int | Iterable[int] = 5,
    measures: Mapping[str, str] | Iterable[str] = (),
    until: str | None = None,
    target: str | None = None,
    find: str | None = None,
    each: str = "point",
    on: str = "processes",
    fresh: bool = False,
) -> list[dict[str, Any]]:
    """A record for each combination, with means and intervals, or (``each="trial"``) each trial.

    ``vary``: a list of values, or a text as after ``--vary``, by key. All other words are those of
    ``drydock sweep``; finished trials are kept and used as there, unless ``fresh``. InputError for
    what is none of it.
    """
    if each not in EACH:
        raise InputError("each of what", found=each, expected="point or trial")
    one = scenario if isinstance(scenario, Scenario) else Scenario(scenario)
    named = measures.items() if isinstance(measures, Mapping) else None
    wanted = Wanted(
        vary=tuple(f"{key}={_values(values)}" for key, values in (vary or {}).items()),
        seeds=str(seeds) if isinstance(seeds, int) else ",".join(_twice(seeds)),
        measures=tuple(f"{k}={v}" for k, v in named) if named is not None else tuple(measures),
        sets=one.sets,
        traffic=one.traffic,
        until=until,
        target=target,
        find=find,
        on=on,
    )
    store = None if fresh else Store(usual_folder())
    found = Prepared(one.path, wanted, LineReader()).run(store)
    return of_points(found) if each == "point" else of_trials(found)


def _values(values: Values) -> str:
    """Values as they are typed; a text with a comma in it goes into quotes."""
    if isinstance(values, str):
        return values
    shown = [str(value) for value in values]
    return ",".join(f'"{text}"' if "," in text or "=" in text else text for text in shown)


def _twice(seeds: Iterable[int]) -> list[str]:
    """Single seeds as ranges: one number alone would be how many."""
    return [f"{seed}..{seed}" for seed in seeds]
