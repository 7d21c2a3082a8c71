"""``docker secret`` and ``docker config``: bytes under a name, which tasks see as files.

Source: docker/cli, ``cli/command/secret``, ``cli/command/config``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError
from simulator.shell import kinds
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT, QUIET
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Flag, Handler
from simulator.shell.registry import verb
from simulator.shell.swarm.common import (
    INSPECT_FORMAT,
    PRETTY,
    chosen_by,
    each_of,
    file_of,
    filter_flag,
    inspected,
    labelled,
    swarm_of,
)
from simulator.shell.swarm.handed import content, natural
from simulator.units import format_ago
from simulator.world.swarm_commands import CreateSwarmFile, RemoveSwarmFile

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Secret
    from simulator.shell.session import Session

_TESTS: Mapping[str, Callable[[Secret, str], bool]] = {
    "id": lambda one, value: one.id.startswith(value),
    "label": lambda one, value: labelled(one.labels, value),
    "name": lambda one, value: one.name.startswith(value),
}
_EXACT: Mapping[str, Callable[[Secret, str], bool]] = {
    "names": lambda one, value: one.name == value
}
_ABOUT = {
    "secret": "Keep a secret in the swarm: tasks see it as a file in memory, below /run/secrets",
    "config": "Keep a configuration file in the swarm: tasks see it where it is wanted",
}
_TEMPLATES = Flag(("--template-driver",), "", kinds.TEXT,
                  refused="contents are not templates here")  # fmt: skip
_DRIVER = Flag(("-d", "--driver"), "", kinds.TEXT, refused="the managers keep secrets themselves")


def _verbs(kind: str) -> None:
    """The four commands of a kind."""
    upper, more = kind.upper(), (_DRIVER,) if kind == "secret" else ()
    names = Argument(upper, kinds.text(kind, kind), "name or id", repeat=True)
    keys = _TESTS if kind == "config" else {**_TESTS, **_EXACT}
    verb(
        f"docker {kind} create",
        _ABOUT[kind],
        arguments=(
            Argument(upper, kinds.text("name"), "the name it gets"),
            Argument("FILE", kinds.text("file", "file"), "a file, or - for what is handed over",
                     optional=True),
        ),
        flags=(
            Flag(("-l", "--label"), "set a label", kinds.PAIR, repeat=True), *more, _TEMPLATES
        ),
        examples=(f"docker {kind} create app app.conf",
                  f"echo s3cret | docker {kind} create pw -"),
    )(_creating(kind))  # fmt: skip
    verb(
        f"docker {kind} ls",
        f"List the {kind}s of the swarm",
        flags=(QUIET, filter_flag("name=app", keys), FORMAT),
        aliases=(f"docker {kind} list",),
        examples=(f"docker {kind} ls",),
    )(_listing(kind, keys))
    verb(
        f"docker {kind} inspect",
        f"Everything known about {kind}s"
        + (", but what they are" if kind == "secret" else ", with what is in them"),
        arguments=(names,),
        flags=(INSPECT_FORMAT, PRETTY),
        examples=(f"docker {kind} inspect --pretty app",),
    )(_inspecting(kind))
    verb(
        f"docker {kind} rm",
        f"Remove {kind}s that no service uses",
        arguments=(names,),
        aliases=(f"docker {kind} remove",),
        destructive=True,
        examples=(f"docker {kind} rm app",),
    )(_removing(kind))


def _creating(kind: str) -> Handler:
    def create(session: Session, call: Call) -> Iterable[str]:
        """Its identity."""
        source = call["FILE"]
        if source is None:
            raise InputError(f"{kind} file is required")
        text = content(session, call, source)
        return session.do(CreateSwarmFile(
            kind=kind, name=call[kind.upper()], content=text, labels=dict(call["label"]),
            machine=call["host"],
        ))  # fmt: skip

    return create


def _listing(kind: str, keys: Mapping[str, Callable[[Secret, str], bool]]) -> Handler:
    columns = {"ID": "ID", "Name": "NAME", "CreatedAt": "CREATED", "UpdatedAt": "UPDATED"}
    if kind == "secret":
        columns = {"ID": "ID", "Name": "NAME", "Driver": "DRIVER", **columns}

    def ls(session: Session, call: Call) -> Iterable[str]:
        """By name, numbers as numbers."""
        swarm = swarm_of(session, call)
        passes = chosen_by(call["filter"], dict(keys))
        found = [one for one in swarm.state.secrets.values() if one.kind == kind and passes(one)]
        found.sort(key=lambda one: natural(one.name))
        if call["quiet"] and not call["format"]:
            return [one.id for one in found]
        rows = [_row(one, session.world.now) for one in found]
        return listing(rows, columns, call["format"], {**columns, "Labels": "LABELS"})

    return ls


def _row(one: Secret, now: float) -> dict[str, str]:
    row = {
        "CreatedAt": format_ago(now - one.created),
        "ID": one.id,
        "Labels": ",".join(f"{key}={one.labels[key]}" for key in sorted(one.labels)),
        "Name": one.name,
        "UpdatedAt": format_ago(now - one.updated),
    }
    return {"Driver": "", **row} if one.kind == "secret" else row


# --- one of them ----------------------------------------------------------------------------------


def _inspecting(kind: str) -> Handler:
    def inspect(session: Session, call: Call) -> Iterable[str]:
        """As JSON, or in lines for people."""
        swarm = swarm_of(session, call)
        words = call[kind.upper()]
        pretty = call["pretty"] or call["format"] == "pretty"
        if not pretty:
            return inspected(session, call, words, lambda one: document(file_of(swarm, kind, one)))
        return each_of(session, call, words, lambda one: _pretty(file_of(swarm, kind, one)))

    return inspect


def document(one: Secret) -> dict[str, Any]:
    """A secret or config with Docker's key names; what is in it only of a config."""
    spec: dict[str, Any] = {"Name": one.name, "Labels": dict(one.labels)}
    if one.kind == "config":
        spec["Data"] = base64.b64encode(one.body).decode()
    return {
        "ID": one.id,
        "Version": {"Index": one.version},
        "CreatedAt": timestamp(one.created),
        "UpdatedAt": timestamp(one.updated),
        "Spec": spec,
    }


def _pretty(one: Secret) -> list[str]:
    """As the tool's template has it, whose gaps are blanks for secrets and tabs for configs."""
    config = one.kind == "config"
    labels = [f" - {key}={one.labels[key]}".rstrip("=") for key in sorted(one.labels)]
    times = [go_time(time) for time in (one.created, one.updated)]
    return [
        f"ID:\t\t\t{one.id}" if config else f"ID:              {one.id}",
        f"Name:\t\t\t{one.name}" if config else f"Name:            {one.name}",
        *(["Labels:", *labels] if labels else []),
        *([] if config else ["Driver:"]),
        f"Created at:            \t{times[0]}" if config else f"Created at:        {times[0]}",
        f"Updated at:            \t{times[1]}" if config else f"Updated at:        {times[1]}",
        *(["Data:", *one.body.decode("utf-8", "replace").split("\n")] if config else []),
    ]


def go_time(time: float) -> str:
    """A time as Go has it, in small letters: ``2026-01-01 00:00:00 +0000 utc``."""
    day, _, clock = timestamp(time)[:-1].partition("T")
    return f"{day} {clock.rstrip('0').rstrip('.') if '.' in clock else clock} +0000 utc"


def _removing(kind: str) -> Handler:
    def remove(session: Session, call: Call) -> Iterable[str]:
        """Each of them; what is said is the word that was typed."""
        swarm = swarm_of(session, call)

        def act(word: str) -> Iterable[str]:
            session.do(RemoveSwarmFile(id=file_of(swarm, kind, word).id, machine=call["host"]))
            return [word]

        return each_of(session, call, call[kind.upper()], act)

    return remove


for _kind in ("secret", "config"):
    _verbs(_kind)
