"""Commands on services, and the joining and leaving of containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.traffic.balancer import check_balancer
from simulator.traffic.endpoint import Endpoint
from simulator.traffic.events import (
    BalancerChanged,
    EndpointAdded,
    EndpointRemoved,
    ServiceCreated,
    ServiceRemoved,
    TrafficStarted,
    TrafficStopped,
)
from simulator.traffic.laws import law_of
from simulator.traffic.service import Service
from simulator.world.commands import (
    AddEndpoint,
    CreateService,
    RemoveEndpoint,
    RemoveService,
    SetBalancer,
    StartTraffic,
    StopTraffic,
)
from simulator.world.jobs import Reply
from simulator.world.machines import check_name

if TYPE_CHECKING:
    from simulator.world.world import World


def join(world: World, container: Container) -> None:
    """A container that is ready answers for all services that it was run for."""
    for name in wanted_services(world, container):
        _attach(world, world.services[name], container)


def leave(world: World, container: Container) -> None:
    """A container stops or died: nobody sends to it any more."""
    for service in world.services.values():
        if container.station is not None and container.station in service.endpoints:
            _detach(world, service, container)


def wanted_services(world: World, container: Container) -> list[str]:
    """Services whose name is an alias of the container, or that list it."""
    return [
        name
        for name, service in world.services.items()
        if name in container.settings.aliases or container.name in service.members
    ]


def _attach(world: World, service: Service, container: Container) -> None:
    station = container.station
    workload = container.settings.workload
    if station is None or container.ready_at is None or station in service.endpoints:
        return
    if workload.kind != "server" or container.stop_asked:
        return
    affected = [station]
    if station.owner is not None and station.owner is not service:
        # Shared by two services, every request of both must be followed from now on.
        affected += [*station.owner.concerned, *service.concerned]
    world.fabric.disturb_source(service, *affected)
    endpoint = Endpoint(container.name, station, law_of(workload), container.work_seconds())
    if workload.error_rate:
        endpoint.error_rate = workload.error_rate
        endpoint.chance = world.sim.streams(f"errors/{service.name}/{container.name}")
    service.add_endpoint(endpoint)
    world.sim.emit(EndpointAdded(service.name, container.name, len(service.endpoints)))


def _detach(world: World, service: Service, container: Container) -> None:
    assert container.station is not None
    world.fabric.disturb_source(service, container.station)
    service.remove_endpoint(container.station)
    world.sim.emit(EndpointRemoved(service.name, container.name, len(service.endpoints)))


def create(world: World, command: CreateService) -> Reply:
    """A new service; containers that carry its name as an alias join at once."""
    check_name("service", command.name)
    if command.name in world.services:
        raise Refused(f"there is already a service named {command.name}")
    members = [world.container(name) for name in command.endpoints]
    _make(world, command.name, command.balancer)
    for container in members:
        world.services[command.name].members[container.name] = None
        _attach(world, world.services[command.name], container)
    return Reply((command.name,))


def _make(world: World, name: str, balancer: str) -> Service:
    service = Service(name, world.sim.streams, world.now, balancer, world.services)
    world.services[name] = service
    world.fabric.add_source(service)
    world.sim.emit(ServiceCreated(name, balancer))
    for container in world.containers.values():
        if name in container.settings.aliases:
            _attach(world, service, container)
    return service


def ensure(world: World, name: str) -> Service:
    """The service of this name, made with round robin when there is none."""
    found = world.services.get(name)
    if found is None:
        check_name("service", name)
        found = _make(world, name, "round-robin")
    return found


def remove(world: World, command: RemoveService) -> Reply:
    """Forget a service."""
    service = world.service(command.name)
    world.fabric.disturb(*service.concerned)
    for station in list(service.endpoints):
        service.remove_endpoint(station)
    service.stop_traffic()
    world.fabric.remove_source(service)
    del world.services[command.name]
    world.traffic_words.pop(command.name, None)
    world.sim.emit(ServiceRemoved(command.name))
    return Reply((command.name,))


def add_endpoint(world: World, command: AddEndpoint) -> Reply:
    """A container answers for a service, now or as soon as it is ready."""
    service, container = world.service(command.service), world.container(command.container)
    if container.settings.workload.kind != "server":
        raise Refused(
            f"{container.name} is no server: its workload is '{container.settings.workload}'"
        )
    service.members[container.name] = None
    _attach(world, service, container)
    return Reply((command.service,))


def remove_endpoint(world: World, command: RemoveEndpoint) -> Reply:
    """A container is taken out of a service; requests in it finish."""
    service, container = world.service(command.service), world.container(command.container)
    if container.station is None or container.station not in service.endpoints:
        raise Refused(f"{container.name} is not an endpoint of {service.name}")
    service.members.pop(container.name, None)
    _detach(world, service, container)
    return Reply((command.service,))


def set_balancer(world: World, command: SetBalancer) -> Reply:
    """Another rule from now on."""
    service = world.service(command.service)
    check_balancer(command.balancer)
    world.fabric.disturb(*service.concerned)
    service.set_balancer(command.balancer)
    world.sim.emit(BalancerChanged(service.name, command.balancer))
    return Reply((command.service,))


def start_traffic(world: World, command: StartTraffic) -> Reply:
    """Requests begin to come; traffic that came before ends."""
    command.client.check()
    arrivals = command.spec.arrivals(world.sim.streams, command.service, world.now)
    called = [world.service(name) for name in command.client.calls]
    service = ensure(world, command.service)
    if service in called:
        raise Refused(f"{service.name} cannot call itself: --fan-out asks several of its endpoints")
    world.fabric.disturb(*service.concerned)
    for one in called:
        # What it gets from others has to be placed among its own requests, one by one.
        world.fabric.disturb(*one.concerned)
        one.share()
    service.set_traffic(arrivals, command.client, world.now)
    rate = command.spec.rate()
    world.sampler.expect(service.name, 0.0 if rate is None else rate.peak)
    words = command.spec.sentence()
    world.traffic_words[service.name] = words
    world.sim.emit(TrafficStarted(service.name, words))
    return Reply((f"traffic to {service.name}: {words}",))


def stop_traffic(world: World, command: StopTraffic) -> Reply:
    """No further requests."""
    service = world.service(command.service)
    if service.name not in world.traffic_words:
        raise Refused(f"there is no traffic to {service.name}")
    world.fabric.disturb(*service.concerned)
    service.stop_traffic()
    del world.traffic_words[service.name]
    world.sim.emit(TrafficStopped(service.name))
    return Reply((command.service,))
