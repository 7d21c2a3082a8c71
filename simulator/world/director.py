"""Which containers answer for which services: joining, leaving, and being named anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station
from simulator.machine.host import Parts
from simulator.traffic.arrivals import Arrivals
from simulator.traffic.callers import Caller
from simulator.traffic.endpoint import Endpoint
from simulator.traffic.events import EndpointAdded, EndpointRemoved, ServiceCreated
from simulator.traffic.laws import law_of
from simulator.traffic.service import Service
from simulator.world.fleet import Follower
from simulator.world.roster import no_such
from simulator.world.service_names import ServiceNames, age

MOST_AT_ONCE = 200_000
"""Requests that are drawn before somebody looks, where nobody does so every second anyhow."""


class Director(Follower):
    """The services of a world, and the traffic to them in words."""

    def __init__(
        self,
        parts: Parts,
        containers: Mapping[str, Container],
        connected: Callable[[Container], bool],
    ) -> None:
        """``connected``: whether anybody can reach a container at all."""
        self.parts = parts
        self.containers = containers
        self.connected = connected
        self.services: dict[str, Service] = {}
        self.words: dict[str, str] = {}
        """What is sent to a service, as people say it."""
        self.names = ServiceNames(self.services, containers)
        self.elsewhere: list[Callable[[str], Service | None]] = []
        """Who may know a name that is none of these: clusters have Services of their own."""
        self._made = 0

    def service(self, name: str) -> Service:
        """The service of this name."""
        found = self.found(name)
        if found is None:
            raise Refused(no_such("service", name, self.services))
        return found

    def found(self, name: str) -> Service | None:
        """The service of this name, also where it is only a name in a cluster until now."""
        found = self.services.get(name)
        for ask in self.elsewhere:
            found = found or ask(name)
        return found

    def reachable(self, name: str) -> Service | None:
        """The service of this name; none until now where containers have it as their name.

        Raises Refused where nobody has it.
        """
        found = self.found(name)
        if found is None and not self.names.means_any(name):
            raise Refused(no_such("service", name, self.services))
        if found is None:
            self.names.check_new(name)
        return found

    def wanted(self, container: Container) -> list[str]:
        """Services whose name is an alias of the container, or that list it, oldest first."""
        return self.names.wanted(container)

    # --- traffic --------------------------------------------------------------------------------

    def pour(self, service: Service, arrivals: Arrivals, peak_per_s: float) -> None:
        """Of very dense traffic only so much is drawn at once as fits into memory easily."""
        if peak_per_s > MOST_AT_ONCE:
            self._pour(service, arrivals, MOST_AT_ONCE / peak_per_s)

    def _pour(self, service: Service, arrivals: Arrivals, stride_s: float) -> None:
        if service.arrivals is arrivals:
            self.parts.fabric.settle_source(service)
            self.parts.sim.at(
                self.parts.sim.now + stride_s, self._pour, service, arrivals, stride_s
            )

    # --- what becomes of containers -------------------------------------------------------------

    def ready(self, container: Container) -> None:
        """A container that is ready answers for all services that it was run for."""
        sim = self.parts.sim
        for name in self.wanted(container):
            service = self.services[name]
            if service.lag_s:
                sim.at(sim.now + service.lag_s, self._learn, service, container, container.station)
            else:
                self.attach(service, container)

    def _learn(self, service: Service, container: Container, station: Station) -> None:
        """A balancer learns late that a container answers, if it still does."""
        if container.station is station and self.services.get(service.name) is service:
            self.attach(service, container)

    def unready(self, container: Container) -> None:
        """A container stops or died: nobody sends to it any more."""
        station = container.station
        if station is not None:
            answered = [one for one in station.sources if station in one.endpoints]
            for service in sorted(answered, key=age):
                self._leave(service, container, station)

    def _leave(self, service: Service, container: Container, station: Station) -> None:
        """It refuses what is still sent to it, until the balancer learns that it has left."""
        sim = self.parts.sim
        self.parts.fabric.disturb_source(service)
        service.remove_endpoint(station, lingers=service.lag_s > 0)
        if service.lag_s:
            sim.at(sim.now + service.lag_s, self._heard, service, container, station)
        else:
            self._left(service, container.name)

    def _heard(self, service: Service, container: Container, station: Station) -> None:
        """A machine says who on it has ended. Where it fell itself, nobody says so: whoever keeps
        the endpoints (``release``) takes its containers out when they miss it."""
        if service.kept and not container.machine.up:
            return
        self._unlist(service, container.name, station)

    def _unlist(self, service: Service, name: str, station: Station) -> None:
        if station in service.ghosts and self.services.get(service.name) is service:
            self.parts.fabric.disturb_source(service)
            service.unlist(station)
            self._left(service, name)

    def _left(self, service: Service, name: str) -> None:
        service.told(self.parts.sim.now)
        self.parts.sim.emit(EndpointRemoved(service.name, name, len(service.endpoints)))

    def renamed(self, container: Container, before: str) -> None:
        """Its endpoints have its new name."""
        if before in self.names.listed:
            self.names.listed[container.name] = self.names.listed.pop(before)
        if container.station is not None:
            for service in container.station.sources:
                service.rename(container.station, container.name)

    def gone(self, container: Container) -> None:
        """Nobody lists it any more."""
        self.names.listed.pop(container.name, None)

    # --- endpoints ------------------------------------------------------------------------------

    def attach(self, service: Service, container: Container) -> None:
        """A container answers for a service, if it can."""
        station = container.station
        workload = container.settings.workload
        if station is None or container.ready_at is None or station in service.endpoints:
            return
        if workload.kind != "server" or container.stop_asked or not self.connected(container):
            return
        if station.owner is not None and station.owner is not service:
            # Shared by two services, every request of both must be followed from now on.
            self.parts.fabric.disturb_source(station.owner)
        self.parts.fabric.disturb_source(service, station)
        seconds = container.work_seconds()
        endpoint = Endpoint(container.name, station, law_of(workload), seconds)
        if workload.error_rate:
            endpoint.error_rate = workload.error_rate
            stream = f"errors/{service.name}/{container.name}"
            endpoint.chance = self.parts.sim.streams(stream)
        service.add_endpoint(endpoint)
        service.told(self.parts.sim.now)
        count = len(service.endpoints)
        self.parts.sim.emit(EndpointAdded(service.name, container.name, count))

    def detach(self, service: Service, container: Container) -> None:
        """A container gets no further requests of a service; those in it finish."""
        station = container.station
        if station is not None and station in service.endpoints:
            self.parts.fabric.disturb_source(service)
            service.remove_endpoint(station)
            self._left(service, container.name)

    def release(self, service: Service, name: str, station: Station) -> None:
        """A service sends nothing more to a station, whether it still answers or not."""
        if station in service.endpoints:
            self.parts.fabric.disturb_source(service)
            service.remove_endpoint(station)
            self._left(service, name)
        else:
            self._unlist(service, name, station)

    def refuse(self, service: Service, station: Station) -> None:
        """Whoever is sent to a station from now on is refused."""
        self.parts.fabric.disturb_source(service)
        service.refuse(station)

    def weigh(self, service: Service, weights: Mapping[Station, float]) -> None:
        """From now on stations get requests in these shares."""
        self.parts.fabric.disturb_source(service)
        service.weigh(weights)

    def fence(self, service: Service, station: Station, stopped: bool) -> None:
        """From now on a policy drops what comes to a station from outside, or does not."""
        self.parts.fabric.disturb_source(service)
        service.fence(station, stopped)

    def call(self, service: Service, caller: Caller) -> None:
        """Somebody asks a service again and again, and waits for each answer."""
        self.parts.fabric.disturb_source(service)
        service.call(caller, self.parts.sim.now)

    def hang_up(self, service: Service, caller: Caller) -> None:
        """Somebody asks no more."""
        self.parts.fabric.disturb_source(service)
        service.hang_up(caller)

    def bar(self, service: Service, caller: Caller, station: Station, stopped: bool) -> None:
        """From now on what a caller sends to a station is dropped, or passes."""
        if stopped != (station in caller.fenced):
            self.parts.fabric.disturb_source(service)
            caller.bar(station, stopped)

    def settle(self, service: Service) -> None:
        """Have everything that came of a service's requests by now."""
        self.parts.fabric.settle_source(service)

    def rewired(self, container: Container) -> None:
        """A container is on other networks than before, where it has other names, or none."""
        wanted = self.wanted(container) if self.connected(container) else []
        for service in list(self.services.values()):
            if service.name not in wanted:
                self.detach(service, container)
        if wanted and container.ready_at is not None:
            self.ready(container)

    # --- services -------------------------------------------------------------------------------

    def make(
        self, name: str, balancer: str = "round-robin", lag_s: float = 0.0, *, given: bool = True,
        kept: bool = False,
    ) -> Service:  # fmt: skip
        """A new service; containers that carry its name as an alias join at once.

        ``given``: by a person, who may not give every name. ``kept``: somebody else says who
        answers for it, and who on a machine that fell does so no more.
        """
        if given:
            self.names.check_new(name)
        if name in self.services:
            raise Refused(f"there is already a service named {name}")
        sim = self.parts.sim
        service = Service(name, sim.streams, sim.now, balancer, self.services)
        service.lag_s = lag_s
        service.kept = kept
        self._made += 1
        service.number = self._made
        self.services[name] = service
        self.parts.fabric.add_source(service)
        sim.emit(ServiceCreated(name, balancer))
        for container in self.containers.values():
            if name in container.settings.aliases and self.names.answers(container, name):
                self.attach(service, container)
        return service

    def list_in(self, service: Service, container: Container) -> None:
        """A container answers for a service, now or as soon as it is ready."""
        self.names.listed.setdefault(container.name, {})[service.name] = None
        self.attach(service, container)

    def unlist(self, service: Service, names: Iterable[str]) -> None:
        """Containers of these names answer for a service no more, unless by alias."""
        for name in names:
            self.names.listed.get(name, {}).pop(service.name, None)
