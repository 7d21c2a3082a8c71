"""Texts of files under ``/proc``, as the kernel writes them."""

from __future__ import annotations

from simulator.machine.boundaries import ALL_CAPS, Hardening


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


def status_file(name: str, pid: int, uid: int, threads: int, hardening: Hardening) -> str:
    """``/proc/self/status``, the lines that security is about."""
    held = hardening.caps if hardening.root else frozenset()
    bounding = cap_mask(hardening.caps)
    filtered = 0 if hardening.seccomp == "unconfined" or hardening.privileged else 2
    return "\n".join((
        f"Name:\t{name}",
        "State:\tR (running)",
        f"Pid:\t{pid}",
        f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}",
        f"Threads:\t{threads}",
        f"CapPrm:\t{cap_mask(held)}",
        f"CapEff:\t{cap_mask(held)}",
        f"CapBnd:\t{bounding}",
        f"NoNewPrivs:\t{int(hardening.no_new_privileges)}",
        f"Seccomp:\t{filtered}",
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
