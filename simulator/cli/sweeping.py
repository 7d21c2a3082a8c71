"""``drydock sweep`` and ``drydock compare``: scenarios over values, designs and seeds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

from simulator.cli.catalogue import scenario_path
from simulator.cli.progress import Progress
from simulator.errors import harmless
from simulator.report.sweep import comparing, text, writing
from simulator.report.sweep.comparing import Asked, Comparison
from simulator.report.sweep.planning import Prepared, Wanted
from simulator.report.sweep.result import Sweep, of_points, of_trials, to_json
from simulator.shell import LineReader
from simulator.trials.store import Store, usual_folder


class Goals(NamedTuple):
    """Where the results are to go."""

    csv: Path | None = None
    parquet: Path | None = None
    trials: bool = False
    """Files have a line a trial, not one a combination."""
    as_json: bool = False
    plain: bool = False
    fresh: bool = False
    """Nothing that was kept is used, and nothing is kept."""

    def files(self) -> list[tuple[str, Path]]:
        """Flag and path of each file."""
        wanted = (("--csv", self.csv), ("--parquet", self.parquet))
        return [(flag, path) for flag, path in wanted if path is not None]


def sweep(file: str, wanted: Wanted, goals: Goals) -> int:
    """Carry it out and print; 0, 2 when no trial could be run, 130 when it was interrupted."""
    for flag, path in goals.files():
        writing.check_goal(flag, path)
    prepared = Prepared(scenario_path(file), wanted, LineReader())
    store = None if goals.fresh else Store(usual_folder())
    progress = Progress()
    with progress.listening():
        found = prepared.run(store, progress.trials, lambda: not progress.interrupted)
    fancy = not goals.plain and sys.stdout.isatty() and _unicode()
    lines = text.to_text(found, braille=fancy)
    return show(found, goals, lines, interrupted=progress.interrupted)


def show(found: Sweep, goals: Goals, lines: list[str], *, interrupted: bool) -> int:
    """Print and write what was found; the exit code."""
    if goals.as_json:
        print(to_json(found))
    else:
        for line in lines:
            print(harmless(line))
    sys.stdout.flush()
    for flag, path in goals.files():
        writing.write(flag, path, of_trials(found) if goals.trials else of_points(found))
    if interrupted:
        print(
            "interrupted: this is what was done; the same command goes on from here",
            file=sys.stderr,
        )
        return 130
    failed = sum(point.failed for point in found.points)
    return 2 if failed and failed == found.trials else 0


def _unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def compare(asked: Asked, goals: Goals) -> int:
    """Carry a comparison out and print it; codes as of ``sweep``."""
    for flag, path in goals.files():
        writing.check_goal(flag, path)
    files = tuple((scenario_path(str(path)), sets) for path, sets in asked.files)
    comparison = Comparison(msgspec.structs.replace(asked, files=files), LineReader())
    store = None if goals.fresh else Store(usual_folder())
    progress = Progress()
    with progress.listening():
        found = comparison.run(store, progress.trials, lambda: not progress.interrupted)
    return show(found, goals, comparing.to_text(found), interrupted=progress.interrupted)
