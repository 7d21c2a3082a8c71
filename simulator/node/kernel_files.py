"""Files of ``/proc`` and ``/sys/fs/cgroup`` as a process sees them, written when it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import inf

from simulator.machine import oom, procfiles
from simulator.machine.cgroup_files import CONTROLLERS, cgroup_files, ranges
from simulator.machine.container import Container, containers_on
from simulator.machine.host import Machine
from simulator.machine.kernel import Kernel
from simulator.machine.load import load_averages
from simulator.machine.pagecache import Cache
from simulator.machine.processes import on_kernel
from simulator.machine.seat import Proc

Write = Callable[[], str]
CGROUP = "/sys/fs/cgroup"


class Files(Mapping[str, str]):
    """Texts by path at one instant, written when somebody asks; a folder once, as a whole."""

    def __init__(
        self,
        texts: Mapping[str, str | Write],
        folders: Mapping[str, Callable[[], Mapping[str, str]]],
    ) -> None:
        """``folders``: what writes all files of a folder, by their whole paths."""
        self._texts = texts
        self._folders = folders
        self._written: dict[str, Mapping[str, str]] = {}

    def _folder(self, path: str) -> Mapping[str, str]:
        if path not in self._written:
            self._written[path] = self._folders[path]()
        return self._written[path]

    def __getitem__(self, path: str) -> str:
        """The text of a file; KeyError where there is none."""
        text = self._texts.get(path)
        if text is None:
            return self._folder(path.rpartition("/")[0])[path]
        return text if isinstance(text, str) else text()

    def __iter__(self) -> Iterator[str]:
        """All paths."""
        yield from self._texts
        for folder in self._folders:
            yield from (path for path in self._folder(folder) if path not in self._texts)

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)


class Over(Mapping[str, str]):
    """Some texts in front of others, of which none is written before somebody asks for it."""

    def __init__(self, texts: Mapping[str, str], below: Mapping[str, str]) -> None:
        self._texts = texts
        self._below = below

    def __getitem__(self, path: str) -> str:
        """The text of a file; KeyError where there is none."""
        return self._texts[path] if path in self._texts else self._below[path]

    def __iter__(self) -> Iterator[str]:
        """All paths."""
        yield from self._texts
        yield from (path for path in self._below if path not in self._texts)

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)


def of_kernel(machine: Machine) -> dict[str, str | Write]:
    """What a kernel tells everybody on it, whatever limits a cgroup has."""
    kernel, hardware = machine.kernel, machine.hardware
    value = machine.parts.calibration.value
    return {
        "/proc/cpuinfo": lambda: procfiles.cpuinfo_file(
            hardware.cores, hardware.sockets, hardware.architecture
        ),
        "/proc/stat": lambda: _stat(machine),
        "/proc/uptime": lambda: _uptime(machine),
        "/proc/loadavg": lambda: procfiles.loadavg_file(
            load_averages(machine), on_kernel(kernel), kernel.last_pid
        ),
        "/proc/vmstat": lambda: _vmstat(machine),
        "/proc/swaps": lambda: procfiles.swaps_file(hardware.swap_bytes, kernel.memory.swapped),
        "/proc/sys/kernel/osrelease": kernel.version,
        "/proc/sys/kernel/ostype": "Linux",
        "/proc/sys/vm/panic_on_oom": "0",
        "/proc/sys/vm/dirty_ratio": f"{100 * value('io.writeback.dirty_ratio'):.0f}",
        "/proc/sys/vm/dirty_background_ratio": (
            f"{100 * value('io.writeback.background_ratio'):.0f}"
        ),
    }


def of_processes(
    container: Container, processes: tuple[Proc, ...], uid: int
) -> dict[str, str | Write]:
    """The state of each process that it sees, and of the one that looks."""
    hardening = container.settings.hardening
    cores = ranges(container.limits.cpuset or range(container.machine.hardware.cores))
    looking = Proc(max(one.pid for one in processes) + 1, "", "cat")
    texts: dict[str, str | Write] = {
        "/proc/self/status": procfiles.status_file(looking, uid, 1, hardening, cores=cores)
    }
    for one in processes:
        texts[f"/proc/{one.pid}/status"] = procfiles.status_file(
            one, uid, 1, hardening, cores=cores, swap_bytes=container.memory.swapped,
            state="S (sleeping)",
        )  # fmt: skip
    return texts


def of_sandbox(container: Container) -> dict[str, str | Write]:
    """What gVisor's kernel tells of itself instead: since when it runs, and no times or loads.

    Source: gVisor, pkg/sentry/fsimpl/proc.
    """
    up_s = container.sim.now - (container.started_at or 0.0)
    return {
        "/proc/uptime": procfiles.uptime_file(up_s, 0.0),
        "/proc/stat": procfiles.stat_file(0.0, 0.0, 0.0, 0.0, container.machine.hardware.cores, 0),
        "/proc/loadavg": "0.00 0.00 0.00 0/0 0",
    }


def of_container(
    container: Container, processes: tuple[Proc, ...], others: Mapping[str, str | Write]
) -> Files:
    """These others, the files of the cgroup that its processes are in, and of process 1."""
    texts: dict[str, str | Write] = {
        **others,
        f"{CGROUP}/cgroup.procs": "\n".join(str(one.pid) for one in processes),
        "/proc/self/oom_score_adj": str(container.settings.oom_score_adj),
        "/proc/1/oom_score_adj": str(container.settings.oom_score_adj),
        "/proc/1/oom_score": lambda: str(_oom_score(container)),
    }
    return Files(texts, {CGROUP: lambda: cgroup_files(container)})


def of_machine(machine: Machine, others: Mapping[str, str | Write]) -> Files:
    """These others and the tree of cgroups: its root, and the scope of each running container."""
    kernel = machine.kernel
    folders: dict[str, Callable[[], Mapping[str, str]]] = {}
    for one in containers_on(kernel):
        if one.running:
            folders[f"{CGROUP}/system.slice/docker-{one.id}.scope"] = _Scope(one)
    root = {f"{CGROUP}/{name}": text for name, text in _root_files(machine).items()}
    return Files({**others, **root}, folders)


class _Scope:
    """Writes the files of one container's cgroup as its machine sees them."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def __call__(self) -> Mapping[str, str]:
        """All of them, by path."""
        one = self._container
        scope = f"{CGROUP}/system.slice/docker-{one.id}.scope"
        files = cgroup_files(one) | {f"{CGROUP}/cgroup.procs": str(one.pid)}
        return {path.replace(CGROUP, scope, 1): text for path, text in files.items()}


def _root_files(machine: Machine) -> dict[str, str | Write]:
    """Those of the root, which has no limits, and so no files of limits."""
    kernel = machine.kernel
    return {
        "cgroup.controllers": CONTROLLERS,
        "cgroup.subtree_control": CONTROLLERS,
        "cgroup.max.depth": "max",
        "cgroup.max.descendants": "max",
        "cpuset.cpus.effective": ranges(range(machine.hardware.cores)),
        "cpu.stat": lambda: _root_cpu_stat(kernel),
        "memory.stat": lambda: _root_memory_stat(kernel),
    }


def _root_cpu_stat(kernel: Kernel) -> str:
    used = round((kernel.used_s - kernel.used_at_boot_s) * 1e6)
    system = min(used, round((kernel.system_s - kernel.system_at_boot_s) * 1e6))
    return f"usage_usec {used}\nuser_usec {used - system}\nsystem_usec {system}"


def _root_memory_stat(kernel: Kernel) -> str:
    cache = Cache(kernel)
    dirty, writeback = cache.dirty
    counts = {
        "anon": kernel.memory.resident,
        "file": cache.size_bytes,
        "file_dirty": dirty,
        "file_writeback": writeback,
        "inactive_file": cache.size_bytes,
        "active_file": 0,
    }
    return "\n".join(f"{name} {count}" for name, count in counts.items())


def _up_s(machine: Machine) -> float:
    return machine.parts.sim.now - machine.kernel.up_since


def _times(machine: Machine) -> tuple[float, float, float]:
    """Seconds since it runs, CPU-seconds used since then, and stolen from it."""
    kernel, up_s = machine.kernel, _up_s(machine)
    guest = machine.outermost_guest is not None
    stolen = kernel.cpu.missed(machine.parts.sim.now) if guest else 0.0
    most = up_s * machine.hardware.cores
    used = min(most, kernel.used_s - kernel.used_at_boot_s)
    return up_s, used, min(stolen, most - used)


def _stat(machine: Machine) -> str:
    kernel, (up_s, used_s, stolen_s) = machine.kernel, _times(machine)
    system_s = min(used_s, kernel.system_s - kernel.system_at_boot_s)
    return procfiles.stat_file(
        up_s, used_s, system_s, stolen_s, machine.hardware.cores, kernel.last_pid
    )


def _uptime(machine: Machine) -> str:
    up_s, used_s, stolen_s = _times(machine)
    return procfiles.uptime_file(up_s, up_s * machine.hardware.cores - used_s - stolen_s)


def _vmstat(machine: Machine) -> str:
    kernel, cache = machine.kernel, Cache(machine.kernel)
    anon, cached = kernel.memory.resident, cache.size_bytes
    free = int(kernel.ram_bytes) - anon - cached if kernel.ram_bytes < inf else 0
    kills = sum(one.oom_kills + one.oom_killed for one in kernel.containers.values())
    return procfiles.vmstat_file(free, anon, cached, cache.dirty, kills)


def _oom_score(container: Container) -> int:
    """What the killer would think of it: two thirds of its badness and a thousand (fs/proc)."""
    kernel = container.machine.kernel
    total = int(kernel.memory.limit_bytes) if kernel.memory.limit_bytes < inf else 0
    adjustment = container.settings.oom_score_adj
    if adjustment <= oom.MIN_ADJ or not total:
        return 0
    points = 1000 * container.memory.usage / total + adjustment
    return max(0, round((1000 + points) * 2 / 3))
