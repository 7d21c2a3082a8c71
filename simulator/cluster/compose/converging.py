"""From what is there to what is wanted: which containers stay, go, come, and are made anew.

Source: docker/compose ``pkg/compose/reconcile.go`` and ``create.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from simulator.cluster.compose import labels
from simulator.cluster.compose.crew import daemon_says, title
from simulator.cluster.compose.grounds import Grounds
from simulator.cluster.compose.observed import label, number_of
from simulator.cluster.compose.progress import DONE, ERROR, WORKING, Progress
from simulator.cluster.compose.project import (
    Project,
    dependencies,
    dependents,
    image_of,
    scale_of,
)
from simulator.cluster.compose.specs import spec_of
from simulator.cluster.compose.standing_in import adjusted, stands_in
from simulator.cluster.compose.wishes import Wishes
from simulator.engine import Process
from simulator.errors import DrydockError, Refused
from simulator.image.model import Image
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.node.node import Node


class Converging(Grounds):
    """Makes the containers of a project what its files say; starts none of them."""

    def __init__(self, node: Node, project: Project, progress: Progress, wishes: Wishes) -> None:
        super().__init__(node, project, progress, wishes)
        self._anew: dict[str, None] = {}
        """Services of which a container was made anew."""

    def converge(self) -> Process:
        """Containers of all services, in their order; the error or None."""
        error = yield from self._orphans()
        if error is None:
            error = yield from self.in_order(self._service)
        return error

    def _orphans(self) -> Process:
        """Containers of services that the project does not have."""
        known = {*self.project.services, *self.project.disabled}
        found = [one for one in self.members.of() if label(one, labels.SERVICE) not in known]
        if not found or self.wishes.ignore_orphans:
            return None
        if self.wishes.remove_orphans:
            error = yield from self.remove_all(found, self.wishes.timeout_s)
            return error
        names = " ".join(one.local_name for one in found)
        self.progress.warn(
            f"Found orphan containers ([{names}]) for this project. If you removed or renamed this "
            "service in your compose file, you can run this command with the --remove-orphans flag "
            "to clean it up."
        )
        return None

    # --- one service ----------------------------------------------------------------------------

    def _service(self, name: str) -> Process:
        wanted = scale_of(self.project.services[name])
        there = self._sorted(name, self.members.of([name]))
        works = [self.remove(one, self.wishes.timeout_s) for one in there[wanted:]]
        stale = [one for one in there[:wanted] if self._is_stale(name, one)]
        if stale:
            yield from self._stop_dependents(name)
        for one in there[:wanted]:
            if one in stale:
                works.append(self._recreate(name, one))
            else:
                word = "Running" if one.lives else "Created"
                self.progress.on(title(one), word)
        error = yield from self.side_by_side(works)
        following = max(map(number_of, there), default=0) + 1
        for number in range(following, following + wanted - len(there)):
            error = error or self._create_new(name, number)
        return error

    def _sorted(self, name: str, there: Sequence[Container]) -> list[Container]:
        """Those that stay in front: up to date before stale, low numbers before high ones."""
        return sorted(there, key=lambda one: (self._is_stale(name, one), number_of(one)))

    def _is_stale(self, name: str, one: Container) -> bool:
        """Whether a container is no longer what its service wants."""
        named = not self.wishes.named or name in self.wishes.named
        policy = self.wishes.recreate if named else self.wishes.recreate_dependencies
        if policy != "diverged":
            return policy == "force"
        service = self.project.services[name]
        if label(one, labels.HASH) != labels.service_hash(service):
            return True
        image = self._image(name)
        if image is not None and label(one, labels.IMAGE) != image.id:
            return True
        if not self._on_networks(service, one) or not self._has_volumes(service, one):
            return True
        return any(other in self._anew for other in _sharing(service))

    def _has_volumes(self, service: dict[str, Any], one: Container) -> bool:
        here = {part.volume.name for part in self.node.storage.mounts(one) if part.volume}
        return all(name in here for name in self.volume_names(service))

    def _on_networks(self, service: dict[str, Any], one: Container) -> bool:
        spec = self.node.spec(one)
        here = {attached.network for attached in spec.attached}
        names = (self.project.networks[key]["name"] for key in service.get("networks") or ())
        return all(name in here for name in names)

    def _image(self, name: str) -> Image | None:
        stored = self.node.machine.images.store.find(Reference.parse(image_of(self.project, name)))
        return None if stored is None else stored.image

    def _stop_dependents(self, name: str) -> Process:
        """Who waits for a service with ``restart: true`` is started again after it."""
        others = [
            one
            for one in dependents(self.project.services, name)
            if dependencies(self.project.services[one])[name].get("restart")
        ]
        running = [one for one in self.members.of(others) if one.lives]
        yield from self.side_by_side(self.stop(one, self.wishes.timeout_s) for one in running)

    # --- one container --------------------------------------------------------------------------

    def _create_new(self, service: str, number: int) -> str | None:
        wish = self.project.services[service]
        name = wish.get("container_name") or f"{self.project.name}-{service}-{number}"
        row = f"Container {name}"
        self.progress.on(row, "Creating", WORKING)
        try:
            self.create(service, name, number)
        except DrydockError as error:
            self.progress.on(row, "Error", ERROR, str(error))
            return daemon_says(error)
        self.progress.on(row, "Created", DONE)
        return None

    def create(
        self, service: str, name: str, number: int, *, one_off: bool = False,
        changes: Mapping[str, Any] | None = None, volumes: Sequence[str] = (),
    ) -> Container:  # fmt: skip
        """A container of a service; ``changes``: fields of its specification."""
        reference = Reference.parse(image_of(self.project, service))
        stored = self.node.machine.images.store.find(reference)
        if stored is None:
            raise Refused(f"No such image: {reference.short()}")
        marks = labels.of_container(self.project, service, number, stored.image.id, one_off=one_off)
        changed = dict(changes or {})
        aliased = not one_off or changed.pop("aliased", False)
        spec = spec_of(self.project, service, name, marks, self._others(service), aliased=aliased)
        taken_over = {one.partition(":")[2] for one in volumes}
        own = [one for one in spec.binds if one not in taken_over]
        changed["binds"] = (*own, *volumes, *changed.pop("more_binds", ()))
        changed["labels"] = {**spec.labels, **changed.pop("more_labels", {})}
        spec = msgspec.structs.replace(spec, **changed)
        if stands_in(stored.image):
            other = "command" in changed or "entrypoint" in changed
            spec = adjusted(spec, stored.image, self.project.services, service, carried_out=other)
        plan = self.node.plan(spec, name)
        return self.node.create(plan, name, stored.image)

    def _others(self, service: str) -> dict[str, str]:
        """The first container of each service whose namespace or volumes this one shares."""
        found: dict[str, str] = {}
        for one in self.members.of(_sharing(self.project.services[service])):
            found.setdefault(label(one, labels.SERVICE), one.local_name)
        return found

    def _recreate(self, service: str, old: Container) -> Process:
        """Another container takes the name, the number and the anonymous volumes of this one."""
        name, number = old.local_name, number_of(old)
        row = title(old)
        self._anew[service] = None
        self.progress.on(row, "Recreate", WORKING)
        yield from self._stopped(old)
        wish = self.project.services[service]
        wanted = wish.get("container_name") or f"{self.project.name}-{service}-{number}"
        self.node.rename(old, f"{old.id[:12]}_{name}"[:128])
        try:
            self.create(service, wanted, number, volumes=self._inherited(service, old))
        except DrydockError as error:
            self.node.rename(old, name)
            self.progress.on(row, "Error", ERROR, str(error))
            return daemon_says(error)
        self.node.remove(old, volumes=self.wishes.renew_volumes)
        self.progress.on(row, "Recreated")
        return None

    def _stopped(self, old: Container) -> Process:
        if old.lives:
            ended = self.sim.env.event()
            self.node.stop(old, self.wishes.timeout_s, ended.succeed)
            yield ended

    def _inherited(self, service: str, old: Container) -> list[str]:
        """The anonymous volumes of a container, as mounts for the one that follows it."""
        if self.wishes.renew_volumes:
            return []
        stated = {
            one["target"]
            for one in self.project.services[service].get("volumes") or ()
            if one.get("source") or one["type"] != "volume"
        }
        return [
            f"{one.volume.name}:{one.mount.target}"
            for one in self.node.storage.mounts(old)
            if one.volume is not None and one.volume.anonymous and one.mount.target not in stated
        ]


def _sharing(service: dict[str, Any]) -> list[str]:
    """The services whose containers' namespaces or volumes a service shares."""
    modes = (str(service.get(key) or "") for key in ("network_mode", "ipc", "pid"))
    found = [mode.removeprefix("service:") for mode in modes if mode.startswith("service:")]
    others = service.get("volumes_from") or ()
    return found + [one.split(":")[0] for one in others if not one.startswith("container:")]
