"""Texts of files under ``/proc``, as the kernel writes them."""

from __future__ import annotations

from simulator.machine.boundaries import ALL_CAPS, Hardening
from simulator.machine.seat import Proc


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CAP_ORDER = _words(
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO "
    "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
    "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
)
"""Capabilities by their bit (linux/capability.h)."""


def cap_mask(caps: frozenset[str]) -> str:
    """Capabilities as ``/proc/self/status`` prints them."""
    bits = sum(1 << CAP_ORDER.index(cap.removeprefix("CAP_")) for cap in caps & ALL_CAPS)
    return f"{bits:016x}"


def status_file(
    process: Proc,
    uid: int,
    threads: int,
    hardening: Hardening,
    *,
    cores: str,
    swap_bytes: int = 0,
    state: str = "R (running)",
) -> str:
    """``/proc/PID/status``, the lines that are modelled. ``cores``: those that it may run on."""
    held = hardening.caps if hardening.root else frozenset()
    filtered = 0 if hardening.seccomp == "unconfined" or hardening.privileged else 2
    name = process.command.split(" ", 1)[0].rpartition("/")[2][:15]
    memory = [f"VmRSS:\t{process.rss_bytes // 1024:>8} kB"] if process.rss_bytes else []
    memory += [f"VmSwap:\t{swap_bytes // 1024:>8} kB"] if process.rss_bytes else []
    return "\n".join((
        f"Name:\t{name}",
        f"State:\t{state}",
        f"Pid:\t{process.pid}",
        f"PPid:\t{process.ppid}",
        f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}",
        *memory,
        f"Threads:\t{threads}",
        f"CapPrm:\t{cap_mask(held)}",
        f"CapEff:\t{cap_mask(held)}",
        f"CapBnd:\t{cap_mask(hardening.caps)}",
        f"NoNewPrivs:\t{int(hardening.no_new_privileges)}",
        f"Seccomp:\t{filtered}",
        f"Cpus_allowed_list:\t{cores}",
    ))  # fmt: skip


def version_file(os: str, version: str, build: str) -> str:
    """``/proc/version``: what ``uname`` says in its fields, in one line."""
    return f"{os.capitalize()} version {version} {build}"


def meminfo_file(
    seat_total: int, used: int, cached: int, swap: int, swap_used: int, dirty: tuple[int, int]
) -> str:
    """``/proc/meminfo``: the kernel's memory, whatever limits a cgroup has."""
    spare = max(0, seat_total - used - cached)
    rows = (
        ("MemTotal", seat_total),
        ("MemFree", spare),
        ("MemAvailable", seat_total - used),
        ("Cached", cached),
        ("Active(anon)", used),
        ("Inactive(file)", cached),
        ("SwapTotal", swap),
        ("SwapFree", swap - swap_used),
        ("Dirty", dirty[0]),
        ("Writeback", dirty[1]),
        ("AnonPages", used),
    )
    return "\n".join(f"{name + ':':<16}{value // 1024:>8} kB" for name, value in rows)


def cpuinfo_file(cores: int, sockets: int, architecture: str) -> str:
    """``/proc/cpuinfo``: all cores of the kernel, whatever cpuset a cgroup has.

    What is not modelled of a processor (its model, its flags, its megahertz) has no line.
    """
    each = max(1, cores // sockets)
    blocks = []
    for number in range(cores):
        rows = [("processor", number), ("model name", f"{architecture} (no model is simulated)")]
        if architecture not in ("arm64", "arm"):
            rows += [
                ("physical id", min(sockets - 1, number // each)),
                ("siblings", each),
                ("core id", number % each),
                ("cpu cores", each),
            ]
        lines = (name + "\t" * (1 + (len(name) < 8)) + f": {value}" for name, value in rows)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


HERTZ = 100
"""Ticks a second in ``/proc/stat``."""


def stat_file(
    up_s: float, used_s: float, system_s: float, stolen_s: float, cores: int, forks: int
) -> str:
    """``/proc/stat``: where its cores' time has gone since it began to run.

    Cores are not told apart: each has its part of all. ``system_s`` is a part of ``used_s``.
    """
    idle_s = max(0.0, up_s * cores - used_s - stolen_s)
    whole = [used_s - system_s, system_s, idle_s, stolen_s]
    lines = [_cpu_line("cpu ", *whole)]
    parts = [each / cores for each in whole]
    lines += [_cpu_line(f"cpu{number}", *parts) for number in range(cores)]
    return "\n".join([*lines, f"processes {forks}"])


def _cpu_line(name: str, user_s: float, system_s: float, idle_s: float, stolen_s: float) -> str:
    ticks = (int(each * HERTZ) for each in (user_s, system_s, idle_s, stolen_s))
    user, system, idle, steal = ticks
    return f"{name} {user} 0 {system} {idle} 0 0 0 {steal} 0 0"


def uptime_file(up_s: float, idle_s: float) -> str:
    """``/proc/uptime``: seconds since it began to run, and idle seconds of all its cores."""
    return f"{up_s:.2f} {max(0.0, idle_s):.2f}"


def loadavg_file(averages: tuple[float, ...], tasks: int, last_pid: int) -> str:
    """``/proc/loadavg``."""
    loads = " ".join(f"{each:.2f}" for each in averages)
    return f"{loads} {round(averages[0])}/{tasks} {last_pid}"


def vmstat_file(free: int, anon: int, cached: int, dirty: tuple[int, int], kills: int) -> str:
    """``/proc/vmstat``, the lines that are modelled, in pages."""
    rows = {
        "nr_free_pages": free // PAGE,
        "nr_inactive_anon": 0,
        "nr_active_anon": anon // PAGE,
        "nr_inactive_file": cached // PAGE,
        "nr_active_file": 0,
        "nr_anon_pages": anon // PAGE,
        "nr_file_pages": cached // PAGE,
        "nr_dirty": dirty[0] // PAGE,
        "nr_writeback": dirty[1] // PAGE,
        "oom_kill": kills,
    }
    return "\n".join(f"{name} {count}" for name, count in rows.items())


def swaps_file(size_bytes: int, used_bytes: int) -> str:
    """``/proc/swaps``."""
    head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"
    if not size_bytes:
        return head
    numbers = f"{size_bytes // 1024}\t\t{used_bytes // 1024}\t\t-2"
    return f"{head}\n/swapfile                               file\t\t{numbers}"


PAGE = 4096
