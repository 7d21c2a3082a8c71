"""Services, networks, volumes, secrets and configs of a stack file in long form.

Source: docker/cli, ``cli/compose/loader/loader.go`` (``LoadService`` and what follows it).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from simulator.cluster.compose.files.casting import BadValue, duration_text, seconds, size
from simulator.cluster.compose.files.short import (
    BadForm,
    as_text,
    listed,
    pairs_of,
    ports_of,
    volume_of,
    words_of,
)
from simulator.cluster.compose.files.tree import Map, place_of, plain
from simulator.cluster.swarm.stacks.env_files import FileProblem, variables_of
from simulator.errors import InputError

Values = Mapping[str, str]
_DURATIONS = ("interval", "timeout", "start_period", "start_interval")


def service_of(
    name: str, given: Map, source: Any, home: str, values: Values, warnings: list[str], tree: Map
) -> dict[str, Any]:
    """A service with nothing short left; ``warnings`` gets what the tool logs."""
    made = dict(given)
    for key, long in _LONG.items():
        if made.get(key) is not None:
            try:
                made[key] = long(made[key])
            except (BadForm, BadValue) as error:
                place = place_of(tree, ("services", name, key))
                raise InputError(f"services.{name}.{key}: {error}", place=place) from None
    if made.get("ports") is not None:
        made["ports"] = _ports(made["ports"], warnings)
    try:
        made["environment"] = _environment(made, source, values)
        made["volumes"] = [_resolved(one, home, values) for one in made.get("volumes") or ()]
    except (FileProblem, BadForm) as error:
        raise InputError(str(error), place=place_of(tree, ("services", name))) from None
    return {key: plain(one) for key, one in made.items() if one not in (None, [], {})}


def _environment(made: dict[str, Any], source: Any, values: Values) -> dict[str, str | None]:
    """Files first, in their order; what has no value, or an empty one, is looked up."""
    found: dict[str, str | None] = {}
    given: dict[str, str | None] = {}
    for path in made.get("env_file") or ():
        given |= variables_of(source, path, values)
    for pairs in (given, made.get("environment") or {}):
        for key, value in pairs.items():
            found[key] = values[key] if not value and key in values else value
    return {key: found[key] for key in sorted(found)}


def _resolved(one: Any, home: str, values: Values) -> dict[str, Any]:
    made = dict(one)
    if made.get("type") != "bind":
        return made
    path = str(made.get("source") or "")
    if not path:
        raise BadForm('invalid mount config for type "bind": field Source must not be empty')
    if path.startswith("~"):
        path = values.get("HOME", "/root") + path[1:]
    made["source"] = posixpath.normpath(posixpath.join(home, path))
    return made


def _volumes(given: Any) -> list[Any]:
    return [_volume(one) if isinstance(one, str) else dict(one) for one in given]


def _volume(text: str) -> dict[str, Any]:
    made = dict(volume_of(text))
    for key in ("bind", "volume"):
        kept = {k: v for k, v in (made.pop(key, None) or {}).items() if k != "create_host_path"}
        if kept:
            made[key] = kept
    return made


def _ports(given: Any, warnings: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in given:
        if isinstance(one, dict):
            found.append(dict(one))
            continue
        text = str(int(one)) if isinstance(one, float) else str(one)
        for port in ports_of(text):
            found += _published(port, warnings)
    return found


def _published(port: Mapping[str, Any], warnings: list[str]) -> list[dict[str, Any]]:
    """One port, or several where one port of the container is published at a range."""
    first, _, last = str(port.get("published") or "0").partition("-")
    address, target, protocol = port.get("host_ip"), port["target"], port["protocol"]
    if address and address not in ("0.0.0.0", "::"):
        at = f"{address}:{port.get('published') or ''}"
        warnings.append(
            f"ignoring IP-address ({at}:{target}/{protocol}) service will listen on '0.0.0.0'"
        )
    made = []
    for number in range(int(first), int(last or first) + 1):
        one = {"mode": "ingress", "target": target, "published": number, "protocol": protocol}
        made.append({key: value for key, value in one.items() if value})
    return made


def _uses(given: Any) -> list[dict[str, Any]]:
    return [{"source": one} if isinstance(one, str) else dict(one) for one in given]


def _hosts(given: Any) -> list[str]:
    pairs = given.items() if isinstance(given, dict) else map(_host, map(str, given))
    lines = [f"{name}:{_bare(as_text(address))}" for name, address in pairs]
    return sorted(lines) if isinstance(given, dict) else lines


def _host(text: str) -> tuple[str, str]:
    cut = "=" if "=" in text else ":"
    name, _, address = text.partition(cut)
    return name, address


def _bare(address: str) -> str:
    return address[1:-1] if len(address) > 2 and address[0] + address[-1] == "[]" else address


def _health(given: Any) -> dict[str, Any]:
    made = dict(given)
    if "test" in made:
        test = made["test"]
        made["test"] = ["CMD-SHELL", test] if isinstance(test, str) else list(test)
    for key in _DURATIONS:
        if key in made:
            made[key] = duration_text(seconds(made[key]))
    return made


def _deploy(given: Any) -> dict[str, Any]:
    made = dict(given)
    for key in ("update_config", "rollback_config", "restart_policy"):
        if made.get(key):
            made[key] = _timed(made[key])
    if made.get("labels") is not None:
        made["labels"] = _texts(made["labels"])
    resources = {key: dict(one) for key, one in (made.get("resources") or {}).items()}
    for one in resources.values():
        if "memory" in one:
            one["memory"] = str(size(one["memory"]))
    if resources:
        made["resources"] = resources
    return made


def _timed(given: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(given)
    for key in ("delay", "monitor", "window"):
        if key in made:
            made[key] = duration_text(seconds(made[key]))
    return made


def _networks(given: Any) -> dict[str, Any]:
    if isinstance(given, dict):
        return {key: None if one is None else dict(one) for key, one in given.items()}
    return dict.fromkeys(given)


def _texts(given: Any) -> dict[str, str]:
    return {key: one or "" for key, one in pairs_of(given).items()}


def _options(given: Any) -> dict[str, Any]:
    made = dict(given)
    if made.get("options") is not None:
        made["options"] = {key: as_text(one) for key, one in made["options"].items()}
    return made


_LONG: Mapping[str, Callable[[Any], Any]] = {
    "command": words_of, "entrypoint": words_of, "labels": _texts, "sysctls": _texts,
    "environment": pairs_of, "env_file": listed, "dns": listed, "dns_search": listed,
    "tmpfs": listed, "networks": _networks, "secrets": _uses, "configs": _uses,
    "volumes": _volumes, "extra_hosts": _hosts, "healthcheck": _health, "deploy": _deploy,
    "logging": _options, "stop_grace_period": lambda one: duration_text(seconds(one)),
    "expose": lambda some: [as_text(one) for one in some],
}  # fmt: skip


# --- networks, volumes, secrets, configs ----------------------------------------------------------


def thing_of(
    kind: str, key: str, given: Any, home: str, version: str, warnings: list[str], tree: Map
) -> dict[str, Any]:
    """A network, a volume, a secret or a config."""
    made = dict(plain(given) or {})
    for part in ("labels",):
        if made.get(part) is not None:
            made[part] = _texts(made[part])
    if made.get("driver_opts") is not None:
        made["driver_opts"] = {name: as_text(one) for name, one in made["driver_opts"].items()}
    try:
        _external(kind, key, made, version, warnings)
    except BadForm as error:
        raise InputError(str(error), place=place_of(tree, (kind, key))) from None
    if kind in ("secrets", "configs") and not made.get("external"):
        _file(kind, key, made, home, tree)
    return made


def _external(kind: str, key: str, made: dict[str, Any], version: str, warnings: list[str]) -> None:
    external, one = made.get("external"), kind[:-1]
    if external in (None, False):
        made.pop("external", None)
        return
    if kind == "volumes":
        for other in ("driver", "driver_opts", "labels"):
            if made.get(other):
                raise BadForm(
                    f'conflicting parameters "external" and "{other}" specified for volume "{key}"'
                )
    old = external.get("name") if isinstance(external, dict) else None
    if old:
        if made.get("name"):
            raise BadForm(
                f"{one} {key}: {one}.external.name and {one}.name conflict; only use {one}.name"
            )
        if int(version.partition(".")[2]) >= (4 if kind == "volumes" else 5):
            warnings.append(
                f"{one} {key}: {one}.external.name is deprecated in favor of {one}.name"
            )
        made["name"] = old
    made["external"] = True
    made.setdefault("name", key)


def _file(kind: str, key: str, made: dict[str, Any], home: str, tree: Map) -> None:
    one = kind[:-1]
    if made.get("driver"):
        if made.get("file"):
            raise InputError(
                f"{one} {key}: {one}.driver and {one}.file conflict; only use {one}.driver",
                place=place_of(tree, (kind, key)),
            )
        return
    made["file"] = posixpath.normpath(posixpath.join(home, str(made.get("file") or "")))
