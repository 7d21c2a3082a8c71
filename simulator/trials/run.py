"""Carrying a trial out: data in, data out, and nothing else changed anywhere."""

from __future__ import annotations

import math
import time

import msgspec

from simulator.errors import DrydockError, InputError
from simulator.trials.bundle import Files
from simulator.trials.trial import (
    AnyTrial,
    Buckets,
    LogTrial,
    Outcome,
    ScenarioTrial,
    to_json,
    trial_from_json,
)
from simulator.world import World


def play(item: bytes, files: Files) -> bytes:
    """A trial as JSON in, its outcome as JSON out: what a runner is given."""
    return to_json(run(trial_from_json(item), files))


def run(trial: AnyTrial, files: Files) -> Outcome:
    """What comes of a trial. One that cannot be run is an outcome that says why."""
    began = time.process_time()
    try:
        found = _scenario(trial, files) if isinstance(trial, ScenarioTrial) else _log(trial)
    except DrydockError as error:
        found = Outcome(key=trial.key, error=str(error))
    except Exception as error:  # a fault of the model in one trial must not end a thousand others
        text = " ".join(str(error).split())[:200]
        found = Outcome(key=trial.key, error=f"unexpected {type(error).__name__}: {text}")
    return msgspec.structs.replace(found, cpu_s=time.process_time() - began)


def _scenario(trial: ScenarioTrial, files: Files) -> Outcome:
    from simulator.trials.changes import scenario_of
    from simulator.trials.playing import Run

    one = Run(scenario_of(trial, files.folder(trial.files)))
    one.go()
    assert one.session is not None
    assert one.built is not None
    refused = tuple(line.error for line in one.lines if line.error is not None)
    return _measured(trial, one.session.world, one.built.start_s, refused)


def _log(trial: LogTrial) -> Outcome:
    from simulator.calibration import Calibration
    from simulator.world import as_json

    log = as_json.from_json(trial.log)
    world = World.replayed(trial.seed, log, trial.until_s, Calibration(trial.calibration))
    return _measured(trial, world, 0.0, ())


def _measured(trial: AnyTrial, world: World, start_s: float, refused: tuple[str, ...]) -> Outcome:
    from simulator.look.expressions import parse_expression
    from simulator.trials.measuring import strict, usual

    world.settle()
    table = strict(world)
    variables = {"now": world.now, "start": start_s, "seed": trial.seed}
    values, missing = {}, {}
    for name, text in (trial.measures or usual(world)).items():
        try:
            value = parse_expression(text).number(table, variables)
        except InputError as error:
            missing[name] = str(error)
            continue
        if math.isfinite(value):
            values[name] = value
        else:
            missing[name] = "it has no finite value" if math.isnan(value) else "infinite"
    return Outcome(
        key=trial.key,
        values=values,
        missing=missing,
        histograms=_histograms(world),
        digest=world.journal.digest,
        simulated_s=world.now - start_s,
        warnings=refused,
    )


def _histograms(world: World) -> dict[str, Buckets]:
    found = ((name, one.tally.latencies) for name, one in sorted(world.services.items()))
    return {name: Buckets(**one.to_data()) for name, one in found if one.count}
