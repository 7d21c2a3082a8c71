"""Relative paths of a service that comes from another folder than the project's."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from simulator.cluster.compose.files.short import BadForm, listed, volume_of
from simulator.cluster.compose.files.tree import Map, Seq
from simulator.node.mounts import HOME

_DRIVE = re.compile(r"[a-zA-Z]:[\\/]")


def moved(path: str, folder: str) -> str:
    """A relative path made absolute; ``~`` is where the person of the machine lives."""
    if path == "~" or path.startswith("~/"):
        return posixpath.normpath(HOME + path[1:])
    if (
        path.startswith("/")
        or _DRIVE.match(path)
        or "://" in path
        or path.startswith(("git@", "service:"))
    ):
        return path
    return posixpath.normpath(posixpath.join(folder, path))


def rebased(service: Any, folder: str) -> Any:
    """A service whose relative paths start in ``folder``."""
    if not isinstance(service, Map):
        return service
    made = Map(service, service.places)
    if isinstance(made.get("build"), str):
        made["build"] = moved(made["build"], folder)
    elif isinstance(made.get("build"), Map):
        context = made["build"].get("context", ".")
        made["build"] = Map(
            {**made["build"], "context": moved(str(context), folder)}, made["build"].places
        )
    for key in ("env_file", "label_file"):
        if made.get(key) is not None:
            made[key] = Seq([_file(one, folder) for one in listed(made[key])])
    if isinstance(made.get("volumes"), list):
        made["volumes"] = Seq(
            [_volume(one, folder) for one in made["volumes"]],
            getattr(made["volumes"], "places", None),
        )
    return made


def _file(one: Any, folder: str) -> Any:
    if isinstance(one, Map) and isinstance(one.get("path"), str):
        return Map({**one, "path": moved(one["path"], folder)}, one.places)
    return moved(one, folder) if isinstance(one, str) else one


def _volume(one: Any, folder: str) -> Any:
    if isinstance(one, Map):
        if one.get("type") == "bind" and isinstance(one.get("source"), str):
            return Map({**one, "source": moved(one["source"], folder)}, one.places)
        return one
    if not isinstance(one, str):
        return one
    try:
        found = volume_of(one)
    except BadForm:
        return one
    if found["type"] != "bind":
        return one
    source, _, rest = one.partition(":")
    return f"{moved(source, folder)}:{rest}"
