"""Clients whose connection was dropped on the way: they hear nothing, and give up in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.station import ROUNDING_S
from simulator.traffic.endpoint import Patience
from simulator.traffic.tally import Tally

Floats = npt.NDArray[np.float64]
SYN_GIVE_UP_S = 127.0
"""When a kernel ends the tries to open a connection that hears nothing: after six more, each
twice as late as the one before (tcp_syn_retries of 6, RFC 6298)."""


class Unheard:
    """Plain requests of one service that nobody got, until their clients give up."""

    def __init__(self, tally: Tally, patience: Patience) -> None:
        self.tally, self.patience = tally, patience
        self._until: list[Floats] = []
        """When they give up."""

    def __bool__(self) -> bool:
        return bool(self._until)

    def add(self, asked: Floats) -> None:
        """Clients who asked at these times wait in vain."""
        times: Floats = np.minimum(self.patience.deadlines(asked), asked + SYN_GIVE_UP_S)
        self._until.append(times - ROUNDING_S)

    def give_up(self, until: float) -> None:
        """Count those who have given up by now."""
        times = np.sort(np.concatenate(self._until))
        end = int(np.searchsorted(times, until, side="right"))
        self.tally.add_failed("timeout", times[:end])
        self._until = [times[end:]] if end < len(times) else []
