"""What is there of a project on a machine: its containers, by their labels."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.cluster.compose.labels import (
    DEPENDS,
    FILES,
    HOME,
    NETWORK,
    NUMBER,
    ONE_OFF,
    PROJECT,
    SERVICE,
    VOLUME,
)
from simulator.cluster.compose.project import Project
from simulator.machine.container import Container
from simulator.node.node import Node


def label(container: Container, name: str) -> str:
    """A label of a container; nothing where it has none."""
    return container.settings.labels.get(name, "")


def service_of(container: Container) -> str:
    """The service that it is of."""
    return label(container, SERVICE)


def number_of(container: Container) -> int:
    """Which of its service's containers it is."""
    text = label(container, NUMBER)
    return int(text) if text.isascii() and text.isdigit() else 0


def is_one_off(container: Container) -> bool:
    """Whether ``run`` made it."""
    return label(container, ONE_OFF) == "True"


def containers_of(
    node: Node, project: str, services: Iterable[str] | None = None, *, one_off: bool = False
) -> list[Container]:
    """Those of a project, of some services or of all; ``one_off``: those of ``run``, too."""
    wanted = None if services is None else set(services)
    found = [
        one
        for one in node.containers.values()
        if label(one, PROJECT) == project
        and (one_off or not is_one_off(one))
        and (wanted is None or service_of(one) in wanted)
    ]
    return sorted(found, key=lambda one: (service_of(one), number_of(one)))


def project_from(node: Node, name: str) -> Project:
    """A project as far as its containers tell of it, for orders without a file."""
    services: dict[str, dict[str, object]] = {}
    home, files = "/root", ""
    for one in containers_of(node, name):
        home, files = label(one, HOME) or home, label(one, FILES) or files
        service = services.setdefault(service_of(one), {"image": one.settings.image_name})
        service["scale"] = int(str(service.get("scale") or 0)) + 1
        service["depends_on"] = _waits(label(one, DEPENDS))
    return Project(
        name=name, home=home, services=dict(services),
        files=tuple(part.rpartition("/")[2] for part in files.split(",") if part),
        networks={
            one.labels.get(NETWORK, one.name): {"name": one.name}
            for one in node.networks.all.values()
            if one.labels.get(PROJECT) == name
        },
        volumes={
            one.labels.get(VOLUME, one.name): {"name": one.name}
            for one in node.storage.volumes.all.values()
            if one.labels.get(PROJECT) == name
        },
    )  # fmt: skip


def _waits(text: str) -> dict[str, dict[str, object]]:
    """``db:service_healthy:false,cache:service_started:true``."""
    found: dict[str, dict[str, object]] = {}
    for part in filter(None, text.split(",")):
        name, _, rest = part.partition(":")
        condition, _, restart = rest.partition(":")
        found[name] = {
            "condition": condition or "service_started", "restart": restart == "true",
            "required": False,
        }  # fmt: skip
    return found
