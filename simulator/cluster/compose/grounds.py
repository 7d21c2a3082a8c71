"""What containers of a project stand on: its networks and volumes, made, and made anew where the
files say another thing of them.

A network holds no data: its containers are stopped, and put on the new one. A volume does, and is
made anew only where somebody says yes. Source: docker/compose ``pkg/compose/reconcile.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.cluster.compose import labels
from simulator.cluster.compose.crew import Crew, daemon_says
from simulator.cluster.compose.observed import label
from simulator.cluster.compose.progress import ERROR, WORKING, Progress
from simulator.cluster.compose.project import Project
from simulator.cluster.compose.wishes import Wishes
from simulator.engine import Process
from simulator.errors import DrydockError, Refused
from simulator.machine.container import Container
from simulator.node.networks import InUse, Network, Wish
from simulator.node.node import Node
from simulator.node.spec import Attachment

_DIVERGED = (
    'Volume "{0}" exists but doesn\'t match configuration in compose file. Recreate (data will be '
    "lost)?"
)


class Grounds(Crew):
    """Sees to networks and volumes."""

    def __init__(self, node: Node, project: Project, progress: Progress, wishes: Wishes) -> None:
        super().__init__(node, project, progress)
        self.wishes = wishes

    # --- networks -------------------------------------------------------------------------------

    def networks(self) -> Process:
        """All that the project's services are on; the error or None."""
        known = self.node.networks.all
        for key, value in self.project.networks.items():
            name = value["name"]
            if value.get("external"):
                if not self.node.networks.knows(name):
                    return f"network {name} declared as external, but could not be found"
                continue
            there = known.get(name) or self._renamed(key)
            error = None
            if there is None:
                error = self._make_network(key, value)
            elif self._is_mine(key, there.labels) and self._diverged(there.labels, value):
                error = yield from self._network_anew(key, value, there)
            else:
                self._foreign_network(name, dict(there.labels))
            if error is not None:
                return error
        return None

    def _renamed(self, key: str) -> Network | None:
        """The network that this one was before the files gave it another name."""
        marks = (self.project.name, key)
        return next(
            (
                one
                for one in self.node.networks.all.values()
                if (one.labels.get(labels.PROJECT), one.labels.get(labels.NETWORK)) == marks
            ),
            None,
        )

    def _is_mine(self, key: str, marks: Any) -> bool:
        return bool(marks.get(labels.PROJECT) == self.project.name)

    @staticmethod
    def _diverged(marks: Any, value: dict[str, Any]) -> bool:
        before = marks.get(labels.HASH, "")
        return bool(before) and before != labels.thing_hash(value)

    def _network_anew(self, key: str, value: dict[str, Any], old: Network) -> Process:
        users = self._users(lambda service: key in (service.get("networks") or ()))
        lives = [one for one in users if one.lives]
        yield from self.side_by_side(self.stop(one, self.wishes.timeout_s) for one in lives)
        before = {one.id: self._left(one, old) for one in users}
        row = f"Network {old.name}"
        self.progress.on(row, "Removing", WORKING)
        try:
            self.node.networks.remove(old)
        except InUse:
            words = f"network {old.name} has active endpoints ({self._guests(old)})"
            self.progress.on(row, "Error", ERROR, words)
            return daemon_says(Refused(f"error while removing network: {words}"))
        self.progress.on(row, "Removed")
        error = self._make_network(key, value)
        for one in users if error is None else ():
            attachment = before[one.id]
            if attachment is not None:
                self.node.connect(
                    one, Attachment(value["name"], attachment.aliases, attachment.address)
                )
        return error

    def _left(self, one: Container, old: Network) -> Attachment | None:
        """Take a container off a network; how it was on it."""
        found = next((each for each in self.node.spec(one).attached if each.network == old.name),
                     None)  # fmt: skip
        if found is not None:
            self.node.disconnect(one, old)
        return found

    def _guests(self, network: Network) -> str:
        named = ((self.node.containers.get(one), end) for one, end in network.endpoints.items())
        return ", ".join(
            f'name:"{one.local_name if one else end.id[:12]}" id:"{end.id[:12]}"'
            for one, end in named
        )

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

    def _make_network(self, key: str, value: dict[str, Any]) -> str | None:
        name, row = value["name"], f"Network {value['name']}"
        self.progress.on(row, "Creating", WORKING)
        ranges = (value.get("ipam") or {}).get("config") or [{}]
        wish = Wish(
            name=name,
            driver=value.get("driver") or "bridge",
            subnet=ranges[0].get("subnet") or "",
            ip_range=ranges[0].get("ip_range") or "",
            gateway=ranges[0].get("gateway") or "",
            internal=bool(value.get("internal")),
            attachable=bool(value.get("attachable")),
            labels=labels.of_thing(self.project, labels.NETWORK, key, value),
            options={k: str(v) for k, v in (value.get("driver_opts") or {}).items()},
        )
        try:
            self.node.networks.create(wish, self.sim.now)
        except DrydockError as error:
            self.progress.on(row, "Error", ERROR, str(error))
            return f"failed to create network {name}: {daemon_says(error)}"
        self.progress.on(row, "Created")
        return None

    # --- volumes --------------------------------------------------------------------------------

    def volumes(self) -> Process:
        """All that the project's services have mounted; the error or None."""
        known = self.node.storage.volumes.all
        anew = []
        for key, value in self.project.volumes.items():
            name, there = value["name"], known.get(value["name"])
            if value.get("external"):
                if there is None:
                    return f'external volume "{name}" not found'
            elif there is None:
                error = self._make_volume(key, value)
                if error is not None:
                    return error
            elif self._is_mine(key, there.labels) and self._diverged(there.labels, value):
                if self._said_yes(name):
                    anew.append(key)
            else:
                self._foreign_volume(name, there.labels)
        error = yield from self._volumes_anew(anew)
        return error

    def _said_yes(self, name: str) -> bool:
        """What a person says who is asked; where nobody is, the tool takes it for a no."""
        answer = "Yes" if self.wishes.assume_yes else "No ('-y' says yes)"
        self.progress.note(f"? {_DIVERGED.format(name)} {answer}")
        return self.wishes.assume_yes

    def _volumes_anew(self, keys: list[str]) -> Process:
        """Containers that have them go first; they are made again with those that are missing."""
        names = {self.project.volumes[key]["name"] for key in keys}
        users = self._users(lambda service: names & set(self.volume_names(service))) if keys else []
        error = yield from self.remove_all(users, self.wishes.timeout_s)
        for key in keys if error is None else ():
            value = self.project.volumes[key]
            row = f"Volume {value['name']}"
            self.progress.on(row, "Removing", WORKING)
            try:
                self.node.storage.volumes.remove(value["name"])
            except DrydockError as refusal:
                self.progress.on(row, "Error", ERROR, str(refusal))
                return daemon_says(refusal)
            self.progress.on(row, "Removed")
            error = error or self._make_volume(key, value)
        return error

    def _make_volume(self, key: str, value: dict[str, Any]) -> str | None:
        row = f"Volume {value['name']}"
        self.progress.on(row, "Creating", WORKING)
        marks = labels.of_thing(self.project, labels.VOLUME, key, value)
        try:
            self.node.storage.volumes.create(value["name"], marks)
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

    # --- who uses them --------------------------------------------------------------------------

    def volume_names(self, service: dict[str, Any]) -> Iterable[str]:
        """The names of the volumes that a service has mounted by name."""
        volumes = self.project.volumes
        for one in service.get("volumes") or ():
            if one["type"] == "volume" and one.get("source") in volumes:
                yield volumes[one["source"]]["name"]

    def _users(self, uses: Callable[[dict[str, Any]], Any]) -> list[Container]:
        """The containers of services that use something."""
        names = [name for name, service in self.project.services.items() if uses(service)]
        found = self.members.of(names)
        return [one for one in found if label(one, labels.SERVICE)]
