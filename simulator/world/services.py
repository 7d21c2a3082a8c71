"""Commands on services and their traffic."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from simulator.errors import InputError, Refused
from simulator.traffic.balancer import check_balancer
from simulator.traffic.events import (
    BalancerChanged,
    ServiceRemoved,
    TrafficStarted,
    TrafficStopped,
)
from simulator.world.commands import (
    AddEndpoint,
    CreateService,
    RemoveEndpoint,
    RemoveService,
    SetBalancer,
    StartTraffic,
    StopTraffic,
)
from simulator.world.connections import Watch
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.machine_facts import TrafficBegan

Expect = Callable[[str, float], None]
"""Told how many requests per second may come to a service at most."""


def create(director: Director, fleet: Fleet, command: CreateService) -> Reply:
    """A new service; containers that carry its name as an alias join at once."""
    members = [fleet.container(name) for name in command.endpoints]
    if not 0 <= command.lag_s < inf:
        raise InputError("lag of a service", found=command.lag_s, expected="0 seconds or more")
    service = director.make(command.name, command.balancer, command.lag_s)
    for container in members:
        director.list_in(service, container)
    return Reply((command.name,))


def remove(director: Director, command: RemoveService) -> Reply:
    """Forget a service."""
    service = director.service(command.name)
    director.parts.fabric.disturb_source(service)
    for station in list(service.endpoints):
        service.remove_endpoint(station)
    service.stop_traffic()
    director.parts.fabric.remove_source(service)
    director.unlist(service, director.names.listed)
    del director.services[command.name]
    director.words.pop(command.name, None)
    director.names.projects.pop(command.name, None)
    director.parts.sim.emit(ServiceRemoved(command.name))
    return Reply((command.name,))


def add_endpoint(director: Director, fleet: Fleet, command: AddEndpoint) -> Reply:
    """A container answers for a service, now or as soon as it is ready."""
    service, container = director.service(command.service), fleet.container(command.container)
    if container.settings.workload.kind != "server":
        raise Refused(
            f"{container.name} is no server: its workload is '{container.settings.workload}'"
        )
    if container.running and not director.connected(container):
        raise Refused(f"{container.name} is on no network: nothing can reach it")
    director.list_in(service, container)
    return Reply((command.service,))


def remove_endpoint(director: Director, fleet: Fleet, command: RemoveEndpoint) -> Reply:
    """A container is taken out of a service; requests in it finish."""
    service, container = director.service(command.service), fleet.container(command.container)
    if container.station is None or container.station not in service.endpoints:
        raise Refused(f"{container.name} is not an endpoint of {service.name}")
    director.unlist(service, (container.name,))
    if service.lag_s:
        # It goes on answering until the balancer knows.
        sim = director.parts.sim
        sim.at(sim.now + service.lag_s, director.detach, service, container)
    else:
        director.detach(service, container)
    return Reply((command.service,))


def set_balancer(director: Director, command: SetBalancer) -> Reply:
    """Another rule from now on."""
    service = director.service(command.service)
    check_balancer(command.balancer)
    director.parts.fabric.disturb_source(service)
    service.set_balancer(command.balancer)
    director.parts.sim.emit(BalancerChanged(service.name, command.balancer))
    return Reply((command.service,))


def start_traffic(director: Director, expect: Expect, watch: Watch, command: StartTraffic) -> Reply:
    """Requests begin to come; traffic that came before ends. ``expect`` is told of its peak."""
    command.client.check()
    sim = director.parts.sim
    known = [director.reachable(name) for name in command.client.calls]
    itself = director.found(command.service)
    if command.service in command.client.calls or (itself is not None and itself in known):
        name = command.service if itself is None else itself.name
        raise Refused(f"{name} cannot call itself: --fan-out asks several of its endpoints")
    service = itself or director.make(command.service)
    called = [director.found(name) or director.make(name) for name in command.client.calls]
    arrivals = command.spec.arrivals(sim.streams, service.name, sim.now)
    fabric = director.parts.fabric
    fabric.disturb_source(service)
    for one in called:
        # What it gets from others has to be placed among its own requests, one by one.
        fabric.disturb_source(one)
        one.share()
    service.set_traffic(arrivals, command.client, sim.now)
    rate = command.spec.rate()
    expect(service.name, 0.0 if rate is None else rate.peak)
    director.pour(service, arrivals, command.spec.peak)
    words = command.spec.sentence()
    director.words[service.name] = words
    watch.expect(service.name, command.spec, command.client)
    sim.emit(TrafficStarted(service.name, words))
    return Reply((TrafficBegan(service.name, words),))


def stop_traffic(director: Director, command: StopTraffic) -> Reply:
    """No further requests."""
    service = director.service(command.service)
    if service.name not in director.words:
        raise Refused(f"there is no traffic to {service.name}")
    director.parts.fabric.disturb_source(service)
    service.stop_traffic()
    del director.words[service.name]
    director.parts.sim.emit(TrafficStopped(service.name))
    return Reply((command.service,))
