"""Files of trials, put down once at each worker of a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from distributed import WorkerPlugin

from simulator.trials.bundle import Files


class Carried(WorkerPlugin):  # type: ignore[misc,unused-ignore]
    """Contents by digest; they stay for as long as the worker lives."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents

    def setup(self, worker: Any) -> None:
        """A worker has come, or is there."""
        Files(Path(worker.local_directory) / "drydock").keep(self.contents)
