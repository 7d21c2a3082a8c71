"""``drydock compare``: several designs on the same arrivals, side by side, seed by seed.

A design is a scenario, perhaps with changes: two files, one file with and without a change, one
file under several runtimes, or in its own variants. All meet the same seeds, so what is random in
the difference of two is only what their difference makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from simulator.errors import InputError, Place
from simulator.report.chart import bars
from simulator.report.sweep.result import Sweep
from simulator.report.sweep.seeds import read_seeds
from simulator.report.sweep.shown import difference, kind_of, number
from simulator.report.sweep.sweeping import Design, Plan, Sweeping, Tell
from simulator.report.sweep.text import foot, notes
from simulator.scenario.loading import CheckLine
from simulator.shell.tables import columns
from simulator.trials.changes import split
from simulator.trials.conducting import Conductor
from simulator.trials.measuring import read_measures
from simulator.trials.runners import on
from simulator.trials.runtimes import check_runtime
from simulator.trials.source import Source
from simulator.trials.statistics import Estimate
from simulator.trials.store import Store

KEY = "design"
MOST = 12
USUAL_RUNTIMES = ("runc", "gvisor", "firecracker", "qemu")
AS_IT_IS = "as it is"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be compared, in the words of the command line."""

    files: tuple[tuple[Path, tuple[str, ...]], ...]
    """Each with the changes that are its own."""
    others: tuple[str, ...] = ()
    """Changes of one file, each of which makes a design: ``KEY=VALUE; KEY=VALUE``."""
    runtimes: str | None = None
    seeds: str = "5"
    measures: tuple[str, ...] = ()
    on: str = "processes"
    command: str = ""


class Comparison:
    """Designs that have been read and checked."""

    def __init__(self, asked: Asked, check: CheckLine | None = None) -> None:
        self.asked = asked
        self._check = check
        if len(asked.files) > 1 and (asked.others or asked.runtimes):
            raise InputError(
                "--with and --runtime are for one scenario", found=f"{len(asked.files)} scenarios"
            )
        more = "\n".join(asked.others)
        self.sources = [
            Source.read(path, sets, varied=more, check=check) for path, sets in asked.files
        ]
        self.designs = self._several() if len(self.sources) > 1 else self._of_one(self.sources[0])
        if not 1 <= len(self.designs) <= MOST:
            raise InputError(
                "designs to compare", found=len(self.designs), expected=f"at most {MOST}"
            )
        services = sorted({name for one in self.sources for name in one.scenario.spec.traffic})
        self.measures = read_measures(asked.measures, services) or usual(services)
        self.seeds = read_seeds(asked.seeds)

    def _several(self) -> list[Design]:
        """One a file, called by its name, and by its changes where names are the same."""
        stems = [one.path.stem or str(one.path) for one in self.sources]
        found: list[Design] = []
        for source, stem in zip(self.sources, stems, strict=True):
            name = ", ".join((stem, *source.changes)) if stems.count(stem) > 1 else stem
            taken = [one.settings[KEY] for one in found]
            name = f"{name} ({len(found) + 1})" if name in taken else name
            found.append(Design(source, {KEY: name}, ()))
        return found

    def _of_one(self, source: Source) -> list[Design]:
        spec = source.scenario.spec
        if self.asked.others:
            plain = Design(source, {KEY: AS_IT_IS}, ())
            return [plain, *(self._changed(source, text) for text in self.asked.others)]
        if self.asked.runtimes is None and spec.variants:
            return [Design(source, {KEY: name}, (f"variant={name}",)) for name in spec.variants]
        names = _runtimes(self.asked.runtimes)
        return [Design(source, {KEY: name}, (f"runtime={name}",)) for name in names]

    def _changed(self, source: Source, text: str) -> Design:
        try:
            pairs = [split(part) for part in text.split(";")]
            changes = tuple(f"{source.key(key)}={value}" for key, value in pairs)
            source.check(changes, self._check)
        except InputError as error:
            raise error.at(Place(f"--with {text}")) from None
        return Design(source, {KEY: text}, changes)

    def run(
        self,
        store: Store | None = None,
        tell: Tell | None = None,
        keep_going: Callable[[], bool] | None = None,
    ) -> Sweep:
        """Carry it out."""
        contents: dict[str, bytes] = {}
        for source in self.sources:
            contents |= source.bundle.contents
        plan = Plan(
            designs=self.designs,
            keys=(KEY,),
            seeds=self.seeds,
            measures=self.measures,
            title=self.sources[0].scenario.spec.title,
            scenario=", ".join(str(one.path) for one in self.sources),
            command=self.asked.command,
        )
        with on(self.asked.on, most=len(self.designs) * len(self.seeds)) as runner:
            conductor = Conductor(runner, contents, store, keep_going)
            return Sweeping(plan, conductor, tell).run()


def _runtimes(text: str | None) -> list[str]:
    """Names separated by commas; InputError for an unknown one, none, or too many."""
    if text is None:
        return list(USUAL_RUNTIMES)
    names = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if not 1 <= len(names) <= MOST:
        raise InputError("runtimes", found=text[:60], expected="one to twelve, as runc,gvisor,qemu")
    for name in names:
        check_runtime(name)
    return names


def usual(services: Sequence[str]) -> dict[str, str]:
    """What is compared where nobody said what."""
    found: dict[str, str] = {}
    for name in services:
        found[f"{name} requests"] = f"requests({name!r})"
        found[f"{name} errors"] = f"error_rate({name!r})"
        found[f"{name} mean"] = f"mean_latency({name!r})"
        for rank in (50, 95, 99):
            found[f"{name} p{rank}"] = f"percentile({name!r}, {rank})"
    return found | {
        "start": "start_seconds()",
        "cpu": "cpu_mean()",
        "memory": "memory_peak()",
        "cost": "cost()",
    }


# --- text -----------------------------------------------------------------------------------------


def to_text(found: Sweep) -> list[str]:
    """Side by side: a line a measure, below it what each differs by from the first; one chart."""
    names = [point.settings[KEY] for point in found.points]
    first = names[0] if names else ""
    rows: list[list[str]] = []
    for measure, text in found.measures.items():
        kind = kind_of(text)
        estimates = [point.estimates.get(measure) for point in found.points]
        if not any(one is not None and (one.mean or one.half) for one in estimates):
            continue
        rows.append([measure, *(_cell(one, kind) for one in estimates)])
        others = [point.differences.get(measure) for point in found.points[1:]]
        if any(others):
            shown = [difference(one, kind) for one in others]
            rows.append([f"  to {first}", "", *shown])
    lines = [" ".join(found.title.split())] if found.title else []
    lines += ["", *columns(["", *names], rows), *_bars(found)]
    return [*lines, *notes(found), "", *foot(found)]


def _cell(found: Estimate | None, kind: str) -> str:
    if found is None:
        return "no data"
    text = number(found.mean, kind)
    return text if found.high is None else f"{text} +-{number(found.half, kind)}"


def _bars(found: Sweep) -> list[str]:
    """The first latency, or the first measure at all, as bars with their intervals."""
    latencies = [name for name in found.measures if name.endswith("p95")]
    for name in (*latencies, *found.measures):
        points = [(point, point.estimates.get(name)) for point in found.points]
        rows = [
            (point.settings[KEY], one.mean, one.low, one.high, number(one.mean, kind))
            for point, one in points
            for kind in [kind_of(found.measures[name])]
            if one is not None and one.mean > 0
        ]
        if rows:
            return ["", f"{name}, |--| its 95% interval", *bars(rows)]
    return []
