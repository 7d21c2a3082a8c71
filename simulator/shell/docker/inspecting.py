"""``docker inspect``: one container or image as JSON with Docker's own names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused, nearest
from simulator.image.model import Healthcheck, ImageConfig
from simulator.image.reference import Reference
from simulator.look.views import ContainerView, ImageView
from simulator.node.volumes import Volume
from simulator.shell import formats, kinds, lookup, stored
from simulator.shell.docker import run_flags, storage_flags
from simulator.shell.docker.network_documents import document, meant
from simulator.shell.docker.ports import hostname, network_mode, network_settings, port_bindings
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.units import EPOCH

if TYPE_CHECKING:
    from simulator.shell.session import Session

SWARM_TYPES = ("service", "node", "task", "secret", "config")
NEVER = "0001-01-01T00:00:00Z"


def timestamp(time: float | None) -> str:
    """A simulated time in seconds as the real tool writes dates."""
    if time is None:
        return NEVER
    moment = EPOCH + timedelta(seconds=time)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "000Z"


TYPES = ("container", "image", "volume", "network", *SWARM_TYPES)
FURTHER: list[Callable[[Session, str, Call], dict[str, Any] | None]] = []
"""Who else knows things by name, and adds himself: swarms do. None: nothing is called so."""


@verb(
    "docker inspect",
    "Everything known about a container, an image, a volume, a network, or a thing of a swarm",
    arguments=(Argument("NAME", kinds.text("container|image", "container"), "", repeat=True),),
    flags=(
        Flag(("-f", "--format"), "Go template, for example '{{.State.OOMKilled}}'", kinds.TEXT),
        Flag(
            ("--type",),
            "container, image, volume, network, or service, node, task, secret, config",
            kinds.choice("type", TYPES),
        ),
        Flag(("-s", "--size"), "also the bytes that a container has written"),
    ),
    aliases=("docker container inspect", "docker image inspect"),
    examples=("docker inspect web", "docker inspect -f '{{.State.ExitCode}}' web"),
)
def inspect(session: Session, call: Call) -> Iterable[str]:
    """Containers are looked for first, then images, volumes, networks, and what a swarm has."""
    found = [_one(session, name, call) for name in call["NAME"]]
    if call["format"] == "json":
        return [json.dumps(one, ensure_ascii=False) for one in found]
    if call["format"]:
        return [line for one in found for line in formats.render(call["format"], one).split("\n")]
    return json.dumps(found, indent=4, ensure_ascii=False).split("\n")


def _one(session: Session, name: str, call: Call) -> dict[str, Any]:
    reader = session.reader
    if call["type"] in SWARM_TYPES:
        return _further(session, name, call)
    if call["type"] == "volume":
        return _volume(session, name, call["host"])
    if call["type"] == "network":
        return _network(session, name, call["host"])
    if call["type"] != "image":
        try:
            view = lookup.named(reader, name, call["host"])
        except Refused:
            lookup.reach(reader, call["host"])
            if call["type"] == "container":
                raise
        else:
            lookup.need_daemon(lookup.machine(reader, view.machine))
            return container_document(view) | (_sizes(view) if call["size"] else {})
    try:
        return image_document(session, lookup.image(reader, name, call["host"]), call["host"])
    except Refused:
        if not call["type"] and name in _volumes(session, call["host"]):
            return _volume(session, name, call["host"])
        if not call["type"]:
            try:
                return _network(session, name, call["host"])
            except Refused:
                pass
            with suppress(Refused):
                return _further(session, name, call)
        near = nearest(name, reader.container_names())
        hint = f"; did you mean '{near}'?" if near else ""
        raise Refused(f"Error: No such object: {name}{hint}") from None


def _further(session: Session, name: str, call: Call) -> dict[str, Any]:
    for find in FURTHER:
        found = find(session, name, call)
        if found is not None:
            return found
    raise Refused(f"Error: No such object: {name}")


def _network(session: Session, name: str, host: str | None) -> dict[str, Any]:
    machine = lookup.machine(session.reader, host).name
    found = meant(session.reader.networks_on(machine), name)
    return document(found, timestamp(found.created_at))


def _volumes(session: Session, host: str | None) -> dict[str, Volume]:
    machine = lookup.machine(session.reader, host).name
    return session.world.fleet.node(machine).storage.volumes.all


def _volume(session: Session, name: str, host: str | None) -> dict[str, Any]:
    found = _volumes(session, host).get(name)
    if found is None:
        raise Refused(f"get {name}: no such volume")
    date = timestamp(found.created_at)[:19] + "Z"
    return storage_flags.volume_document(found, date)


def container_document(one: ContainerView) -> dict[str, Any]:
    """A container with Docker's key names: what it was asked to be, and what it is."""
    asked = one.spec
    words = list(one.argv) or one.command.split()
    config = one.image_config
    replaced = asked.entrypoint is not None
    command = asked.command or (() if replaced else config.cmd or ())
    entrypoint = (
        ((asked.entrypoint,) if asked.entrypoint else ()) if replaced else config.entrypoint
    )
    policy, _, retries = one.restart_policy.partition(":")
    return {
        "Id": one.id,
        "Created": timestamp(one.created_at),
        "Path": words[0] if words else "",
        "Args": words[1:],
        "State": _state(one),
        "Image": one.image_id,
        "Name": f"/{one.local_name or one.name}",
        "RestartCount": one.restarts,
        "Platform": "linux",
        "HostConfig": {
            "NanoCpus": 0 if one.cpu_quota_us else round((one.cpu_limit_cores or 0.0) * 1e9),
            "CpuPeriod": one.cpu_period_us,
            "CpuQuota": one.cpu_quota_us,
            **run_flags.shown(asked),
            **storage_flags.host_config(asked),
            "CpusetCpus": ",".join(map(str, asked.cpuset)),
            "CgroupParent": asked.cgroup_parent or "",
            "MemorySwap": asked.memory_swap_bytes or 2 * (asked.memory_bytes or 0),
            "PidsLimit": one.pids_limit,
            "Ulimits": []
            if asked.nofile is None
            else [{"Name": "nofile", "Hard": asked.nofile, "Soft": asked.nofile}],
            "RestartPolicy": {"Name": policy, "MaximumRetryCount": int(retries or 0)},
            "Runtime": one.runtime,
            "NetworkMode": network_mode(asked),
            "PortBindings": port_bindings(asked),
        },
        "Mounts": storage_flags.mount_points(one.mounts),
        "Config": {
            "Hostname": hostname(one),
            "Env": [f"{key}={value}" for key, value in one.env.items()],
            "Cmd": list(command) or None,
            "Image": one.image,
            "Entrypoint": list(entrypoint or ()) or None,
            **({"Healthcheck": _check(one.healthcheck)} if one.healthcheck else {}),
            "Labels": dict(one.labels),
            **({"ExposedPorts": {port: {} for port in one.exposes}} if one.exposes else {}),
            **run_flags.shown_in_config(asked),
            **({"StopSignal": one.stop_signal} if one.stop_signal else {}),
        },
        "NetworkSettings": network_settings(one),
        "Drydock": _measured(one),
    }


def _sizes(one: ContainerView) -> dict[str, int]:
    return {"SizeRw": one.written_bytes, "SizeRootFs": one.written_bytes + one.image_bytes}


def _word(one: ContainerView) -> str:
    """Docker's word for a state: one that is being started is still what it was before."""
    if one.state != "starting":
        return one.state
    return "created" if one.started_at is None else "exited"


def _state(one: ContainerView) -> dict[str, Any]:
    document: dict[str, Any] = {
        "Status": _word(one),
        "Running": one.state in ("running", "paused"),
        "Paused": one.state == "paused",
        "Restarting": one.state == "restarting",
        "OOMKilled": one.oom_killed,
        "Dead": one.state == "dead",
        "Pid": one.pid,
        "ExitCode": one.exit_code or 0,
        "Error": one.start_error,
        "StartedAt": timestamp(one.started_at),
        "FinishedAt": timestamp(one.finished_at),
    }
    if one.health:
        document["Health"] = {
            "Status": one.health,
            "FailingStreak": one.health_streak,
            "Log": [
                {
                    "Start": timestamp(each.start),
                    "End": timestamp(each.end),
                    "ExitCode": each.code,
                    "Output": each.output,
                }
                for each in one.health_log
            ],
        }
    return document


def _measured(one: ContainerView) -> dict[str, Any]:
    """What only a simulator can tell; under a key of its own, since Docker has none of it."""
    return {
        "Machine": one.machine,
        "Workload": one.workload,
        "CpuSeconds": round(one.cpu_seconds, 6),
        "NrPeriods": one.nr_periods,
        "NrThrottled": one.nr_throttled,
        "ThrottledSeconds": round(one.throttled_s, 6),
        "MemoryBytes": one.memory_bytes,
        "RequestsInFlight": one.in_flight,
        "RequestsQueued": one.queued,
    }


def image_document(session: Session, one: ImageView, on: str | None) -> dict[str, Any]:
    """An image with Docker's key names."""
    store = stored.machine(session, on).images.store
    held = store.get(one.id.removeprefix("sha256:"))
    image, config = held.image, held.image.config
    names = [Reference.parse(name) for name in held.tags]
    repositories = dict.fromkeys(name.familiar for name in names)
    return {
        "Id": image.digest,
        "RepoTags": [name.short() for name in names],
        "RepoDigests": [f"{name}@{image.manifest_digest}" for name in repositories],
        "Comment": image.history[-1].comment if image.history else "",
        "Created": timestamp(one.created_at),
        "Config": _image_config(config),
        "Architecture": image.platform.architecture,
        **({"Variant": image.platform.variant} if image.platform.variant else {}),
        "Os": image.platform.os,
        **({"OsVersion": image.platform.os_version} if image.platform.os_version else {}),
        "Size": image.size_bytes,
        "RootFS": {"Type": "layers", "Layers": [layer.digest for layer in image.layers]},
        "Metadata": {"LastTagTime": timestamp(one.created_at)},
    }


def _image_config(config: ImageConfig) -> dict[str, Any]:
    document: dict[str, Any] = {
        "User": config.user,
        "ExposedPorts": {port: {} for port in config.exposed_ports} or None,
        "Env": [f"{key}={value}" for key, value in config.env],
        "Cmd": list(config.cmd) if config.cmd is not None else None,
        "Volumes": {path: {} for path in config.volumes} or None,
        "WorkingDir": config.workdir,
        "Entrypoint": list(config.entrypoint) if config.entrypoint is not None else None,
        "OnBuild": list(config.onbuild) or None,
        "Labels": dict(config.labels) or None,
        "StopSignal": config.stop_signal,
        "Shell": list(config.shell),
    }
    if config.healthcheck is not None:
        document["Healthcheck"] = _check(config.healthcheck)
    return document


def _check(health: Healthcheck) -> dict[str, Any]:
    """A health check by Docker's names; times in nanoseconds."""
    return {
        "Test": list(health.test),
        "Interval": round(health.interval_s * 1e9),
        "Timeout": round(health.timeout_s * 1e9),
        "StartPeriod": round(health.start_period_s * 1e9),
        "StartInterval": round(health.start_interval_s * 1e9),
        "Retries": health.retries,
    }
