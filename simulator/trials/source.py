"""A scenario as trials of it need it: its files, what it is called, and a check of changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.files import is_file, is_folder
from simulator.scenario.loading import BESIDE, CheckLine, Scenario
from simulator.trials import model
from simulator.trials.bundle import Bundle, gather
from simulator.trials.changes import full_key, read, split
from simulator.trials.trial import ScenarioTrial


@dataclass(frozen=True, slots=True)
class Source:
    """One scenario file or folder, read once; ``changes`` hold for all trials of it."""

    path: Path
    bundle: Bundle
    scenario: Scenario
    inner: str
    """Its path in the folder whose files travel."""
    changes: tuple[str, ...] = ()
    traffic: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        path: Path,
        changes: tuple[str, ...] = (),
        *,
        traffic: tuple[str, ...] = (),
        varied: str = "",
        check: CheckLine | None = None,
    ) -> Source:
        """Read it and find its files; ``varied`` is a text of values that may name more files."""
        first = read(path, (), check=check)
        own = tuple(
            f"{full_key(key, first.spec.parameters)}={value}" for key, value in map(split, changes)
        )
        scenario = read(path, own, traffic=traffic, check=check)
        beside = is_folder(path) and is_file(path / BESIDE)
        inner = BESIDE if beside else None if is_folder(path) else path.name
        more = "\n".join((*own, *traffic, varied))
        bundle = gather(path if is_folder(path) else path.parent, inner, more)
        return cls(path, bundle, scenario, inner or ".", own, traffic)

    def key(self, word: str) -> str:
        """The key that a word means: a parameter is called by its name."""
        return full_key(word, self.scenario.spec.parameters)

    def check(self, changes: tuple[str, ...], check: CheckLine | None = None) -> Scenario:
        """The scenario with more changes; InputError for what is none."""
        return read(self.path, (*self.changes, *changes), traffic=self.traffic, check=check)

    def trial(self, seed: int, changes: tuple[str, ...], measures: dict[str, str]) -> ScenarioTrial:
        """A trial of it."""
        return ScenarioTrial(
            scenario=self.inner,
            files=self.bundle.paths,
            changes=(*self.changes, *changes),
            traffic=self.traffic,
            seed=seed,
            measures=measures,
            name=self.path.name,
            model=model.version(),
        )
