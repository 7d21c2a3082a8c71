"""A project as ``docker compose config`` prints it: keys in the order of the tool's own types,
nothing that is empty, dollars doubled.

Source: compose-go ``types``; how its encoder writes YAML (go.yaml.in/yaml) was seen in what the
tool prints.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any

from simulator.cluster.compose.project import Project

_ORDERS = {
    "project": "name services networks volumes secrets configs models",
    "service": (
        "profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent "
        "cgroup cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus "
        "cpuset cpu_shares command configs container_name credential_spec depends_on deploy "
        "device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint provider "
        "environment env_file expose external_links extra_hosts group_add gpus hostname "
        "healthcheck image init ipc isolation labels label_file links logging mem_limit "
        "mem_reservation memswap_limit mem_swappiness mac_address models network_mode networks "
        "oom_kill_disable oom_score_adj pid pids_limit platform ports privileged pull_policy "
        "read_only restart runtime scale secrets security_opt shm_size stdin_open "
        "stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user "
        "userns_mode uts volumes volumes_from working_dir pre_start post_start pre_stop"
    ),
    "build": (
        "context dockerfile dockerfile_inline entitlements args provenance sbom ssh labels "
        "cache_from cache_to no_cache no_cache_filter additional_contexts pull extra_hosts "
        "isolation network target secrets shm_size tags ulimits platforms privileged"
    ),
    "blkio": "weight weight_device device_read_bps device_read_iops device_write_bps "
             "device_write_iops",
    "dependency": "condition restart required",
    "deploy": "mode replicas labels update_config rollback_config resources restart_policy "
              "placement endpoint_mode",
    "roll": "parallelism delay failure_action monitor max_failure_ratio order",
    "resources": "limits reservations",
    "resource": "cpus memory pids devices generic_resources",
    "restart": "condition delay max_attempts window",
    "placement": "constraints preferences max_replicas_per_node",
    "device": "source target permissions",
    "request": "capabilities driver count device_ids options",
    "health": "test timeout interval retries start_period start_interval disable",
    "logging": "driver options",
    "port": "name mode host_ip target published protocol app_protocol",
    "mount": "type source target read_only consistency bind volume tmpfs image",
    "bind": "selinux propagation create_host_path recursive",
    "of volume": "labels nocopy subpath",
    "tmpfs": "size mode",
    "use": "source target uid gid mode",
    "ulimit": "single soft hard",
    "env file": "path required format",
    "hook": "command image user privileged working_dir environment per_replica",
    "watch": "path action target exec include ignore initial_sync",
    "network": "name driver driver_opts ipam external internal attachable labels enable_ipv4 "
               "enable_ipv6",
    "ipam": "driver config options",
    "pool": "subnet gateway ip_range aux_addresses",
    "volume": "name driver driver_opts external labels",
    "file": "name file environment content external labels driver driver_opts template_driver",
}  # fmt: skip
"""Keys of each type in the order in which they are printed."""
_PLACES = {kind: {key: at for at, key in enumerate(keys.split())} for kind, keys in _ORDERS.items()}
_INSIDE = {
    "service": {
        "build": "build", "blkio_config": "blkio", "depends_on": "*dependency", "deploy": "deploy",
        "devices": "*device", "gpus": "*request", "healthcheck": "health", "logging": "logging",
        "ports": "*port", "volumes": "*mount", "secrets": "*use", "configs": "*use",
        "ulimits": "*ulimit", "env_file": "*env file", "post_start": "*hook", "pre_stop": "*hook",
        "pre_start": "*hook", "develop": "develop",
    },
    "develop": {"watch": "*watch"},
    "watch": {"exec": "hook"},
    "build": {"secrets": "*use", "ulimits": "*ulimit"},
    "deploy": {
        "update_config": "roll", "rollback_config": "roll", "resources": "resources",
        "restart_policy": "restart", "placement": "placement",
    },
    "resources": {"limits": "resource", "reservations": "resource"},
    "resource": {"devices": "*request"},
    "mount": {"bind": "bind", "volume": "of volume", "tmpfs": "tmpfs"},
    "network": {"ipam": "ipam"},
    "ipam": {"config": "*pool"},
}  # fmt: skip
"""What lies below the keys of a type; ``*``: several of it, in a list or by name."""
_THINGS = {"networks": "network", "volumes": "volume", "secrets": "file", "configs": "file"}
_KEPT = ("init", "attach", "required", "attachable", "create_host_path", "enable_ipv4",
         "enable_ipv6", "initial_sync")  # fmt: skip
"""Switches that are printed where they are off, too."""


_NEVER_LEFT_OUT: dict[str, dict[str, Any]] = {
    "service": {"command": None, "entrypoint": None},
    "hook": {"command": None},
    "deploy": {"resources": {}, "placement": {}},
    "network": {"ipam": {}},
}
"""What JSON has of a type although it is empty."""


def document(project: Project, *, natural: bool = True) -> dict[str, Any]:
    """A project as one mapping, in the order in which the tool prints it.

    ``natural``: names with numbers in the order of these, as its YAML has them; not its JSON.
    """
    if natural:
        return _Printing(natural_key, {}).project(project)
    return dict(sorted(_Printing(str, _NEVER_LEFT_OUT).project(project).items()))


class _Printing:
    """Values put into order."""

    def __init__(self, by: Callable[[str], Any], always: Mapping[str, dict[str, Any]]) -> None:
        """``always``: what a type has, be it empty."""
        self.by, self.always = by, always

    def project(self, project: Project) -> dict[str, Any]:
        """All of it."""
        found: dict[str, Any] = {"name": project.name}
        found["services"] = self._each(project.services, "service")
        for kind, of in _THINGS.items():
            if getattr(project, kind):
                found[kind] = self._each(getattr(project, kind), of)
        more: dict[str, Any] = self._sorted(project.extensions)
        return found | more

    def _each(self, some: dict[str, Any], of: str) -> dict[str, Any]:
        return {key: self._typed(some[key], of) for key in sorted(some, key=self.by)}

    def _typed(self, value: Any, kind: str) -> Any:
        """A value of a type: its known keys in order, then its extensions."""
        if not isinstance(value, dict):
            return self._sorted(value)
        places, inside = _PLACES.get(kind, {}), _INSIDE.get(kind, {})
        always = self.always.get(kind, {})
        value = always | {key: one for key, one in value.items() if one is not None}
        order = sorted(value, key=lambda key: (places.get(key, len(places)), key))
        return {
            key: self._below(value[key], inside.get(key, ""))
            for key in order
            if key in always or not _is_empty(key, value[key])
        }

    def _below(self, value: Any, of: str) -> Any:
        if not of.startswith("*"):
            return self._typed(value, of) if of else self._sorted(value)
        if isinstance(value, list):
            return [self._typed(one, of[1:]) for one in value]
        return self._each(value, of[1:])

    def _sorted(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._sorted(value[key]) for key in sorted(value, key=self.by)}
        return [self._sorted(one) for one in value] if isinstance(value, list) else value


def _is_empty(key: str, value: Any) -> bool:
    """Whether the tool leaves a key out."""
    if value is False:
        return key not in _KEPT
    return value is None or value == "" or (value in ([], {}) and key not in ("volume", "exec"))


@cmp_to_key
def natural_key(one: str, other: str) -> int:
    """Which of two names is first in Go's YAML: numbers by their value, letters after other marks
    (and before them behind a digit)."""
    behind_digit = False
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a == b:
            behind_digit = a.isdigit()
            continue
        if a.isalpha() and b.isalpha():
            return -1 if a < b else 1
        if a.isalpha() or b.isalpha():
            return -1 if (a if behind_digit else b).isalpha() else 1
        numbers = [re.match(r"\d*", text[at:]) for text in (one, other)]
        left, right = (int(found[0] or 0) if found else 0 for found in numbers)
        return (left > right) - (left < right) or (-1 if a < b else 1)
    return len(one) - len(other)


# --- texts ----------------------------------------------------------------------------------------


def json_lines(value: Any) -> list[str]:
    """JSON as Go's encoder writes it, which has no marks of HTML in it."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    for mark in "&<>":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text.split("\n")
