"""``docker compose logs``, ``top``, ``stats``, ``events``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from simulator.cluster.compose import labels
from simulator.cluster.compose.observed import label, number_of, service_of
from simulator.machine.container import Container
from simulator.node.process_lists import outside
from simulator.shell import kinds
from simulator.shell.compose.common import (
    SERVICES,
    check_services,
    compose_verb,
    containers,
    named_project,
    node_of,
)
from simulator.shell.docker import events as docker_events
from simulator.shell.docker import watching as docker_watching
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT, NO_TRUNC
from simulator.shell.docker.moments import MOMENT
from simulator.shell.following import FOLLOW_S, Following
from simulator.shell.grammar import Argument, Call, Flag, Kind

if TYPE_CHECKING:
    from simulator.shell.session import Session

_COUNT = kinds.integer("number of lines", 0, 10_000_000)
_TAIL = Kind("lines", lambda value: None if value == "all" else _COUNT.parse(value))


@compose_verb(
    "logs",
    "Print what the containers of services have written, each line with its name",
    arguments=(SERVICES,),
    flags=(
        Flag(("-f", "--follow"), f"go on until all have ended, at most {FOLLOW_S:g}s"),
        Flag(("-n", "--tail"), "the last lines of each only", _TAIL),
        Flag(("-t", "--timestamps"), "with the time of each line"),
        Flag(("--since",), "from 30s (ago), or a date, on", MOMENT),
        Flag(("--until",), "until 10s (ago), or a date", MOMENT),
        Flag(("--index",), "which of its containers", kinds.integer("number", 0, 100_000), 0),
        Flag(("--no-log-prefix",), "without names"),
        Flag(("--no-color",), "", ignored=True),
    ),
    examples=("docker compose logs", "docker compose logs -f --tail 20 web"),
)
def logs(session: Session, call: Call) -> Iterable[str]:
    """In the order of time."""
    project = named_project(session, call)
    found = containers(session, call, project, call["SERVICE"])
    if call["index"]:
        found = [one for one in found if number_of(one) == call["index"]]
    shown = _Lines(found, project.name, call, session.world.now)
    if not call["follow"] or not any(one.lives for one in found):
        return shown.lines()
    now = session.world.now
    end = (
        now + session.follow_s
        if call["until"] is None
        else min(now + session.follow_s, max(now, shown.until))
    )
    return session.follow(
        Following(
            lambda: session.world.now,
            end,
            shown.lines,
            lambda: not any(one.lives for one in found),
            f"(no longer followed after {session.follow_s:g}s; the containers go on)",
            "docker compose logs -f",
        )
    )


class _Lines:
    """Which lines of several logs are shown; those that come later are, too."""

    def __init__(self, found: Sequence[Container], project: str, call: Call, now: float) -> None:
        self.found, self.call = found, call
        self.since = call["since"].at(now) if call["since"] is not None else 0.0
        self.until = call["until"].at(now) if call["until"] is not None else inf
        names = [one.local_name.removeprefix(f"{project}-") for one in found]
        width = max(map(len, names), default=0) + 1
        plain = call["no_log_prefix"]
        self.prefixes = ["" if plain else f"{name:<{width}} | " for name in names]
        self.skipped = [self._skipped(one) for one in found]

    def _skipped(self, one: Container) -> int:
        """Lines in front that are not shown."""
        log = list(one.log)
        before = sum(time < self.since for time, _ in log)
        tail = self.call["tail"]
        count = sum(self.since <= time <= self.until for time, _ in log)
        return before + (0 if tail is None else max(0, count - tail))

    def lines(self) -> list[str]:
        """All so far."""
        rows = []
        for one, prefix, skipped in zip(self.found, self.prefixes, self.skipped, strict=True):
            for time, text in list(one.log)[skipped:]:
                if time <= self.until:
                    stamp = f"{timestamp(time)} " if self.call["timestamps"] else ""
                    rows.append((time, f"{prefix}{stamp}{text}"))
        rows.sort(key=lambda row: row[0])
        return [text for _, text in rows]


# --- top ------------------------------------------------------------------------------------------


@compose_verb(
    "top",
    "Processes of the containers of services",
    arguments=(SERVICES,),
    examples=("docker compose top", "docker compose top web"),
)
def top(session: Session, call: Call) -> Iterable[str]:
    """By the numbers of the machine."""
    project = named_project(session, call)
    found = [one for one in containers(session, call, project, call["SERVICE"]) if one.running]
    rows: list[list[str]] = []
    for one in found:
        started = timestamp(one.started_at)[11:16]
        rows += [
            [service_of(one), label(one, labels.NUMBER), proc.user, str(proc.pid), str(proc.ppid),
             "0", started, "?", docker_watching.clock(proc.cpu_s), proc.command]
            for proc in outside(one, "root")
        ]  # fmt: skip
    if not rows:
        return []
    head = ["SERVICE", "#", "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    widths = [max(len(row[at]) for row in [head, *rows]) + 2 for at in range(len(head) - 1)]
    return [
        "".join(f"{cell:<{max(4, width)}}" for cell, width in zip(row, widths, strict=False))
        + row[-1]
        for row in [head, *rows]
    ]


# --- stats, events --------------------------------------------------------------------------------


@compose_verb(
    "stats",
    "CPU, memory and traffic of the containers of a project over the last second",
    arguments=(Argument("SERVICE", kinds.text("service"), "only this one", optional=True),),
    flags=(
        Flag(("-a", "--all"), "also those that do not run"),
        Flag(("--no-stream",), "print once, and say nothing of a stream"),
        NO_TRUNC,
        FORMAT,
    ),
    examples=("docker compose stats --no-stream",),
)
def stats(session: Session, call: Call) -> Iterable[str]:
    """As ``docker stats``."""
    project = named_project(session, call)
    wanted = [call["SERVICE"]] if call["SERVICE"] else []
    found = [
        one for one in containers(session, call, project, wanted) if call["all"] or one.running
    ]
    if not found:
        return []
    values = {**call.values, "CONTAINER": tuple(one.name for one in found)}
    return docker_watching.stats(session, replace(call, values=values))


@compose_verb(
    "events",
    "What the daemon has told of the containers of a project, oldest first",
    arguments=(SERVICES,),
    flags=(
        Flag(("--json",), "one JSON object a line"),
        Flag(("--since",), "from 30s (ago), or a date, on", MOMENT),
        Flag(("--until",), "until 10s (ago), or a date", MOMENT),
    ),
    examples=("docker compose events --since 1m",),
)
def events(session: Session, call: Call) -> Iterable[str]:
    """Those so far, of this project only."""
    project = named_project(session, call)
    check_services(project, call["SERVICE"])
    found = containers(session, call, project, call["SERVICE"], one_off=True)
    services = {one.local_name: service_of(one) for one in found}
    now = session.world.now
    since = call["since"].at(now) if call["since"] is not None else 0.0
    until = call["until"].at(now) if call["until"] is not None else now
    told = [
        one
        for one in docker_events.told(session.world, node_of(session, call).name)
        if since - 1e-9 <= one.time <= until + 1e-9
        and one.attributes.get("name") in services
        and one.kind == "container"
    ]
    if call["json"]:
        return [json.dumps(_document(one, services), ensure_ascii=False) for one in told]
    return [f"{_time(one.time)} container {one.action} {one.id} ({_said(one)})" for one in told]


def _time(time: float) -> str:
    return timestamp(time)[:26].replace("T", " ")


def _said(one: docker_events.Told) -> str:
    return ", ".join(f"{key}={one.attributes[key]}" for key in sorted(one.attributes))


def _document(one: docker_events.Told, services: dict[str, str]) -> dict[str, Any]:
    return {
        "time": timestamp(one.time),
        "type": "container",
        "action": one.action,
        "id": one.id,
        "service": services[one.attributes["name"]],
        "attributes": dict(one.attributes),
    }
