"""Images of a project before its containers: built, or pulled, or there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import simpy

from simulator.cluster.compose.crew import DAEMON
from simulator.cluster.compose.progress import DONE, ERROR, WARNING, WORKING, Progress
from simulator.cluster.compose.project import Project, image_of
from simulator.cluster.compose.standing_in import standing_in
from simulator.cluster.compose.wishes import Images
from simulator.engine import Process
from simulator.errors import DrydockError
from simulator.image.model import Platform
from simulator.image.reference import Reference
from simulator.node.node import Node
from simulator.world import building
from simulator.world.commands import BuildImage
from simulator.world.depot import Depot
from simulator.world.facts import Said
from simulator.world.fleet import Fleet
from simulator.world.images import fetch, is_here
from simulator.world.jobs import Job, Jobs
from simulator.world.stand_ins import note, stand_in


class Supply:
    """Sees to it that the images of a project are there."""

    def __init__(
        self, fleet: Fleet, depot: Depot, jobs: Jobs, node: Node, project: Project,
        progress: Progress, wishes: Images, builds: Mapping[str, BuildImage],
    ) -> None:  # fmt: skip
        self.fleet, self.depot, self.jobs, self.node = fleet, depot, jobs, node
        self.project, self.progress = project, progress
        self.wishes, self.builds = wishes, builds
        self.built: list[Said] = []
        """What the builder printed."""

    def run(self) -> Process:
        """Pull side by side what is to be pulled, then build; the error or None."""
        pulls = [name for name in self.project.services if self._is_pulled(name)]
        failed = yield from self.pull(pulls)
        for name, error in failed.items():
            if name not in self.builds:
                return error
        for name in self.project.services:
            if self._is_built(name):
                error = yield from self.build(name)
                if error is not None:
                    return error
        return None

    def _policy(self, name: str) -> str:
        stated = self.wishes.pull or self.project.services[name].get("pull_policy") or "missing"
        return "always" if stated in ("refresh", "daily", "weekly") else str(stated)

    def _here(self, name: str) -> bool:
        service = self.project.services[name]
        return is_here(
            self.node.machine, Reference.parse(image_of(self.project, name)), _platform(service)
        )

    def _is_pulled(self, name: str) -> bool:
        service, policy = self.project.services[name], self._policy(name)
        if not service.get("image") or policy in ("never", "build"):
            return False
        if name in self.builds and (self.wishes.build == "always" or policy != "always"):
            return False
        return policy == "always" or policy.startswith("every_") or not self._here(name)

    def _is_built(self, name: str) -> bool:
        if name not in self.builds or self.wishes.build == "never":
            return False
        if self.wishes.build == "always" or self._policy(name) == "build":
            return True
        return not self._here(name)

    # --- pulls ----------------------------------------------------------------------------------

    def pull(self, names: list[str]) -> Process:
        """Pull the images of services; the errors by service."""
        wanted: dict[str, str] = {}
        for name in names:
            wanted.setdefault(image_of(self.project, name), name)
        begun = {
            name: self.fleet.parts.sim.start(self._pull(image, name))
            for image, name in wanted.items()
        }
        if begun:
            yield simpy.AllOf(self.fleet.parts.sim.env, list(begun.values()))
        return {name: one.value for name, one in begun.items() if one.value is not None}

    def _pull(self, image: str, name: str) -> Process:
        row = f"Image {image}"
        self._tell(row, "Pulling", WORKING)
        try:
            reference = Reference.parse(image)
            error = yield from self._fetch(reference, _platform(self.project.services[name]))
        except DrydockError as refusal:
            error = str(refusal)
        if error is None:
            self._tell(row, "Pulled", DONE)
            return None
        state = WARNING if name in self.builds else ERROR
        self.progress.on(row, "Warning" if name in self.builds else "Error", state, error)
        return error if error.startswith(DAEMON) else DAEMON + error

    def _fetch(self, reference: Reference, platform: Platform | None) -> Process:
        """Pull an image, or what stands in for one that nobody here has."""
        like = stand_in(self.depot, self.node, reference)
        wanted = reference if like is None else Reference.parse(like)
        error = yield from fetch(self.depot, self.node, wanted, platform, Job(0, ""))
        if like is not None and error is None:
            store = self.node.machine.images.store
            image = standing_in(store.get(wanted).image, like)
            store.add(image, reference.tagged(), now_s=self.fleet.parts.sim.now)
            self.progress.note(note(reference, like))
        elif error is None and (text := self.depot.note(reference)):
            self.progress.note(f"note: {text}")
        return error

    def _tell(self, row: str, text: str, state: str) -> None:
        if not self.wishes.quiet:
            self.progress.on(row, text, state)

    # --- builds ---------------------------------------------------------------------------------

    def build(self, name: str) -> Process:
        """Build the image of a service; the error or None."""
        row = f"Image {image_of(self.project, name)}"
        self.progress.on(row, "Building", WORKING)
        try:
            job, process = building.planned(self.fleet, self.depot, self.jobs, self.builds[name])
        except DrydockError as refusal:
            self.progress.on(row, "Error", ERROR, str(refusal))
            return f"target {name}: {refusal}"
        yield from process
        self.built += job.lines
        if job.error:
            self.progress.on(row, "Error", ERROR)
            return f"target {name}: {job.error}"
        self.progress.on(row, "Built")
        return None


def _platform(service: Mapping[str, Any]) -> Platform | None:
    return Platform.parse(service["platform"]) if service.get("platform") else None
