"""``docker service inspect``: a service as the API shows it, or in lines for people.

Source: moby, ``api/types/swarm/service.go``; docker/cli, ``cli/command/service/formatter.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.grammar import Argument, Call
from simulator.shell.registry import verb
from simulator.shell.results import OfClient
from simulator.shell.swarm.common import (
    INSPECT_FORMAT,
    PRETTY,
    each_of,
    inspected,
    service_of,
    swarm_of,
)
from simulator.shell.swarm.service_listing import SERVICE
from simulator.shell.swarm.service_pretty import pretty

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Service
    from simulator.cluster.swarm.specs import Port, Resources, ServiceSpec, TaskSpec, UpdateConfig
    from simulator.node.spec import ContainerSpec
    from simulator.shell.session import Session

_NS = 1_000_000_000


@verb(
    "docker service inspect",
    "Everything known about services",
    arguments=(Argument("SERVICE", SERVICE, "name or id", repeat=True),),
    flags=(INSPECT_FORMAT, PRETTY),
    examples=("docker service inspect --pretty web",
              "docker service inspect -f '{{.UpdateStatus.State}}' web"),
)  # fmt: skip
def inspect(session: Session, call: Call) -> Iterable[str]:
    """As JSON, or in lines."""
    swarm = swarm_of(session, call)

    def found(word: str) -> Service:
        try:
            return service_of(swarm, word)
        except Refused:
            raise OfClient(f"Error: no such service: {word}") from None

    if call["pretty"]:
        return each_of(session, call, call["SERVICE"],
                       lambda word: pretty(swarm, found(word), session.world.now))  # fmt: skip
    return inspected(session, call, call["SERVICE"], lambda word: document(found(word)))


# --- as the API shows it --------------------------------------------------------------------------


def document(service: Service) -> dict[str, Any]:
    """Its specification, the one before, its endpoint, and how its update goes."""
    found: dict[str, Any] = {
        "ID": service.id,
        "Version": {"Index": service.version},
        "CreatedAt": timestamp(service.created),
        "UpdatedAt": timestamp(service.updated),
        "Spec": _spec(service.spec),
    }
    if service.previous is not None:
        found["PreviousSpec"] = _spec(service.previous)
    found["Endpoint"] = _endpoint(service)
    if service.spec.mode.is_job:
        found["JobStatus"] = {
            "JobIteration": {"Index": service.iteration},
            "LastExecution": timestamp(service.iteration_at),
        }
    if service.status is not None:
        found["UpdateStatus"] = _without_nothing({
            "State": service.status.state,
            "StartedAt": timestamp(service.status.started),
            "CompletedAt": None if service.status.completed is None
            else timestamp(service.status.completed),
            "Message": service.status.message,
        })  # fmt: skip
    return found


def _without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in values.items() if one not in (None, "", (), [], {})}


def _spec(spec: ServiceSpec) -> dict[str, Any]:
    return {
        "Name": spec.name,
        "Labels": dict(spec.labels),
        "TaskTemplate": task_spec(spec.task),
        "Mode": _mode(spec),
        "UpdateConfig": _rolling(spec.update),
        "RollbackConfig": _rolling(spec.rollback),
        "EndpointSpec": _without_nothing({
            "Mode": spec.endpoint.mode, "Ports": published(spec, {}),
        }),
    }  # fmt: skip


def task_spec(task: TaskSpec) -> dict[str, Any]:
    """What its tasks are."""
    restart, place = task.restart, task.placement
    found: dict[str, Any] = {
        "ContainerSpec": _container(task),
        "Resources": {
            "Limits": _resources(task.limits), "Reservations": _resources(task.reservations),
        },
        "RestartPolicy": {
            "Condition": restart.condition, "Delay": round(restart.delay_s * _NS),
            "MaxAttempts": restart.max_attempts,
            **({"Window": round(restart.window_s * _NS)} if restart.window_s else {}),
        },
        "Placement": _without_nothing({
            "Constraints": list(place.constraints),
            "Preferences": [{"Spread": {"SpreadDescriptor": one}} for one in place.preferences],
            "MaxReplicas": place.max_replicas or None,
            "Platforms": [{"Architecture": arch, "OS": os} for arch, os in place.platforms],
        }),
        "ForceUpdate": task.force_update,
        "Runtime": "container",
    }  # fmt: skip
    container = task.container
    if container.log_driver or container.log_opts:
        found["LogDriver"] = _without_nothing({
            "Name": container.log_driver or "json-file",
            "Options": dict(one.partition("=")[::2] for one in container.log_opts),
        })  # fmt: skip
    if task.networks:
        found["Networks"] = [
            _without_nothing({"Target": one.id, "Aliases": list(one.aliases)})
            for one in task.networks
        ]
    return found


def _container(task: TaskSpec) -> dict[str, Any]:
    spec: ContainerSpec = task.container
    return _without_nothing({
        "Image": spec.image,
        "Labels": dict(spec.labels),
        "Command": None if spec.entrypoint is None else [spec.entrypoint],
        "Args": list(spec.command),
        "Hostname": spec.hostname,
        "Env": [f"{key}={value}" for key, value in spec.env.items()],
        "Dir": spec.workdir,
        "User": spec.user,
        "Groups": list(spec.group_add),
        "TTY": spec.tty or None,
        "ReadOnly": spec.read_only or None,
        "Init": spec.init or None,
        "StopSignal": spec.stop_signal,
        "StopGracePeriod": round((10.0 if spec.stop_timeout_s is None else spec.stop_timeout_s)
                                 * _NS),
        "Mounts": list(spec.mounts),
        "Healthcheck": _health(spec),
        "Hosts": list(spec.extra_hosts),
        "DNSConfig": {"Nameservers": list(spec.dns)} if spec.dns else None,
        "Secrets": [_file(one, "SecretID", "SecretName") for one in task.secrets],
        "Configs": [_file(one, "ConfigID", "ConfigName") for one in task.configs],
        "CapabilityAdd": list(spec.cap_add),
        "CapabilityDrop": list(spec.cap_drop),
        "OomScoreAdj": spec.oom_score_adj or None,
        "Ulimits": None if spec.nofile is None else [
            {"Name": "nofile", "Hard": spec.nofile, "Soft": spec.nofile}
        ],
    })  # fmt: skip


def _file(one: Any, id_: str, name: str) -> dict[str, Any]:
    return {
        "File": {"Name": one.target or one.name, "UID": one.uid, "GID": one.gid, "Mode": one.mode},
        id_: one.id, name: one.name,
    }  # fmt: skip


def _health(spec: ContainerSpec) -> dict[str, Any] | None:
    if spec.no_healthcheck:
        return {"Test": ["NONE"]}
    times = {
        "Interval": spec.health_interval_s, "Timeout": spec.health_timeout_s,
        "StartPeriod": spec.health_start_period_s, "StartInterval": spec.health_start_interval_s,
    }  # fmt: skip
    test = {} if spec.health_cmd is None else {"Test": ["CMD-SHELL", spec.health_cmd]}
    found = {
        **test,
        **{key: round(one * _NS) for key, one in times.items() if one is not None},
        **({} if spec.health_retries is None else {"Retries": spec.health_retries}),
    }
    return found or None


def _resources(one: Resources) -> dict[str, Any]:
    return _without_nothing({
        "NanoCPUs": one.nano_cpus or None,
        "MemoryBytes": one.memory_bytes or None,
        "Pids": one.pids or None,
        "GenericResources": [
            {"DiscreteResourceSpec": {"Kind": kind, "Value": count}} for kind, count in one.generic
        ],
    })  # fmt: skip


def _mode(spec: ServiceSpec) -> dict[str, Any]:
    mode = spec.mode
    if mode.kind == "replicated":
        return {"Replicated": {"Replicas": mode.replicas}}
    if mode.kind == "replicated-job":
        return {"ReplicatedJob": {"MaxConcurrent": mode.max_concurrent,
                                  "TotalCompletions": mode.replicas}}  # fmt: skip
    return {"Global": {}} if mode.kind == "global" else {"GlobalJob": {}}


def _rolling(one: UpdateConfig) -> dict[str, Any]:
    return {
        "Parallelism": one.parallelism,
        **({"Delay": round(one.delay_s * _NS)} if one.delay_s else {}),
        "FailureAction": one.failure_action,
        "Monitor": round(one.monitor_s * _NS),
        "MaxFailureRatio": one.max_failure_ratio,
        "Order": one.order,
    }


def published(spec: ServiceSpec, chosen: Mapping[Port, int]) -> list[dict[str, Any]]:
    """Its ports, with those that the swarm chose."""
    found = []
    for one in spec.endpoint.ports:
        at = one.published or chosen.get(one, 0)
        found.append({
            "Protocol": one.protocol, "TargetPort": one.target,
            **({"PublishedPort": at} if at else {}), "PublishMode": one.mode,
        })  # fmt: skip
    return found


def _endpoint(service: Service) -> dict[str, Any]:
    ports = published(service.spec, service.ports)
    return _without_nothing({
        "Spec": _without_nothing({
            "Mode": service.spec.endpoint.mode, "Ports": published(service.spec, {}),
        }),
        "Ports": ports,
        "VirtualIPs": [
            {"NetworkID": id_, "Addr": f"{address}/24"} for id_, address in service.vips.items()
        ],
    })  # fmt: skip
