"""What all orders to a project share: doing things to containers side by side, and in order.

An order is waited for once by a person, so it is a process; what it leaves behind is containers,
networks and volumes of the daemon with labels, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import simpy

from simulator.cluster.compose.observed import Members, service_of
from simulator.cluster.compose.progress import ERROR, WORKING, Progress
from simulator.cluster.compose.project import Project, dependencies, in_order
from simulator.cluster.compose.specs import target_of
from simulator.engine import Process
from simulator.errors import DrydockError, Refused
from simulator.image.model import FileEntry
from simulator.image.problems import FileProblem
from simulator.machine.container import Container
from simulator.node.node import Node

DAEMON = "Error response from daemon: "
Work = Callable[[str], Process]
"""What is done for a service: ends with an error in words, or None."""


def title(container: Container) -> str:
    """How a row calls a container."""
    return f"Container {container.local_name}"


class Unset(Refused):
    """A secret or a config is to be what a variable says, which is not set."""


class Crew:
    """Carries orders to the containers of one project out."""

    def __init__(self, node: Node, project: Project, progress: Progress) -> None:
        self.node = node
        self.project = project
        self.progress = progress
        self.sim = node.machine.parts.sim
        self.members = Members(node, project.name)
        self.error: str | None = None
        """The first thing that went wrong; nothing new is begun after it."""

    # --- in order -------------------------------------------------------------------------------

    def in_order(self, work: Work, *, reverse: bool = False) -> Process:
        """Work for each service, after those that it waits for (or that wait for it)."""
        services = self.project.services
        names = in_order(services)
        before: dict[str, list[str]] = {name: [] for name in names}
        for name in names:
            for other in dependencies(services[name]):
                if other in before:
                    before[other if reverse else name].append(name if reverse else other)
        begun: dict[str, simpy.Event] = {}
        for name in reversed(names) if reverse else names:
            waits = [begun[one] for one in before[name] if one in begun]
            begun[name] = self.sim.start(self._after(waits, work, name))
        if begun:
            yield simpy.AllOf(self.sim.env, list(begun.values()))
        return self.error

    def _after(self, waits: Sequence[simpy.Event], work: Work, name: str) -> Process:
        if waits:
            yield simpy.AllOf(self.sim.env, list(waits))
        if self.error is None:
            error = yield from work(name)
            if error is not None:
                self.error = self.error or error

    def side_by_side(self, works: Iterable[Process]) -> Process:
        """Several at once; the first error of them in their order."""
        begun = [self.sim.start(one) for one in works]
        if begun:
            yield simpy.AllOf(self.sim.env, begun)
        return next((one.value for one in begun if one.value is not None), None)

    # --- one container --------------------------------------------------------------------------

    def start(self, container: Container) -> Process:
        """Start it, with the secrets and configs that are written into it."""
        self.progress.on(title(container), "Starting", WORKING)
        try:
            self._inject(container)
            self.node.start(container)
        except Unset as error:
            self._failed(title(container), str(error), "Error while Starting")
            return str(error)
        except (DrydockError, FileProblem) as error:
            return self._failed(title(container), str(error), "Error while Starting")
        yield container.begun.event()
        if container.start_error:
            words = container.start_error
            return self._failed(title(container), words, "Error while Starting")
        self.progress.on(title(container), "Started")
        return None

    def _failed(self, name: str, words: str, shown: str) -> str:
        self.progress.on(name, "Error", ERROR, shown)
        return words if words.startswith(DAEMON) else DAEMON + words

    def _inject(self, container: Container) -> None:
        """Secrets and configs that are no files of the host lie in the container itself."""
        service = self.project.services.get(service_of(container))
        for kind, folder in (("secrets", "/run/secrets/"), ("configs", "/")):
            for use in (service or {}).get(kind) or ():
                source = getattr(self.project, kind).get(use["source"]) or {}
                text = source.get("content")
                if text is None and source.get("environment") is not None:
                    raise Unset(
                        f'environment variable "{source["environment"]}" required by {kind[:-1]} '
                        f'"{source["name"]}" is not set'
                    )
                if text is None:
                    continue
                layer = self.node.storage.layer(container)
                entry = FileEntry(
                    target_of(use, folder), len(text.encode()), int(use.get("mode") or 0o444),
                    text=text, modified_s=self.sim.now,
                )  # fmt: skip
                layer.put(entry)

    def stop(self, container: Container, grace_s: float | None) -> Process:
        """Ask it to stop, and wait until it has."""
        name = title(container)
        self.progress.on(name, "Stopping", WORKING)
        if container.lives:
            ended = self.sim.env.event()
            self.node.stop(container, grace_s, ended.succeed)
            yield ended
        self.progress.on(name, "Stopped")
        return None

    def remove(
        self, container: Container, grace_s: float | None = None, *, volumes: bool = False
    ) -> Process:
        """Stop it and delete it."""
        yield from self.stop(container, grace_s)
        name = title(container)
        self.progress.on(name, "Removing", WORKING)
        with suppress(Refused):
            self.node.remove(container, volumes=volumes)
        self.progress.on(name, "Removed")
        return None

    def remove_all(
        self, containers: Iterable[Container], grace_s: float | None, *, volumes: bool = False
    ) -> Process:
        """Stop and delete several side by side."""
        error = yield from self.side_by_side(
            self.remove(one, grace_s, volumes=volumes) for one in containers
        )
        return error


def daemon_says(error: DrydockError) -> str:
    """A refusal in the words of the client that it came from the daemon."""
    text = str(error)
    return text if text.startswith(DAEMON) else DAEMON + text
