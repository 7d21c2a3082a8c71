"""Many trials: what is kept is taken from there, all else is carried out and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from simulator.trials.run import play
from simulator.trials.runners import Runner
from simulator.trials.store import Store
from simulator.trials.trial import AnyTrial, Outcome, outcome_from_json, to_json


class Conductor:
    """Has trials carried out by a runner, with a store or without one."""

    def __init__(
        self,
        runner: Runner,
        contents: Mapping[str, bytes],
        store: Store | None = None,
        keep_going: Callable[[], bool] | None = None,
    ) -> None:
        self.runner = runner
        self.contents = contents
        self.store = store
        self.keep_going = keep_going
        self.found = 0
        """Trials whose outcome was kept from an earlier time."""
        self.done = 0
        """Trials that were carried out."""

    def outcomes(self, trials: Iterable[AnyTrial]) -> Iterator[tuple[int, Outcome]]:
        """What comes of each trial, with its number from 0, in whatever order; lazily.

        Ends early when nobody wants to go on. What was found is given before all else.
        """
        left: dict[int, tuple[int, str]] = {}
        ready: list[tuple[int, Outcome]] = []

        def wanted() -> Iterator[bytes]:
            for number, trial in enumerate(trials):
                key = trial.key
                kept = self.store.get(key) if self.store is not None else None
                if kept is not None:
                    ready.append((number, kept))
                else:
                    left[len(left)] = (number, key)
                    yield to_json(trial)

        items = wanted()
        for done in self.runner.each(play, items, self.contents, self.keep_going):
            yield from self._kept(ready)
            yield self._new(left, done.number, done.result, done.problem)
        yield from self._kept(ready)

    def _kept(self, ready: list[tuple[int, Outcome]]) -> Iterator[tuple[int, Outcome]]:
        while ready:
            self.found += 1
            yield ready.pop()

    def _new(
        self, left: dict[int, tuple[int, str]], number: int, result: bytes, problem: str
    ) -> tuple[int, Outcome]:
        mine, key = left[number]
        outcome = Outcome(key=key, error=problem) if problem else outcome_from_json(result)
        self.done += 1
        if self.store is not None:
            self.store.put(outcome)
        return mine, outcome
