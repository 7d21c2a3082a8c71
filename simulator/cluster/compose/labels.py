"""Labels by which Compose knows its own: there is no other memory of a project than these."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from simulator.cluster.compose.project import Project, dependencies

PREFIX = "com.docker.compose."
PROJECT, SERVICE, NUMBER = f"{PREFIX}project", f"{PREFIX}service", f"{PREFIX}container-number"
ONE_OFF, HASH, IMAGE = f"{PREFIX}oneoff", f"{PREFIX}config-hash", f"{PREFIX}image"
FILES, HOME = f"{PREFIX}project.config_files", f"{PREFIX}project.working_dir"
DEPENDS, NETWORK, VOLUME = f"{PREFIX}depends_on", f"{PREFIX}network", f"{PREFIX}volume"
RELEASE = f"{PREFIX}version"
VERSION = "5.0.0"
"""The Compose whose rules and words these are."""
_UNHASHED = ("build", "pull_policy", "scale", "depends_on", "profiles")


def digest(value: Any) -> str:
    """64 digits that depend on all that a value says."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def service_hash(service: dict[str, Any]) -> str:
    """What makes containers of a service go out of date: all but how many, when and from where."""
    kept = {key: one for key, one in service.items() if key not in _UNHASHED}
    deploy = dict(kept.get("deploy") or {})
    deploy.pop("replicas", None)
    if "deploy" in kept:
        kept["deploy"] = deploy
    return digest(kept)


def of_container(
    project: Project, name: str, number: int, image_id: str, *, one_off: bool = False
) -> dict[str, str]:
    """The labels of a container of a service."""
    service = project.services[name]
    waits = (
        f"{other}:{wish['condition']}:{str(bool(wish.get('restart'))).lower()}"
        for other, wish in dependencies(service).items()
    )
    return {
        HASH: service_hash(service),
        NUMBER: str(number),
        DEPENDS: ",".join(waits),
        IMAGE: image_id,
        ONE_OFF: str(one_off),
        PROJECT: project.name,
        FILES: ",".join(f"{project.home}/{one}" for one in project.files),
        HOME: project.home,
        SERVICE: name,
        RELEASE: VERSION,
    }


def thing_hash(value: dict[str, Any]) -> str:
    """What makes a network or a volume go out of date."""
    return digest({**value, "labels": _own_labels(value)})


def _own_labels(value: dict[str, Any]) -> dict[str, str]:
    return {name: one or "" for name, one in (value.get("labels") or {}).items()}


def of_thing(project: Project, kind: str, key: str, value: dict[str, Any]) -> dict[str, str]:
    """The labels of a network or a volume."""
    own = _own_labels(value)
    return {
        **own,
        HASH: thing_hash(value),
        kind: key,
        PROJECT: project.name,
        RELEASE: VERSION,
    }
