"""Streams of requests to Services, as those who keep their endpoints know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station
from simulator.traffic.callers import Caller
from simulator.traffic.service import Service as Stream

Port = int | str | None


class Balancing(Protocol):
    """Who sends requests to containers: the model's services by name."""

    def make(
        self, name: str, balancer: str = "round-robin", lag_s: float = 0.0, *, given: bool = True,
        kept: bool = False,
    ) -> Stream:  # fmt: skip
        """A new name that traffic can be sent to; ``given``: by a person, so check it; ``kept``:
        until its keeper releases them, it goes on sending to those on a machine that fell."""

    def attach(self, service: Stream, container: Container) -> None:
        """A container answers for a service, if it can."""

    def release(self, service: Stream, name: str, station: Station) -> None:
        """A service sends nothing more to a station, whether it still answers or not."""

    def refuse(self, service: Stream, station: Station) -> None:
        """Whoever is sent to a station from now on is refused."""

    def weigh(self, service: Stream, weights: Mapping[Station, float]) -> None:
        """From now on stations get requests in these shares."""

    def fence(self, service: Stream, station: Station, stopped: bool) -> None:
        """From now on what comes to a station from outside is dropped, or passes."""

    def bar(self, service: Stream, caller: Caller, station: Station, stopped: bool) -> None:
        """From now on what a caller sends to a station is dropped, or passes."""

    def call(self, service: Stream, caller: Caller) -> None:
        """Somebody asks a service again and again, and waits for each answer."""

    def hang_up(self, service: Stream, caller: Caller) -> None:
        """Somebody asks no more."""

    def settle(self, service: Stream) -> None:
        """Have everything that came of a service's requests by now."""


class Fenced(Protocol):
    """Somebody in a pod who asks a stream again and again."""

    pod: Key
    callers: list[Caller]


class Goal:
    """Pods of one Service at one port, as a goal of a stream of requests."""

    def __init__(self, service: Key, port: Port, weight: float = 1.0) -> None:
        self.service = service
        self.port = port
        self.weight = weight


class Flow:
    """A stream of requests, the Services that it goes to, and who has been joined to it."""

    def __init__(self, stream: Stream, goals: list[Goal], *, by_ingress: bool = False) -> None:
        """``by_ingress``: requests come from an Ingress's controller."""
        self.stream = stream
        self.goals = goals
        self.by_ingress = by_ingress
        self.joined: dict[Key, tuple[Container, Station, Goal]] = {}
        self.fenced: dict[Station, None] = {}
        """Endpoints that a policy keeps from what comes from outside."""
        self.lines: list[Fenced] = []
        """Who asks from inside the cluster."""


class Flows(Protocol):
    """All streams of a cluster."""

    flows: dict[str, Flow]
    balancing: Balancing

    def target(self, goal: Goal) -> Port:
        """The pods' port behind a Service's port."""
