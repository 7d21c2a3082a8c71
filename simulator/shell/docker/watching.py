"""``docker logs``, ``docker stats``, ``docker top`` and ``docker port``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.look.views import ContainerView
from simulator.node.process_lists import outside
from simulator.shell import kinds, lookup
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import ACTIVE, FORMAT, NO_TRUNC
from simulator.shell.docker.moments import MOMENT
from simulator.shell.following import FOLLOW_S, Anew, Following
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.tables import wide_table
from simulator.units import format_binary_bytes, format_bytes

if TYPE_CHECKING:
    from simulator.shell.session import Session

_COUNT = kinds.integer("number of lines", 0, 10_000_000)
TAIL = Kind("lines", lambda value: None if value == "all" else _COUNT.parse(value))
_ONE_READING = (
    "(one reading of the last second: time passes only between lines here; in the workbench it is "
    "kept up to date. --no-stream leaves this out)"
)
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
        Flag(("-n", "--tail"), "the last lines only ('all' for all)", TAIL),
        Flag(("-t", "--timestamps"), "with the time of each line"),
        Flag(("--since",), "from 30s (ago), or a date, on", MOMENT),
        Flag(("--until",), "until 10s (ago), or a date", MOMENT),
        Flag(("-f", "--follow"), f"go on until it ends, at most {FOLLOW_S:g}s"),
    ),
    aliases=("docker container logs",),
    examples=("docker logs --tail 20 web",),
    known="--details",
)
def logs(session: Session, call: Call) -> Iterable[str]:
    """Log lines, oldest first."""
    found = lookup.container(session.reader, call["CONTAINER"], call["host"])
    if found.spec.log_driver == "none":
        raise Refused("configured logging driver does not support reading")
    now = session.world.now
    shown = _Shown(
        lambda: session.world.logs(found.name),
        call["since"].at(now) if call["since"] is not None else 0.0,
        call["until"].at(now) if call["until"] is not None else inf,
        call["tail"],
        call["timestamps"],
    )
    if not call["follow"] or found.state not in ("running", "paused"):
        return shown.lines()
    container = session.world.container(found.name)
    # It may be removed when it ends; what it has written is still to be shown.
    shown.read = lambda: list(container.log)
    end = (
        now + session.follow_s
        if call["until"] is None
        else min(now + session.follow_s, max(now, shown.until))
    )
    runs = container.started_at
    return session.follow(
        Following(
            lambda: session.world.now,
            end,
            shown.lines,
            lambda: not container.running or container.started_at != runs,
            f"(no longer followed after {session.follow_s:g}s; the container goes on)",
            f"docker logs -f {found.name}",
        )
    )


class _Shown:
    """Which lines of a log are shown; those that come later are, too."""

    def __init__(
        self,
        read: Callable[[], list[tuple[float, str]]],
        since: float,
        until: float,
        tail: int | None,
        timestamps: bool,
    ) -> None:
        self.read = read
        self.until = until
        self.timestamps = timestamps
        log = read()
        old = [time for time, _ in log if since <= time <= until]
        left_out = 0 if tail is None else max(0, len(old) - tail)
        self.before = sum(time < since for time, _ in log) + left_out
        """Lines in front that are not shown."""

    def lines(self) -> list[str]:
        """Oldest first."""
        chosen = [(time, text) for time, text in self.read()[self.before :] if time <= self.until]
        if self.timestamps:
            return [f"{timestamp(time)} {text}" for time, text in chosen]
        return [text for _, text in chosen]


@verb(
    "docker stats",
    "CPU, memory and traffic of containers over the last second",
    arguments=(Argument("CONTAINER", kinds.CONTAINER, "only these", optional=True, repeat=True),),
    flags=(
        Flag(("-a", "--all"), "also those that do not run"),
        Flag(("--no-stream",), "print once, and say nothing of a stream"),
        NO_TRUNC,
        FORMAT,
    ),
    aliases=("docker container stats",),
    examples=("docker stats --no-stream", "docker stats web"),
    details="CPU % is of one core: 200% is two cores busy. MEM % is of the limit shown.",
)
def stats(session: Session, call: Call) -> Iterable[str]:
    """One table of what is used of what; where the clock runs by itself, it is kept up to date."""
    if call["no_stream"] or call["format"]:
        return _used(session, call)
    if session.waits:
        return [*_used(session, call), _ONE_READING]
    return session.follow(
        Following(
            lambda: session.world.now,
            session.world.now + session.follow_s,
            Anew(lambda: int(session.world.now), lambda: _used(session, call)),
            lambda: False,
            f"(no longer kept up to date after {session.follow_s:g}s)",
            "docker stats",
        )
    )


def _used(session: Session, call: Call) -> list[str]:
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
    if one.state == "restarting":
        raise Refused(f"Container {one.id} is restarting, wait until the container is running")
    if one.state not in ("running", "paused"):
        raise Refused(f"container {one.id} is not running")
    started = timestamp(one.started_at)[11:16]
    use = f"{min(99, round(one.cpu_cores * 100))}"
    headings = ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
    found = outside(session.world.container(one.name), "root")
    rows = [
        [proc.user, str(proc.pid), str(proc.ppid), use if proc is found[-1] else "0", started, "?",
         clock(proc.cpu_s), proc.command]
        for proc in found
    ]  # fmt: skip
    return wide_table(headings, rows)


def clock(seconds: float) -> str:
    """CPU time as ``ps`` prints it."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
