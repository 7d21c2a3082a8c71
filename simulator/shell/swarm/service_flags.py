"""Flags of ``docker service create`` and ``update``, and the specification that they make.

Creating is changing a service of which nothing is said yet: what a flag sets is written once. Lists
have one flag to create with, and two to change with (``--env-add``, ``--env-rm``).

Source: docker/cli, ``cli/command/service/opts.go`` and ``update.go``.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import replace as with_fields
from typing import Any

from msgspec.structs import replace

from simulator.cluster.swarm.specs import (
    Endpoint,
    Mode,
    Placement,
    Resources,
    RestartPolicy,
    ServiceSpec,
    TaskSpec,
    UpdateConfig,
)
from simulator.cluster.swarm.stacks.converting import nano_cpus
from simulator.errors import InputError
from simulator.node.mount_words import parse_mount
from simulator.shell import kinds
from simulator.shell.docker import run_flags, storage_flags
from simulator.shell.grammar import UNSAID, Call, Flag, Kind
from simulator.shell.swarm.service_words import (
    GENERIC,
    HOST,
    PORTS,
    PREFERENCE,
    at_port,
)

_OF_RUN = {
    "--hostname", "--entrypoint", "--stop-signal", "--init", "--read-only", "--cap-add",
    "--cap-drop", "--user", "--workdir", "--tty", "--workload", "--oom-score-adj",
    "--health-cmd", "--health-interval", "--health-timeout", "--health-retries",
    "--health-start-period", "--health-start-interval", "--no-healthcheck", "--log-driver",
    "--log-opt",
}  # fmt: skip
"""Flags of ``docker run`` that a service has, too, and that set the same field."""


def _as_of_run(flag: Flag) -> Flag:
    """The same; whether a switch was said matters, and one of a service sets no default."""
    names = tuple(one for one in flag.names if one not in ("-h",))
    unsaid = UNSAID if flag.kind is None else None
    kind = flag.kind
    if kind is not None and "--log-driver" in names:  # the client of ``run`` leaves it to a daemon
        kind = kinds.choice("log driver", kind.choices)
    if "--hostname" in names:  # a template is filled in for each task
        kind = kinds.text("name")
    return with_fields(flag, names=names, kind=kind, default=unsaid, shown="")


SAME = tuple(_as_of_run(flag) for flag in run_flags.CREATE if _OF_RUN.intersection(flag.names))
_CPUS = Kind("decimal", nano_cpus)
_MEMORY = kinds.BYTES
_PIDS = kinds.integer("number of processes", 0, 4_194_304)
_ACTIONS = ("pause", "continue", "rollback")
_ORDERS = ("stop-first", "start-first")
_TIMES = kinds.integer("number", 0, 1_000_000)
_RATIO = kinds.number("ratio", 0.0, 1.0)
_CONDITIONS = ("none", "on-failure", "any")


@dataclass(frozen=True, slots=True)
class Setting:
    """A flag that sets one field of one part of a service."""

    flag: Flag
    part: str
    field: str


def _setting(part: str, field: str, name: str, text: str, kind: Kind) -> Setting:
    return Setting(Flag((name,), text, kind), part, field)


def _rolling(word: str, part: str, what: str) -> Iterable[Setting]:
    """The six flags of an update, or of a rollback."""
    yield _setting(part, "parallelism", f"--{word}-parallelism", f"tasks that are {what} at once "
                   "(1; 0: all)", _TIMES)  # fmt: skip
    yield _setting(part, "delay_s", f"--{word}-delay", "time between two of them (0s)",
                   kinds.DURATION)  # fmt: skip
    yield _setting(part, "failure_action", f"--{word}-failure-action", "what follows failures: "
                   + ", ".join(_ACTIONS), kinds.choice("action", _ACTIONS))  # fmt: skip
    yield _setting(part, "monitor_s", f"--{word}-monitor", "how young a task is whose end is a "
                   "failure (5s)", kinds.POSITIVE_DURATION)  # fmt: skip
    yield _setting(part, "max_failure_ratio", f"--{word}-max-failure-ratio", "failures that are "
                   "borne, 0 to 1 (0)", _RATIO)  # fmt: skip
    yield _setting(part, "order", f"--{word}-order", "stop-first or start-first",
                   kinds.choice("order", _ORDERS))  # fmt: skip


SETTINGS: tuple[Setting, ...] = (
    _setting("limits", "nano_cpus", "--limit-cpu", "quota in cores of each task", _CPUS),
    _setting("limits", "memory_bytes", "--limit-memory", "memory of each task at most", _MEMORY),
    _setting("limits", "pids", "--limit-pids", "most processes and threads of each", _PIDS),
    _setting("reservations", "nano_cpus", "--reserve-cpu", "cores that a node must have free for "
             "each task", _CPUS),
    _setting("reservations", "memory_bytes", "--reserve-memory", "memory that a node must have "
             "free for each task", _MEMORY),
    _setting("placement", "max_replicas", "--replicas-max-per-node", "most tasks on one node "
             "(0: any number)", _TIMES),
    _setting("restart", "condition", "--restart-condition", "when an ended task is replaced: "
             + ", ".join(_CONDITIONS), kinds.choice("condition", _CONDITIONS)),
    _setting("restart", "delay_s", "--restart-delay", "time before that (5s)", kinds.DURATION),
    _setting("restart", "max_attempts", "--restart-max-attempts", "how often at most (0: always)",
             _TIMES),
    _setting("restart", "window_s", "--restart-window", "in which attempts are counted",
             kinds.DURATION),
    _setting("endpoint", "mode", "--endpoint-mode", "vip (one address) or dnsrr (those of all "
             "tasks)", kinds.choice("mode", ("vip", "dnsrr"))),
    _setting("container", "stop_timeout_s", "--stop-grace-period", "time from stop to kill (10s)",
             kinds.DURATION),
    _setting("mode", "max_concurrent", "--max-concurrent", "tasks of a job that run at once",
             _TIMES),
    *_rolling("update", "update", "exchanged"),
    *_rolling("rollback", "rollback", "turned back"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of a service: one flag to create it with, two to change it."""

    name: str
    text: str
    kind: Kind
    key: Callable[[Any], Any] = lambda one: one
    """Those of one key replace each other, and ``-rm`` removes by it."""
    removed: Callable[[str, Any], bool] = lambda word, key: word == key
    short: tuple[str, ...] = ()
    remove: bool = True
    several: bool = False
    """Whether a value of the flag stands for several of the list."""

    def flags(self, change: bool) -> tuple[Flag, ...]:
        """Of ``create``, or of ``update``."""
        if not change:
            names = (*self.short, f"--{self.name}")
            return (Flag(names, self.text, self.kind, repeat=True, held_as=self._key),)
        add = Flag((f"--{self.name}-add",), f"add or change: {self.text}", self.kind, repeat=True,
                   held_as=f"{self._key}_add")  # fmt: skip
        gone = Flag((f"--{self.name}-rm",), "remove one", kinds.text("name"), repeat=True,
                    held_as=f"{self._key}_rm")  # fmt: skip
        return (add, gone)

    @property
    def _key(self) -> str:
        """Calls hold the machine that is meant as ``host``."""
        return "hosts" if self.name == "host" else self.name.replace("-", "_")

    def new(self, call: Call, before: Iterable[Any], change: bool) -> list[Any]:
        """The list after what a call says of it."""
        key = self._key
        found = {self.key(one): one for one in before}
        if change:
            for word in call[f"{key}_rm"]:
                for each in [one for one in found if self.removed(word, one)]:
                    del found[each]
        for value in call[f"{key}_add" if change else key]:
            for one in value if self.several else (value,):
                found[self.key(one)] = one
        return list(found.values())


def _first(pair: tuple[str, str]) -> str:
    return pair[0]


def _mount_target(text: str) -> str:
    return parse_mount(text).target


_MOUNT = next(one for one in storage_flags.FLAGS if "--mount" in one.names).kind
assert _MOUNT is not None
ENV = Listed("env", "a variable", kinds.PAIR, _first, short=("-e",))
LABEL = Listed("label", "a label of the service", kinds.PAIR, _first, short=("-l",))
CONTAINER_LABEL = Listed("container-label", "a label of its containers", kinds.PAIR, _first)
CONSTRAINT_LIST = Listed(
    "constraint", "where tasks may be: node.role==worker, node.labels.disk!=hdd",
    kinds.text("constraint"),
)  # fmt: skip
PREFERENCE_LIST = Listed(
    "placement-pref", "over whose values tasks are spread: spread=node.labels.zone", PREFERENCE,
    removed=lambda word, key: word.removeprefix("spread=") == key,
)  # fmt: skip
MOUNT = Listed("mount", "type=volume,source=data,target=/data", _MOUNT, _mount_target)
PUBLISH = Listed(
    "publish", "PUBLISHED:TARGET at every node, or published=80,target=80,mode=host", PORTS,
    lambda one: (one.published, one.target, one.protocol, one.mode), at_port, short=("-p",),
    several=True,
)  # fmt: skip
HOSTS = Listed("host", "NAME:ADDRESS, a line of /etc/hosts", HOST,
               removed=lambda word, key: key == word or key.partition(":")[0] == word)  # fmt: skip
DNS = Listed("dns", "a name server", kinds.ADDRESS)
GROUP = Listed("group", "another group of its user", kinds.text("group"))
ULIMIT = Listed("ulimit", "nofile=N: most open files, and so connections", run_flags.FILES_LIMIT,
                key=lambda _: "nofile")  # fmt: skip
GENERIC_LIST = Listed("generic-resource", "KIND=COUNT that a node must have", GENERIC, _first)
LISTS = (
    ENV, LABEL, CONTAINER_LABEL, CONSTRAINT_LIST, PREFERENCE_LIST, MOUNT, PUBLISH, HOSTS, DNS,
    GROUP, GENERIC_LIST, ULIMIT,
)  # fmt: skip


def flags(change: bool) -> tuple[Flag, ...]:
    """All flags that say what a service is."""
    lists = (flag for one in LISTS for flag in one.flags(change))
    return (*lists, *(one.flag for one in SETTINGS), *SAME)


# --- from flags to a specification ----------------------------------------------------------------


def changed(spec: ServiceSpec, call: Call, *, change: bool) -> ServiceSpec:
    """A service with what a call says of it; networks, secrets and configs come apart."""
    parts = _settings(call)
    task = spec.task
    new_task = replace(
        task,
        container=_container(spec, call, change, parts.pop("container", {})),
        placement=_placement(task.placement, call, change, parts.pop("placement", {})),
        restart=replace(task.restart, **parts.pop("restart", {})),
        limits=replace(task.limits, **parts.pop("limits", {})),
        reservations=_reservations(task.reservations, call, change, parts.pop("reservations", {})),
    )
    ports = tuple(PUBLISH.new(call, spec.endpoint.ports, change))
    return replace(
        spec,
        task=new_task,
        labels=dict(LABEL.new(call, spec.labels.items(), change)),
        update=replace(spec.update, **parts.pop("update", {})),
        rollback=replace(spec.rollback, **parts.pop("rollback", {})),
        endpoint=replace(spec.endpoint, ports=ports, **parts.pop("endpoint", {})),
        mode=_mode(spec.mode, call, parts.pop("mode", {})),
    )


def _settings(call: Call) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in SETTINGS:
        value = call.values.get(one.flag.key)
        if value is not None:
            found.setdefault(one.part, {})[one.field] = value
    return found


def _container(spec: ServiceSpec, call: Call, change: bool, fields: dict[str, Any]) -> Any:
    container = spec.task.container
    for flag in SAME:
        value = call[flag.key]
        if value is not None and value is not UNSAID and value != ():
            fields[flag.sets] = value
    entry = fields.get("entrypoint")
    if entry is not None:
        words = shlex.split(entry) or [""]
        fields["entrypoint"] = words[0]
        fields["command"] = (*words[1:], *fields.get("command", container.command))
    files = ULIMIT.new(call, () if container.nofile is None else (container.nofile,), change)
    return replace(
        container,
        nofile=next(iter(files), None),
        env=dict(ENV.new(call, container.env.items(), change)),
        labels=dict(CONTAINER_LABEL.new(call, container.labels.items(), change)),
        mounts=tuple(MOUNT.new(call, container.mounts, change)),
        extra_hosts=tuple(HOSTS.new(call, container.extra_hosts, change)),
        dns=tuple(DNS.new(call, container.dns, change)),
        group_add=tuple(GROUP.new(call, container.group_add, change)),
        **fields,
    )


def _placement(before: Placement, call: Call, change: bool, fields: dict[str, Any]) -> Placement:
    return replace(
        before,
        constraints=tuple(CONSTRAINT_LIST.new(call, before.constraints, change)),
        preferences=tuple(PREFERENCE_LIST.new(call, before.preferences, change)),
        **fields,
    )


def _reservations(before: Resources, call: Call, change: bool, fields: dict[str, Any]) -> Resources:
    generic = tuple(GENERIC_LIST.new(call, before.generic, change))
    return replace(before, generic=generic, **fields)


def _mode(before: Mode, call: Call, fields: dict[str, Any]) -> Mode:
    kind = call.values.get("mode") or before.kind
    count = call.values.get("replicas")
    if count is not None and kind in ("global", "global-job"):
        raise InputError("replicas can only be used with replicated or replicated-job mode")
    if fields and kind != "replicated-job":
        raise InputError("max-concurrent can only be used with replicated-job mode")
    if kind == "replicated-job" and count is not None:
        # Without a word on it all tasks of a job run at once.
        fields.setdefault("max_concurrent", count)
    if count is not None:
        fields["replicas"] = count
    return replace(before, kind=kind, **fields)


def empty(name: str, image: str, command: tuple[str, ...]) -> ServiceSpec:
    """A service of which only this is said."""
    from simulator.node.spec import ContainerSpec

    container = ContainerSpec(image=image, command=command)
    return ServiceSpec(
        name=name, task=TaskSpec(container=container, restart=RestartPolicy()),
        update=UpdateConfig(), rollback=UpdateConfig(), endpoint=Endpoint(),
    )  # fmt: skip
