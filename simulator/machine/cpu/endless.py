"""Work that never ends: of bombs, of hogs, of whatever wants something as long as it is there."""

from __future__ import annotations

from simulator.machine.cpu.station import Station


class Endless:
    """No request of anybody, so nobody is told of its end."""

    acts = False

    def finished(self, station: Station, time: float) -> bool:
        """Never happens."""
        return False

    def lost(self, station: Station, time: float) -> None:
        """Its container died."""


ENDLESS = Endless()
FOREVER_S = 1e18
"""Seconds of work that no run can use up."""
