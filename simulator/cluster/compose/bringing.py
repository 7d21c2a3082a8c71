"""``up``: networks and volumes, then containers, then their start, each when what it waits for
has come about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.cluster.compose.conditions import RUNNING_OR_HEALTHY, judge
from simulator.cluster.compose.converging import Converging
from simulator.cluster.compose.crew import title
from simulator.cluster.compose.progress import ERROR, WARNING, WORKING
from simulator.cluster.compose.project import COMPLETED, STARTED, dependencies, scale_of
from simulator.engine import Process
from simulator.image.model import FileEntry
from simulator.machine.container import Container

POLL_S = 0.5
"""How often the tool asks whether a condition holds (docker/compose, ``waitDependencies``)."""
_WORDS = {"service_completed_successfully": "Exited"}


class Bringing(Converging):
    """Brings a project up."""

    def prepare(self) -> Process:
        """Networks, volumes and files of the host, then containers; the error or None."""
        self._deliver()
        error = yield from self.networks()
        if error is None:
            error = yield from self.volumes()
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
        for one in self.members.of([name]):
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
            found = self.members.of([other])
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
        waiting = {name: self.members.of([name]) for name in services if scale_of(services[name])}
        for found in waiting.values():
            self._tell(found, "Waiting", WORKING)
        error = yield from self.until(waiting, wishes, limit_s)
        return error
