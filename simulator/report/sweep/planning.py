"""From words that are typed to a sweep that can be carried out; all is checked before it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from simulator.errors import InputError, Place
from simulator.report.sweep.finding import FLAG as FIND
from simulator.report.sweep.finding import Wish, read_wish
from simulator.report.sweep.result import Sweep
from simulator.report.sweep.searching import Searching
from simulator.report.sweep.seeds import read_seeds
from simulator.report.sweep.sweeping import Design, Plan, Sweeping, Tell
from simulator.report.sweep.target import read_target
from simulator.report.sweep.varying import Axis, combinations, read_axes, refuse_too_many
from simulator.scenario import Scenario
from simulator.scenario.loading import CheckLine
from simulator.trials.conducting import Conductor
from simulator.trials.measuring import read_measures, usual_of
from simulator.trials.runners import on
from simulator.trials.source import Source
from simulator.trials.store import Store

MOST_CHECKED = 100
"""Values of an axis that are tried on the scenario before anything runs; the rest are rows."""
MOST_SEEDS = 200


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for, in the words of ``drydock sweep``."""

    vary: tuple[str, ...] = ()
    seeds: str = "5"
    measures: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    traffic: tuple[str, ...] = ()
    until: str | None = None
    target: str | None = None
    find: str | None = None
    most_seeds: int = MOST_SEEDS
    on: str = "processes"
    command: str = ""


class Prepared:
    """A sweep whose words have all been understood."""

    def __init__(self, path: Path, wanted: Wanted, check: CheckLine | None = None) -> None:
        self.wanted = wanted
        self._check = check
        self.axes = read_axes(wanted.vary)
        sets = (*wanted.sets, *((f"until={wanted.until}",) if wanted.until else ()))
        self.source = Source.read(
            path, sets, traffic=wanted.traffic, varied="\n".join(wanted.vary), check=check
        )
        services = tuple(sorted(self.source.scenario.spec.traffic))
        self.measures = read_measures(wanted.measures, services)
        self.seeds = read_seeds(wanted.seeds)
        self.wish = read_wish(wanted.find, self.measures, services) if wanted.find else None
        if self.wish is not None:
            self.measures = dict(self.wish.measures)
            self._searched()
        self.measures = self.measures or usual_of(services, priced=_priced(self.source.scenario))
        self.target = read_target(wanted.target, self.measures) if wanted.target else None
        self.trials = refuse_too_many(self.axes, len(self.seeds))
        for axis in self.axes:
            for key in axis.keys:
                self._known(key, axis.place)
        for axis in self.axes:
            self._check_axis(axis)

    def _searched(self) -> None:
        """The axis that is searched along goes last."""
        assert self.wish is not None
        if self.wish.values is not None:
            self.axes.append(read_axes([f"{self.wish.key}={self.wish.values}"])[0])
        mine = [axis for axis in self.axes if axis.keys == (self.wish.key,)]
        if len(mine) != 1:
            key = self.wish.key
            raise InputError(
                "where to search", place=Place(f"{FIND} {self.wish.text}"), found=key,
                expected=f"'min {key} in 1..20 with ...', or --vary {key}=1..20",
            )  # fmt: skip
        self.axes = [axis for axis in self.axes if axis is not mine[0]] + mine

    def _check_axis(self, axis: Axis) -> None:
        """InputError, with what was typed, for the first value that the scenario does not take."""
        rows = axis.rows()
        step = max(1, len(rows) // MOST_CHECKED)
        firsts = [self._changes(_first(other)) for other in self.axes if other is not axis]
        others = tuple(change for each in firsts for change in each)
        for row in [*rows[::step], rows[-1]]:
            changes = self._changes(dict(zip(axis.keys, row, strict=True)))
            try:
                self.source.check((*others, *changes), self._check)
            except InputError as error:
                own = error.place is None or str(error.place).startswith(("--set", "--what-if"))
                raise error.at(axis.place) if own else error from None

    def _known(self, key: str, place: Place) -> None:
        try:
            self.source.key(key)
        except InputError as error:
            raise error.at(place) from None

    def _changes(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(f"{self.source.key(key)}={value}" for key, value in settings.items())

    def run(
        self,
        store: Store | None = None,
        tell: Tell | None = None,
        keep_going: Callable[[], bool] | None = None,
    ) -> Sweep:
        """Carry it out."""
        keys = tuple(key for axis in self.axes for key in axis.keys)
        plan = Plan(
            designs=[],
            keys=keys,
            seeds=self.seeds,
            measures=self.measures,
            target=self.target,
            most_seeds=max(self.wanted.most_seeds, len(self.seeds)),
            title=self.source.scenario.spec.title,
            scenario=str(self.source.path),
            command=self.wanted.command,
        )
        with on(self.wanted.on, most=self.trials if self.target is None else None) as runner:
            conductor = Conductor(runner, self.source.bundle.contents, store, keep_going)
            sweeping = Sweeping(plan, conductor, tell)
            if self.wish is not None:
                return self._search(self.wish, sweeping)
            plan.designs = [
                Design(self.source, settings, self._changes(settings))
                for settings in combinations(self.axes)
            ]
            return sweeping.run()

    def _search(self, wish: Wish, sweeping: Sweeping) -> Sweep:
        *others, axis = self.axes
        values = [row[0] for row in axis.rows()]
        return Searching(wish, self.source, values, combinations(others), sweeping).run()


def _first(axis: Axis) -> dict[str, str]:
    return dict(zip(axis.keys, axis.rows()[0], strict=True))


def _priced(scenario: Scenario) -> bool:
    """Whether anything in it costs money."""
    spec = scenario.spec
    nodes = [group for cluster in spec.clusters for group in cluster.nodes]
    return any(one.price or one.region != "local" for one in spec.hosts) or any(
        one.price for one in nodes
    )
