"""Dividing CPU: weighted max-min sharing, level by level down the tree of cgroups.

The fluid limit of the kernel's fair scheduler (generalised processor sharing): nobody gets more
than it asks for, and what is left is divided by weight among those who ask for more.
Sources: Demers, Keshav & Shenker 1989; Parekh & Gallager 1993; Stoica et al. 1995 (EEVDF).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.machine.cpu.station import Station


def weighted_shares(
    capacity: float, demands: Sequence[float], weights: Sequence[float]
) -> list[float]:
    """Cores for each of several siblings that ask for ``demands`` cores.

    >>> weighted_shares(4, [4, 4, 0.5], [200, 100, 100])
    [2.3333333333333335, 1.1666666666666667, 0.5]
    """
    if sum(demands) <= capacity:
        return list(demands)
    given = [0.0] * len(demands)
    # In the order of demand per weight, whoever asks for less than its share gets what it asks.
    hungry = sorted(
        (i for i, demand in enumerate(demands) if demand > 0),
        key=lambda i: (demands[i] / weights[i] if weights[i] > 0 else inf, i),
    )
    total = sum(weights[i] for i in hungry)
    for i in hungry:
        share = capacity * weights[i] / total if total > 0 else 0.0
        given[i] = min(demands[i], share)
        capacity -= given[i]
        total -= weights[i]
    return given


class CpuGroup:
    """One cgroup's CPU controller: a weight among its siblings and a ceiling in cores.

    The ceiling is what can be used at any instant: the cores of a host, the vCPUs of a virtual
    machine, the size of a cpuset. A quota by period is the station's own affair (``Quota``).
    A group is inner (``children``) or holds one ``station``.
    """

    __slots__ = (
        "_endless",
        "_wanted",
        "children",
        "limit",
        "missed_at",
        "missed_s",
        "missing",
        "name",
        "over",
        "parent",
        "runnable",
        "squeezed",
        "station",
        "tight",
        "weight",
    )

    def __init__(
        self,
        name: str,
        *,
        parent: CpuGroup | None = None,
        weight: float = 100.0,
        limit: float = inf,
    ) -> None:
        self.name = name
        self.parent = parent
        self.weight = weight
        self.limit = limit
        self.children: list[CpuGroup] = []
        self.station: Station | None = None
        self.runnable = 0
        """Threads that want to run in or below this group (kept only where it matters)."""
        self.over = 0
        """At a root: how many ceilings in its tree are exceeded by runnable threads."""
        self.squeezed = False
        """Whether somebody in or below it may run at less than full speed."""
        self.missing = 0.0
        self.missed_s = 0.0
        self.missed_at = 0.0
        self._wanted = 0.0
        """Threads that could want to run in or below it at once, but for those without number."""
        self._endless = 0
        """How many of its children (or of its station) could want to run any number of threads."""
        self.tight = 0
        """How many ceilings, here and below, the threads that there are could exceed."""
        if parent is not None:
            parent.children.append(self)

    @property
    def root(self) -> CpuGroup:
        """The group of the host's own kernel."""
        group = self
        while group.parent is not None:
            group = group.parent
        return group

    def detach(self) -> None:
        """Take this group out of its parent."""
        parent = self.parent
        if parent is not None:
            parent.children.remove(self)
            self.parent = None
            parent._replan(self.most_threads, 0.0, -self.tight)

    def attach(self, parent: CpuGroup) -> None:
        """Put this group, which has no parent, below another one."""
        self.parent = parent
        parent.children.append(self)
        parent._replan(0.0, self.most_threads, self.tight)

    # --- what could ever run ----------------------------------------------------------------------

    @property
    def most_threads(self) -> float:
        """Threads that could ever run in or below it at once, within the ceilings."""
        return self.limit if self._endless else min(self.limit, self._wanted)

    def occupy(self, threads: float) -> None:
        """From now on its station has so many threads; 0 when there is none."""
        before, was_tight = self.most_threads, self._exceedable
        self._endless, self._wanted = (1, 0.0) if threads == inf else (0, threads)
        self._tell_parent(before, was_tight, 0)

    def allow(self, limit: float) -> None:
        """From now on at most ``limit`` cores at any instant. The caller has disturbed the host."""
        before, was_tight = self.most_threads, self._exceedable
        self.limit = limit
        self._tell_parent(before, was_tight, 0)

    @property
    def _exceedable(self) -> bool:
        return self.limit < inf and (self._endless > 0 or self._wanted > self.limit)

    def _replan(self, before: float, after: float, tighter: int) -> None:
        """A child could run ``after`` threads instead of ``before``."""
        most, was_tight = self.most_threads, self._exceedable
        self._endless += (after == inf) - (before == inf)
        self._wanted += (after if after < inf else 0.0) - (before if before < inf else 0.0)
        self._tell_parent(most, was_tight, tighter)

    def _tell_parent(self, before: float, was_tight: bool, tighter: int) -> None:
        tighter += self._exceedable - was_tight
        self.tight += tighter
        after = self.most_threads
        if self.parent is not None and (tighter or after != before):
            self.parent._replan(before, after, tighter)

    # --- who wants to run -------------------------------------------------------------------------

    def ceilings(self) -> tuple[CpuGroup, ...]:
        """This group and its ancestors that have a finite ceiling, innermost first."""
        found = []
        group: CpuGroup | None = self
        while group is not None:
            if group.limit != inf:
                found.append(group)
            group = group.parent
        return tuple(found)

    def recount(self) -> int:
        """Count the runnable threads of this group and of all below it from the stations."""
        if self.station is not None:
            self.runnable = self.station.runnable
        else:
            self.runnable = sum([child.recount() for child in self.children])
        return self.runnable

    def wants(self) -> float:
        """Cores that could be used in this group now, ceilings respected."""
        if self.station is not None:
            return min(float(self.runnable), self.limit)
        return min(self.limit, sum(child.wants() for child in self.children))

    def divide(self, cores: float, now: float) -> None:
        """Give ``cores`` to this group and divide them below; sets the speed of every station."""
        if self.station is not None:
            self.station.set_speed(cores / self.runnable if self.runnable else 1.0, now)
            return
        self.squeezed = True
        busy = []
        for child in self.children:
            if child.runnable:
                busy.append(child)
            elif child.missing or child.squeezed:
                # Whoever wants nothing misses nothing, however busy its neighbours are.
                child.relax(now)
        wanted = [child.wants() for child in busy]
        shares = weighted_shares(cores, wanted, [child.weight for child in busy])
        for child, share, want in zip(busy, shares, wanted, strict=True):
            child.note_missing(want - share, now)
            child.divide(share, now)

    def note_missing(self, missing: float, now: float) -> None:
        """From ``now`` on, ``missing`` cores are wanted here and not given."""
        self.missed_s += self.missing * (now - self.missed_at)
        self.missed_at = now
        self.missing = missing

    def missed(self, now: float) -> float:
        """Core-seconds wanted (up to the ceiling) and not given until ``now``: a guest's steal."""
        return self.missed_s + self.missing * (now - self.missed_at)

    def relax(self, now: float) -> None:
        """Everything fits again: nobody here misses anything, every thread runs at full speed."""
        self.squeezed = False
        if self.missing:
            self.note_missing(0.0, now)
        if self.station is not None:
            self.station.set_speed(1.0, now)
        for child in self.children:
            child.relax(now)
