"""The flags of ``docker run`` and ``docker create``: modelled, accepted, refused by name."""

from __future__ import annotations

from typing import Any

from simulator.errors import InputError
from simulator.machine.weights import MAX_PERIOD_US, MIN_PERIOD_US, MIN_QUOTA_US
from simulator.shell import kinds
from simulator.shell.grammar import Flag, Kind
from simulator.units import parse_bytes

OTHER_NETWORKS = "of networks without a bridge only 'host' is modelled"
NO_VOLUMES = "files outside the image are not modelled"
RUNTIMES = ("runc", "crun", "runsc", "lxc", "kata", "kata-fc", "firecracker", "qemu")


def _network(value: str) -> str:
    if value == "none" or value.startswith("container:"):
        raise InputError(OTHER_NETWORKS, found=value, nearest="host")
    return value


_COUNT = kinds.integer("number of processes", 1, 4_194_304)


def _device_rate(value: str) -> float:
    return float(parse_bytes(value.rpartition(":")[2].removesuffix("/s"), decimal=True))


def _nofile(value: str) -> int:
    name, _, limits = value.partition("=")
    if name != "nofile":
        raise InputError("only nofile is modelled", found=value, expected="nofile=1024")
    return int(_FILES.parse(limits.partition(":")[0]))


_FILES = kinds.integer("number of files", 16, 1_048_576)
_PIDS = Kind("int", lambda value: -1 if value == "-1" else _COUNT.parse(value))
_PERIOD = kinds.integer("CPU period", MIN_PERIOD_US, MAX_PERIOD_US)
_SOME_QUOTA = kinds.integer("CPU quota", MIN_QUOTA_US, 10**12)
_QUOTA = Kind("int", lambda value: -1 if value == "-1" else _SOME_QUOTA.parse(value))
_SHARES = kinds.integer("CPU shares", 2, 262_144)

LIMITS = (
    Flag(("--cpus",), "quota in cores; the kernel throttles beyond it", kinds.CPUS),
    Flag(
        ("--cpu-period",),
        "microseconds in which --cpu-quota holds, 1000 to 1000000 (100000 is usual)",
        _PERIOD,
    ),
    Flag(("--cpu-quota",), "microseconds of CPU in each period (-1: no limit)", _QUOTA),
    Flag(("-c", "--cpu-shares"), "weight against other containers (1024 is normal)", _SHARES),
    Flag(("-m", "--memory"), "memory limit; beyond it the kernel kills", kinds.MEMORY_LIMIT),
    Flag(("--pids-limit",), "most processes and threads (-1: no limit)", _PIDS),
    Flag(("--restart",), "restart policy when it exits", kinds.RESTART),
)

_RUNNING = (
    Flag(("--name",), "name of the container", kinds.NAME),
    Flag(("-e", "--env"), "set a variable", kinds.PAIR, repeat=True),
    Flag(("--env-file",), "read variables from a file", kinds.FILE, repeat=True),
    Flag(("-l", "--label"), "set a label", kinds.PAIR, repeat=True),
    Flag(("-p", "--publish"), "publish a port", kinds.PORT, repeat=True),
    Flag(
        ("--network-alias", "--alias"),
        "answer for this service (may be given several times)",
        Kind("service", kinds.NAME.parse, "service"),
        repeat=True,
    ),
    Flag(
        ("--network", "--net"),
        "'host': no bridge and no address translation on its way; other names change nothing",
        Kind("network", _network, choices=("host", "bridge")),
    ),
    Flag(("--cpuset-cpus",), "cores it may run on", kinds.CPUSET, default=()),
    Flag(("--memory-swap",), "memory and swap together (-1: unlimited)", kinds.SWAP),
    Flag(
        ("--oom-score-adj",),
        "preference of the kernel's killer, -1000 to 1000",
        kinds.integer("score", -1000, 1000),
        default=0,
    ),
    Flag(("--platform",), "for example linux/arm64", kinds.text("platform")),
    Flag(
        ("--runtime",),
        "who starts it: runc, runsc (gVisor), kata, ...",
        Kind("runtime", kinds.TEXT.parse, choices=RUNTIMES),
        default="runc",
    ),
    Flag(("-h", "--hostname"), "name it sees as its own", kinds.NAME),
    Flag(("--entrypoint",), "program instead of the image's", kinds.text("program")),
    Flag(("--stop-timeout",), "seconds from stop to kill", kinds.DURATION),
    Flag(("--rm",), "remove it when it exits"),
    Flag(("--read-only",), "root file system cannot be written"),
    Flag(("--cap-add",), "add a capability", kinds.text("capability"), repeat=True),
    Flag(("--cap-drop",), "drop a capability, or ALL", kinds.text("capability"), repeat=True),
    Flag(("--security-opt",), "for example no-new-privileges", kinds.text("option"), repeat=True),
    Flag(("--privileged",), "all capabilities"),
    Flag(("-u", "--user"), "the user in it; root without", kinds.text("user")),
    Flag(
        ("--userns",),
        "'private': root in it is nobody outside; 'host': the daemon's own users",
        kinds.choice("user namespace", ("host", "private")),
    ),
    Flag(
        ("--blkio-weight",),
        "weight of its disk traffic, 10 to 1000 (500 is normal)",
        kinds.integer("disk weight", 10, 1000),
    ),
    Flag(
        ("--device-write-bps", "--device-read-bps"),
        "ceiling of its disk traffic: RATE or DEVICE:RATE; there is one disk",
        Kind("rate", _device_rate),
    ),
    Flag(("--cgroup-parent",), "the cgroup that it is put in ('cgroup create')", kinds.NAME),
    Flag(
        ("--memory-reservation",),
        "memory that is not swapped out while the host is short of it (memory.low)",
        kinds.MEMORY_LIMIT,
    ),
    Flag(("--ulimit",), "nofile=N: most open files, and so connections", Kind("limit", _nofile)),
    Flag(
        ("--memory-high",),
        "above this the kernel holds it back (memory.high; no flag of the real docker)",
        kinds.MEMORY_LIMIT,
    ),
    Flag(
        ("--workload",),
        "what its program does, instead of what the image says",
        kinds.WORKLOAD,
    ),
    Flag(
        ("--pull",),
        "when to ask the registry",
        kinds.choice("pull policy", ("always", "missing", "never")),
        "missing",
    ),
    Flag(("-i", "--interactive"), "keep standard input open", ignored=True),
    Flag(("-t", "--tty"), "give it a terminal", ignored=True),
    Flag(("-q", "--quiet"), "no pull output", ignored=True),
    Flag(("--init",), "run an init process", ignored=True),
    Flag(("-v", "--volume"), "", refused=NO_VOLUMES),
    Flag(("--mount",), "", refused=NO_VOLUMES),
    Flag(("--tmpfs",), "", refused=NO_VOLUMES),
)

CREATE = (*LIMITS, *_RUNNING)
RUN = (
    Flag(("-d", "--detach"), "print its id and give the prompt back"),
    *CREATE,
)

KNOWN = (
    "--add-host --annotation -a --attach --blkio-weight-device "
    "--cgroupns --cidfile --cpu-count --cpu-percent --cpu-rt-period "
    "--cpu-rt-runtime --cpuset-mems --detach-keys --device --device-cgroup-rule "
    "--device-read-iops --device-write-iops "
    "--disable-content-trust --dns --dns-option --dns-search --domainname --expose --gpus "
    "--group-add --health-cmd --health-interval --health-retries --health-start-interval "
    "--health-start-period --health-timeout --io-maxbandwidth --io-maxiops --ip --ip6 --ipc "
    "--isolation --kernel-memory --label-file --link --link-local-ip --log-driver --log-opt "
    "--mac-address --memory-swappiness --no-healthcheck --oom-kill-disable "
    "--pid -P --publish-all --shm-size --sig-proxy --stop-signal --storage-opt --sysctl "
    "--use-api-socket --uts --volume-driver --volumes-from -w --workdir"
)


def unlimited(value: Any) -> Any:
    """None for a limit that was given as -1: no limit."""
    return None if value == -1 else value
