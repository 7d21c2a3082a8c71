"""Keys of Compose files that are read and have no effect here: each is named once."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.cluster.compose.project import Project
from simulator.cluster.compose.specs import is_label
from simulator.node.log_words import ELSEWHERE

_KEYS = (
    "cgroup", "cpu_count", "cpu_percent", "cpu_rt_period", "cpu_rt_runtime", "credential_spec",
    "device_cgroup_rules", "devices", "dns_opt", "dns_search", "domainname", "external_links",
    "gpus", "ipc", "isolation", "mem_swappiness", "models", "oom_kill_disable", "pid",
    "post_start", "pre_start", "pre_stop", "provider", "storage_opt", "sysctls",
    "use_api_socket", "uts",
)  # fmt: skip
_INSIDE = {
    "develop": ("watch",),
    "blkio_config": (
        "device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops",
        "weight_device",
    ),
    "build": (
        "additional_contexts", "cache_from", "cache_to", "entitlements", "extra_hosts", "isolation",
        "network", "privileged", "provenance", "sbom", "shm_size", "ssh", "ulimits",
        "no_cache_filter",
    ),
}  # fmt: skip


def notes(project: Project) -> Iterator[tuple[str, str]]:
    """A remark for each key that has no effect, with what it is known by."""
    for name, service in project.services.items():
        found = [key for key in _KEYS if service.get(key)]
        for key, parts in _INSIDE.items():
            found += [f"{key}.{part}" for part in parts if (service.get(key) or {}).get(part)]
        found += [f"ulimits.{key}" for key in service.get("ulimits") or () if key != "nofile"]
        found += (
            ["security_opt label"] if any(map(is_label, service.get("security_opt") or ())) else []
        )
        driver = (service.get("logging") or {}).get("driver")
        found += [f"logging.driver {driver}"] if driver in ELSEWHERE else []
        found += (
            ["links (aliases)"] if any(":" in one for one in service.get("links") or ()) else []
        )
        for key in found:
            yield f"compose {key}", f"note: services.{name}.{key} is not modelled: it has no effect"
