"""A service in the long form of every key, its values of the kind that they are."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Any

from simulator.cluster.compose.files.casting import (
    BadValue,
    boolean,
    cores,
    duration_text,
    integer,
    number,
    seconds,
    size,
    wide_integer,
)
from simulator.cluster.compose.files.relative import moved
from simulator.cluster.compose.files.short import (
    BadForm,
    as_text,
    listed,
    pairs_of,
    ports_of,
    volume_of,
    words_of,
)
from simulator.cluster.compose.files.tree import Map, plain
from simulator.errors import InputError

Convert = Callable[[Any], Any]


def long_form(name: str, service: Map, home: str) -> dict[str, Any]:
    """All keys of a service in long form; InputError with the place of one that cannot be."""
    made: dict[str, Any] = {}
    for key, value in service.items():
        place = service.places.get(key)
        try:
            found = _key(key, value, home)
        except BadValue as error:
            raise InputError(error.told(name, key), place=place) from None
        except BadForm as error:
            raise InputError(_form(name, key, str(error)), place=place) from None
        if found is not None or key in ("command", "entrypoint"):
            made[key] = plain(found)
    return made


def _form(name: str, key: str, words: str) -> str:
    if "] is missing" in words:
        what = "volume" if key == "volumes" else key
        return f"service {what} services.{name}.{key}.{words}"
    return f"services.{name}.{key}: {words}"


def _key(key: str, value: Any, home: str) -> Any:
    if key in ("build", "volumes", "env_file", "label_file"):
        return _WITH_HOME[key](value, home)
    convert = _KEYS.get(key)
    if value is None or convert is None:
        return value
    return convert(value)


# --- pieces ---------------------------------------------------------------------------------------


def _switches(*keys: str) -> dict[str, Convert]:
    return dict.fromkeys(keys, boolean)


def _fields(kinds: dict[str, Convert]) -> Convert:
    """A mapping some of whose keys are of a kind."""

    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        made = {}
        for key, one in value.items():
            try:
                made[key] = kinds[key](one) if key in kinds and one is not None else one
            except BadValue as error:
                error.path = (key, *error.path)
                raise
        return made

    return convert


def _each(convert: Convert) -> Convert:
    return lambda value: [convert(one) for one in listed(value)]


def _texts(value: Any) -> list[str]:
    return [as_text(one) for one in listed(value)]


def _duration(value: Any) -> str:
    return duration_text(seconds(value))


def _size_text(value: Any) -> str:
    return str(size(value))


def _file_use(value: Any) -> list[Any]:
    """Secrets or configs of a service."""
    made = []
    for one in listed(value):
        if not isinstance(one, dict):
            made.append({"source": as_text(one)})
            continue
        found = dict(one)
        if found.get("mode") is not None:
            found["mode"] = _mode(found["mode"])
        made.append(found)
    return made


def _secrets(value: Any) -> list[Any]:
    return [{**one, "target": one.get("target") or f"/run/secrets/{one['source']}"}
            if one.get("source") else one for one in _file_use(value)]  # fmt: skip


def _devices(value: Any) -> list[Any]:
    """``SOURCE[:TARGET[:PERMISSIONS]]`` in full."""
    made = []
    for one in listed(value):
        if not isinstance(one, dict):
            source, _, rest = as_text(one).partition(":")
            target, _, rights = rest.partition(":")
            one = {"source": source, "target": target or source, "permissions": rights or "rwm"}
        made.append(one)
    return made


def _mode(value: Any) -> int:
    """A mode; in a text its digits are octal."""
    octal = isinstance(value, str) and 0 < len(value) < 7 and set(value) <= set("01234567")
    return int(value, 8) if octal else integer(value)


def _ports(value: Any) -> list[Any]:
    made: list[Any] = []
    for at, one in enumerate(value):
        if not isinstance(one, dict):
            made += ports_of(as_text(one))
            continue
        found = {"mode": "ingress", "protocol": "tcp", **one}
        if found.get("target") is None:
            raise BadForm(f"[{at}] is missing a target port")
        target = as_text(found["target"])
        first = ports_of(target)
        found["target"] = first[0]["target"]
        if found.get("published") is not None:
            found["published"] = as_text(found["published"])
            ports_of(f"{found['published']}:{first[0]['target']}")
        if len(first) > 1:
            raise BadForm(f"Invalid containerPort: {target}")
        made.append(found)
    return made


def _volumes(value: Any, home: str) -> list[Any]:
    made = []
    for at, one in enumerate(value or ()):
        found = dict(one) if isinstance(one, dict) else dict(volume_of(as_text(one)))
        if not found.get("target"):
            raise BadForm(f"[{at}] is missing a mount target")
        found["target"] = posixpath.normpath(found["target"])
        if found["type"] == "bind":
            found["source"] = moved(str(found.get("source") or ""), home)
            if isinstance(found.get("bind"), dict):
                found["bind"] = {"create_host_path": True} | _BIND(found["bind"])
        for key, kinds in _VOLUME_FIELDS.items():
            if isinstance(found.get(key), dict):
                found[key] = _fields(kinds)(found[key])
        if found.get("read_only") is not None:
            found["read_only"] = boolean(found["read_only"])
        made.append(found)
    return made


_BIND = _fields({"create_host_path": boolean})
_VOLUME_FIELDS: dict[str, dict[str, Convert]] = {
    "volume": {"nocopy": boolean, "labels": pairs_of},
    "tmpfs": {"size": _size_text, "mode": integer},
}


def _networks(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {key: None if one is None else dict(one) for key, one in value.items()}
    return {as_text(one): None for one in value}


def _depends_on(value: Any) -> dict[str, Any]:
    default = {"condition": "service_started", "required": True}
    if not isinstance(value, dict):
        return {as_text(one): dict(default) for one in value}
    switches = _fields({"required": boolean, "restart": boolean})
    return {key: {**default, **switches(one or {})} for key, one in value.items()}


def _health_test(value: Any) -> list[str]:
    if isinstance(value, str):
        return ["CMD-SHELL", value] if value else []
    return [as_text(one) for one in value]


def _extra_hosts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            f"{name}={as_text(address)}" for name, some in value.items() for address in listed(some)
        ]
    made = []
    for one in value:
        name, equals, address = as_text(one).partition("=")
        if not equals:
            name, equals, address = as_text(one).partition(":")
        if not equals or not name or not address:
            raise BadValue(f"invalid additional host, missing IP: {as_text(one)}")
        made.append(f"{name}={address}")
    return made


def _build(value: Any, home: str) -> Any:
    if value is None:
        return None
    made = dict(value) if isinstance(value, dict) else {"context": as_text(value)}
    made["context"] = moved(str(made.get("context") or "."), home)
    if not made.get("dockerfile") and not made.get("dockerfile_inline"):
        made["dockerfile"] = "Dockerfile"
    return _fields(_BUILD)(made)


def _env_files(value: Any, home: str) -> list[Any]:
    made = []
    for one in listed(value):
        found = dict(one) if isinstance(one, dict) else {"path": as_text(one)}
        found["required"] = boolean(found.get("required", True))
        found["path"] = moved(str(found.get("path") or ""), home)
        made.append(found)
    return made


def _label_files(value: Any, home: str) -> list[str]:
    return [moved(one, home) for one in _texts(value)]


_RESOURCE = _fields({"cpus": cores, "memory": _size_text, "pids": integer})
_ROLL = _fields({"parallelism": integer, "delay": _duration, "monitor": _duration,
                 "max_failure_ratio": number})  # fmt: skip
_BUILD: dict[str, Convert] = {
    **_switches("no_cache", "pull", "privileged"),
    "args": pairs_of, "labels": pairs_of, "ssh": pairs_of, "additional_contexts": pairs_of,
    "secrets": _secrets, "tags": _texts, "platforms": _texts, "cache_from": _texts,
    "cache_to": _texts, "no_cache_filter": _texts, "extra_hosts": _extra_hosts,
    "shm_size": _size_text,
}  # fmt: skip
_RESTART = _fields({"delay": _duration, "window": _duration, "max_attempts": integer})
_DEPLOY = _fields(
    {
        "replicas": integer, "labels": pairs_of, "update_config": _ROLL, "rollback_config": _ROLL,
        "restart_policy": _RESTART,
        "resources": _fields({"limits": _RESOURCE, "reservations": _RESOURCE}),
    }
)  # fmt: skip
_HEALTH = _fields(
    {
        "disable": boolean, "test": _health_test, "interval": _duration, "timeout": _duration,
        "start_period": _duration, "start_interval": _duration, "retries": integer,
    }
)  # fmt: skip
_WITH_HOME: dict[str, Callable[[Any, str], Any]] = {
    "build": _build, "volumes": _volumes, "env_file": _env_files, "label_file": _label_files,
}  # fmt: skip
_HOOK = _fields({"command": words_of, "environment": pairs_of, "privileged": boolean})
_KEYS: dict[str, Convert] = {
    **_switches("attach", "init", "privileged", "read_only", "stdin_open", "tty",
                "oom_kill_disable"),
    **dict.fromkeys(("command", "entrypoint"), words_of),
    **dict.fromkeys(("environment", "labels", "annotations", "sysctls"), pairs_of),
    **dict.fromkeys(("dns", "dns_search", "dns_opt", "tmpfs", "profiles", "expose", "group_add",
                     "links", "external_links", "volumes_from", "security_opt"), _texts),
    "configs": _file_use, "secrets": _secrets, "devices": _devices,
    **dict.fromkeys(("mem_limit", "mem_reservation", "memswap_limit", "shm_size"), _size_text),
    **dict.fromkeys(("scale", "cpu_shares", "cpu_quota", "cpu_period", "cpu_count",
                     "mem_swappiness"), integer),
    **dict.fromkeys(("pids_limit", "oom_score_adj"), wide_integer),
    **dict.fromkeys(("cpus", "cpu_percent"), number),
    **dict.fromkeys(("post_start", "pre_stop", "pre_start"), _each(_HOOK)),
    "depends_on": _depends_on, "deploy": _DEPLOY, "extra_hosts": _extra_hosts,
    "healthcheck": _HEALTH, "networks": _networks, "ports": _ports,
    "stop_grace_period": _duration,
}  # fmt: skip
