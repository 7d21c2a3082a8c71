"""What is fixed when a container is created, and the limits that can change later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from simulator.errors import InputError
from simulator.image.first import FirstProcess
from simulator.image.identity import Identity
from simulator.image.model import Healthcheck
from simulator.machine.boundaries import Hardening
from simulator.machine.hardware import Hardware
from simulator.machine.restart import RestartPolicy
from simulator.machine.workload import Workload

MIN_MEMORY_BYTES = 6 << 20
"""Docker's own minimum for --memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the container's cgroups allow. None is no limit; ``cpu_weight`` is cgroup v2's."""

    cpus: float | None = None
    """Cores in the long run; with a stated quota, that over its period."""
    cpu_period_us: int = 0
    """The stated period of the quota in microseconds; 0: the kernel's usual one."""
    cpu_quota_us: int = 0
    """The stated quota in a period; 0: none, or cores were stated."""
    cpu_weight: int = 100
    cpuset: tuple[int, ...] = ()
    memory_bytes: int | None = None
    pids: int | None = None
    memory_high_bytes: int | None = None
    """Above this the kernel holds the container back instead of killing (``memory.high``)."""
    memory_low_bytes: int = 0
    """What the kernel leaves in memory while others are swapped out (``memory.low``)."""
    nofile: int | None = None
    """Open files, and so connections, that its processes may have."""
    swap_bytes: int = 0
    """What may go to disk beyond ``memory_bytes``: no more than there is swap."""
    swap_limit_bytes: int | None = None
    """What ``memory.swap.max`` says, whatever swap there is; None: max."""
    io_weight: float = 100.0
    io_bytes_s: float | None = None
    """Ceiling of disk traffic (``io.max``)."""

    def check(self, hardware: Hardware) -> None:
        """Refuse what the kernel of a machine would not take."""
        cores = hardware.cores
        stated = self.cpus is not None and not self.cpu_quota_us
        if stated and not 0.01 <= (self.cpus or 0.0) <= cores:
            raise InputError(
                "range of CPUs",
                found=f"{self.cpus:g}",
                expected=f"0.01 to {cores:.2f}, as there are only {cores} CPUs available",
            )
        if self.memory_bytes is not None and self.memory_bytes < MIN_MEMORY_BYTES:
            raise InputError(
                "minimum memory limit", found=self.memory_bytes, expected="at least 6 MiB"
            )
        if self.cpuset and max(self.cpuset) >= cores:
            raise InputError(
                "requested CPUs are not available",
                found=max(self.cpuset),
                expected=f"CPUs 0-{cores - 1}",
            )
        if not 1 <= self.cpu_weight <= 10_000:
            raise InputError("CPU weight", found=self.cpu_weight, expected="1 to 10000")
        if not 1 <= self.io_weight <= 10_000:
            raise InputError("disk weight", found=self.io_weight, expected="1 to 10000")
        if self.pids is not None and self.pids < 1:
            raise InputError("limit of processes", found=self.pids, expected="at least 1")
        if self.nofile is not None and not 16 <= self.nofile <= 1_048_576:
            raise InputError("limit of open files", found=self.nofile, expected="16 to 1048576")
        low, high = self.memory_low_bytes, self.memory_bytes
        if high is not None and low > high:
            raise InputError("memory reservation", found=low, expected=f"at most {high}")
        if self.io_bytes_s is not None and self.io_bytes_s <= 0:
            raise InputError("limit of the disk", found=self.io_bytes_s, expected="more than 0")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where a container's output goes: the driver, and the most bytes that its files take."""

    driver: str = "json-file"
    most_bytes: float = inf
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything fixed when a container is created."""

    image_name: str
    command: tuple[str, ...] = ()
    workload: Workload = field(default_factory=Workload)
    limits: Limits = field(default_factory=Limits)
    restart: RestartPolicy = field(default_factory=RestartPolicy)
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    stop_timeout_s: float | None = None
    """Grace between SIGTERM and SIGKILL; None: the daemon's (``control.docker.stop_grace_s``)."""
    stop_signal: str = "TERM"
    """What asks it to stop, without the SIG in front (``STOPSIGNAL``)."""
    first: FirstProcess = field(default_factory=FirstProcess)
    """Its process 1, and what becomes of signals."""
    identity: Identity = field(default_factory=Identity)
    start_problem: str = ""
    """Why it can never start, in the words of its daemon; nothing where it can."""
    healthcheck: Healthcheck | None = None
    oom_score_adj: int = 0
    remove: bool = False
    hostname: str = ""
    read_only: bool = False
    cgroup_parent: str = ""
    user: str = ""
    hardening: Hardening = field(default_factory=Hardening)
    log: LogSettings = field(default_factory=LogSettings)
    carried_out: bool = False
    """Whether its command is carried out program by program, and not only its workload."""
    open_stdin: bool = False
    tty: bool = False
    workdir: str = ""
    slowdown: float = 1.0
    """How many times slower than native its instructions run (emulation)."""
