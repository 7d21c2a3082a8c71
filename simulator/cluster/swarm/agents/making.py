"""From a task to a container: its specification, with placeholders, files and networks."""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from simulator.cluster.swarm.agents.seat import Run, Seat
from simulator.cluster.swarm.objects import Task
from simulator.cluster.swarm.specs import NANO
from simulator.cluster.swarm.state import State
from simulator.errors import Refused, is_text
from simulator.image.model import FileEntry
from simulator.machine.container import Container
from simulator.node.spec import ContainerSpec

MIN_MEMORY_BYTES = 6 << 20
SECRETS = "/run/secrets/"
_ALWAYS_FAILS = ("false", "/bin/false", "exit 1")
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_LABEL = re.compile(r"index\s+\.(Service|Node|Task)\.Labels\s+\"([^\"]*)\"")


def expanded(text: str, task: Task, seat: Seat, state: State) -> str:
    """A text with what stands in braces filled in (swarmkit, ``template/context.go``)."""
    if "{{" not in text:
        return text
    service = state.services.get(task.service)
    node = seat.node
    words = {
        ".Service.ID": task.service,
        ".Service.Name": task.service_name,
        ".Service.Labels": _map_of({} if service is None else dict(service.spec.labels)),
        ".Node.ID": node.id,
        ".Node.Hostname": node.hostname,
        ".Node.Platform.Architecture": node.description.arch,
        ".Node.Platform.OS": node.description.os,
        ".Task.ID": task.id,
        ".Task.Name": task.full_name,
        ".Task.Slot": str(task.slot or node.id),
    }

    def filled(match: re.Match[str]) -> str:
        word = match[1]
        label = _LABEL.fullmatch(word)
        if label is not None and label[1] == "Service":
            return "" if service is None else service.spec.labels.get(label[2], "")
        if label is not None and label[1] == "Node":
            return node.spec.labels.get(label[2], "")
        if word not in words:
            raise Refused(f'template: expansion: executing "expansion" at <{word}>: can\'t '
                          "evaluate field")  # fmt: skip
        return words[word]

    return _PLACEHOLDER.sub(filled, text)


def _map_of(labels: dict[str, str]) -> str:
    return f"map[{' '.join(f'{key}:{labels[key]}' for key in sorted(labels))}]"


def spec_of(run: Run, seat: Seat, state: State) -> ContainerSpec:
    """What the daemon is asked for."""
    task, work = run.task, run.work
    assert work is not None
    wanted = task.spec.container
    limits = task.spec.limits
    fields: dict[str, Any] = {
        "env": {
            **{key: expanded(one, task, seat, state) for key, one in wanted.env.items()},
            # moby, daemon/cluster/executor/container: what was counted for it.
            **{
                f"DOCKER_RESOURCE_{kind.upper()}": str(count)
                for kind, count in task.spec.reservations.generic
            },
        },
        "hostname": wanted.hostname and expanded(wanted.hostname, task, seat, state),
        "mounts": tuple(expanded(one, task, seat, state) for one in wanted.mounts),
        "labels": {
            **wanted.labels,
            "com.docker.swarm.node.id": seat.node.id,
            "com.docker.swarm.service.id": task.service,
            "com.docker.swarm.service.name": task.service_name,
            "com.docker.swarm.task": "",
            "com.docker.swarm.task.id": task.id,
            "com.docker.swarm.task.name": task.full_name,
        },
        "workload": work.words or wanted.workload,
        "restart": "no",
        "ports": tuple(
            f"{one.published or ''}:{one.target}/{one.protocol}"
            if one.published
            else f"{one.target}/{one.protocol}"
            for one in task.ports
            if one.mode == "host"
        ),
    }
    if limits.nano_cpus:
        fields["cpus"] = limits.nano_cpus / NANO
    if limits.memory_bytes:
        fields["memory_bytes"] = max(MIN_MEMORY_BYTES, limits.memory_bytes)
    if limits.pids:
        fields["pids_limit"] = limits.pids
    if run.found is not None and run.found.assumed and work.words and not wanted.workload:
        fields |= _assumed(wanted)
    return replace(wanted, **fields)


def _assumed(wanted: ContainerSpec) -> dict[str, Any]:
    """What is made of wishes that only an image could answer which nobody here knows: it is healthy
    while it runs, where its test is not one that always fails, and knows no people by name."""
    user = wanted.user or ""
    fields: dict[str, Any] = {
        "user": user if user.replace(":", "").isdigit() else None,
        "group_add": tuple(one for one in wanted.group_add if one.isdigit()),
    }
    if wanted.health_cmd and wanted.health_cmd not in _ALWAYS_FAILS:
        fields |= {"health_cmd": None, "no_healthcheck": True}
    return fields


def deliver(run: Run, seat: Seat, state: State, container: Container) -> None:
    """Secrets lie in memory below ``/run/secrets``, configs where they are wanted."""
    task = run.task
    layer = seat.daemon.storage.layer(container)
    for refs, folder in ((task.spec.secrets, SECRETS), (task.spec.configs, "/")):
        for one in refs:
            known = state.secrets.get(one.id)
            if known is None:
                raise Refused(f"{'secret' if folder != '/' else 'config'} {one.name} not found")
            target = one.target or one.name
            path = target if target.startswith("/") else folder + target
            text = known.content if is_text(known.content) else None
            size = len(known.body)
            layer.put(FileEntry(path, size, one.mode, text=text, modified_s=state.now))
