"""What the proxies of all nodes know of one Service's pods: what was so, a lag ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from simulator.cluster.kubernetes.objects.meta import Key

READY, DRAINING = "ready", "draining"
"""A pod that gets requests; one on its way out that still answers."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """From ``due`` on the proxies know that a pod is in a state; nothing: it is gone."""

    due: float
    pod: Key
    state: str


class Listing:
    """Who is listed now. Changes wait in line for their time; nobody has to call at that time."""

    def __init__(self, lag_s: float) -> None:
        self.lag_s = lag_s
        self.pending: deque[Change] = deque()
        self._known: dict[Key, str] = {}
        self._ready = 0

    def change(self, now: float, pod: Key, state: str) -> float:
        """A pod's state changes now; the time at which proxies know."""
        due = now + self.lag_s
        self.pending.append(Change(due, pod, state))
        return due

    def settle(self, now: float) -> Iterable[Key]:
        """Take in what proxies know by now; the pods that may be sent to, or not, since."""
        changed: dict[Key, None] = {}
        before = self._wanted
        while self.pending and self.pending[0].due <= now:
            change = self.pending.popleft()
            changed[change.pod] = None
            was = self._known.pop(change.pod, "")
            self._ready += (change.state == READY) - (was == READY)
            if change.state:
                self._known[change.pod] = change.state
        if before != self._wanted:
            changed.update(dict.fromkeys(self._known))
        return changed

    @property
    def _wanted(self) -> str:
        """Those that drain, where none is ready (kube-proxy, KEP-1669)."""
        return READY if self._ready else DRAINING

    def lists(self, pod: Key) -> bool:
        """Whether requests are sent to a pod, as of what was settled."""
        return self._known.get(pod) == self._wanted

    @property
    def listed(self) -> Iterable[Key]:
        """All pods that requests are sent to, as of what was settled."""
        wanted = self._wanted
        return [pod for pod, state in self._known.items() if state == wanted]
