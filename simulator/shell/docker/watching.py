"""``docker logs``, ``docker stats``, ``docker top`` and ``docker port``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.look.views import ContainerView
from simulator.node.process_lists import outside
from simulator.shell import kinds, lookup
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import ACTIVE, FORMAT, NO_TRUNC
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.tables import table
from simulator.units import format_binary_bytes, format_bytes

if TYPE_CHECKING:
    from simulator.shell.session import Session

_COUNT = kinds.integer("number of lines", 0, 10_000_000)
_TAIL = Kind("lines", lambda value: None if value == "all" else _COUNT.parse(value))
STATS = {
    "Container": "CONTAINER ID",
    "Name": "NAME",
    "CPUPerc": "CPU %",
    "MemUsage": "MEM USAGE / LIMIT",
    "MemPerc": "MEM %",
    "NetIO": "NET I/O",
    "BlockIO": "BLOCK I/O",
    "PIDs": "PIDS",
}


@verb(
    "docker logs",
    "Print what a container has written",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "name or id"),),
    flags=(
        Flag(("-n", "--tail"), "the last lines only ('all' for all)", _TAIL),
        Flag(("-t", "--timestamps"), "with the time of each line"),
        Flag(("--since",), "of the last 30s, 5m, ...", kinds.DURATION),
        Flag(
            ("-f", "--follow"),
            "",
            refused="time passes only between lines here; 'advance 10s && docker logs NAME'",
        ),
    ),
    aliases=("docker container logs",),
    examples=("docker logs --tail 20 web",),
    known="--details --until",
)
def logs(session: Session, call: Call) -> Iterable[str]:
    """Log lines, oldest first."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    if found.spec.log_driver == "none":
        raise Refused("configured logging driver does not support reading")
    lines = list(session.world.logs(found.name))
    if call["since"] is not None:
        start = session.world.now - call["since"]
        lines = [(time, text) for time, text in lines if time >= start]
    if call["tail"] is not None:
        lines = lines[len(lines) - min(call["tail"], len(lines)) :]
    if call["timestamps"]:
        return [f"{timestamp(time)} {text}" for time, text in lines]
    return [text for _, text in lines]


@verb(
    "docker stats",
    "CPU, memory and traffic of containers over the last second",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "only these", optional=True, repeat=True),),
    flags=(
        Flag(("-a", "--all"), "also those that do not run"),
        Flag(("--no-stream",), "print once (always so here)", ignored=True),
        NO_TRUNC,
        FORMAT,
    ),
    aliases=("docker container stats",),
    examples=("docker stats --no-stream", "docker stats web"),
    details="CPU % is of one core: 200% is two cores busy. MEM % is of the limit shown.",
)
def stats(session: Session, call: Call) -> Iterable[str]:
    """One table of what is used of what."""
    reader, rows = session.reader, []
    if call["CONTAINER"]:
        for name in call["CONTAINER"]:
            one = lookup.container(reader, name, call["host"])
            memory = lookup.machine(reader, one.machine).memory_bytes
            rows.append(_stats(one, memory, call["no_trunc"]))
    else:
        for machine in lookup.chosen(reader, call["host"]):
            rows += [
                _stats(one, machine.memory_bytes, call["no_trunc"])
                for one in reader.containers_on(machine.name)
                if call["all"] or one.state in ACTIVE
            ]
    return listing(rows, STATS, call["format"], {**STATS, "ID": "CONTAINER ID"})


def _stats(one: ContainerView, memory_bytes: int, whole: bool) -> dict[str, str]:
    limit = min(one.memory_limit_bytes or memory_bytes, memory_bytes)
    share = one.memory_bytes / limit if limit else 0.0
    name = one.id if whole else one.id[:12]
    return {
        "Container": name,
        "ID": name,
        "Name": one.local_name or one.name,
        "CPUPerc": f"{one.cpu_cores * 100:.2f}%",
        "MemUsage": f"{format_binary_bytes(one.memory_bytes)} / {format_binary_bytes(limit)}",
        "MemPerc": f"{share * 100:.2f}%",
        "NetIO": f"{format_bytes(one.net_in_bytes)} / {format_bytes(one.net_out_bytes)}",
        "BlockIO": f"{format_bytes(one.block_in_bytes)} / {format_bytes(one.block_out_bytes)}",
        "PIDs": str(one.pids),
    }


@verb(
    "docker top",
    "Processes of a container",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "name or id"),),
    aliases=("docker container top",),
    examples=("docker top web",),
)
def top(session: Session, call: Call) -> Iterable[str]:
    """Its processes by the numbers of its machine; threads are counted by ``docker stats``."""
    one = lookup.container(session.reader, call["CONTAINER"], call["host"])
    if one.state not in ("running", "paused"):
        raise Refused(f"container {one.id} is not running")
    started = timestamp(one.started_at)[11:16]
    use = f"{min(99, round(one.cpu_cores * 100))}"
    headings = ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
    found = outside(session.world.container(one.name), "root")
    rows = [
        [proc.user, str(proc.pid), str(proc.ppid), use if proc is found[-1] else "0", started, "?",
         _clock(proc.cpu_s), proc.command]
        for proc in found
    ]  # fmt: skip
    return table(headings, rows)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
