"""Drydock: a simulator of how containers really work.

``from simulator import Scenario, sweep`` is for notebooks (``simulator/report/README.md``).
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_FACE = ("Scenario", "sweep")


def __getattr__(name: str) -> Any:
    """What notebooks use is imported when somebody asks for it."""
    if name in _FACE:
        return getattr(import_module("simulator.report.notebook"), name)
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")
