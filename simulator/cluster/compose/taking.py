"""``down``, ``stop``, ``start``, ``restart``, ``kill``, ``rm``: orders to what is there."""

from __future__ import annotations

from simulator.cluster.compose.bringing import Bringing
from simulator.cluster.compose.crew import title
from simulator.cluster.compose.labels import PROJECT, SERVICE
from simulator.cluster.compose.observed import label
from simulator.cluster.compose.progress import DONE, WARNING, WORKING
from simulator.cluster.compose.project import image_of
from simulator.engine import Process
from simulator.errors import DrydockError
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.node.networks import InUse
from simulator.node.volumes import VolumeInUse


class Taking(Bringing):
    """Orders to the containers of a project that exist."""

    # --- down -----------------------------------------------------------------------------------

    def down(self, *, volumes: bool, images: str, whole: bool) -> Process:
        """Stop and delete containers, then networks, images and volumes.

        ``images``: nothing, ``local`` or ``all``; ``whole``: not only some services.
        """
        grace_s = self.wishes.timeout_s
        there = self.members.of(one_off=self.wishes.remove_orphans)
        known = self.project.services

        def service(name: str) -> Process:
            mine = [one for one in there if label(one, SERVICE) == name]
            error = yield from self.remove_all(mine, grace_s, volumes=volumes)
            return error

        error = yield from self.in_order(service, reverse=True)
        orphans = [one for one in there if label(one, SERVICE) not in known]
        if error is None and self.wishes.remove_orphans:
            error = yield from self.remove_all(orphans, grace_s)
        if error is None and whole:
            self._networks_down()
            self._images_down(images)
            self._volumes_down(volumes)
        if not self.progress.rows:
            self.progress.warn(
                f'Warning: No resource found to remove for project "{self.project.name}".'
            )
        return error

    def _networks_down(self) -> None:
        for value in self.project.networks.values():
            known = self.node.networks.all.get(value["name"])
            if value.get("external") or known is None:
                continue
            if known.labels.get(PROJECT) != self.project.name:
                continue
            row = f"Network {value['name']}"
            self.progress.on(row, "Removing", WORKING)
            try:
                self.node.networks.remove(known)
            except InUse:
                self.progress.on(row, "Resource is still in use", WARNING)
                continue
            self.progress.on(row, "Removed")

    def _images_down(self, which: str) -> None:
        names = {
            image_of(self.project, name)
            for name, one in self.project.services.items()
            if which == "all" or (which == "local" and not one.get("image"))
        }
        store = self.node.machine.images.store
        for name in sorted(names):
            reference = Reference.parse(name)
            if store.find(reference) is None:
                continue
            row = f"Image {reference.short()}"
            self.progress.on(row, "Removing", WORKING)
            try:
                store.remove(name)
            except DrydockError:
                self.progress.on(row, "Resource is still in use", WARNING)
                continue
            self.progress.on(row, "Removed")

    def _volumes_down(self, wanted: bool) -> None:
        volumes = self.node.storage.volumes
        for value in self.project.volumes.values() if wanted else ():
            if value.get("external") or value["name"] not in volumes.all:
                continue
            row = f"Volume {value['name']}"
            self.progress.on(row, "Removing", WORKING)
            try:
                volumes.remove(value["name"])
            except VolumeInUse:
                self.progress.on(row, "Resource is still in use", WARNING)
                continue
            self.progress.on(row, "Removed")

    # --- the others -----------------------------------------------------------------------------

    def stop_all(self) -> Process:
        """Stop, those that wait for others first."""

        def service(name: str) -> Process:
            mine = self.members.of([name])
            error = yield from self.side_by_side(
                self.stop(one, self.wishes.timeout_s) for one in mine if one.lives
            )
            return error

        error = yield from self.in_order(service, reverse=True)
        return error

    def restart_all(self) -> Process:
        """Stop and start again, in order."""

        def service(name: str) -> Process:
            mine = self.members.of([name])
            error = yield from self.side_by_side(map(self._restart, mine))
            return error

        error = yield from self.in_order(service)
        return error

    def _restart(self, container: Container) -> Process:

        self.progress.on(title(container), "Restarting", WORKING)
        again = self.sim.env.event()
        try:
            self.node.restart(container, self.wishes.timeout_s, again.succeed)
        except DrydockError as error:
            return self._failed(title(container), str(error), "Error while Restarting")
        yield again
        if container.start_error:
            return self._failed(title(container), container.start_error, "Error while Restarting")
        self.progress.on(title(container), "Started", DONE)
        return None
