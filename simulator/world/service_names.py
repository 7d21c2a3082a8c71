"""What services are called: which containers a name means, and which names a service can have."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.cluster.compose.labels import PROJECT
from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.node.names import NAME, check_name
from simulator.traffic.service import Service


class ServiceNames:
    """Containers by the names of services that they carry or are listed in."""

    def __init__(
        self, services: Mapping[str, Service], containers: Mapping[str, Container]
    ) -> None:
        self.services = services
        self.containers = containers
        self.projects: dict[str, str] = {}
        """The project of Compose whose containers answer for a service that is called as theirs."""
        self.listed: dict[str, dict[str, None]] = {}
        """By name of a container: the services that it answers for by order, not by alias."""

    def means_any(self, name: str) -> bool:
        """Whether containers are reached by this name, or by that of their project before it."""
        project, slash, service = name.partition("/")
        if slash:
            return project in self._projects_of(service)
        return any(name in one.settings.aliases for one in self.containers.values())

    def wanted(self, container: Container) -> list[str]:
        """Services whose name is an alias of the container, or that list it, oldest first."""
        own = (one for one in container.settings.aliases if self.answers(container, one))
        names = (*own, *self.listed.get(container.name, ()))
        found = [self.services[name] for name in dict.fromkeys(names) if name in self.services]
        return [service.name for service in sorted(found, key=age)]

    def answers(self, container: Container, name: str) -> bool:
        """Whether a container that has the name of a service is one of those meant by it.

        The services of two projects of Compose may have one name, and share no traffic: the first
        has it, ``PROJECT/SERVICE`` means either.
        """
        project = container.settings.labels.get(PROJECT)
        if project is None or name not in self.services or "/" in name:
            return True
        holder = self.projects.setdefault(name, project)
        if holder != project and holder not in self._projects_of(name):
            holder = self.projects[name] = project
        return holder == project

    def _projects_of(self, name: str) -> dict[str, None]:
        """The projects of Compose that have a service of this name."""
        marks = (
            one.settings.labels.get(PROJECT)
            for one in self.containers.values()
            if name in one.settings.aliases
        )
        return {project: None for project in marks if project is not None}

    def check_new(self, name: str) -> None:
        """Refuse a name that no service can have, or that means services of several projects."""
        project, slash, service = name.partition("/")
        if slash and service and NAME.fullmatch(project):
            if project not in self._projects_of(service):
                raise Refused(
                    f"no container of a project {project} answers for a service {service}"
                )
            return
        check_name("service", name)
        several = [f"{one}/{name}" for one in self._projects_of(name)]
        if len(several) > 1:
            raise Refused(f"several projects have a service {name}: {', '.join(several)}")


def age(service: Service) -> int:
    """How many services were made before it."""
    return service.number
