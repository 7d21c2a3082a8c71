"""A project: what its files say, in long form, with nothing left to choose.

Services, networks, volumes, secrets and configs are plain mappings in the long syntax of the
Compose Specification, keys as there; a project can be carried by a command and printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from simulator.errors import Refused, nearest

Service = dict[str, Any]
STARTED, HEALTHY, COMPLETED = (
    "service_started", "service_healthy", "service_completed_successfully",
)  # fmt: skip


class HostFile(msgspec.Struct, frozen=True):
    """A file of the person's folder that containers are to see, as it is now."""

    path: str
    """Where the machine has it."""
    size_bytes: int
    text: str | None = None
    """What it says, where it is small and text."""
    mode: int = 0o644


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """One application of several services."""

    name: str
    home: str = "/root"
    """The folder that it is in, as the machine has it."""
    files: tuple[str, ...] = ()
    services: dict[str, Any] = {}
    disabled: dict[str, Any] = {}
    """Services that no active profile has, or that were not selected."""
    networks: dict[str, Any] = {}
    volumes: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    configs: dict[str, Any] = {}
    contents: tuple[HostFile, ...] = ()
    extensions: dict[str, Any] = {}
    """What the files say under names with ``x-``, which mean something to others only."""

    def service(self, name: str) -> Service:
        """The service of this name; Refused where there is none, or it is disabled."""
        found: Service | None = self.services.get(name)
        if found is None:
            raise Refused(no_service(name, self.services))
        return found


def no_service(name: str, known: Iterable[str]) -> str:
    """The words for a service that a project does not have."""
    near = nearest(name, known)
    return f"no such service: {name}" + (f"; did you mean '{near}'?" if near else "")


def dependencies(service: Service) -> dict[str, Any]:
    """What a service waits for, by the names of the others."""
    found: dict[str, Any] = service.get("depends_on") or {}
    return found


def scale_of(service: Service) -> int:
    """How many containers a service is to have."""
    if service.get("provider"):
        return 0  # somebody else runs it
    if service.get("scale") is not None:
        return int(service["scale"])
    replicas = (service.get("deploy") or {}).get("replicas")
    return 1 if replicas is None else int(replicas)


def image_of(project: Project, name: str) -> str:
    """The image of a service: its own, or what its build is called."""
    return project.services[name].get("image") or f"{project.name}-{name}"


def in_order(services: dict[str, Any]) -> list[str]:
    """Names with those that others wait for in front, by name where that leaves a choice."""
    wait: dict[str, int] = {}
    others: dict[str, list[str]] = {}
    for name in sorted(services):
        known = [one for one in dependencies(services[name]) if one in services]
        wait[name] = len(known)
        for one in known:
            others.setdefault(one, []).append(name)
    done: dict[str, None] = {}
    ready = [name for name, count in wait.items() if not count]
    while ready:
        done |= dict.fromkeys(ready)
        following = [one for name in ready for one in others.get(name, ())]
        for one in following:
            wait[one] -= 1
        ready = sorted({one for one in following if not wait[one]})
    return [*done, *(name for name in wait if name not in done)]  # what is in a circle is last


def with_dependencies(services: dict[str, Any], names: Iterable[str]) -> list[str]:
    """The services named and all that they wait for."""
    found: dict[str, None] = {}
    left = list(names)
    while left:
        name = left.pop(0)
        if name not in found and name in services:
            found[name] = None
            left += dependencies(services[name])
    return list(found)


def dependents(services: dict[str, Any], name: str) -> Iterator[str]:
    """Services that wait for this one."""
    return (one for one in services if name in dependencies(services[one]))


def selected(project: Project, names: Iterable[str], *, alone: bool = False) -> Project:
    """A project of some services only, with what they wait for unless ``alone``."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return project
    for name in wanted:
        project.service(name)
    kept = wanted if alone else with_dependencies(project.services, wanted)
    services = {name: one for name, one in project.services.items() if name in kept}
    rest = {name: one for name, one in project.services.items() if name not in kept}
    return msgspec.structs.replace(
        project, services=services, disabled={**project.disabled, **rest}
    )


def scaled(project: Project, counts: Iterable[tuple[str, int]]) -> Project:
    """A project some of whose services have other numbers of containers."""
    services = dict(project.services)
    for name, count in counts:
        one = dict(project.service(name))
        one["scale"] = count
        if one.get("deploy"):
            one["deploy"] = {**one["deploy"], "replicas": count}
        services[name] = one
    return msgspec.structs.replace(project, services=services)
