"""How fast a container's work goes, beside what the division of cores decides.

A request (or a batch job) of ``work_s`` CPU-seconds takes

    total = (work_s * cpu + wait_s) * lost + disk_s + network_s

cpu        slowdown while it computes: caches and memory bandwidth
wait_s     waiting for operations, with a thread that waits too
lost       what the kernel takes from everybody on it: thrashing, writeback, a full process table
disk_s     of the disk's time, and
network_s  of the network card's: shared with others (``devices.py``), and more when they want it

Packets on their way delay an answer (``away_s``) without holding a thread. What slows computing is
put into the station's ``work_scale``, what follows it into its way. CPU use is accounted for
separately, so that what the kernel takes is not charged as CPU.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.machine.devices import Needs


@dataclass(frozen=True, slots=True)
class Pace:
    """What a container's neighbours and devices make of its work. The default changes nothing."""

    cpu: float = 1.0
    wait_s: float = 0.0
    lost: float = 1.0
    disk_s: float = 0.0
    network_s: float = 0.0
    away_s: float = 0.0

    def total_s(self, work_s: float) -> float:
        """Seconds for one request of ``work_s`` CPU-seconds with idle cores and devices."""
        computing_s = (work_s * self.cpu + self.wait_s) * self.lost
        return computing_s + self.disk_s + self.network_s

    @property
    def needs(self) -> Needs:
        """What it asks of devices when its CPU work is done."""
        return Needs(self.wait_s * self.lost, self.disk_s, self.network_s)


FULL = Pace()


@dataclass(slots=True)
class Pacing:
    """The pace of one running container, and the account that goes with it."""

    pace: Pace = FULL
    scale: float = 1.0
    busy: float = 1.0
    """Share of a worker's time in which it computes."""
    _mark: float = 0.0
    _cpu_s: float = 0.0
    _work_s: float = 0.0

    def cpu_s(self, used: float) -> float:
        """CPU-seconds when the station says that ``used`` worker-seconds have passed."""
        return self._cpu_s + (used - self._mark) * self.busy

    def work_s(self, used: float) -> float:
        """Work done in undisturbed CPU-seconds."""
        return self._work_s + (used - self._mark) / self.scale

    def follow(self, used: float, scale: float, busy: float) -> None:
        """From now on at another pace."""
        self._cpu_s, self._work_s = self.cpu_s(used), self.work_s(used)
        self._mark = used
        self.scale, self.busy = scale, busy
