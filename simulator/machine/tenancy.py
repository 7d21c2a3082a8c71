"""What the tenants of one host do to each other beside dividing its cores.

Everything here is what cgroups do not partition, or only where somebody set a limit: the
last-level cache and memory bandwidth, the disk's queue and the dirty pages before it, the network
card and the kernel's work on packets, memory that does not fit, tables of the kernel. Re-evaluated
when a tenant starts, ends or changes, and once a second with the measured load
(``housekeeping.py``); a host whose tenants state none of it is never looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.machine import processes
from simulator.machine.effects import Effects, own_thrash
from simulator.machine.events_trouble import KernelRecovered, KernelStalled
from simulator.machine.interference import thrash_factor
from simulator.machine.kernel import Kernel
from simulator.machine.pace import set_pace
from simulator.machine.pacing import FULL
from simulator.machine.stalls import of_tasks

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Host

MANY = 50
"""Above so many tenants that disturb each other, changes take effect together."""
MOMENT_S = 0.1
"""How much later they then do."""


class Tenancy:
    """The tenants of one host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._loud: dict[Container, None] = {}
        """Containers that state something of what is kept here."""
        self._stalled: dict[Kernel, None] = {}
        self._slowed = False
        self._due = False
        self.heat = 1.0
        """How many times slower the processors compute while they are too hot."""

    # --- tenants ----------------------------------------------------------------------------------

    def joined(self, container: Container) -> None:
        """A container's program begins to run."""
        if _is_loud(container) or self.host.hardware.swap_bytes:
            self._loud[container] = None
        self.host.housekeeping.began(container)
        if self._loud or self.heat != 1.0:
            self.refresh()

    def left(self, container: Container) -> None:
        """A container's processes are gone."""
        self.host.housekeeping.ended(container)
        if self._loud.pop(container, FULL) is not FULL or self._loud:
            self.refresh()

    def measures(self, container: Container) -> bool:
        """Whether what a tenant does to others depends on how long it goes on."""
        return bool(self.host.hardware.swap_bytes) or container.bomb is not None

    @property
    def measured(self) -> bool:
        """Whether there is such a tenant."""
        return any(self.measures(one) for one in self._loud)

    def swapping(self, container: Container) -> bool:
        """Whether a container's new pages go to disk."""
        return self.thrash(container.machine.kernel) > 1.0 or own_thrash(container) > 1.0

    def warm(self, heat: float) -> None:
        """From now on the processors compute so many times slower; 1 is their own speed."""
        self.heat = heat
        self._slowed = True
        self.refresh()

    # --- the effects ------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Work out everybody's pace anew: now, or in a moment where there are many."""
        if not self._loud and not self._slowed and self.heat == 1.0:
            return
        if len(self._loud) <= MANY:
            self._settle()
        elif not self._due:
            self._due = True
            sim = self.host.parts.sim
            sim.at(sim.now + MOMENT_S, self._settle)

    def _settle(self) -> None:
        """Work out everybody's pace."""
        self._due = False
        self._press()
        running = [one for one in self.host.kernel.all_containers() if one.running and one.station]
        effects = Effects(self, running)
        self._note_stalls(running)
        self._slowed = False
        for one in running:
            pace = effects.pace(one)
            self._slowed = self._slowed or pace is not FULL
            set_pace(one, pace)
            if one in effects.short or one.memory_stall.some:
                self._note_waiting(one, effects.short.get(one, 1.0))

    def _note_waiting(self, one: Container, loss: float) -> None:
        """Its tasks wait for pages from now on, as long as it has any."""
        station, now = one.station, self.host.parts.sim.now
        if one.leak is None and station is not None:
            tasks = min(station.workers, one.fabric.in_system(station))
            one.memory_stall.follow(now, *of_tasks(loss, int(tasks)))

    def _press(self) -> None:
        """Bring what bombs do to the disk up to now: dirty pages go there, and swapped ones."""
        bombs = [one for one in self._loud if one.bomb is not None and one.station is not None]
        for one in bombs:
            if one.bomb is not None and one.bomb.kind == "membomb":
                one.press(1.0 if self.swapping(one) else 0.0)
        stations = [one.station for one in bombs if one.lanes is not None]
        self.host.parts.fabric.settle([one for one in stations if one is not None])

    def is_stalled(self, kernel: Kernel) -> bool:
        """Whether a kernel, or one beneath it, stood still when last looked at."""
        return kernel.fate in self._stalled

    def _note_stalls(self, running: list[Container]) -> None:
        sim, calibration = self.host.parts.sim, self.host.parts.calibration
        kernels = dict.fromkeys(one.machine.kernel.fate for one in running)
        for kernel in [*self._stalled, *kernels]:
            full = kernel in kernels and processes.is_stalled(kernel, calibration)
            if full and kernel not in self._stalled:
                self._stalled[kernel] = None
                count, size = processes.on_kernel(kernel), processes.table_size(kernel)
                sim.emit(KernelStalled(kernel.name, count, size))
            elif not full and kernel in self._stalled:
                del self._stalled[kernel]
                if kernel.state == "running":
                    sim.emit(KernelRecovered(kernel.name))

    def thrash(self, kernel: Kernel) -> float:
        """Slowdown of everybody whose memory is this kernel's, where more is wanted than there is.

        A guest's memory is the host's: what the host swaps out, guests wait for.
        """
        host = self.host
        if not host.hardware.swap_bytes or kernel.state != "running":
            return 1.0
        memory = host.kernel.memory
        assert memory.paging is not None
        wanted = memory.paging.wanted(memory.usage)
        return thrash_factor(wanted, host.hardware.memory_bytes, host.parts.calibration)


def _is_loud(one: Container) -> bool:
    workload, limits = one.settings.workload, one.limits
    stated = (
        workload.cache, workload.bandwidth, workload.ios, workload.io_bytes, workload.packets,
        workload.net_bytes, limits.memory_high_bytes, limits.swap_bytes,
    )  # fmt: skip
    return one.bomb is not None or any(stated)
