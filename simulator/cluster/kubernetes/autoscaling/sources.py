"""Metrics beside CPU and memory whose values somebody has set."""

from __future__ import annotations

import msgspec

from simulator.errors import Refused


class External(msgspec.Struct, frozen=True):
    """A metric from elsewhere: a value, or an error instead of it."""

    value: float = 0.0
    error: str = ""


class Sources:
    """External, object and pod metrics by name."""

    def __init__(self) -> None:
        self.values: dict[str, External] = {}

    def set(self, name: str, value: float, error: str = "") -> None:
        """From now on a metric has this value, or cannot be had."""
        self.values[name] = External(value, error)

    def has(self, name: str) -> bool:
        """Whether somebody has said something of it."""
        return name in self.values

    def get(self, name: str) -> float:
        """The value of a metric; Refused where there is none, or its source fails."""
        found = self.values.get(name)
        if found is None:
            raise Refused(f"no metrics returned from external metrics API for {name}")
        if found.error:
            raise Refused(found.error)
        return found.value
