"""From a service of a stack file to a service of a swarm.

Source: docker/cli, ``cli/compose/convert/service.go``, ``volume.go``, ``compose.go``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, Protocol

from simulator.cluster.compose.files.casting import seconds
from simulator.cluster.swarm.specs import (
    NANO,
    Endpoint,
    FileRef,
    Mode,
    NetworkRef,
    Placement,
    Port,
    Resources,
    RestartPolicy,
    ServiceSpec,
    TaskSpec,
    UpdateConfig,
)
from simulator.cluster.swarm.stacks.mounts import drivers_of, mounts_of
from simulator.cluster.swarm.stacks.reading import StackFile
from simulator.errors import InputError
from simulator.node.log_words import ELSEWHERE
from simulator.node.networks import PREDEFINED
from simulator.node.spec import Attachment, ContainerSpec

NAMESPACE = "com.docker.stack.namespace"
IMAGE = "com.docker.stack.image"
_SAME = {
    "hostname": "hostname", "user": "user", "working_dir": "workdir", "init": "init",
    "tty": "tty", "stdin_open": "open_stdin", "read_only": "read_only",
    "stop_signal": "stop_signal", "oom_score_adj": "oom_score_adj",
}  # fmt: skip
_LISTS = {"cap_add": "cap_add", "cap_drop": "cap_drop", "dns": "dns", "extra_hosts": "extra_hosts"}
_HEALTH = {
    "interval": "health_interval_s", "timeout": "health_timeout_s",
    "start_period": "health_start_period_s", "start_interval": "health_start_interval_s",
}  # fmt: skip


class Identities(Protocol):
    """What things of a swarm are called inside; InputError or Refused for what is not there."""

    def network(self, name: str) -> str:
        """The identity of a network."""

    def file(self, kind: str, name: str) -> str:
        """The identity of a ``secret`` or ``config``."""


def scoped(stack: str, name: str) -> str:
    """What a thing of a stack is called in the swarm."""
    return f"{stack}_{name}"


def named(stack: str, key: str, things: Mapping[str, Any]) -> str:
    """The same, for a network, volume, secret or config that may have a name of its own."""
    return str((things.get(key) or {}).get("name") or scoped(stack, key))


def service_spec(stack: str, key: str, file: StackFile, ids: Identities) -> ServiceSpec:
    """A service of a stack as a swarm is asked for it; InputError for what it cannot be."""
    service = file.services[key]
    deploy = service.get("deploy") or {}
    try:
        return ServiceSpec(
            name=scoped(stack, key),
            labels={**(deploy.get("labels") or {}), NAMESPACE: stack, IMAGE: service["image"]},
            task=_task(stack, key, file, ids),
            mode=_mode(deploy),
            update=rolling(deploy.get("update_config")),
            rollback=rolling(deploy.get("rollback_config")),
            endpoint=_endpoint(service, deploy),
        )
    except InputError as error:
        raise InputError(f"service {key}: {error.problem}", found=error.found,
                         expected=error.expected, nearest=error.nearest) from None  # fmt: skip


def _task(stack: str, key: str, file: StackFile, ids: Identities) -> TaskSpec:
    service = file.services[key]
    deploy = service.get("deploy") or {}
    resources, placement = deploy.get("resources") or {}, deploy.get("placement") or {}
    return TaskSpec(
        container=_container(stack, key, file),
        restart=_restart(service.get("restart"), deploy.get("restart_policy")),
        limits=_resources(resources.get("limits")),
        reservations=_resources(resources.get("reservations")),
        placement=Placement(
            constraints=tuple(placement.get("constraints") or ()),
            preferences=tuple(str(one.get("spread") or "")
                              for one in placement.get("preferences") or ()),
            max_replicas=int(placement.get("max_replicas_per_node") or 0),
        ),
        networks=_networks(stack, key, file, ids),
        secrets=_files(stack, "secret", service, file, ids),
        configs=_files(stack, "config", service, file, ids),
        drivers=drivers_of(service, file.things["volumes"]),
    )  # fmt: skip


def _container(stack: str, key: str, file: StackFile) -> ContainerSpec:
    service = file.services[key]
    entry, command = service.get("entrypoint"), tuple(service.get("command") or ())
    fields: dict[str, Any] = {
        "image": service["image"],
        "command": command if not entry else (*entry[1:], *command),
        "env": {k: v for k, v in (service.get("environment") or {}).items() if v is not None},
        "labels": {**(service.get("labels") or {}), NAMESPACE: stack},
        "mounts": mounts_of(stack, service, file.things["volumes"]),
        **_health(service.get("healthcheck")),
    }
    if entry:
        fields["entrypoint"] = entry[0]
    own = [named(stack, one, file.things["networks"]) for one in service.get("networks") or ()]
    fields["networks"] = tuple(Attachment(one) for one in own if one in PREDEFINED)
    fields |= {ours: service[name] for name, ours in _SAME.items() if name in service}
    fields |= {ours: tuple(service[name]) for name, ours in _LISTS.items() if name in service}
    if "stop_grace_period" in service:
        fields["stop_timeout_s"] = seconds(service["stop_grace_period"])
    logging = service.get("logging") or {}
    if logging.get("driver") in ELSEWHERE:
        logging = {}  # what would be sent away is kept where that of others is
    if logging.get("driver"):
        fields["log_driver"] = logging["driver"]
    fields["log_opts"] = tuple(f"{k}={v}" for k, v in (logging.get("options") or {}).items())
    files = (service.get("ulimits") or {}).get("nofile")
    if files:
        fields["nofile"] = int(files["soft"] if isinstance(files, dict) else files)
    return ContainerSpec(**fields)


def _health(check: Mapping[str, Any] | None) -> dict[str, Any]:
    if check is None:
        return {}
    test = check.get("test") or []
    if check.get("disable"):
        if test:
            raise InputError("test and disable can't be set at the same time")
        return {"no_healthcheck": True}
    if test[:1] == ["NONE"]:
        return {"no_healthcheck": True}
    found: dict[str, Any] = {
        ours: seconds(check[key]) for key, ours in _HEALTH.items() if check.get(key) is not None
    }
    if check.get("retries") is not None:
        found["health_retries"] = int(check["retries"])
    if len(test) > 1:
        found["health_cmd"] = shlex.join(test[1:]) if test[0] == "CMD" else " ".join(test[1:])
    return found


def _restart(old: str | None, policy: Mapping[str, Any] | None) -> RestartPolicy:
    """``deploy.restart_policy``; without it ``restart``, though the tool says it ignores that."""
    if policy is not None:
        condition = str(policy.get("condition") or "any")
        if condition not in ("none", "on-failure", "any"):
            raise InputError(f'invalid RestartCondition: "{condition}"',
                             expected="none, on-failure or any")  # fmt: skip
        given = {
            ours: seconds(policy[key])
            for key, ours in (("delay", "delay_s"), ("window", "window_s"))
            if policy.get(key) is not None
        }
        most = int(policy.get("max_attempts") or 0)
        return RestartPolicy(condition=condition, max_attempts=most, **given)  # type: ignore[arg-type]
    word, _, most_text = (old or "").partition(":")
    known = {"": "any", "no": "any", "always": "any", "unless-stopped": "any"}
    if word not in (*known, "on-failure"):
        raise InputError(
            f"invalid restart policy: unknown policy '{word}' (must be one of 'no', 'always', "
            "'on-failure', or 'unless-stopped')"
        )
    if most_text and not re.fullmatch(r"[0-9]{1,6}", most_text):
        raise InputError("invalid restart policy format: maximum retry count must be an integer")
    return RestartPolicy(
        condition="on-failure" if word == "on-failure" else "any",
        max_attempts=int(most_text or 0),
    )


def rolling(config: Mapping[str, Any] | None) -> UpdateConfig:
    """``update_config`` or ``rollback_config``; what is not said is swarmkit's default."""
    if not config:
        return UpdateConfig()
    action = str(config.get("failure_action") or "pause")
    if action not in ("pause", "continue", "rollback"):
        raise InputError(f'unrecognized update failure action {action}',
                         expected="pause, continue or rollback")  # fmt: skip
    given: dict[str, Any] = {"failure_action": action}
    if config.get("parallelism") is not None:
        given["parallelism"] = int(config["parallelism"])
    if config.get("delay") is not None:
        given["delay_s"] = seconds(config["delay"])
    if config.get("monitor") and seconds(config["monitor"]):
        given["monitor_s"] = seconds(config["monitor"])
    if config.get("max_failure_ratio") is not None:
        given["max_failure_ratio"] = float(config["max_failure_ratio"])
    if config.get("order"):
        given["order"] = config["order"]
    return UpdateConfig(**given)


def nano_cpus(text: str) -> int:
    """Cores in billionths; InputError in the tool's words."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{0,20})?|\.[0-9]{1,20}", text):
        raise InputError(f"failed to parse {text[:40]} as a rational number")
    whole, _, part = text.partition(".")
    if part[9:].strip("0"):
        raise InputError("value is too precise")
    return int(whole or 0) * NANO + int(part[:9].ljust(9, "0"))


def _resources(given: Mapping[str, Any] | None) -> Resources:
    if not given:
        return Resources()
    generic = [one.get("discrete_resource_spec") for one in given.get("generic_resources") or ()]
    return Resources(
        nano_cpus=nano_cpus(str(given["cpus"])) if given.get("cpus") else 0,
        memory_bytes=int(given.get("memory") or 0),
        generic=tuple((str(one["kind"]), int(one["value"])) for one in generic if one),
        pids=int(given.get("pids") or 0),
    )


def _mode(deploy: Mapping[str, Any]) -> Mode:
    kind, replicas = str(deploy.get("mode") or "replicated"), deploy.get("replicas")
    if kind not in ("replicated", "global", "replicated-job", "global-job"):
        raise InputError(f"unknown mode: {kind}")
    if kind in ("global", "global-job") and replicas is not None:
        raise InputError("replicas can only be used with replicated or replicated-job mode")
    count = 1 if replicas is None else int(replicas)
    return Mode(kind=kind, replicas=count, max_concurrent=count)  # type: ignore[arg-type]


def _endpoint(service: Mapping[str, Any], deploy: Mapping[str, Any]) -> Endpoint:
    ports = [
        Port(target=int(one.get("target") or 0), published=int(one.get("published") or 0),
             protocol=str(one.get("protocol") or "tcp"), mode=str(one.get("mode") or "ingress"))
        for one in service.get("ports") or ()
    ]  # fmt: skip
    ports.sort(key=lambda one: (one.protocol, one.target, one.published))
    mode = str(deploy.get("endpoint_mode") or "vip").lower()
    if mode not in ("vip", "dnsrr"):
        raise InputError(f'invalid endpoint mode "{mode}"', expected="vip or dnsrr")
    return Endpoint(mode=mode, ports=tuple(ports))


def _networks(stack: str, key: str, file: StackFile, ids: Identities) -> tuple[NetworkRef, ...]:
    wished = file.services[key].get("networks") or {"default": None}
    known = file.things["networks"]
    found: dict[str, NetworkRef] = {}
    for name, wish in wished.items():
        if name not in known and name != "default":
            raise InputError(f'undefined network "{name}"')
        target = named(stack, name, known)
        if target in PREDEFINED:
            continue  # one of the machine, and not of the swarm
        own = tuple((wish or {}).get("aliases") or ())
        found[target] = NetworkRef(id=ids.network(target), aliases=(*own, key))
    return tuple(found[target] for target in sorted(found))


def _files(
    stack: str, kind: str, service: Mapping[str, Any], file: StackFile, ids: Identities
) -> tuple[FileRef, ...]:
    things = file.things[f"{kind}s"]
    found = []
    for use in service.get(f"{kind}s") or ():
        source = str(use.get("source") or "")
        if source not in things:
            raise InputError(f'undefined {kind} "{source}"')
        name = named(stack, source, things)
        found.append(
            FileRef(
                id=ids.file(kind, name), name=name, target=str(use.get("target") or source),
                uid=str(use.get("uid") or "0"), gid=str(use.get("gid") or "0"),
                mode=int(use["mode"]) if use.get("mode") is not None else 0o444,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.name))
