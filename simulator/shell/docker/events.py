"""``docker events``: what the daemon of a machine tells of its containers and images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.dockerfile.signals import NUMBERS
from simulator.engine import Event
from simulator.errors import InputError, nearest
from simulator.image.events import ImagePulled
from simulator.image.reference import Reference
from simulator.machine import events as machine_events
from simulator.shell import formats, kinds, lookup
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT
from simulator.shell.docker.moments import MOMENT
from simulator.shell.following import Anew, Following
from simulator.shell.grammar import Call, Flag
from simulator.shell.registry import verb
from simulator.units import EPOCH

if TYPE_CHECKING:
    from simulator.shell.session import Session
    from simulator.world import World

_PLAIN = {
    machine_events.ContainerStarted: "start",
    machine_events.ContainerPaused: "pause",
    machine_events.ContainerUnpaused: "unpause",
    machine_events.OomKilled: "oom",
    machine_events.ContainerUpdated: "update",
    machine_events.ContainerRemoved: "destroy",
}
FILTERS = ("container", "daemon", "event", "image", "label", "type")
_ENDS = (
    "(the events so far: a stream would go on; let time pass with 'advance' and ask --since, "
    "or end at a time with --until)"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as Docker's daemon tells it."""

    time: float
    kind: str
    action: str
    id: str
    attributes: dict[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """As the client prints it."""
        attributes = ", ".join(f"{key}={self.attributes[key]}" for key in sorted(self.attributes))
        return f"{timestamp(self.time)} {self.kind} {self.action} {self.id} ({attributes})"

    def document(self) -> dict[str, Any]:
        """For ``--format``, with Docker's names."""
        nanoseconds = round((EPOCH.timestamp() + self.time) * 1e9)
        return {
            "status": self.action,
            "id": self.id,
            "from": self.attributes.get("image", ""),
            "Type": self.kind,
            "Action": self.action,
            "Actor": {"ID": self.id, "Attributes": dict(self.attributes)},
            "scope": "local",
            "time": nanoseconds // 10**9,
            "timeNano": nanoseconds,
        }


@verb(
    "docker events",
    "What the daemon of the current machine has told of containers and images, oldest first",
    flags=(
        Flag(("--since",), "from 30s (ago), or a date, on", MOMENT),
        Flag(("--until",), "until 10s (ago), or a date", MOMENT),
        Flag(
            ("-f", "--filter"),
            f"for example event=die; of: {', '.join(FILTERS)}",
            kinds.PAIR,
            repeat=True,
        ),
        FORMAT,
    ),
    aliases=("docker system events",),
    examples=("docker events --since 1m --filter event=die",),
    details="What happens to all things of the simulated world, in other words: 'events'.",
)
def events(session: Session, call: Call) -> Iterable[str]:
    """Those so far, and where the clock runs by itself those that come."""
    tests = _filters(call["filter"])
    machine = lookup.machine(session.reader, call["host"])
    now = session.world.now
    if session.waits or call["until"] is not None:
        told_so_far = _told(session, call, tests, machine.name, 0.0, now)
        ends = call["until"] is not None or call["format"]
        return [*told_so_far, *([] if ends else [_ENDS])]
    return session.follow(
        Following(
            lambda: session.world.now,
            now + session.follow_s,
            Anew(
                lambda: session.world.journal.count,
                lambda: _told(session, call, tests, machine.name, now, now),
            ),
            lambda: False,
            f"(no longer followed after {session.follow_s:g}s)",
            "docker events",
        )
    )


def _told(
    session: Session,
    call: Call,
    tests: dict[str, list[str]],
    machine: str,
    begins: float,
    asked: float,
) -> list[str]:
    """The lines from ``--since`` to ``--until``, as seen from the time at which it was asked."""
    now = asked if call["until"] is not None else session.world.now
    first = call["since"].at(asked) if call["since"] is not None else begins
    last = call["until"].at(asked) if call["until"] is not None else now
    found = [
        one
        for one in told(session.world, machine)
        if first - _CLOCK_S <= one.time <= last + _CLOCK_S and _passes(one, tests)
    ]
    template = call["format"]
    if template:
        template = "{{json .}}" if template == "json" else template
        return [formats.render(template, one.document()) for one in found]
    return [one.line() for one in found]


_CLOCK_S = 1e-9
"""A daemon's clock counts nanoseconds: what is closer than one to the end is at the end."""


def _filters(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    tests: dict[str, list[str]] = {}
    for key, value in pairs:
        if key not in FILTERS:
            raise InputError(f"invalid filter '{key}'", nearest=nearest(key, FILTERS))
        tests.setdefault(key, []).append(value)
    return tests


def _passes(one: Told, tests: Mapping[str, list[str]]) -> bool:
    """Different filters must all hold; of several values of one, any."""
    found = {
        "container": (one.attributes.get("name", ""), one.id, one.id[:12])
        if one.kind == "container"
        else (),
        "event": (one.action, one.action.partition(":")[0]),
        "image": (one.attributes.get("image", ""), one.id if one.kind == "image" else ""),
        "type": (one.kind,),
        "label": tuple(f"{key}={value}" for key, value in one.attributes.items()),
        "daemon": (),
    }
    return all(any(value in found[key] for value in values) for key, values in tests.items())


def told(world: World, machine: str) -> list[Told]:
    """All that the daemon of a machine has told and is still known of, oldest first."""
    made = [
        Told(
            one.created_at,
            "container",
            "create",
            one.id,
            {"name": one.local_name or one.name, "image": one.settings.image_name},
        )
        for one in world.containers.values()
        if one.daemon.name == machine
    ]
    return sorted([*made, *_journal(world, machine)], key=lambda one: one.time)


def _journal(world: World, machine: str) -> Iterator[Told]:
    mine: dict[str, dict[str, str]] = {
        one.name: {"name": one.local_name or one.name, "image": one.settings.image_name}
        for one in world.containers.values()
        if one.daemon.name == machine
    }
    ids: dict[str, str] = {one.name: one.id for one in world.containers.values()}
    stopping: set[str] = set()
    for entry in world.journal:
        event: Event = entry.event
        if isinstance(event, ImagePulled):
            if event.host == machine:
                name = Reference.parse(event.reference).short()
                yield Told(entry.time, "image", "pull", name, {"name": name})
        elif isinstance(event, machine_events.MachineEvent) and event.subject in mine:
            id_ = ids.get(event.subject) or event.subject
            yield from _of_container(event, entry.time, id_, mine[event.subject], stopping)


def _of_container(
    event: Event, time: float, id_: str, known: dict[str, str], stopping: set[str]
) -> Iterator[Told]:
    kind, name = "container", known["name"]
    action = _PLAIN.get(type(event))
    if action is not None:
        yield Told(time, kind, action, id_, known)
    elif isinstance(event, machine_events.ContainerHealthChanged):
        yield Told(time, kind, f"health_status: {event.status}", id_, known)
    elif isinstance(event, machine_events.ContainerStopping):
        stopping.add(name)
        number = NUMBERS.get(event.signal, event.signal)
        yield Told(time, kind, "kill", id_, {**known, "signal": str(number)})
    elif isinstance(event, machine_events.ContainerExited):
        if event.reason == "killed":
            yield Told(time, kind, "kill", id_, {**known, "signal": "9"})
        yield Told(time, kind, "die", id_, {**known, "exitCode": str(event.code)})
        if name in stopping:
            stopping.discard(name)
            yield Told(time, kind, "stop", id_, known)
