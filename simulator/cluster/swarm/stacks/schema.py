"""Which keys a stack file has, and what they hold, by the version that it names.

Source: docker/cli, ``cli/compose/schema/data/config_schema_v3.0.json`` to ``v3.13.json``.
"""

from __future__ import annotations

import re
from typing import Any

from simulator.cluster.compose.files.casting import BadValue, seconds
from simulator.cluster.compose.files.short import BadForm, ports_of
from simulator.cluster.swarm.stacks.kinds import Is, List, New, Object, OneOf

NEWEST = 13
"""``3`` alone, and no version at all, stand for 3.13."""
_NAME = "^[a-zA-Z0-9._-]+$"


def _is_port(value: Any) -> bool:
    try:
        ports_of(str(int(value)) if isinstance(value, float) else str(value))
    except BadForm:
        return False
    return True


def _is_duration(value: Any) -> bool:
    try:
        seconds(value)
    except BadValue:
        return False
    return True


STR, BOOL, INT, NUM = Is(("string",)), Is(("boolean",)), Is(("integer",)), Is(("number",))
DURATION = Is(("string",), form=("duration", _is_duration))
UNIQUE = List(STR, unique=True)
STR_OR_LIST = OneOf((STR, UNIQUE))
PAIRS = OneOf((Object(names=".+", of=Is(("string", "number", "null"))), UNIQUE))
COMMAND = OneOf((STR, List(STR)))
OPTIONS = Object(names="^.+$", of=Is(("string", "number")), more=True)
_BUILD = Object(
    {
        "context": STR, "dockerfile": STR, "args": PAIRS, "labels": PAIRS, "cache_from": UNIQUE,
        "network": STR, "target": STR, "shm_size": Is(("integer", "string")),
        "extra_hosts": PAIRS,
    },
    more=True,
)  # fmt: skip
_FILE_USE = List(
    OneOf(
        (
            STR,
            Object({"source": STR, "target": STR, "uid": STR, "gid": STR, "mode": NUM}, more=True),
        )
    )
)
_ON_NETWORK = OneOf(
    (
        Object(
            {
                "aliases": UNIQUE, "ipv4_address": STR, "ipv6_address": STR,
                "driver_opts": New(13, OPTIONS),
            }
        ),
        Is(("null",)),
    )
)  # fmt: skip
_PORT = Object({"mode": STR, "target": INT, "published": INT, "protocol": STR})
_PORTS = List(
    OneOf(
        (Is(("number",), form=("ports", _is_port)), Is(("string",), form=("ports", _is_port)),
         _PORT)
    ),
    unique=True,
)  # fmt: skip
_VOLUMES = List(
    OneOf(
        (
            STR,
            Object(
                {
                    "type": STR, "source": STR, "target": STR, "read_only": BOOL,
                    "consistency": STR, "bind": Object({"propagation": STR}, more=True),
                    "volume": Object({"nocopy": BOOL}, more=True),
                    "tmpfs": New(6, Object({"size": Is(("integer",), least=0)}, more=True)),
                },
                required=("type",),
            ),
        )
    )
)  # fmt: skip
_ULIMITS = Object(
    names="^[a-z]+$",
    of=OneOf((INT, Object({"hard": INT, "soft": INT}, required=("soft", "hard")))),
    more=True,
)
_ORDER = Is(("string",), ("start-first", "stop-first"))
_ROLL = {
    "parallelism": INT, "delay": DURATION, "failure_action": STR, "monitor": DURATION,
    "max_failure_ratio": NUM,
}  # fmt: skip
_GENERIC = List(Object({"discrete_resource_spec": Object({"kind": STR, "value": NUM})}))
DEPLOY = Object(
    {
        "mode": STR, "endpoint_mode": New(2, STR), "replicas": INT, "labels": PAIRS,
        "rollback_config": New(7, Object({**_ROLL, "order": _ORDER})),
        "update_config": Object({**_ROLL, "order": New(4, _ORDER)}),
        "resources": Object(
            {
                "limits": Object({"cpus": STR, "memory": STR, "pids": New(9, INT)}),
                "reservations": Object(
                    {"cpus": STR, "memory": STR, "generic_resources": New(5, _GENERIC)}
                ),
            }
        ),
        "restart_policy": Object(
            {"condition": STR, "delay": DURATION, "max_attempts": INT, "window": DURATION}
        ),
        "placement": Object(
            {
                "constraints": List(STR), "preferences": New(3, List(Object({"spread": STR}))),
                "max_replicas_per_node": New(8, INT),
            }
        ),
    },
    beside=("null",),
)  # fmt: skip
_HEALTH = Object(
    {
        "disable": BOOL, "interval": DURATION, "retries": NUM, "test": COMMAND,
        "timeout": DURATION, "start_period": New(4, DURATION),
        "start_interval": New(12, DURATION),
    }
)  # fmt: skip
_CREDENTIALS = Object({"config": New(8, STR), "file": STR, "registry": STR})
_LOGGING = Object(
    {
        "driver": STR,
        "options": Object(names="^.+$", of=Is(("string", "number", "null")), more=True),
    }
)
SERVICE = Object(
    {
        "deploy": DEPLOY, "build": OneOf((STR, _BUILD)), "cap_add": UNIQUE, "cap_drop": UNIQUE,
        "cgroupns_mode": New(9, STR), "cgroup_parent": STR, "command": COMMAND,
        "configs": New(3, _FILE_USE), "container_name": STR,
        "credential_spec": New(3, _CREDENTIALS), "depends_on": UNIQUE, "devices": UNIQUE,
        "dns": STR_OR_LIST, "dns_search": STR_OR_LIST, "domainname": STR, "entrypoint": COMMAND,
        "env_file": STR_OR_LIST, "environment": PAIRS,
        "expose": List(Is(("string", "number")), unique=True), "external_links": UNIQUE,
        "extra_hosts": PAIRS, "healthcheck": _HEALTH, "hostname": STR, "image": STR,
        "init": New(7, BOOL), "ipc": STR, "isolation": New(5, STR), "labels": PAIRS,
        "links": UNIQUE, "logging": _LOGGING, "mac_address": STR, "network_mode": STR,
        "networks": OneOf((UNIQUE, Object(names=_NAME, of=_ON_NETWORK))),
        "pid": Is(("string", "null")), "ports": _PORTS, "privileged": BOOL, "read_only": BOOL,
        "restart": STR, "security_opt": UNIQUE, "shm_size": Is(("number", "string")),
        "secrets": New(1, _FILE_USE), "sysctls": PAIRS, "stdin_open": BOOL,
        "stop_grace_period": DURATION, "stop_signal": STR, "tmpfs": STR_OR_LIST, "tty": BOOL,
        "ulimits": _ULIMITS, "oom_score_adj": New(13, INT), "user": STR, "userns_mode": STR,
        "volumes": _VOLUMES, "working_dir": STR,
    },
    extensions=7,
)  # fmt: skip
_EXTERNAL = Object({"name": STR}, beside=("boolean",))
_IPAM = Object({"driver": STR, "config": List(Object({"subnet": STR}))})
_NETWORK = Object(
    {
        "name": New(5, STR), "driver": STR, "driver_opts": OPTIONS, "ipam": _IPAM,
        "external": _EXTERNAL, "internal": BOOL, "attachable": New(2, BOOL), "labels": PAIRS,
    },
    extensions=7, beside=("null",),
)  # fmt: skip
_VOLUME = Object(
    {
        "name": New(4, STR), "driver": STR, "driver_opts": OPTIONS, "external": _EXTERNAL,
        "labels": PAIRS,
    },
    extensions=7, beside=("null",),
)  # fmt: skip
_SECRET = Object(
    {
        "name": New(5, STR), "file": STR, "external": _EXTERNAL, "labels": PAIRS,
        "driver": New(8, STR), "driver_opts": New(8, OPTIONS), "template_driver": New(8, STR),
    },
    extensions=7,
)  # fmt: skip
_CONFIG = Object(
    {
        "name": New(5, STR), "file": STR, "external": _EXTERNAL, "labels": PAIRS,
        "template_driver": New(8, STR),
    },
    extensions=7,
)  # fmt: skip
FILE = Object(
    {
        "version": STR, "services": Object(names=_NAME, of=SERVICE),
        "networks": Object(names=_NAME, of=_NETWORK, more=True),
        "volumes": Object(names=_NAME, of=_VOLUME),
        "secrets": New(1, Object(names=_NAME, of=_SECRET)),
        "configs": New(3, Object(names=_NAME, of=_CONFIG)),
    },
    extensions=4,
)  # fmt: skip


def version_of(tree: dict[str, Any]) -> str:
    """The version that a file is of."""
    found = str(tree.get("version", ""))
    return f"3.{NEWEST}" if found in ("", "3") else found


def minor_of(version: str) -> int | None:
    """The number behind ``3.``; None for a version that there is no schema of."""
    found = re.fullmatch(r"3\.([0-9]|1[0-9])", version)
    return int(found[1]) if found is not None and int(found[1]) <= NEWEST else None
