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


class Members:
    """The containers of a project, for one order to it: found anew as they come and go, without
    looking at all that the daemon has each time."""

    def __init__(self, node: Node, project: str) -> None:
        self.node, self.project = node, project
        self._seen: set[str] = set()
        self._by_service: dict[str, dict[str, Container]] = {}

    def _look(self) -> None:
        """What the daemon has made since: the newest come last in its table."""
        new = []
        for identity in reversed(self.node.containers):
            if identity in self._seen:
                break
            new.append(identity)
        for identity in reversed(new):
            self._seen.add(identity)
            one = self.node.containers[identity]
            if label(one, PROJECT) == self.project:
                self._by_service.setdefault(service_of(one), {})[identity] = one

    def of(
        self, services: Iterable[str] | None = None, *, one_off: bool = False
    ) -> list[Container]:  # fmt: skip
        """As ``containers_of``."""
        self._look()
        names = sorted(self._by_service if services is None else dict.fromkeys(services))
        found: list[Container] = []
        for name in names:
            mine = self._by_service.get(name, {})
            for identity in [one for one in mine if one not in self.node.containers]:
                del mine[identity]
            kept = (one for one in mine.values() if one_off or not is_one_off(one))
            found += sorted(kept, key=number_of)
        return found


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


def waits_of(container: Container) -> dict[str, dict[str, object]]:
    """What its service waits for, as its label has it."""
    return _waits(label(container, DEPENDS))


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
