"""The flags of ``docker run`` and ``docker create``: modelled, accepted, refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.dockerfile.signals import parse_signal
from simulator.errors import InputError
from simulator.machine.runtimes import container_runtimes
from simulator.machine.weights import MAX_PERIOD_US, MIN_PERIOD_US, MIN_QUOTA_US
from simulator.node.spec import ContainerSpec
from simulator.shell import kinds
from simulator.shell.docker import network_flags, storage_flags
from simulator.shell.grammar import Call, Flag, Kind
from simulator.units import parse_bytes

CONFIG = "Config."
"""In front of a ``shown`` name: it stands in Config, not in HostConfig."""


_COUNT = kinds.integer("number of processes", -1, 4_194_304)


def _device_rate(value: str) -> float:
    return float(parse_bytes(value.rpartition(":")[2].removesuffix("/s"), decimal=True))


def _nofile(value: str) -> int:
    name, _, limits = value.partition("=")
    if name != "nofile":
        raise InputError("only nofile is modelled", found=value, expected="nofile=1024")
    return int(_FILES.parse(limits.partition(":")[0]))


def _userns(value: str) -> str:
    if value not in ("", "host"):
        raise InputError(
            "invalid USER mode",
            found=value,
            expected="host; users of their own are the daemon's to give: 'tune MACHINE "
            "--userns-remap on', where privileged mode is incompatible with user namespaces",
        )
    return value


_FILES = kinds.integer("number of files", 16, 1_048_576)
FILES_LIMIT = Kind("limit", _nofile)
ULIMIT = Flag(
    ("--ulimit",), "nofile=N: most open files, and so connections", FILES_LIMIT, sets="nofile"
)
_PIDS = Kind("int", lambda value: _COUNT.parse(value) or -1)
_PERIOD = kinds.integer("CPU period", MIN_PERIOD_US, MAX_PERIOD_US)
_SOME_QUOTA = kinds.integer("CPU quota", MIN_QUOTA_US, 10**12)
_QUOTA = Kind("int", lambda value: -1 if value == "-1" else _SOME_QUOTA.parse(value))
_SHARES = kinds.integer("CPU shares", 2, 262_144)

LIMITS = (
    Flag(("--cpus",), "quota in cores; the kernel throttles beyond it", kinds.CPUS, sets="cpus"),
    Flag(
        ("--cpu-period",),
        "microseconds in which --cpu-quota holds, 1000 to 1000000 (100000 is usual)",
        _PERIOD,
        sets="cpu_period_us",
    ),
    Flag(
        ("--cpu-quota",),
        "microseconds of CPU in each period (-1: no limit)",
        _QUOTA,
        sets="cpu_quota_us",
    ),
    Flag(
        ("-c", "--cpu-shares"),
        "weight against other containers (1024 is normal)",
        _SHARES,
        sets="cpu_shares",
        shown="CpuShares",
    ),
    Flag(
        ("-m", "--memory"),
        "memory limit; beyond it the kernel kills",
        kinds.MEMORY_LIMIT,
        sets="memory_bytes",
        shown="Memory",
    ),
    Flag(
        ("--memory-swap",),
        "memory and swap together (-1: unlimited)",
        kinds.SWAP,
        sets="memory_swap_bytes",
    ),
    Flag(
        ("--memory-reservation",),
        "memory that is not swapped out while the host is short of it (memory.low)",
        kinds.MEMORY_LIMIT,
        sets="memory_low_bytes",
        shown="MemoryReservation",
    ),
    Flag(
        ("--cpuset-cpus",),
        "cores it may run on",
        kinds.CPUSET,
        sets="cpuset",
    ),
    Flag(
        ("--blkio-weight",),
        "weight of its disk traffic, 10 to 1000 (500 is normal)",
        kinds.integer("disk weight", 0, 65_535),
        sets="io_weight",
        shown="BlkioWeight",
    ),
    Flag(("--pids-limit",), "most processes and threads (-1: no limit)", _PIDS, sets="pids_limit"),
    Flag(("--restart",), "restart policy when it exits", kinds.RESTART, sets="restart"),
)


def _signal(text: str) -> str:
    """A signal as it was typed, if there is one of that name or number."""
    parse_signal(text)
    return text


HEALTH = (
    Flag(
        ("--health-cmd",),
        "command line that tells whether it is healthy",
        kinds.text("command"),
        sets="health_cmd",
    ),
    Flag(
        ("--health-interval",),
        "time between two checks (30s)",
        kinds.DURATION,
        sets="health_interval_s",
    ),
    Flag(
        ("--health-timeout",), "longest time of one (30s)", kinds.DURATION, sets="health_timeout_s"
    ),
    Flag(
        ("--health-retries",),
        "failures in a row that make it unhealthy (3)",
        kinds.integer("number of failures", -(10**6), 10**6),
        sets="health_retries",
    ),
    Flag(
        ("--health-start-period",),
        "time in which failures do not count (0s)",
        kinds.DURATION,
        sets="health_start_period_s",
    ),
    Flag(
        ("--health-start-interval",),
        "time between two checks in the start period (5s)",
        kinds.DURATION,
        sets="health_start_interval_s",
    ),
    Flag(("--no-healthcheck",), "no check, also where the image has one", sets="no_healthcheck"),
)
SIGNAL = Kind("signal", _signal, "signal", choices=("SIGTERM", "SIGINT", "SIGQUIT", "SIGKILL"))
_RUNNING = (
    Flag(("--name",), "name of the container", kinds.NAME),
    Flag(("-e", "--env"), "set a variable", kinds.PAIR, repeat=True),
    Flag(("--env-file",), "read variables from a file", kinds.FILE, repeat=True),
    Flag(("-l", "--label"), "set a label", kinds.PAIR, repeat=True),
    *network_flags.FLAGS,
    Flag(
        ("--oom-score-adj",),
        "preference of the kernel's killer, -1000 to 1000",
        kinds.integer("score", -(10**6), 10**6),
        default=0,
        sets="oom_score_adj",
        shown="OomScoreAdj",
    ),
    Flag(("--platform",), "for example linux/arm64", kinds.text("platform"), sets="platform"),
    Flag(
        ("--runtime",),
        "who starts it, runc by default: runsc is gVisor, a name with a platform says which",
        Kind("runtime", kinds.TEXT.parse, choices=container_runtimes()),
        sets="runtime",
    ),
    Flag(("-h", "--hostname"), "name it sees as its own", kinds.NAME, sets="hostname"),
    Flag(
        ("--entrypoint",),
        "program instead of the image's",
        Kind("program", str),
        sets="entrypoint",
    ),
    Flag(("--stop-timeout",), "seconds from stop to kill", kinds.DURATION, sets="stop_timeout_s"),
    Flag(
        ("--stop-signal",),
        "signal that asks it to stop, instead of the image's",
        SIGNAL,
        sets="stop_signal",
        shown=f"{CONFIG}StopSignal",
    ),
    *HEALTH,
    Flag(("--rm",), "remove it when it exits", sets="remove", shown="AutoRemove"),
    Flag(
        ("--read-only",),
        "root file system cannot be written",
        sets="read_only",
        shown="ReadonlyRootfs",
    ),
    Flag(
        ("--cap-add",),
        "add a capability",
        kinds.text("capability"),
        repeat=True,
        sets="cap_add",
        shown="CapAdd",
    ),
    Flag(
        ("--cap-drop",),
        "drop a capability, or ALL",
        kinds.text("capability"),
        repeat=True,
        sets="cap_drop",
        shown="CapDrop",
    ),
    Flag(
        ("--security-opt",),
        "for example no-new-privileges",
        kinds.text("option"),
        repeat=True,
        sets="security_opt",
        shown="SecurityOpt",
    ),
    Flag(("--privileged",), "all capabilities", sets="privileged", shown="Privileged"),
    Flag(
        ("--group-add",),
        "another group, by name or number",
        kinds.text("group"),
        repeat=True,
        sets="group_add",
        shown="GroupAdd",
    ),
    Flag(("-u", "--user"), "the user in it; root without", kinds.text("user"), sets="user"),
    Flag(
        ("--userns",),
        "'host': the machine's users, also where its daemon maps others away",
        Kind("user namespace", _userns, choices=("host",)),
        sets="userns_mode",
        shown="UsernsMode",
    ),
    Flag(
        ("--device-write-bps", "--device-read-bps"),
        "ceiling of its disk traffic: RATE or DEVICE:RATE; there is one disk",
        Kind("rate", _device_rate),
        sets="io_bytes_s",
    ),
    Flag(
        ("--cgroup-parent",),
        "the cgroup that it is put in ('cgroup create')",
        kinds.NAME,
        sets="cgroup_parent",
    ),
    ULIMIT,
    Flag(
        ("--memory-high",),
        "above this the kernel holds it back (memory.high; no flag of the real docker)",
        kinds.MEMORY_LIMIT,
        sets="memory_high_bytes",
    ),
    Flag(
        ("--workload",),
        "what its program does, instead of what the image says",
        kinds.WORKLOAD,
        sets="workload",
    ),
    Flag(
        ("--pull",),
        "when to ask the registry",
        kinds.choice("pull policy", ("always", "missing", "never")),
        "missing",
    ),
    Flag(
        ("-i", "--interactive"),
        "keep standard input open: lines go to a shell in it",
        sets="open_stdin",
        shown=f"{CONFIG}OpenStdin",
    ),
    Flag(("-t", "--tty"), "give it a terminal", sets="tty", shown=f"{CONFIG}Tty"),
    Flag(
        ("-w", "--workdir"),
        "the folder that it starts in, instead of the image's",
        kinds.text("folder"),
        sets="workdir",
        shown=f"{CONFIG}WorkingDir",
    ),
    Flag(("-q", "--quiet"), "no pull output"),
    Flag(
        ("--init",),
        "docker-init as process 1: it passes signals on and collects what has ended",
        sets="init",
        shown="Init",
    ),
    *storage_flags.FLAGS,
)

CREATE = (*LIMITS, *_RUNNING)
RUN = (
    Flag(("-d", "--detach"), "print its id and give the prompt back"),
    *CREATE,
)

KNOWN = (
    "--annotation -a --attach --blkio-weight-device "
    "--cgroupns --cidfile --cpu-count --cpu-percent --cpu-rt-period "
    "--cpu-rt-runtime --cpuset-mems --detach-keys --device --device-cgroup-rule "
    "--device-read-iops --device-write-iops "
    "--disable-content-trust --dns-option --dns-search --domainname --gpus "
    "--io-maxbandwidth --io-maxiops --ip6 --ipc "
    "--isolation --kernel-memory --label-file --link-local-ip "
    "--memory-swappiness --oom-kill-disable "
    "--pid --sig-proxy --stop-signal --sysctl "
    "--use-api-socket --uts"
)


def asked(flags: Iterable[Flag], call: Call) -> dict[str, Any]:
    """Fields of a specification that a call sets; a flag that is not given sets none."""
    return {flag.sets: call[flag.key] for flag in flags if flag.sets and call[flag.key] is not None}


def shown(spec: ContainerSpec) -> dict[str, Any]:
    """What was asked, by Docker's names within HostConfig."""
    flags = [flag for flag in CREATE if flag.shown and not flag.shown.startswith(CONFIG)]
    return {flag.shown: _shown(getattr(spec, flag.sets)) for flag in flags}


def shown_in_config(spec: ContainerSpec) -> dict[str, Any]:
    """What was asked, by Docker's names within Config, which has only what was asked."""
    flags = [flag for flag in CREATE if flag.shown.startswith(CONFIG)]
    found = {flag.shown.removeprefix(CONFIG): getattr(spec, flag.sets) for flag in flags}
    return {name: value for name, value in found.items() if value is not None}


def _shown(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value) or None
    return 0 if value is None else value
