"""A kernel: one cgroup tree, one pid table, one fate for everything below it.

Beside it stands what kernels, and what else is beneath containers and machines, know of them: the
parts of their lives that a kernel sees or changes. ``container.py`` and ``host.py`` hold the whole;
nothing beneath them imports them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from simulator.engine import Link, Simulation
from simulator.image.model import Image
from simulator.machine.charges import Bomb
from simulator.machine.conntrack import Connections
from simulator.machine.costs import Costs
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station
from simulator.machine.devices import Lanes
from simulator.machine.file_pages import FilePages
from simulator.machine.growth import Charges, Leak
from simulator.machine.hardware import Hardware, Parts
from simulator.machine.memory import MemoryGroup
from simulator.machine.runtimes import Runtime
from simulator.machine.settings import Limits, Settings
from simulator.machine.stalls import Stall

if TYPE_CHECKING:
    from simulator.calibration import Calibration
    from simulator.machine.pacing import Pacing


class Moving(Protocol):
    """A file that a program lets grow."""

    in_memory: bool
    """Whether its file lies in memory alone."""
    presses: bool
    """Whether it is a bomb, whose lane counts what it writes."""

    @property
    def moved_bytes(self) -> int:
        """What was written to it since the program began."""


class Container(Protocol):
    """A container as its kernel, its neighbours and a shortage see it."""

    name: str
    state: str
    limits: Limits
    pacing: Pacing
    stop_asked: bool
    oom_killed: bool
    oom_kills: int
    started_at: float | None
    leak: Leak | None
    charges: Charges
    files: FilePages
    memory_stall: Stall
    paused: bool
    hung: bool
    bomb: Bomb | None
    bomb_since: float
    bomb_threads: int
    bomb_processes: int
    bomb_bytes: int
    forks_refused: int
    lanes: Lanes | None

    @property
    def writings(self) -> Sequence[Moving]:
        """The files that its program lets grow."""

    @property
    def machine(self) -> Machine:
        """Where its processes run."""

    @property
    def image(self) -> Image:
        """What its files are."""

    @property
    def runtime(self) -> Runtime:
        """What started it."""

    @property
    def settings(self) -> Settings:
        """What was fixed when it was created."""

    @property
    def sim(self) -> Simulation:
        """Its clock."""

    @property
    def fabric(self) -> Fabric:
        """The CPUs of all hosts."""

    @property
    def constants(self) -> Calibration:
        """The constants of its world."""

    @property
    def cpu(self) -> CpuGroup:
        """Its cgroup's CPU."""

    @property
    def memory(self) -> MemoryGroup:
        """Its cgroup's memory."""

    @property
    def station(self) -> Station | None:
        """Its threads, while it has any."""

    @property
    def costs(self) -> Costs:
        """What the boundaries around its processes cost them."""

    @property
    def neighbours(self) -> Neighbours:
        """All tenants of the hardware that it runs on."""

    @property
    def running(self) -> bool:
        """Whether it has processes."""

    @property
    def stands_still(self) -> bool:
        """Whether its threads do nothing, however much there is to do."""

    @property
    def dying(self) -> bool:
        """Whether its end is settled and only has to be carried out."""

    def renew_way(self) -> None:
        """Send what is done computing where its pace says."""

    def press(self, share: float, *, network: bool = False) -> None:
        """Something in it wants a share of the disk (or card), for ever; 0: no more."""

    def need_lanes(self) -> Lanes:
        """Its places on devices, made now if it has none."""

    def write(self, rate: float, name: str, *, ends: bool = False, presses: bool = False) -> None:
        """A file of this name in the folder where it writes grows from now on by ``rate`` bytes a
        second, if the disk takes them; ``ends``: its program ends when the disk is full."""

    @property
    def system_share(self) -> float:
        """Share of its CPU time that its kernel works for it."""

    @property
    def cpu_seconds(self) -> float:
        """CPU-seconds used since it was created."""

    def work_seconds(self) -> float:
        """CPU-seconds of one request, or of the whole job."""

    def growing_per_s(self) -> float:
        """Bytes a second by which its memory grows by itself now."""

    def memory_now(self) -> int:
        """Bytes that its processes hold."""

    def charge_memory(self) -> None:
        """Bring its cgroup's charge up to date; somebody may be killed for it."""

    def set_alarm(self) -> None:
        """Have the exact loop stop at the request that no limit has memory for."""

    def crash(self, code: int = 1, reason: str = "crashed") -> None:
        """End it."""


class Neighbours(Protocol):
    """What all tenants of one host do to each other."""

    heat: float
    """How many times slower the processors compute while they are too hot."""

    def joined(self, container: Container) -> None:
        """One begins to run, or something in it goes off."""

    @property
    def host(self) -> Host:
        """The hardware that they share."""

    def thrash(self, kernel: Kernel) -> float:
        """Slowdown of everybody on a kernel where more memory is wanted than there is."""

    def is_stalled(self, kernel: Kernel) -> bool:
        """Whether a kernel stood still when last looked at."""

    def refresh(self) -> None:
        """Somebody changed: work everybody's pace out anew."""

    def swapping(self, container: Container) -> bool:
        """Whether a container's new pages go to disk."""

    def measures(self, container: Container) -> bool:
        """Whether its load is to be measured."""

    @property
    def measured(self) -> bool:
        """Whether anybody's is."""


class Housekeeper(Protocol):
    """The periodic work of the kernels of one host."""

    def began(self, container: Container) -> None:
        """A container's program begins to run."""

    def ended(self, container: Container) -> None:
        """A container's processes are gone."""

    def grows(self, container: Container) -> None:
        """A file of a container in its memory begins to grow."""

    def wake(self) -> None:
        """There may be something to look at each second."""

    def charge(self) -> None:
        """Charge what has grown up to now."""


class Trick(Protocol):
    """A memory trick of a machine: on or off, and since when."""

    @property
    def on(self) -> bool:
        """Whether it is switched on."""

    @property
    def since(self) -> float | None:
        """Since when; None where it never was."""


class Machine(Protocol):
    """A machine as its kernel and what runs on it see it."""

    merged: MemoryGroup | None
    connections: Connections

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def parts(self) -> Parts:
        """What it shares with all others."""

    @property
    def hardware(self) -> Hardware:
        """What it is made of."""

    @property
    def kernel(self) -> Kernel:
        """What runs on it."""

    @property
    def nic(self) -> Link:
        """Its network card."""

    @property
    def costs(self) -> Costs:
        """What the boundaries beneath a process on it cost it."""

    @property
    def merging(self) -> Trick:
        """Same-page merging of the virtual machines on it."""

    @property
    def up(self) -> bool:
        """Whether its kernel runs."""

    @property
    def host(self) -> Host:
        """The physical machine at the bottom."""

    @property
    def outermost_guest(self) -> VirtualMachine | None:
        """The virtual machine on the host that it is, or lies in."""

    @property
    def backing(self) -> tuple[Machine, MemoryGroup] | None:
        """The machine beneath and the charge there that grows with this machine's usage now."""

    def switch_off(self, state: str = "off") -> None:
        """It stops."""


class Host(Machine, Protocol):
    """The hardware at the bottom."""

    @property
    def tenancy(self) -> Neighbours:
        """All its tenants."""

    @property
    def housekeeping(self) -> Housekeeper:
        """What its kernels do by themselves."""

    def machines(self) -> Iterable[Machine]:
        """Itself and all virtual machines in it."""


class VirtualMachine(Machine, Protocol):
    """A machine inside a kernel, as that kernel sees it."""

    deflated: bool
    touched_bytes: int
    socket: int | None

    @property
    def owner(self) -> str:
        """The container that it was made for, if it was."""

    @property
    def runtime(self) -> Runtime:
        """What it runs under."""

    @property
    def group(self) -> CpuGroup:
        """Its vCPUs in the kernel beneath."""

    @property
    def memory(self) -> MemoryGroup:
        """Its charge in the kernel beneath."""

    @property
    def overhead_bytes(self) -> int:
        """What its monitor takes beside its memory."""

    @property
    def grows(self) -> bool:
        """Whether the host pays only for what it has touched."""

    def follow_cache(self) -> None:
        """Its page cache has grown by itself."""

    @property
    def ballooning(self) -> Trick:
        """The balloon in it."""


@dataclass(slots=True)
class Slice:
    """An inner cgroup for containers to be put in."""

    name: str
    parent: str | None
    cpu: CpuGroup
    memory: MemoryGroup


@dataclass(slots=True)
class HotSet:
    """The cached pages of one image on one kernel, who uses them, and who is charged."""

    image: str
    size_bytes: int
    group: MemoryGroup
    """The cgroup that is charged: a container's, or the one above when that container is gone."""
    using: dict[Container, None] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """Name of the container that is charged, or of the group above it."""
        first = (one.name for one in self.using if one.memory is self.group)
        return next(first, self.group.name)

    @property
    def users(self) -> int:
        """How many containers use them."""
        return len(self.using)


class Kernel:
    """What containers share and virtual machines do not.

    ``state`` is booting, running, panicked or off.
    """

    def __init__(
        self,
        name: str,
        version: str,
        os: str,
        cpu: CpuGroup,
        memory: MemoryGroup,
        state: str,
        *,
        pid_max: int,
    ) -> None:
        """``pid_max``: how high process numbers go; the cgroup limit binds long before."""
        self.name = name
        self.version = version
        self.os = os
        self.cpu = cpu
        self.memory = memory
        self.state = state
        self.pid_max = pid_max
        self.containers: dict[str, Container] = {}
        self.active = 0
        """How many of its containers have processes; they count themselves."""
        self.vms: dict[str, VirtualMachine] = {}
        self.ram_bytes = memory.limit_bytes
        """Memory without swap."""
        self.slices: dict[str, Slice] = {}
        self.hot: dict[str, HotSet] = {}
        """Pages of image files in its memory, by the image's digest."""
        self.filing: dict[Container, None] = {}
        """Containers whose processes read or write other files through its memory."""
        self.left: dict[Container, int] = {}
        """Bytes of such pages that containers left behind when they ended."""
        self.written: dict[tuple[str, str], str] = {}
        """Files of ``/proc/sys`` that were written since it began to run, by whose network
        namespace they belong to (nothing: the machine's) and path."""
        self.up_since = 0.0
        """When it began to run last."""
        self.used_before_s = 0.0
        """CPU-seconds of containers and machines that are gone."""
        self.system_before_s = 0.0
        """What of that kernels worked for them."""
        self.used_at_boot_s = self.system_at_boot_s = 0.0
        """The same sums, of all, as of when it began to run."""
        self.owner: Kernel | None = None
        """The kernel that this one only is a part of: VMs of a hypervisor that share one."""
        self._last_pid = 1000

    @property
    def last_pid(self) -> int:
        """The newest process number."""
        return self._last_pid

    def new_pid(self, count: int = 1) -> int:
        """The next process number, as seen on this kernel, and the first of ``count`` in a row."""
        first = self._last_pid % self.pid_max + 1
        self._last_pid = (first + count - 2) % self.pid_max + 1
        return first

    def began(self, now: float) -> None:
        """It runs, from now on."""
        self.state = "running"
        self.up_since = now
        self.written = {}
        self.used_at_boot_s, self.system_at_boot_s = self.used_s, self.system_s

    @property
    def used_s(self) -> float:
        """CPU-seconds that containers and machines on it have used, as of the last settling."""
        used = sum(one.cpu_seconds for one in self.containers.values())
        return self.used_before_s + used + sum(vm.kernel.used_s for vm in self.vms.values())

    @property
    def system_s(self) -> float:
        """What of that its kernel, and those of its machines, have worked for them."""
        own = sum(one.cpu_seconds * one.system_share for one in self.containers.values())
        return self.system_before_s + own + sum(vm.kernel.system_s for vm in self.vms.values())

    @property
    def fate(self) -> Kernel:
        """The kernel that falls when this one does: itself, or the one it is a part of."""
        return self if self.owner is None else self.owner.fate

    def below(self) -> Iterator[Kernel]:
        """This kernel and all kernels of machines that run on it: its blast radius."""
        yield self
        for vm in self.vms.values():
            yield from vm.kernel.below()

    def all_containers(self) -> list[Container]:
        """Containers on this kernel and on all kernels below it."""
        return [one for kernel in self.below() for one in kernel.containers.values()]
