"""Requests to services: at a name, at a published port of any node, or from task to task.

A service that nobody sends anything to costs nothing here. From the first request on it has a
stream, and each of its running tasks is made warm and answers for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from simulator.cluster.swarm.agents.agents import Agents
from simulator.cluster.swarm.agents.seat import Seat
from simulator.cluster.swarm.gossip import HEARD_S, missed_s
from simulator.cluster.swarm.managers import uniform
from simulator.cluster.swarm.objects import Node, Service, Task
from simulator.cluster.swarm.state import State
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station
from simulator.traffic.service import Service as Stream


class Balancing(Protocol):
    """Who sends requests to containers: the model's services by name."""

    def make(
        self,
        name: str,
        balancer: str = "round-robin",
        lag_s: float = 0.0,
        *,
        given: bool = True,
        kept: bool = False,
    ) -> Stream:
        """A new name that traffic can be sent to; ``given``: by a person, so check it. ``kept``:
        who on a machine that fell answers no more is said here."""

    def list_in(self, service: Stream, container: Container) -> None:
        """A container answers for a service, now or as soon as it is ready."""

    def detach(self, service: Stream, container: Container) -> None:
        """A container gets no further requests of a service; those in it finish."""

    def release(self, service: Stream, name: str, station: Station) -> None:
        """A service sends nothing more to a station, whether it still answers or not."""


class Mesh:
    """The streams of one swarm's services."""

    def __init__(
        self, state: State, agents: Agents, balancing: Balancing, addresses: Mapping[str, str]
    ) -> None:
        self.state = state
        self.agents = agents
        self.balancing = balancing
        self.machines = addresses
        self.streams: dict[str, dict[str, Stream]] = {}
        """By service: streams by the names under which people send to it."""
        agents.runs_now = self._runs
        agents.stops_now = self._stops
        agents.falls = self._falls

    # --- by name --------------------------------------------------------------------------------

    def find(self, word: str) -> Stream | None:
        """The stream of requests to what a word means in this swarm, if it means anything."""
        service = self._meant(word)
        if service is None:
            return None
        known = self.streams.setdefault(service.id, {})
        found = known.get(word)
        if found is None:
            way = "round-robin" if service.spec.endpoint.mode == "vip" else "random"
            found = known[word] = self.balancing.make(word, way, HEARD_S, given=False, kept=True)
            for task in self.state.tasks_of(service.id):
                if self.agents.listed(task):
                    self._join(found, task)
        return found

    def _meant(self, word: str) -> Service | None:
        """``shop_web``; ``web``, where one service alone is called so on its networks; ``:8080`` or
        ``NODE:8080``."""
        named = self.state.service_named(word) or self._aliased(word)
        if named is not None:
            return named
        host, colon, port = word.rpartition(":")
        if not colon or not port.isdigit() or not self._is_member(host):
            return None
        for service in self.state.services.values():
            if int(port) in service.ports.values():
                return service
        return None

    def _aliased(self, word: str) -> Service | None:
        found = [
            service
            for service in self.state.services.values()
            if any(word in network.aliases for network in service.spec.task.networks)
        ]
        return found[0] if len(found) == 1 else None

    def _is_member(self, host: str) -> bool:
        if host in ("", "localhost", "127.0.0.1"):
            return True
        nodes = self.state.nodes.values()
        return any(host in (one.hostname, one.address, one.id) for one in nodes)

    # --- tasks ----------------------------------------------------------------------------------

    def _runs(self, task: Task) -> None:
        for stream in self.streams.get(task.service, {}).values():
            self._join(stream, task)

    def _join(self, stream: Stream, task: Task) -> None:
        container = self.agents.warm(task)
        if container is not None:
            self.balancing.list_in(stream, container)

    def _stops(self, task: Task) -> None:
        """It is taken off the mesh before it is asked to stop."""
        streams = self.streams.get(task.service)
        if not streams:
            return
        known = self.agents.seats.get(task.node)
        run = None if known is None else known.runs.get(task.id)
        if run is not None and run.container is not None:
            for stream in streams.values():
                self.balancing.detach(stream, run.container)

    def _falls(self, seat: Seat) -> None:
        """A machine is off: the others go on sending to it until they miss it."""
        own = {run.container.name for run in seat.runs.values() if run.container is not None}
        left = [
            (stream, endpoint.name, station)
            for streams in self.streams.values()
            for stream in streams.values()
            for station, endpoint in (stream.former | stream.endpoints).items()
            if endpoint.name in own
        ]
        draws = self.state.sim.streams.once(f"gossip/{seat.node.id}/{seat.boots}")
        share = uniform(draws.standard_normal(1)[0])
        due = self.state.now + missed_s(len(self.state.nodes), share)
        self.state.sim.at(due, self._missed, seat, seat.boots, left)

    def _missed(self, seat: Seat, boots: int, left: list[tuple[Stream, str, Station]]) -> None:
        if not seat.up and seat.boots == boots:
            seat.missed = True
        for stream, name, station in left:
            self.balancing.release(stream, name, station)

    # --- what others ask ------------------------------------------------------------------------

    def running(self, service: Service) -> list[Task]:
        """The tasks that answer."""
        return [one for one in self.state.tasks_of(service.id) if self.agents.listed(one)]

    def node_of(self, task: Task) -> Node | None:
        """Where a task is."""
        return self.state.nodes.get(task.node)
