"""Which keys a Compose file has, and what they hold.

Source: the Compose Specification's JSON schema (compose-go ``schema/compose-spec.json``, 2026).
"""

from __future__ import annotations

from typing import Any

from simulator.cluster.compose.files.kinds import Either, Failure, Is, List, Object

NAMES = "^[a-zA-Z0-9._-]+$"
ANY_NAME = "^.+$"


class Anything:
    """Whatever it is."""

    def check(self, value: Any, path: tuple[str | int, ...]) -> Failure | None:
        """Never a failure."""
        return None


STR, BOOL = Is(("string",)), Is(("boolean", "string"))
NUM, INT = Is(("number", "string")), Is(("integer", "string"))
STRS, UNIQUE = List(STR), List(STR, unique=True)
STR_OR_LIST = Either((STR, UNIQUE))
_SCALAR = Is(("string", "number", "boolean", "null"))
PAIRS = Either((Object(names=".+", of=_SCALAR, extensions=False), UNIQUE))
COMMAND = Either((Is(("null",)), STR, STRS))
OPTIONS = Object(names=ANY_NAME, of=Is(("string", "number", "null")), more=True)
HOSTS = Either((Object(names=".+", of=Either((STR, STRS)), extensions=False), UNIQUE))
_FILE_USE = List(
    Either(
        (
            STR,
            Object({"source": STR, "target": STR, "uid": STR, "gid": STR, "mode": NUM}),
        )
    )
)
_ULIMITS = Object(
    names="^[a-z]+$",
    of=Either((INT, Object({"hard": INT, "soft": INT}, required=("soft", "hard")))),
    more=True,
)
_DEVICES = List(
    Object(
        {"capabilities": UNIQUE, "count": INT, "device_ids": UNIQUE, "driver": STR,
         "options": PAIRS},
        required=("capabilities",),
    )
)  # fmt: skip
_ROLL = Object(
    {
        "parallelism": INT, "delay": STR, "failure_action": STR, "monitor": STR,
        "max_failure_ratio": NUM, "order": Is(("string",), ("start-first", "stop-first")),
    }
)  # fmt: skip
_GENERIC = List(Object({"discrete_resource_spec": Object({"kind": STR, "value": NUM})}))
DEPLOY = Object(
    {
        "mode": STR, "endpoint_mode": STR, "replicas": INT, "labels": PAIRS,
        "rollback_config": _ROLL, "update_config": _ROLL,
        "resources": Object(
            {
                "limits": Object({"cpus": NUM, "memory": STR, "pids": INT}),
                "reservations": Object(
                    {"cpus": NUM, "memory": STR, "generic_resources": _GENERIC,
                     "devices": _DEVICES}
                ),
            }
        ),
        "restart_policy": Object(
            {"condition": STR, "delay": STR, "max_attempts": INT, "window": STR}
        ),
        "placement": Object(
            {
                "constraints": STRS, "preferences": List(Object({"spread": STR})),
                "max_replicas_per_node": INT,
            }
        ),
    },
    null=True,
)  # fmt: skip
HOOK = Object(
    {"command": COMMAND, "user": STR, "privileged": BOOL, "working_dir": STR, "environment": PAIRS},
    required=("command",),
)
PRE_START = Object(
    {
        "command": COMMAND, "image": STR, "user": STR, "privileged": BOOL, "working_dir": STR,
        "environment": PAIRS, "per_replica": BOOL,
    }
)  # fmt: skip
_ACTIONS = ("rebuild", "sync", "restart", "sync+restart", "sync+exec")
DEVELOP = Object(
    {
        "watch": List(
            Object(
                {
                    "ignore": STR_OR_LIST, "include": STR_OR_LIST, "path": STR,
                    "action": Is(("string",), _ACTIONS), "target": STR, "exec": HOOK,
                    "initial_sync": Is(("boolean",)),
                },
                required=("path", "action"),
            )
        )
    },
    null=True,
)  # fmt: skip
HEALTHCHECK = Object(
    {
        "disable": BOOL, "interval": STR, "retries": NUM, "test": Either((STR, STRS)),
        "timeout": STR, "start_period": STR, "start_interval": STR,
    }
)  # fmt: skip
BUILD = Object(
    {
        "context": STR, "dockerfile": STR, "dockerfile_inline": STR, "entitlements": STRS,
        "args": PAIRS, "ssh": PAIRS, "labels": PAIRS, "cache_from": STRS, "cache_to": STRS,
        "no_cache": BOOL, "no_cache_filter": STR_OR_LIST, "additional_contexts": PAIRS,
        "network": STR, "provenance": BOOL, "sbom": BOOL, "pull": BOOL, "target": STR,
        "shm_size": INT, "extra_hosts": HOSTS, "isolation": STR, "privileged": BOOL,
        "secrets": _FILE_USE, "tags": STRS, "ulimits": _ULIMITS, "platforms": STRS,
    }
)  # fmt: skip
CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
_DEPENDENCY = Object(
    {
        "restart": BOOL, "required": Is(("boolean",)),
        "condition": Is(("string",), CONDITIONS),
    },
    required=("condition",),
)  # fmt: skip
_ON_NETWORK = Object(
    {
        "aliases": UNIQUE, "interface_name": STR, "ipv4_address": STR, "ipv6_address": STR,
        "link_local_ips": UNIQUE, "mac_address": STR, "driver_opts": OPTIONS,
        "priority": Is(("number",)), "gw_priority": Is(("number",)),
    },
    null=True,
)  # fmt: skip
_PORT = Object(
    {
        "name": STR, "mode": STR, "host_ip": STR, "target": INT,
        "published": Is(("string", "integer")), "protocol": STR, "app_protocol": STR,
    }
)  # fmt: skip
VOLUME_TYPES = ("bind", "volume", "tmpfs", "cluster", "npipe", "image")
_VOLUME = Object(
    {
        "type": Is(("string",), VOLUME_TYPES), "source": STR, "target": STR, "read_only": BOOL,
        "consistency": STR,
        "bind": Object(
            {
                "propagation": STR, "create_host_path": BOOL,
                "recursive": Is(("string",), ("enabled", "disabled", "writable", "readonly")),
                "selinux": Is(("string",), ("z", "Z")),
            }
        ),
        "volume": Object({"labels": PAIRS, "nocopy": BOOL, "subpath": STR}),
        "tmpfs": Object({"size": INT, "mode": NUM}), "image": Object({"subpath": STR}),
    },
    required=("type",),
)  # fmt: skip
_ENV_FILE = Either(
    (
        STR,
        List(
            Either(
                (STR, Object({"path": STR, "format": STR, "required": BOOL}, required=("path",)))
            )
        ),
    )
)
_LIMITS = List(Object({"path": STR, "rate": INT}))
_WEIGHTS = List(Object({"path": STR, "weight": INT}))
_BLKIO = Object(
    {
        "device_read_bps": _LIMITS, "device_read_iops": _LIMITS, "device_write_bps": _LIMITS,
        "device_write_iops": _LIMITS, "weight": INT, "weight_device": _WEIGHTS,
    },
    extensions=False,
)  # fmt: skip
_PULL = "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"
_DEVICE = Either(
    (STR, Object({"source": STR, "target": STR, "permissions": STR}, required=("source",)))
)
_MODEL_USE = Object({"endpoint_var": STR, "model_var": STR}, null=True)
SERVICE = Object(
    {
        "develop": DEVELOP, "deploy": DEPLOY, "annotations": PAIRS, "attach": BOOL,
        "build": Either((STR, BUILD)), "blkio_config": _BLKIO, "cap_add": UNIQUE,
        "cap_drop": UNIQUE, "cgroup": Is(("string",), ("host", "private")),
        "cgroup_parent": STR, "command": COMMAND, "configs": _FILE_USE,
        "container_name": Is(("string",), pattern="[a-zA-Z0-9][a-zA-Z0-9_.-]+"),
        "cpu_count": Either((STR, Is(("integer",), least=0))),
        "cpu_percent": Either((STR, Is(("integer",), least=0))), "cpu_shares": NUM,
        "cpu_quota": NUM, "cpu_period": NUM, "cpu_rt_period": NUM, "cpu_rt_runtime": NUM,
        "cpus": NUM, "cpuset": STR,
        "credential_spec": Object({"config": STR, "file": STR, "registry": STR}),
        "depends_on": Either((UNIQUE, Object(names=NAMES, of=_DEPENDENCY, extensions=False))),
        "device_cgroup_rules": UNIQUE, "devices": List(_DEVICE), "dns": STR_OR_LIST,
        "dns_opt": UNIQUE, "dns_search": STR_OR_LIST, "domainname": STR, "entrypoint": COMMAND,
        "env_file": _ENV_FILE, "label_file": Either((STR, STRS)), "environment": PAIRS,
        "expose": List(Is(("string", "number")), unique=True),
        "extends": Either((STR, Object({"service": STR, "file": STR}, required=("service",)))),
        "provider": Object({"type": STR, "options": Anything()}, required=("type",)),
        "external_links": UNIQUE, "extra_hosts": HOSTS, "gpus": Either((
            Is(("string",), ("all",)), List(Object(more=True)))),
        "group_add": List(Is(("string", "number")), unique=True), "healthcheck": HEALTHCHECK,
        "hostname": STR, "image": STR, "init": BOOL, "ipc": STR, "isolation": STR,
        "labels": PAIRS, "links": UNIQUE,
        "logging": Object({"driver": STR, "options": OPTIONS}), "mac_address": STR,
        "mem_limit": NUM, "mem_reservation": INT, "mem_swappiness": INT, "memswap_limit": NUM,
        "network_mode": STR, "models": Either((UNIQUE, Object(names=NAMES, of=_MODEL_USE))),
        "networks": Either((UNIQUE, Object(names=NAMES, of=_ON_NETWORK, extensions=False))),
        "oom_kill_disable": BOOL, "oom_score_adj": Either((STR, Is(("integer",)))),
        "pid": Is(("string", "null")), "pids_limit": NUM, "platform": STR,
        "ports": List(Either((Is(("number",)), STR, _PORT)), unique=True),
        "pre_start": List(PRE_START), "post_start": List(HOOK), "pre_stop": List(HOOK),
        "privileged": BOOL, "profiles": UNIQUE, "pull_policy": Is(("string",), pattern=_PULL),
        "pull_refresh_after": STR, "read_only": BOOL, "restart": STR, "runtime": STR,
        "scale": INT, "security_opt": UNIQUE, "shm_size": NUM, "secrets": _FILE_USE,
        "sysctls": PAIRS, "stdin_open": BOOL, "stop_grace_period": STR, "stop_signal": STR,
        "storage_opt": Object(more=True), "tmpfs": STR_OR_LIST, "tty": BOOL,
        "ulimits": _ULIMITS, "use_api_socket": Is(("boolean",)), "user": STR, "uts": STR,
        "userns_mode": STR, "volumes": List(Either((STR, _VOLUME)), unique=True),
        "volumes_from": UNIQUE, "working_dir": STR,
    }
)  # fmt: skip
_EXTERNAL = Either((BOOL, Object({"name": STR})))
_IPAM = Object(
    {
        "driver": STR,
        "config": List(
            Object(
                {
                    "subnet": STR, "ip_range": STR, "gateway": STR,
                    "aux_addresses": Object(names=ANY_NAME, of=STR),
                }
            )
        ),
        "options": Object(names=ANY_NAME, of=STR),
    }
)  # fmt: skip
NETWORK = Object(
    {
        "name": STR, "driver": STR, "driver_opts": OPTIONS, "ipam": _IPAM,
        "external": _EXTERNAL, "internal": BOOL, "enable_ipv4": BOOL, "enable_ipv6": BOOL,
        "attachable": BOOL, "labels": PAIRS,
    },
    null=True,
)  # fmt: skip
VOLUME = Object(
    {
        "name": STR, "driver": STR, "driver_opts": OPTIONS, "external": _EXTERNAL,
        "labels": PAIRS,
    },
    null=True,
)  # fmt: skip
SECRET = Object(
    {
        "name": STR, "environment": STR, "file": STR, "external": _EXTERNAL, "labels": PAIRS,
        "driver": STR, "driver_opts": OPTIONS, "template_driver": STR,
    }
)  # fmt: skip
CONFIG = Object(
    {
        "name": STR, "content": STR, "environment": STR, "file": STR, "external": _EXTERNAL,
        "labels": PAIRS, "template_driver": STR,
    }
)  # fmt: skip
INCLUDE = Either(
    (STR, Object({"path": STR_OR_LIST, "env_file": STR_OR_LIST, "project_directory": STR}))
)
MODEL = Object(
    {"name": STR, "model": STR, "context_size": Is(("integer",)), "runtime_flags": STRS},
    required=("model",),
)
FILE = Object(
    {
        "version": STR, "name": STR, "include": List(INCLUDE),
        "services": Object(names=NAMES, of=SERVICE, extensions=False),
        "models": Object(names=NAMES, of=MODEL, more=True),
        "networks": Object(names=NAMES, of=NETWORK, more=True),
        "volumes": Object(names=NAMES, of=VOLUME, extensions=False),
        "secrets": Object(names=NAMES, of=SECRET, extensions=False),
        "configs": Object(names=NAMES, of=CONFIG, extensions=False),
    }
)  # fmt: skip
