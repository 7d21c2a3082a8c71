"""Many trials: what one costs beside running it alone, two processes beside one, and memory."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.report.bench.measured import Measured, cost, memory, ratio
from simulator.report.sweep.sweeping import Design, Plan, Sweeping
from simulator.scenario import load
from simulator.trials.bundle import Bundle, Files, digest_of
from simulator.trials.conducting import Conductor
from simulator.trials.playing import Run
from simulator.trials.run import play
from simulator.trials.runners import Runner, on
from simulator.trials.source import Source
from simulator.trials.store import Store
from simulator.trials.trial import Outcome, ScenarioTrial, outcome_from_json, to_json

SIZES = {"trials": 1.0}
"""By how much all is smaller: a test makes it less."""
TEXT = """\
format: 1
until: {until}
hosts:
- {{name: a, cores: 2}}
images:
- {{pull: nginx}}
containers:
- {{image: nginx, name: web, service: web, workload: server cpu=20ms workers=4}}
traffic:
  web: {rate}/s
"""
MEASURES = {"p95": "percentile('web', 95)"}


def _bundle(until: str, rate: int) -> Bundle:
    body = TEXT.format(until=until, rate=rate).encode()
    return Bundle({"bench.yaml": digest_of(body)}, {digest_of(body): body})


def _trials(bundle: Bundle, count: int) -> list[ScenarioTrial]:
    return [
        ScenarioTrial(scenario="bench.yaml", files=bundle.paths, seed=seed, measures=MEASURES)
        for seed in range(1, count + 1)
    ]


def _count(full: int) -> int:
    return max(4, round(full * SIZES["trials"]))


def overhead() -> list[Measured]:
    """The same trials one by one, and by the runner with a store: CPU seconds more for each."""
    bundle = _bundle("5s", 40)
    trials = _trials(bundle, _count(100))
    with TemporaryDirectory() as folder, on("here") as runner:
        root = Path(folder)
        files = Files(root)
        files.keep(bundle.contents)
        _alone(root / "objects" / bundle.paths["bench.yaml"], trials[:2])
        conductor = Conductor(runner, bundle.contents, Store(root / "kept"))
        list(conductor.outcomes(trials[:2]))
        alone = sweep = float("inf")
        for turn in range(3):  # the best of three: what else the machine does only adds
            alone = min(alone, _alone(root / "objects" / bundle.paths["bench.yaml"], trials))
            began = time.process_time()
            conductor = Conductor(runner, bundle.contents, Store(root / f"kept-{turn}"))
            list(conductor.outcomes(trials))
            sweep = min(sweep, time.process_time() - began)
    each = (sweep - alone) / len(trials)
    return [cost("a trial in a sweep, more than running it alone", max(0.0, each), 0.005)]


def _alone(path: Path, trials: list[ScenarioTrial]) -> float:
    """CPU seconds of running a scenario under these seeds, as ``drydock run`` does."""
    began = time.process_time()
    for trial in trials:
        Run(load(path, seed=trial.seed)).go()
    return time.process_time() - began


def processes() -> list[Measured]:
    """Trials of a second on one process and on two, by the clock; and whether they are equal."""
    bundle = _bundle("3m", 90)
    items = [to_json(one) for one in _trials(bundle, _count(120))]
    spent: dict[int, float] = {}
    found: dict[int, list[Outcome]] = {}
    runners: dict[int, Runner] = {count: on(f"processes:{count}") for count in (1, 2)}
    for count, runner in runners.items():
        list(runner.each(play, items[:4], bundle.contents))  # they have begun
        best = float("inf")
        for _ in range(2):
            began = time.perf_counter()
            done = sorted(runner.each(play, items, bundle.contents))
            best = min(best, time.perf_counter() - began)
        spent[count] = best
        found[count] = [outcome_from_json(one.result).same for one in done]
        runner.close()
    if found[1] != found[2]:
        raise AssertionError("outcomes depend on who carried the trials out")
    return [ratio("two processes against one, by the clock", spent[1] / spent[2], 1.7)]


def parent() -> list[Measured]:
    """Memory of the one who asks for 10,000 trials; each says what a trial of 10 ms says."""
    count = _count(10_000)
    bundle = _bundle("2s", 40)
    with TemporaryDirectory() as folder:
        (Path(folder) / "bench.yaml").write_bytes(next(iter(bundle.contents.values())))
        source = Source.read(Path(folder) / "bench.yaml")
        designs = [Design(source, {"turn": str(turn)}, ()) for turn in range(max(1, count // 100))]
        plan = Plan(designs, ("turn",), list(range(1, 101)), MEASURES)
        with on("processes:2") as runner:
            sweep = Sweeping(plan, Conductor(runner, source.bundle.contents)).run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [memory(f"the one who asks for {sweep.trials:,} trials", peak, 300.0)]
