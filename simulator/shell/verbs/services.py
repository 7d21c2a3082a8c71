"""Services: names that clients send requests to, and the containers that answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.look.views import ServiceView
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import columns, ellipsis
from simulator.units import format_span
from simulator.world.commands import (
    AddEndpoint,
    CreateService,
    RemoveEndpoint,
    RemoveService,
    SetBalancer,
)

if TYPE_CHECKING:
    from simulator.shell.session import Session

_SERVICE = Argument("SERVICE", kinds.SERVICE, "the service")
_CONTAINERS = Argument("CONTAINER", kinds.CONTAINER, "its endpoints", repeat=True)


@verb(
    "service create",
    "Create a service; containers become its endpoints",
    arguments=(
        Argument("NAME", kinds.NAME, "the name that clients use"),
        Argument("CONTAINER", kinds.CONTAINER, "its endpoints", optional=True, repeat=True),
    ),
    flags=(
        Flag(("--balancer",), "who gets the next request", kinds.BALANCER, "round-robin"),
        Flag(
            ("--lag",),
            "how long after a container is ready, or answers no more, the balancer knows",
            kinds.DURATION,
            0.0,
        ),
    ),
    examples=(
        "service create web",
        "service create api api1 api2 --balancer least-connections",
        "service create shop --balancer choices=3 --lag 1s",
    ),
    details="Containers run with '--network NET --network-alias NAME' or '--alias NAME' are its\n"
    "endpoints without 'service add'.",
)
def create(session: Session, call: Call) -> Iterable[str]:
    """Create a service."""
    reader = session.reader
    names = tuple(lookup.named(reader, name).name for name in call["CONTAINER"])
    command = CreateService(
        name=call["NAME"], balancer=call["balancer"], lag_s=call["lag"], endpoints=names
    )
    return session.do(command) or [call["NAME"]]


def _latencies(one: ServiceView) -> list[str]:
    """Percentiles of what was answered in the last second; none where nothing was."""
    times = (one.p50_s, one.p95_s, one.p99_s)
    return [format_span(time) if one.ok_per_s else "-" for time in times]


@verb(
    "service ls",
    "List services and what their clients see",
    aliases=("services",),
    examples=("service ls",),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """One line a service."""
    rows = [
        [
            one.name,
            ellipsis(one.balancer, 13),
            str(len(one.endpoints)),
            f"{one.offered_per_s:.1f}/s",
            f"{one.ok_per_s:.1f}/s",
            f"{one.failed_per_s:.1f}/s",
            f"{one.wait_share * 100:.1f}%",
            *_latencies(one),
            str(one.in_flight),
            str(one.queued),
        ]
        for one in session.reader.services()
    ]
    headings = ("NAME", "BALANCER", "ENDS", "OFFERED", "OK", "FAILED", "WAITED")
    return columns((*headings, "P50", "P95", "P99", "INSIDE", "QUEUED"), rows)


@verb(
    "service rm",
    "Forget services and stop their traffic",
    arguments=(Argument("SERVICE", kinds.SERVICE, "the service", repeat=True),),
    destructive=True,
    examples=("service rm web",),
)
def rm(session: Session, call: Call) -> Iterable[str]:
    """Remove services."""
    names = [lookup.service(session.reader, name) for name in call["SERVICE"]]
    return session.each(call, names, lambda name: RemoveService(name=name))


@verb(
    "service balancer",
    "Choose how a service picks the endpoint of a request",
    arguments=(_SERVICE, Argument("BALANCER", kinds.BALANCER, "how")),
    aliases=("balancer",),
    examples=("service balancer web least-connections",),
)
def balancer(session: Session, call: Call) -> Iterable[str]:
    """Set the balancer."""
    name = lookup.service(session.reader, call["SERVICE"])
    return session.do(SetBalancer(service=name, balancer=call["BALANCER"]))


@verb(
    "service add",
    "Let containers answer for a service",
    arguments=(_SERVICE, _CONTAINERS),
    examples=("service add web web3",),
)
def add(session: Session, call: Call) -> Iterable[str]:
    """Add endpoints."""
    reader = session.reader
    service = lookup.service(reader, call["SERVICE"])
    names = [lookup.named(reader, name).name for name in call["CONTAINER"]]
    return session.each(call, names, lambda name: AddEndpoint(service=service, container=name))


@verb(
    "service remove",
    "Take containers out of a service; requests in them finish",
    arguments=(_SERVICE, _CONTAINERS),
    examples=("service remove web web3",),
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Remove endpoints."""
    reader = session.reader
    service = lookup.service(reader, call["SERVICE"])
    names = [lookup.named(reader, name).name for name in call["CONTAINER"]]
    return session.each(call, names, lambda name: RemoveEndpoint(service=service, container=name))
