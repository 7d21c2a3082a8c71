"""``drydock run``: a scenario from its file to its summary."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from simulator import look
from simulator.cli.catalogue import scenario_path
from simulator.cli.progress import Progress
from simulator.errors import InputError, Place, Refused, harmless
from simulator.files import is_file, replace_file
from simulator.report import collect, summary, text, variants
from simulator.scenario import Scenario, load
from simulator.scenario.changing import what_if, with_traffic
from simulator.shell import LineReader
from simulator.trials.playing import Run
from simulator.units import parse_duration
from simulator.world import World

_KIND = "drydock record"
_HEAD_BYTES = 200


class Wanted(NamedTuple):
    """What the command line asked for."""

    file: str
    until: str | None = None
    seed: int | None = None
    sets: tuple[str, ...] = ()
    traffic: tuple[str, ...] = ()
    variant: str | None = None
    what_ifs: tuple[str, ...] = ()
    as_json: bool = False
    plain: bool = False
    record: Path | None = None


def run_file(wanted: Wanted) -> int:
    """Run and print; 0 when all went well, 2 when a line of the script failed, 130 interrupted."""
    scenario = _scenario(wanted, wanted.variant)
    several = _several(wanted, scenario)
    if several:
        return _side_by_side(wanted, scenario, several)
    run = Run(scenario)
    if wanted.record is not None:
        _writable(wanted.record)
    progress = Progress()
    with progress.listening():
        run.go(progress.tick)
    result = collect.of_run(run)
    if wanted.record is not None and run.session is not None:
        _record(wanted.record, result, run.session.world)
    if wanted.as_json:
        print(summary.to_json(result))
    else:
        fancy = not wanted.plain and sys.stdout.isatty() and _unicode()
        for line in text.to_text(result, braille=fancy):
            print(harmless(line))
    sys.stdout.flush()
    if progress.interrupted:
        print("interrupted: the summary is of the run so far", file=sys.stderr)
        return 130
    for failed in result.errors:
        print(harmless(f"error: {failed.error}"), file=sys.stderr)
    return 2 if result.errors else 0


def _several(wanted: Wanted, scenario: Scenario) -> list[tuple[str, Scenario]]:
    """The runs that are to be compared; none where one run is meant."""
    if wanted.what_ifs:
        name = ", ".join(wanted.what_ifs)
        return [("as it is", scenario), (name, what_if(scenario, wanted.what_ifs))]
    if wanted.variant is not None:
        return []
    return [(name, _scenario(wanted, name)) for name in scenario.spec.variants]


def _side_by_side(wanted: Wanted, scenario: Scenario, several: list[tuple[str, Scenario]]) -> int:
    if wanted.record is not None:
        raise InputError("--record is of one run", found=len(several), expected="--variant NAME")
    progress = Progress()
    with progress.listening():
        found = variants.run_all(several, progress.tick)
    if wanted.as_json:
        print(json.dumps(variants.to_data(found), indent=2))
    else:
        fancy = not wanted.plain and sys.stdout.isatty() and _unicode()
        title = " ".join(scenario.spec.title.split())
        for line in variants.to_text(title, found, braille=fancy):
            print(harmless(line))
    sys.stdout.flush()
    if progress.interrupted:
        print("interrupted: the table is of the runs so far", file=sys.stderr)
        return 130
    failed = any(one.problem or (one.summary and one.summary.errors) for one in found)
    return 2 if failed else 0


def _scenario(wanted: Wanted, variant: str | None) -> Scenario:
    path = scenario_path(wanted.file)
    found = load(path, wanted.sets, seed=wanted.seed, check=LineReader(), variant=variant)
    found = with_traffic(found, wanted.traffic)
    if wanted.until is None:
        return found
    try:
        return found.with_until(parse_duration(wanted.until))
    except InputError as error:
        raise error.at(Place("--until")) from None


def _unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _writable(path: Path) -> None:
    """Fail before the run, not after it; a file that is no record stays as it is."""
    if is_file(path) and path.stat().st_size and not _is_record(path):
        raise Refused(f"{path}: this file is no record of a run, and is not overwritten")
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> Refused:
    return Refused(f"{path}: cannot write the record: {error.strerror}")


def _is_record(path: Path) -> bool:
    with path.open("rb") as file:
        return _KIND.encode() in file.read(_HEAD_BYTES)


def _record(path: Path, result: summary.Summary, world: World) -> None:
    """A header, then every line of the script and every event, in order of time.

    Written in one step, so that a full disk leaves the record that was there.
    """
    header = {
        "format": 1,
        "kind": _KIND,
        "drydock": result.drydock,
        "scenario": result.scenario,
        "seed": result.seed,
        "start_s": result.start_s,
        "end_s": result.end_s,
        "journal_digest": result.journal_digest,
    }
    rows = (header, *_rows(result, world))
    body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    try:
        if is_file(path):
            replace_file(path, body)
        else:
            path.write_bytes(body)
    except OSError as error:
        raise _unwritable(path, error) from None


def _rows(result: summary.Summary, world: World) -> Iterator[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {"t": line.time_s, "line": line.line, "output": list(line.output), "error": line.error}
        for line in result.script
    ]
    rows += [
        {"t": one.time, "event": one.kind, "level": one.level, "subject": one.subject,
         "text": one.text}
        for one in look.snapshot(world, events=world.journal.count).events
    ]  # fmt: skip
    yield from sorted(rows, key=lambda row: float(str(row["t"])))
