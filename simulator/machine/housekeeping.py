"""What the kernels of one host do by themselves: the clock of a machine.

Memory that grows with leaks and with requests in hand is charged, pages are merged and taken back,
and what tenants do to each other is measured. A host looks once a second, on a grid of its own,
as long as there is something to look at; a limit that leaks will reach is looked at when they do.
Nobody who watches, and no other host, moves any of these instants.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, inf
from typing import TYPE_CHECKING

from simulator.engine import CalendarEntry
from simulator.machine import tricks

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Host, Machine, VirtualMachine
    from simulator.machine.memory import MemoryGroup

PERIOD_S = 1.0
"""How often a host looks at what changes steadily: far above the kernel's own ticks, and below
the time in which a memory or a device fills up."""
SOON_S = 1e-6
"""The least time until a limit is looked at again."""


def next_on_grid(now: float, period_s: float) -> float:
    """The first multiple of a period after ``now``: a grid has no phase and never drifts."""
    return (floor(now / period_s + 1e-9) + 1) * period_s


class Housekeeping:
    """The periodic work of the kernels of one host, guests included."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._growing: dict[Container, None] = {}
        """Containers whose memory grows by itself: leaks, and requests that hold memory."""
        self._next: CalendarEntry | None = None
        self._second = inf
        """When the work of the next second is due."""

    @property
    def awake(self) -> bool:
        """Whether there is something to look at."""
        return bool(self._next)

    # --- who is looked at -------------------------------------------------------------------------

    def began(self, container: Container) -> None:
        """A container's program begins to run, or something goes off in it."""
        workload = container.settings.workload
        if workload.per_request_bytes or workload.leak_bytes_s:
            self._growing[container] = None
            self.replan()
        elif self.host.tenancy.measures(container):
            self.wake()

    def grows(self, container: Container) -> None:
        """A file of a container in its memory begins to grow."""
        self._growing[container] = None
        self.replan()

    def ended(self, container: Container) -> None:
        """A container's processes are gone; what it held, others may take."""
        self._growing.pop(container, None)
        self.replan()

    def wake(self) -> None:
        """There may be something to look at: look from the next second on."""
        if not self._next:
            self._second = next_on_grid(self._now, PERIOD_S)
            self._plan(self._second)

    def replan(self) -> None:
        """What grows, or a limit, changed: work out at this instant when a limit is reached."""
        if self._growing:
            self.wake()
            self._plan(self._now)

    # --- looking ----------------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self.host.parts.sim.now

    def _plan(self, time: float) -> None:
        if self._next:
            if self._next.time <= time:
                return
            self._next.cancel()
        self._next = self.host.parts.sim.at(time, self._look)

    def _look(self) -> None:
        """Do what is due, and look again while there is something to look at."""
        self.charge()
        if self._now >= self._second - SOON_S / 2:
            self._look_every_second()
            self._second = next_on_grid(self._now, PERIOD_S)
        busy = self._growing or self.host.tenancy.measured or self._tricked() or self._caching()
        if busy:
            self._plan(min(self._second, self._limit_reached()))

    def _look_every_second(self) -> None:
        for machine in self._tricked():
            tricks.settle(machine)
        for guest in self._caching():
            guest.follow_cache()
        if self.host.tenancy.measured:
            self.host.tenancy.refresh()

    def charge(self) -> None:
        """Charge what has grown up to now; whoever is too much is killed."""
        growing = list(self._growing)
        stations = [one.station for one in growing if _holds_requests(one)]
        self.host.parts.fabric.settle([one for one in stations if one is not None])
        for one in growing:
            one.charge_memory()
        for one in growing:
            one.set_alarm()

    def _tricked(self) -> list[Machine]:
        """Machines of this host with a trick that is on, or has to be taken back."""
        return [one for one in self.host.machines() if tricks.concern(one)]

    def _caching(self) -> list[VirtualMachine]:
        """Guests whose page cache grows, which touches memory of this host."""
        if not self.host.kernel.vms:
            return []
        inside = (vm for kernel in self.host.kernel.below() for vm in kernel.vms.values())
        return [vm for vm in inside if vm.kernel.filing and vm.kernel.memory.usage]

    def _limit_reached(self) -> float:
        """When leaks reach the first limit, if nothing else changes; all are charged up to now."""
        rates: dict[MemoryGroup, float] = {}
        for one in self._growing:
            rate = 0.0 if one.dying else one.growing_per_s()
            if rate:
                for group in _charged(one):
                    rates[group] = rates.get(group, 0.0) + rate
        left = [
            (group.limit_bytes - group.usage + 1) / rate
            for group, rate in rates.items()
            if group.usage <= group.limit_bytes
        ]
        return self._now + max(SOON_S, min(left, default=inf))


def _charged(one: Container) -> Iterator[MemoryGroup]:
    """All groups that are charged for what a container takes, down to the hardware."""
    machine: Machine = one.machine
    group: MemoryGroup | None = one.memory
    while group is not None:
        yield group
        group = group.parent
        if group is None and machine.backing is not None:
            machine, group = machine.backing


def _holds_requests(one: Container) -> bool:
    return one.station is not None and one.settings.workload.per_request_bytes > 0
