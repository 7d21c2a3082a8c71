"""``drydock isolation``: who hurts whom, measured by running the model.

A victim (a batch job in six threads that computes, reads and writes files and answers a little
traffic) runs beside a bomb, five times under each arrangement and once alone. The loss is the
share of its speed that it loses: ``1 - alone / beside``.

    containers, no limits    both under runc
    containers, limits       the bomb has half of the cores, a memory limit without swap, pids.max
    sandboxes                the same limits under gVisor
    microVMs                 each container in a Firecracker of its own
    VMs                      each container in a QEMU machine of its own
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from simulator.shell.tables import columns
from simulator.world import World
from simulator.world.commands import CreateHost, RunContainer

GIB = 1 << 30
BOMBS = ("cpubomb", "membomb", "forkbomb", "diskbomb", "netbomb")
LONGEST_S = 600.0
"""A victim that has not ended by then does not end: DNF."""
VICTIM = (
    "batch cpu=60s threads=6 ios=20000 io_bytes=80MiB buffered=1 packets=100000 "
    "net_bytes=100MiB cache=1 bandwidth=1 memory=256MiB"
)
WARM_UP_S = 20.0
"""The bomb burns for so long before the victim starts."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How victim and bomb are run."""

    name: str
    runtime: str
    limited: bool
    published: str
    """What was published of the nearest arrangement, for the table."""


ARRANGEMENTS = (
    Arrangement("container without limits", "runc", False, "LXC: memory 88 %, fork DNF, disk 9 %"),
    Arrangement("container with limits", "runc", True, "leak by cache and writeback only"),
    Arrangement("sandbox (gVisor)", "runsc", True, "no figure published"),
    Arrangement("microVM (Firecracker)", "firecracker", True, "no figure published"),
    Arrangement("VM (QEMU/KVM)", "qemu", True, "Xen: at most 1.7 %, VMware: 0"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One neighbour under one arrangement: times in seconds, the loss as a share of the speed."""

    arrangement: str
    bomb: str
    alone_s: float
    beside_s: float

    @property
    def finished(self) -> bool:
        """Whether the victim came to an end."""
        return self.beside_s < inf

    @property
    def loss(self) -> float:
        """Share of its speed that the victim lost; 1 when it never ended."""
        return 1.0 - self.alone_s / self.beside_s if self.finished else 1.0

    @property
    def text(self) -> str:
        """For the table."""
        return f"{max(0.0, self.loss) * 100:.1f} %" if self.finished else "DNF"


@dataclass(frozen=True, slots=True)
class Lab:
    """What of the host decides cells: processors with a cache each, and swap.

    With one processor guests press each other's cache as containers do; with little swap the killer
    ends a memory bomb before it has hurt for long.
    """

    sockets: int = 2
    swap_bytes: int = 16 * GIB


LAB = Lab()


def matrix(
    seed: int = 1, keep_going: Callable[[], bool] | None = None, lab: Lab = LAB
) -> list[tuple[Arrangement, list[Cell]]]:
    """All cells, row by row; fewer when ``keep_going`` says stop."""
    rows: list[tuple[Arrangement, list[Cell]]] = []
    for arrangement in ARRANGEMENTS:
        alone = measure(arrangement, None, seed, lab)
        cells = []
        for bomb in BOMBS:
            if keep_going is not None and not keep_going():
                return rows
            beside = measure(arrangement, bomb, seed, lab)
            cells.append(Cell(arrangement.name, bomb, alone, beside))
        rows.append((arrangement, cells))
    return rows


def measure(arrangement: Arrangement, bomb: str | None, seed: int = 1, lab: Lab = LAB) -> float:
    """Seconds that the victim takes beside a bomb (None: alone); infinite if it does not end."""
    world = _host(seed, lab)
    if bomb is not None:
        _run(world, arrangement, "bomb", bomb)
    world.advance(world.now + WARM_UP_S)
    _run(world, arrangement, "victim", VICTIM)
    victim = world.container("victim")
    begun = victim.ready_at if victim.ready_at is not None else world.now
    end = begun + LONGEST_S
    world.advance(end, lambda: victim.state != "exited")
    if victim.state != "exited" or victim.exit_code != 0 or victim.finished_at is None:
        return inf
    return victim.finished_at - begun


def _host(seed: int, lab: Lab) -> World:
    """Twelve cores, 16 GiB of memory, SSD, 10 Gb/s; the rest is the lab's."""
    world = World(seed)
    world.apply(
        CreateHost(
            name="lab",
            cores=12,
            sockets=lab.sockets,
            memory_bytes=16 * GIB,
            swap_bytes=lab.swap_bytes,
            disk_bytes_s=500e6,
            nic_bytes_s=1.25e9,
        )
    )
    return world


def _run(world: World, arrangement: Arrangement, name: str, workload: str) -> None:
    """Start a container, and let time pass until it is up."""
    limited = arrangement.limited
    reply = world.apply(
        RunContainer(
            image="alpine:3.20",
            name=name,
            workload=workload,
            runtime=arrangement.runtime,
            cpus=6.0 if limited else None,
            memory_bytes=3 * GIB if limited else None,
            memory_swap_bytes=3 * GIB if limited else None,
            pids_limit=512 if limited else None,
        )
    )
    job = reply.job
    assert job is not None
    world.advance(world.now + 600.0, lambda: not job.done)


def to_text(rows: Iterable[tuple[Arrangement, list[Cell]]]) -> list[str]:
    """The matrix as a table: the victim's loss of speed."""
    headings = ("ARRANGEMENT", "CPU", "MEMORY", "FORK", "DISK", "NETWORK", "PUBLISHED")
    body = [
        [arrangement.name, *(cell.text for cell in cells), arrangement.published]
        for arrangement, cells in rows
    ]
    return [
        "Loss of speed of a victim beside a bomb (DNF: it does not end)",
        *columns(headings, body),
        "Published: Xavier et al. 2013 (LXC, Xen), Matthews et al. 2007 (Xen, VMware).",
    ]
