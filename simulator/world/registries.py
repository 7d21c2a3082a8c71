"""Commands on registries: making and changing them, logging in and out."""

from __future__ import annotations

import re

from simulator.clouds import Site
from simulator.errors import InputError, Refused
from simulator.image.reference import DEFAULT_REGISTRY, Reference
from simulator.registry.hub import published_limits
from simulator.registry.registry import Registry
from simulator.registry.repository import RateLimit
from simulator.world.depot import Depot
from simulator.world.fleet import Fleet
from simulator.world.image_commands import (
    ChangeRegistry,
    CollectRegistry,
    CreateRegistry,
    LogIn,
    LogOut,
    RemoveRegistry,
)
from simulator.world.jobs import Reply
from simulator.world.storage_facts import LoggedIn, LoggedOut, RegistryCollected

_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}")
MAX_REGISTRIES = 100


def check_name(name: str) -> None:
    """A registry's name must be one that image names can begin with: ``registry.local:5000``."""
    try:
        host = Reference.parse(f"{name}/a").registry
    except InputError:
        host = ""
    if host != name:
        raise InputError(
            "bad name for a registry",
            found=name,
            expected="a host with a dot or a port, such as registry.local or localhost:5000",
        )


def create(depot: Depot, command: CreateRegistry) -> Reply:
    """A registry joins the world."""
    check_name(command.name)
    _check_users(command.users)
    if command.private and not command.users:
        raise InputError("nobody could log in to a private registry", expected="--user NAME:SECRET")
    if len(depot.registries.names()) >= MAX_REGISTRIES:
        raise Refused(f"there are {MAX_REGISTRIES} registries already")
    if command.name in depot.registries.names():
        raise Refused(f"a registry named {command.name} exists")
    registry = Registry(
        depot.parts.network,
        command.name,
        _rate(command.uplink_bytes_s),
        site=Site.place(command.region),
        request_s=depot.parts.calibration.value("images.registry.request_s"),
        anonymous_limit=_limit(command.pulls, command.period_s),
        user_limit=_limit(command.pulls, command.period_s),
    )
    registry.members_only = command.private
    for user, password in command.users.items():
        registry.add_user(user, password)
    depot.registries.add(registry)
    return Reply((command.name,))


def change(depot: Depot, command: ChangeRegistry) -> Reply:
    """Another uplink, another limit, an outage and its end, more users."""
    registry = depot.registries.get(command.name)
    _check_users(command.users)
    limit = _limit(command.pulls, command.period_s)
    if command.published_limits and command.name != DEFAULT_REGISTRY:
        raise Refused(f"only the limits of {DEFAULT_REGISTRY} are published")
    if command.uplink_bytes_s is not None:
        uplink = _rate(command.uplink_bytes_s)
        registry.uplink.capacity_bytes_s = registry.downlink.capacity_bytes_s = uplink
    if command.published_limits:
        registry.set_limits(*published_limits(depot.parts.calibration))
    elif command.pulls is not None:
        registry.set_limits(limit, limit)
    for user, password in command.users.items():
        registry.add_user(user, password)
    if command.available is True:
        registry.come_back()
    elif command.available is False:
        registry.go_down()
    return Reply((command.name,))


def remove(depot: Depot, command: RemoveRegistry) -> Reply:
    """A registry leaves; transfers under way break off."""
    depot.registries.remove(command.name)
    return Reply((command.name,))


def collect(depot: Depot, command: CollectRegistry) -> Reply:
    """Delete blobs that no manifest names."""
    registry = depot.registries.get(command.name)
    found = registry.collect_garbage(delete_untagged=command.delete_untagged)
    manifests, blobs = tuple(found.manifests), tuple(found.blobs)
    return Reply((RegistryCollected(manifests, blobs, found.freed_bytes),))


def log_in(fleet: Fleet, depot: Depot, command: LogIn) -> Reply:
    """A machine's later pulls and pushes are this user's."""
    machine = fleet.machine(command.machine)
    registry = depot.registries.get(command.registry or DEFAULT_REGISTRY)
    machine.images.login(registry, command.user, command.password)
    return Reply((LoggedIn(),))


def log_out(fleet: Fleet, depot: Depot, command: LogOut) -> Reply:
    """A machine's later pulls and pushes are nobody's."""
    machine = fleet.machine(command.machine)
    registry = depot.registries.get(command.registry or DEFAULT_REGISTRY)
    if registry.name not in machine.images.users:
        return Reply((LoggedOut(registry.name, was_known=False),))
    machine.images.logout(registry)
    return Reply((LoggedOut(registry.name, was_known=True),))


def _check_users(users: dict[str, str]) -> None:
    for user, password in users.items():
        if not _USER.fullmatch(user) or not password:
            raise InputError("bad user", found=user, expected="NAME:SECRET")


def _limit(pulls: float | None, period_s: float) -> RateLimit | None:
    if not pulls:
        return None
    if not (0 < pulls <= 1e9 and 0 < period_s <= 1e9):
        raise InputError("bad rate limit", found=pulls, expected="PULLS/PERIOD such as 100/6h")
    return RateLimit(pulls, period_s)


def _rate(bytes_s: float) -> float:
    if not 1.0 <= bytes_s <= 1e12:
        raise InputError("uplink out of range", found=bytes_s, expected="1 B/s to 1 TB/s")
    return bytes_s
