"""A kernel's table of connections, while it might fill up.

Every new connection to a machine, published or not, has an entry for its life and for 120 s more
(``nf_conntrack_tcp_timeout_time_wait``). A new one that finds no room is dropped: its client hears
nothing. While the table is full a share of the newcomers is dropped such that the rest is what it
holds in the steady state:

    dropped = 1 - entries_max / (rate * 120 s + connections that are open)

Source: Linux Documentation/networking/nf_conntrack-sysctl.rst. With a steady rate a kernel would
first drop all for a while, then none, in waves that die out as connections differ; since 4.12 its
collector also takes closing entries back when the table is 95 % full. The steady share is what
such waves come to on average.
"""

from __future__ import annotations

TIME_WAIT_S = 120.0
"""How long a connection that ended stays in the table."""

OFTEN_S, SELDOM_S = 1.0, 10.0
"""How often a table is looked at that may fill up soon, and how often at least."""
NEARLY = 0.8
"""How full it may be when it is not looked at often."""


class Connections:
    """One table: how many entries it has, and the share of newcomers that it drops."""

    def __init__(self, most: float, now: float) -> None:
        self.most = most
        self.share = 0.0
        """Of the new connections that come now, those that are dropped."""
        self.dropped = 0.0
        """Connections dropped so far."""
        self.open = 0
        """Connections that are in use."""
        self.since = now
        """When it was last looked at."""
        self._ended: list[tuple[float, float, float]] = []
        """From when to when how many connections came that were let in."""
        self._waiting = 0.0

    @property
    def full(self) -> bool:
        """Whether it drops newcomers."""
        return self.share > 0.0

    def entries(self, now: float) -> int:
        """How many entries it has, by what came until its last look; asking changes nothing."""
        edge, waiting = now - TIME_WAIT_S, 0.0
        for since, until, count in self._ended:
            if until > edge:
                waiting += count * min(1.0, (until - edge) / (until - since))
        return round(min(self.most, waiting + self.open))

    def due_s(self, most_per_s: float) -> float:
        """Seconds until it must be looked at, if so many connections may come in one."""
        room = NEARLY * self.most - self._waiting - self.open
        wait_s = room / most_per_s if most_per_s else SELDOM_S
        return OFTEN_S if self.full else min(SELDOM_S, max(OFTEN_S, wait_s))

    def look(self, now: float, let_in: float, dropped: float, inside: int) -> None:
        """Note what came since the last look, and what share is dropped from now on.

        ``inside``: connections in use now.
        """
        passed_s = now - self.since
        if passed_s <= 0.0:
            return
        if let_in:
            self._ended.append((self.since, now, let_in))
            self._waiting += let_in
        self.dropped += dropped
        self.open, self.since = inside, now
        self._expire(now)
        rate = (let_in + dropped) / passed_s
        wanted = rate * TIME_WAIT_S + inside
        reached = self._waiting + inside + rate * OFTEN_S >= self.most
        over = wanted > self.most and (self.full or reached)
        self.share = 1.0 - self.most / wanted if over else 0.0

    def _expire(self, now: float) -> None:
        """Forget what has been there for long enough; within a piece they came evenly."""
        edge = now - TIME_WAIT_S
        while self._ended and self._ended[0][0] < edge:
            since, until, count = self._ended.pop(0)
            if until > edge:
                left = count * (until - edge) / (until - since)
                self._ended.insert(0, (edge, until, left))
                self._waiting += left - count
                break
            self._waiting -= count
