"""What clients know of a service's endpoints: addresses that they looked up, while they last.

A client keeps the addresses that it got for the lifetime of the answer. Those who ask at one
instant looked up at times spread evenly over the lifetime before it, so that after a change the
share of them who know of it grows in a straight line from nothing to all within one lifetime.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.machine.cpu.station import Station


class Addresses:
    """The endpoints of a service as they were, as far back as any client remembers."""

    def __init__(
        self, ttl_s: float, stations: Sequence[Station], stream: np.random.Generator
    ) -> None:
        self.ttl_s = ttl_s
        self._stream = stream
        self._past: list[tuple[float, tuple[Station, ...]]] = [(-np.inf, tuple(stations))]
        """Since when who was listed."""

        self._turns = 0

    def turn(self, count: int) -> int:
        """Whose turn it is among so many, however long the lists of others were."""
        self._turns += 1
        return (self._turns - 1) % count

    def changed(self, now: float, stations: Sequence[Station]) -> None:
        """Whoever looks up from now on is told these."""
        if self._past[-1][0] == now:
            self._past.pop()
        self._past.append((now, tuple(stations)))

    def known(self, now: float) -> Sequence[Station]:
        """What a client who asks now was told; chance decides when it looked up."""
        past = self._past
        while len(past) > 1 and past[1][0] <= now - self.ttl_s:
            del past[0]
        if len(past) == 1:
            return past[0][1]
        looked_up = now - float(self._stream.random()) * self.ttl_s
        return next(listed for since, listed in reversed(past) if since <= looked_up)
