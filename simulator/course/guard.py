"""Who refuses what a task has locked: before a command is carried out, whatever line it is of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from simulator.course.locks import LOCKS
from simulator.errors import InputError, Refused
from simulator.image.reference import Reference
from simulator.world import cluster_commands, image_commands, network_commands, swarm_commands
from simulator.world import commands as c
from simulator.world.commands import Command

_HOSTS = (
    c.CreateHost, c.RemoveHost, c.TuneMachine, cluster_commands.CreateCluster,
    cluster_commands.RemoveCluster, cluster_commands.AddNodes, swarm_commands.MakeSwarm,
)  # fmt: skip
_MADE = (
    c.BuildImage, c.TagImage, c.RemoveImage, image_commands.LoadImages,
    image_commands.CommitContainer, image_commands.PruneImages,
)  # fmt: skip
KINDS: Mapping[str, tuple[type[Command], ...]] = {
    "traffic": (c.StartTraffic, c.StopTraffic, c.RemoveService),
    "balancer": (c.SetBalancer, c.AddEndpoint, c.RemoveEndpoint, c.CreateService, c.RemoveService),
    "names": (c.RenameContainer, c.TagImage),
    "images": _MADE,
    "hosts": _HOSTS,
    "machines": (*_HOSTS, c.CreateVm, c.RemoveVm, c.RebootMachine),
    "limits": (c.UpdateContainer, c.CreateCgroup, c.RemoveCgroup),
    "faults": (c.InjectFault, c.ApplyFlaw),
}
"""Commands that touch nothing but what a lock is about."""
PROGRAM = frozenset(
    ("image", "workload", "command", "args", "entrypoint", "drydock.workload",
     "drydock.dev/workload", "env")
)  # fmt: skip
LIMITS = frozenset(
    ("cpus", "cpu_period_us", "cpu_quota_us", "cpu_shares", "cpuset", "memory_bytes",
     "memory_swap_bytes", "pids_limit", "limits", "requests", "resources")
)  # fmt: skip
"""Names of values in commands that say what a program is, and what it may use."""
_SPECS = (
    "RunContainer", "ComposeUp", "ComposeRun", "CreateSwarmService", "UpdateSwarmService",
    "ApiRequest",
)  # fmt: skip

Known = Mapping[str, Collection[str]]


def known_values(commands: Iterable[Command]) -> dict[str, set[str]]:
    """What programs and limits the commands so far have asked for: these may be asked for again."""
    found: dict[str, set[str]] = {"program": set(), "limits": set(), "images": set()}
    found["builds"] = set()
    for command in commands:
        found["images"].update(_names(command))
        found["builds"].update(_builds(command))
        if type(command).__name__ in _SPECS:
            found["program"].update(_said(command, PROGRAM))
            found["limits"].update(_said(command, LIMITS))
    found["program"].update(f"image={name}" for name in found["images"])
    return found


def refuse(command: Command, locked: Collection[str], known: Known) -> None:
    """Refused, with the lock that a command would touch."""
    for lock in locked:
        if isinstance(command, KINDS.get(lock, ())) or _by_values(command, lock, known):
            raise Refused(f"this task does not leave that to you ({lock}): {LOCKS[lock]}")


def _by_values(command: Command, lock: str, known: Known) -> bool:
    """Whether a command asks for what nobody asked for before the task."""
    if lock == "workload":
        if isinstance(command, c.BuildImage) and _builds(command) <= set(known["builds"]):
            return False  # the same once more
        if isinstance(command, c.TagImage | c.BuildImage | image_commands.CommitContainer):
            return bool(_names(command) & set(known["images"]))
        if isinstance(command, network_commands.ConnectNetwork | c.AddEndpoint):
            return _answers(command)
        return _serves(command) and bool(_said(command, PROGRAM) - set(known["program"]))
    if lock == "limits" and type(command).__name__ in _SPECS:
        return bool(_said(command, LIMITS) - set(known["limits"]))
    return False


def _answers(command: Command) -> bool:
    """Whether a container that was made for something else begins to answer for a service."""
    return isinstance(command, c.AddEndpoint) or bool(getattr(command, "aliases", ()))


def _serves(command: Command) -> bool:
    """Whether a container could answer anybody; one that only looks around may be of any image."""
    if isinstance(command, c.RunContainer):
        return bool(command.aliases or command.networks or command.ports)
    return type(command).__name__ in _SPECS


def _names(command: Command) -> set[str]:
    """Images that a command makes; one that was only pulled is none that a service runs."""
    found: tuple[str, ...] = ()
    match command:
        case c.BuildImage(tags=tags):
            found = tags
        case c.TagImage(target=target):
            found = (target,)
        case image_commands.CommitContainer():
            found = (str(getattr(command, "reference", "") or getattr(command, "tag", "")),)
    return {_familiar(name) for name in found if name}


def _builds(command: Command) -> set[str]:
    """Tags that a build makes, each with what it is made of."""
    if not isinstance(command, c.BuildImage):
        return set()
    files = sorted((path, repr(one)) for path, one in command.context.files.items())
    made = (command.dockerfile, files, sorted(command.build_args.items()), command.target)
    digest = hashlib.blake2b(repr(made).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return {f"{name}={digest}" for name in _names(command)}


def _familiar(name: str) -> str:
    try:
        return Reference.parse(name).familiar
    except InputError:
        return name


def _said(command: Command, keys: Collection[str]) -> set[str]:
    """``key=value`` of all values in a command that have one of these names."""
    return {
        f"{key}={_familiar(value) if key == 'image' else value}"
        for key, value in _walk(command, 0)
        if key in keys
    }


def _walk(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Names and values in a command, as deep as it goes."""
    if depth > 30:
        return
    for key, inner in _items(value):
        if key == "body" and isinstance(inner, str) and inner:
            yield from _walk(_decoded(inner), depth + 1)
        elif key == "path" and isinstance(value, Mapping) and "value" in value:
            last = str(inner).rpartition("/")[2].replace("~1", "/")
            yield last, _text(value["value"])
        if key and inner not in (None, "", (), [], {}):
            yield key, _text(inner)
        yield from _walk(inner, depth + 1)


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(key), inner) for key, inner in value.items()]
    if isinstance(value, list | tuple):
        return [("", inner) for inner in value]
    names = getattr(value, "__struct_fields__", None)
    if names is None and is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in fields(value)]
    return [(name, getattr(value, name)) for name in names or ()]


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {_text(v)}" for k, v in sorted(value.items(), key=str))
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    return str(value)
