"""``docker stack config``: the files as one, in the order of keys that the tool prints."""

from __future__ import annotations

from typing import Any

from simulator.cluster.swarm.stacks.reading import KINDS, StackFile

SERVICE_KEYS = (
    "build", "cap_add", "cap_drop", "cgroupns_mode", "cgroup_parent", "command", "configs",
    "container_name", "credential_spec", "depends_on", "deploy", "devices", "dns", "dns_search",
    "domainname", "entrypoint", "environment", "env_file", "expose", "external_links",
    "extra_hosts", "hostname", "healthcheck", "image", "init", "ipc", "isolation", "labels",
    "links", "logging", "mac_address", "network_mode", "networks", "pid", "ports", "privileged",
    "read_only", "restart", "secrets", "security_opt", "shm_size", "stdin_open",
    "stop_grace_period", "stop_signal", "sysctls", "tmpfs", "tty", "ulimits", "user",
    "oom_score_adj", "userns_mode", "volumes", "working_dir",
)  # fmt: skip
_FREE = ("environment", "labels", "options", "driver_opts", "args", "sysctls", "ulimits")
_INSIDE = (
    "name", "type", "source", "mode", "target", "published", "protocol", "uid", "gid", "replicas",
    "context", "dockerfile", "file", "test", "timeout", "interval", "retries", "start_period",
    "start_interval", "disable", "parallelism", "condition", "delay", "max_attempts", "window",
    "failure_action", "monitor", "max_failure_ratio", "order", "limits", "reservations", "cpus",
    "memory", "pids", "generic_resources", "constraints", "preferences", "max_replicas_per_node",
    "driver", "driver_opts", "ipam", "external", "internal", "attachable", "labels", "options",
    "update_config", "rollback_config", "resources", "restart_policy", "placement",
    "endpoint_mode", "aliases", "ipv4_address", "config", "subnet", "soft", "hard", "read_only",
    "consistency", "bind", "volume", "tmpfs",
)  # fmt: skip
"""Keys of all that is inside services and things; where some of them meet, this is their order."""


def document(file: StackFile) -> dict[str, Any]:
    """A stack as one mapping."""
    found: dict[str, Any] = {"version": file.version, "services": {}}
    for key in sorted(file.services):
        service = dict(file.services[key])
        if isinstance(service.get("build"), str):
            service["build"] = {"context": service["build"]}
        found["services"][key] = _ordered(service, SERVICE_KEYS)
    for kind in KINDS:
        some = file.things[kind]
        if some:
            found[kind] = {key: _ordered(some[key], _INSIDE) for key in sorted(some)}
    return found | {key: file.extras[key] for key in sorted(file.extras)}


def _ordered(value: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_ordered(one, keys) for one in value]
    if not isinstance(value, dict):
        return value
    known = {key: at for at, key in enumerate(keys)}
    names = sorted(value, key=lambda key: (known.get(key, len(known)), key))
    return {key: _ordered(value[key], () if key in _FREE else _INSIDE) for key in names}
