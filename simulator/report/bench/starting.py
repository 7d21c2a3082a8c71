"""Wall seconds of commands that start from nothing."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

from simulator.report.bench.measured import Measured


def commands(runs: int = 5) -> list[Measured]:
    """The median of several runs of each."""
    module = [sys.executable, "-m", "simulator"]
    code = [sys.executable, "-c"]
    return [
        _started("python -c pass", [*code, "pass"], None, runs),
        _started("drydock --version", [*module, "--version"], 0.15, runs),
        _started("drydock list", [*module, "list"], 0.15, runs),
        _started("import of the workbench", [*code, "import simulator.tui.app"], None, runs),
    ]


def _started(what: str, command: list[str], promised: float | None, runs: int) -> Measured:
    walls = []
    for _ in range(runs):
        began = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        walls.append(perf_counter() - began)
    wall = sorted(walls)[runs // 2]
    return Measured(what=f"{what}, wall", value=wall, unit="s", promised=promised, at_most=True)
