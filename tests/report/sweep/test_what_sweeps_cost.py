"""What a sweep does for each trial does not grow with their number."""

from __future__ import annotations

from calls import calls

from simulator.report.sweep.planning import Prepared, Wanted
from simulator.trials.store import Store
from simulator.trials.trial import Outcome, to_json, trial_from_json
from tests.trials.small import SMALL


def instant(item, files):
    """A trial that takes no time."""
    trial = trial_from_json(item)
    return to_json(Outcome(key=trial.key, values={"p95": float(trial.seed)}))


def test_twice_the_trials_are_at_most_twice_the_work(tmp_path, monkeypatch):
    (tmp_path / "small.yaml").write_text(SMALL)
    monkeypatch.setattr("simulator.trials.conducting.play", instant)

    def work(count):
        wanted = Wanted(vary=(f"rate=1..{count}",), seeds="5", measures=("p95",), on="here")
        prepared = Prepared(tmp_path / "small.yaml", wanted)
        store = Store(tmp_path / f"kept-{count}")
        return calls(lambda: prepared.run(store))

    work(5)
    assert work(80) < 2.5 * work(40)
    assert work(40) < work(80)
