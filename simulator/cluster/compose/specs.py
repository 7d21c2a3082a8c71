"""From a service to what the daemon is asked for: the specification of one of its containers."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping
from typing import Any

from simulator.cluster.compose.files.casting import seconds
from simulator.cluster.compose.project import Project, Service, image_of
from simulator.errors import Refused
from simulator.node.log_words import ELSEWHERE
from simulator.node.spec import Attachment, ContainerSpec

_SPAN = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?", re.ASCII)
_CONDITIONS = {"none": "no", "no": "no", "on-failure": "on-failure", "any": "always"}
_HEALTH = {
    "interval": "health_interval_s", "timeout": "health_timeout_s",
    "start_period": "health_start_period_s", "start_interval": "health_start_interval_s",
}  # fmt: skip
_SAME = {
    "hostname": "hostname", "user": "user", "working_dir": "workdir", "platform": "platform",
    "runtime": "runtime", "userns_mode": "userns_mode", "cgroup_parent": "cgroup_parent",
    "read_only": "read_only", "privileged": "privileged", "init": "init", "tty": "tty",
    "stdin_open": "open_stdin", "stop_signal": "stop_signal", "oom_score_adj": "oom_score_adj",
    "cpu_shares": "cpu_shares", "cpu_period": "cpu_period_us", "cpu_quota": "cpu_quota_us",
}  # fmt: skip
_LISTS = {
    "expose": "expose", "dns": "dns", "cap_add": "cap_add", "cap_drop": "cap_drop",
    "security_opt": "security_opt", "group_add": "group_add", "tmpfs": "tmpfs",
}  # fmt: skip


def spec_of(
    project: Project, name: str, container: str, labels: Mapping[str, str],
    others: Mapping[str, str], *, aliased: bool = True,
) -> ContainerSpec:  # fmt: skip
    """What a container of a service is asked to be.

    ``others``: a container of each service whose namespace or volumes this one shares.
    ``aliased``: whether it answers to the name of its service.
    """
    service = project.services[name]
    networks = _networks(project, name, container, others, aliased)
    names = dict.fromkeys((name, f"{project.name}/{name}") if aliased else ())
    names |= dict.fromkeys(one for on in networks for one in on.aliases if one != container)
    fields: dict[str, Any] = {
        "image": image_of(project, name),
        "env": _texts(service.get("environment")),
        "labels": {**_texts(service.get("labels")), **labels},
        "ports": target_ports(service),
        "networks": networks,
        "aliases": tuple(names),
        "restart": _restart(service),
        **_command(service),
        **_limits(service),
        **_health(service.get("healthcheck") or {}),
        **_files(project, service, others),
    }
    fields |= {ours: service[key] for key, ours in _SAME.items() if service.get(key) is not None}
    for key, ours in _LISTS.items():
        fields[ours] = (*fields.get(ours, ()), *map(str, service.get(key) or ()))
    fields["security_opt"] = tuple(one for one in fields["security_opt"] if not is_label(one))
    fields["extra_hosts"] = tuple(
        one.replace("=", ":", 1) for one in service.get("extra_hosts") or ()
    )
    if service.get("stop_grace_period"):
        fields["stop_timeout_s"] = seconds(service["stop_grace_period"])
    logging = service.get("logging") or {}
    if logging.get("driver") in ELSEWHERE:
        logging = {}  # its words are kept where those of others are
    if logging.get("driver"):
        fields["log_driver"] = logging["driver"]
    fields["log_opts"] = tuple(f"{k}={v}" for k, v in (logging.get("options") or {}).items())
    return ContainerSpec(**fields)


def is_label(option: str) -> bool:
    """Whether a ``security_opt`` is about SELinux's labels, which this kernel has not."""
    return option.startswith(("label=", "label:"))


def _texts(pairs: Mapping[str, Any] | None) -> dict[str, str]:
    """Those pairs that have a value."""
    return {key: str(one) for key, one in (pairs or {}).items() if one is not None}


def _command(service: Service) -> dict[str, Any]:
    entry, command = service.get("entrypoint"), tuple(service.get("command") or ())
    if entry is None:
        return {"command": command}
    return {"entrypoint": entry[0] if entry else "", "command": (*entry[1:], *command)}


def _restart(service: Service) -> str:
    if service.get("restart"):
        return str(service["restart"])
    policy = (service.get("deploy") or {}).get("restart_policy")
    if policy is None:
        return "no"
    kind = _CONDITIONS.get(str(policy.get("condition") or "any"), str(policy.get("condition")))
    most = policy.get("max_attempts")
    return f"{kind}:{most}" if most is not None and kind == "on-failure" else kind


def _port(one: Mapping[str, Any]) -> str:
    address, published = one.get("host_ip"), one.get("published")
    if address and ":" in str(address):
        address = f"[{address}]"
    text = f"{one['target']}/{one.get('protocol') or 'tcp'}"
    if published or address:
        text = f"{published or ''}:{text}"
    return f"{address}:{text}" if address else text


# --- limits ---------------------------------------------------------------------------------------


def _limits(service: Service) -> dict[str, Any]:
    resources = (service.get("deploy") or {}).get("resources") or {}
    limits, kept = resources.get("limits") or {}, resources.get("reservations") or {}
    found = {
        "cpus": service.get("cpus") or limits.get("cpus"),
        "memory_bytes": _bytes(service.get("mem_limit") or limits.get("memory")),
        "memory_low_bytes": _bytes(service.get("mem_reservation") or kept.get("memory")),
        "memory_swap_bytes": _bytes(service.get("memswap_limit")),
        "pids_limit": service.get("pids_limit") or limits.get("pids"),
        "shm_bytes": _bytes(service.get("shm_size")),
        "io_weight": (service.get("blkio_config") or {}).get("weight"),
        "nofile": _open_files(service),
    }
    found = {key: one for key, one in found.items() if one is not None}
    if service.get("cpuset"):
        found["cpuset"] = _cores(str(service["cpuset"]))
    return found


def _bytes(value: Any) -> int | None:
    return None if value is None else int(value)


def _open_files(service: Service) -> int | None:
    wish = (service.get("ulimits") or {}).get("nofile")
    soft = wish.get("soft") if isinstance(wish, dict) else wish
    return None if soft is None else int(soft)


def _cores(text: str) -> tuple[int, ...]:
    """``0-2,5`` as numbers; Refused, in the daemon's words, where it is not that."""
    cores: list[int] = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise Refused(f"Invalid value {text[:80]} for cpuset cpus")
        cores += range(int(found[1]), int(found[2] or found[1]) + 1)
    return tuple(cores)


def _health(check: Mapping[str, Any]) -> dict[str, Any]:
    test = check.get("test")
    if check.get("disable") or (test and test[0] == "NONE"):
        return {"no_healthcheck": True}
    found: dict[str, Any] = {
        ours: seconds(check[key]) for key, ours in _HEALTH.items() if check.get(key) is not None
    }
    if check.get("retries") is not None:
        found["health_retries"] = int(check["retries"])
    if test:
        found["health_cmd"] = shlex.join(test[1:]) if test[0] == "CMD" else " ".join(test[1:])
    return found


# --- networks -------------------------------------------------------------------------------------


def _networks(
    project: Project, name: str, container: str, others: Mapping[str, str], aliased: bool
) -> tuple[Attachment, ...]:
    service = project.services[name]
    mode = service.get("network_mode")
    if mode:
        kind, _, other = str(mode).partition(":")
        mode = f"container:{others.get(other, other)}" if kind == "service" else str(mode)
        return (Attachment(mode),)
    wished = service.get("networks") or {}
    order = sorted(wished, key=lambda key: (-_priority(wished[key]), key))
    return tuple(
        _attachment(project, name, container, key, wished[key] or {}, aliased, first=at == 0)
        for at, key in enumerate(order)
    )


def _priority(wish: Mapping[str, Any] | None) -> float:
    found = (wish or {}).get("priority") or 0
    return float(found)


def _attachment(
    project: Project, name: str, container: str, key: str, wish: Mapping[str, Any],
    aliased: bool, *, first: bool,
) -> Attachment:  # fmt: skip
    own = (name, *(wish.get("aliases") or ())) if aliased else ()
    mac = wish.get("mac_address") or (project.services[name].get("mac_address") if first else "")
    return Attachment(
        project.networks[key]["name"],
        tuple(dict.fromkeys((container, *own))),
        str(wish.get("ipv4_address") or ""),
        str(mac or ""),
    )


# --- files ----------------------------------------------------------------------------------------


def _files(project: Project, service: Service, others: Mapping[str, str]) -> dict[str, Any]:
    binds, mounts, memory = [], [], []
    for one in service.get("volumes") or ():
        if one["type"] == "tmpfs":
            size = (one.get("tmpfs") or {}).get("size")
            memory.append(f"{one['target']}:size={size}" if size else one["target"])
        elif _needs_mount(one):
            mounts.append(_mount(project, one))
        else:
            binds.append(_bind(project, one))
    for kind, folder in (("secrets", "/run/secrets/"), ("configs", "/")):
        for use in service.get(kind) or ():
            source = getattr(project, kind)[use["source"]]
            if source.get("file") is not None:
                target = target_of(use, folder)
                mounts.append(_fields(type="bind", source=source["file"], target=target,
                                      readonly="true"))  # fmt: skip
    shared = []
    for one in service.get("volumes_from") or ():
        name, _, mode = one.removeprefix("container:").partition(":")
        holder = name if one.startswith("container:") else others.get(name, name)
        shared.append(f"{holder}:{mode}" if mode else holder)
    return {
        "binds": tuple(binds), "mounts": tuple(mounts), "tmpfs": tuple(memory),
        "volumes_from": tuple(shared),
    }  # fmt: skip


def target_of(use: Mapping[str, Any], folder: str) -> str:
    """Where a secret or a config is seen."""
    return posixpath.join(folder, str(use.get("target") or use["source"]))


def _needs_mount(one: Mapping[str, Any]) -> bool:
    """Whether ``-v`` cannot say it: a path that must be there, a part of a volume."""
    subpath = (one.get("volume") or {}).get("subpath")
    return bool(subpath) or (
        one["type"] not in ("bind", "volume") or
        (one["type"] == "bind" and not (one.get("bind") or {}).get("create_host_path", True))
    )  # fmt: skip


def _source(project: Project, one: Mapping[str, Any]) -> str:
    source = one.get("source") or ""
    if one["type"] == "volume" and source:
        return str(project.volumes[source]["name"])
    return str(source)


def _bind(project: Project, one: Mapping[str, Any]) -> str:
    source = _source(project, one)
    if not source:
        return str(one["target"])
    bind = one.get("bind") or {}
    options = [
        *(["ro"] if one.get("read_only") else []),
        *(["nocopy"] if (one.get("volume") or {}).get("nocopy") else []),
        *(bind[key] for key in ("propagation", "selinux") if bind.get(key)),
    ]
    return ":".join((source, str(one["target"]), *([",".join(options)] if options else [])))


def _mount(project: Project, one: Mapping[str, Any]) -> str:
    fields = {"type": one["type"], "source": _source(project, one), "target": one["target"]}
    if one.get("read_only"):
        fields["readonly"] = "true"
    subpath = (one.get("volume") or {}).get("subpath")
    if subpath:
        fields["volume-subpath"] = subpath
    return _fields(**fields)


def _fields(**fields: Any) -> str:
    """As ``--mount`` takes them."""
    return ",".join(_quoted(f"{key}={value}") for key, value in fields.items())


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text


def target_ports(service: Service) -> tuple[str, ...]:
    """The ports of a service as ``-p`` takes them."""
    return tuple(map(_port, service.get("ports") or ()))
