"""``up``: networks and volumes, then containers, then their start, each when what it waits for
has come about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.cluster.compose import labels
from simulator.cluster.compose.conditions import RUNNING_OR_HEALTHY, judge
from simulator.cluster.compose.converging import Converging, daemon_says
from simulator.cluster.compose.crew import title
from simulator.cluster.compose.observed import containers_of
from simulator.cluster.compose.progress import ERROR, WARNING, WORKING
from simulator.cluster.compose.project import COMPLETED, STARTED, dependencies, scale_of
from simulator.engine import Process
from simulator.errors import DrydockError
from simulator.image.model import FileEntry
from simulator.machine.container import Container
from simulator.node.networks import Wish

POLL_S = 0.5
"""How often the tool asks whether a condition holds (docker/compose, ``waitDependencies``)."""
_WORDS = {"service_completed_successfully": "Exited"}


class Bringing(Converging):
    """Brings a project up."""

    def prepare(self) -> Process:
        """Networks, volumes and files of the host, then containers; the error or None."""
        self._deliver()
        error = self._networks()
        if error is None:
            error = self._volumes()
        if error is None:
            error = yield from self.converge()
        return error

    def _deliver(self) -> None:
        """Files of the person's folder that containers see lie on the machine, too."""
        host = self.node.storage.volumes.host
        for one in self.project.contents:
            known = host.lookup(one.path)
            if known is not None and known.size_bytes and known.text != one.text:
                continue  # a container has written to it
            host.put(FileEntry(one.path, one.size_bytes, one.mode, text=one.text))

    # --- networks and volumes -------------------------------------------------------------------

    def _networks(self) -> str | None:
        for key, value in self.project.networks.items():
            name, known = value["name"], self.node.networks.all.get(value["name"])
            if value.get("external"):
                if known is None:
                    return f"network {name} declared as external, but could not be found"
                continue
            if known is not None:
                self._foreign_network(name, dict(known.labels))
                continue
            try:
                self._make_network(key, value)
            except DrydockError as error:
                self.progress.on(f"Network {name}", "Error", ERROR, str(error))
                return f"failed to create network {name}: {daemon_says(error)}"
        return None

    def _foreign_network(self, name: str, marks: dict[str, str]) -> None:
        if labels.PROJECT not in marks:
            self.progress.warn(
                f"a network with name {name} exists but was not created by compose. "
                "Set `external: true` to use an existing network"
            )
        elif marks[labels.PROJECT] != self.project.name:
            self.progress.warn(
                f"a network with name {name} exists but was not created for project "
                f'"{self.project.name}". Set `external: true` to use an existing network'
            )

    def _make_network(self, key: str, value: dict[str, Any]) -> None:
        row = f"Network {value['name']}"
        self.progress.on(row, "Creating", WORKING)
        ranges = (value.get("ipam") or {}).get("config") or [{}]
        wish = Wish(
            name=value["name"],
            driver=value.get("driver") or "bridge",
            subnet=ranges[0].get("subnet") or "",
            ip_range=ranges[0].get("ip_range") or "",
            gateway=ranges[0].get("gateway") or "",
            internal=bool(value.get("internal")),
            attachable=bool(value.get("attachable")),
            labels=labels.of_thing(self.project, labels.NETWORK, key, value),
            options={k: str(v) for k, v in (value.get("driver_opts") or {}).items()},
        )
        self.node.networks.create(wish, self.sim.now)
        self.progress.on(row, "Created")

    def _volumes(self) -> str | None:
        volumes = self.node.storage.volumes
        for key, value in self.project.volumes.items():
            name, known = value["name"], volumes.all.get(value["name"])
            if value.get("external"):
                if known is None:
                    return f'external volume "{name}" not found'
                continue
            if known is not None:
                self._foreign_volume(name, known.labels)
                continue
            row = f"Volume {name}"
            self.progress.on(row, "Creating", WORKING)
            try:
                volumes.create(name, labels.of_thing(self.project, labels.VOLUME, key, value))
            except DrydockError as error:
                self.progress.on(row, "Error", ERROR, str(error))
                return daemon_says(error)
            self.progress.on(row, "Created")
        return None

    def _foreign_volume(self, name: str, marks: dict[str, str]) -> None:
        if labels.PROJECT not in marks:
            self.progress.warn(
                f'volume "{name}" already exists but was not created by Docker Compose. '
                "Use `external: true` to use an existing volume"
            )
        elif marks[labels.PROJECT] != self.project.name:
            self.progress.warn(
                f'volume "{name}" already exists but was created for project '
                f'"{marks[labels.PROJECT]}" (expected "{self.project.name}"). '
                "Use `external: true` to use an existing volume"
            )

    # --- starting -------------------------------------------------------------------------------

    def begin(self) -> Process:
        """Start what does not run, in order; the error or None."""
        error = yield from self.in_order(self._start_service)
        return error

    def _start_service(self, name: str) -> Process:
        service = self.project.services[name]
        error = yield from self.conditions(name, dependencies(service))
        if error is not None:
            return error
        for one in containers_of(self.node, self.project.name, [name]):
            if one.lives or self.error is not None:
                continue
            error = yield from self.start(one)
            if error is not None:
                return error
        return None

    def conditions(self, name: str, wishes: dict[str, Any]) -> Process:
        """Wait until all conditions of a service hold; the words of the first that never will."""
        waiting: dict[str, list[Container]] = {}
        for other, wish in wishes.items():
            if wish["condition"] == STARTED or other not in self.project.services:
                continue
            if scale_of(self.project.services[other]) == 0:
                continue
            found = containers_of(self.node, self.project.name, [other])
            if not found and wish["required"]:
                return f"{name} is missing dependency {other}"
            if not found:
                self.progress.warn(f"{name} is missing dependency {other}")
                continue
            self._tell(found, "Waiting", WORKING)
            waiting[other] = found
        error = yield from self.until(waiting, wishes)
        return error

    def until(
        self, waiting: dict[str, list[Container]], wishes: dict[str, Any],
        limit_s: float | None = None,
    ) -> Process:  # fmt: skip
        """Ask again and again until nothing is waited for; an error, or None."""
        end = None if limit_s is None else self.sim.now + limit_s
        while waiting and self.error is None:
            if end is not None and self.sim.now + POLL_S > end:
                return f"application not healthy after {limit_s:g}s"
            yield self.sim.env.timeout(POLL_S)
            for other in list(waiting):
                error = self._judge(other, waiting, wishes[other])
                if error is not None:
                    return error
        return None

    def _judge(
        self, other: str, waiting: dict[str, list[Container]], wish: dict[str, Any]
    ) -> str | None:
        condition, found = wish["condition"], waiting[other]
        verdict = judge(condition, other, found)
        if verdict.holds:
            self._tell(found, _WORDS.get(condition, "Healthy"))
            del waiting[other]
        elif verdict.never and wish.get("required", True):
            if verdict.told:
                self._tell(found, "Error", ERROR, verdict.told)
            return verdict.never
        elif verdict.never:
            words = f'optional dependency "{other}" failed to start'
            self._tell(found, f"Skipped: {words}", WARNING)
            self.progress.warn(f"{words}: {verdict.never}")
            del waiting[other]
        return None

    def _tell(
        self, containers: Iterable[Container], text: str, state: str = "done", details: str = ""
    ) -> None:
        for one in containers:
            self.progress.on(title(one), text, state, details)

    def wait_for_all(self, limit_s: float | None) -> Process:
        """``--wait``: until every service runs, or is healthy where it can be, or has completed."""
        services = self.project.services
        completes = {
            other
            for one in services.values()
            for other, wish in dependencies(one).items()
            if wish["condition"] == COMPLETED
        }
        wishes = {
            name: {"condition": COMPLETED if name in completes else RUNNING_OR_HEALTHY}
            for name in services
        }
        waiting = {
            name: containers_of(self.node, self.project.name, [name])
            for name in services
            if scale_of(services[name])
        }
        for found in waiting.values():
            self._tell(found, "Waiting", WORKING)
        error = yield from self.until(waiting, wishes, limit_s)
        return error
