"""Finished trials on disk: by the key of the trial, so that nothing is computed twice.

One file an outcome, replaced in one step. What cannot be read, or is of another trial, counts as
not there. A disk that is full is no reason to stop: what was kept stays, and ``problem`` says so.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from simulator.errors import InputError
from simulator.trials.trial import Outcome, outcome_from_json, to_json

MOST_BYTES = 16 << 20
"""Of one outcome."""


def usual_folder() -> Path:
    """Where trials are kept: in ``$DRYDOCK_HOME``, else in the user's folder for caches."""
    named = os.environ.get("DRYDOCK_HOME")
    if named:
        return Path(named) / "trials"
    from platformdirs import user_cache_path

    return user_cache_path("drydock", appauthor=False) / "trials"


class Store:
    """A folder of outcomes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem: str | None = None
        """Why something could not be kept."""

    def get(self, key: str) -> Outcome | None:
        """The outcome of a trial, where it was kept."""
        try:
            with self._path(key).open("rb") as file:
                found = outcome_from_json(file.read(MOST_BYTES))
        except (OSError, InputError):
            return None
        return found if found.key == key else None

    def put(self, outcome: Outcome) -> None:
        """Keep an outcome. One that failed is not: it may have been the machine's fault."""
        if outcome.error is not None:
            return
        path = self._path(outcome.key)
        name = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(to_json(outcome))
            os.replace(name, path)
        except OSError as error:
            self.problem = f"{self.folder}: {error.strerror or error}"
            if name is not None:
                with contextlib.suppress(OSError):
                    os.unlink(name)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}.json"
