"""Machines as places that images come to: site, disk, emulators, lazy pulls, image collection."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from msgspec import structs

from simulator.calibration import Calibration
from simulator.clouds import LOCAL, Site
from simulator.errors import InputError
from simulator.image.platform import Emulation
from simulator.image.store import total_bytes
from simulator.machine.host import Host, Machine
from simulator.machine.software import check_kernel
from simulator.machine.virtual_machine import VirtualMachine
from simulator.machine.virtualisation import has_kvm
from simulator.registry.collector import ImageCollector, Thresholds
from simulator.world import machines
from simulator.world.commands import CreateHost, CreateVm
from simulator.world.depot import Depot
from simulator.world.fleet import Fleet
from simulator.world.jobs import Jobs, Reply

LISTED_CORES = 2
"""Cores of the machines whose prices ``clouds ls`` shows."""


def list_price(region: str, cores: int, nested: bool = False) -> float:
    """Dollars per hour of as many cores where a region is a cloud's; nothing elsewhere.

    ``nested``: of the type in which virtual machines run.
    """
    site = Site.place(region)
    return 0.0 if site is None else site.cloud.usd_hour(nested) * cores / LISTED_CORES


def create_host(fleet: Fleet, depot: Depot, command: CreateHost) -> Reply:
    """A host joins, and gets what its images need."""
    check_kernel(command.kernel_version)
    site = Site.place(command.region)
    kvm = has_kvm(site, command.nested)
    constants = fleet.parts.calibration
    collection = _thresholds(command, constants)
    region = LOCAL if site is None else str(site)
    reply = machines.create_host(fleet, structs.replace(command, region=region), kvm=kvm)
    host = fleet.machine(command.name)
    _prepare(depot, host)
    client = host.images
    client.site = site
    client.emulation = Emulation.of(constants) if command.emulation else None
    client.rules = replace(client.rules, lazy=command.lazy_pull)
    if collection is not None:
        ImageCollector(client, constants, collection).begin()
    return reply


def _thresholds(command: CreateHost, constants: Calibration) -> Thresholds | None:
    """When unused images go: as asked, else as the kubelet has it; None where none do."""
    asked = command.image_gc_percent
    if asked is None and not command.image_gc:
        return None
    found = Thresholds.kubelet(constants)
    if asked is not None:
        found = replace(found, high_percent=asked[0], low_percent=asked[1])
    high, low = found.high_percent, found.low_percent
    if not 0 <= low <= high <= 100:
        raise InputError(
            "image thresholds out of order", found=f"{high}:{low}", expected="high:low, 0 to 100"
        )
    return found


def create_vm(fleet: Fleet, depot: Depot, jobs: Jobs, command: CreateVm) -> Reply:
    """A VM boots; it stands where its host stands and has its host's emulators."""
    if command.kernel_version is not None:
        check_kernel(command.kernel_version)
    reply = machines.create_vm(fleet, jobs, command)
    machine = fleet.machine(command.name)
    _prepare(depot, machine)
    if isinstance(machine, VirtualMachine):
        below = machine.host.images
        client = machine.images
        client.site, client.emulation, client.rules = below.site, below.emulation, below.rules
    return reply


def _prepare(depot: Depot, machine: Machine) -> None:
    """Give a machine's image store the bounds of its disk, and Windows its build number."""
    client = machine.images
    client.capacity_bytes = machine.hardware.disk_bytes
    client.elsewhere = partial(elsewhere_bytes, depot, machine)
    client.free_inodes = machine.space.free_inodes
    client.store.changed = machine.space.changed
    machine.space.others = partial(_kept, depot, machine)
    if client.platform.os == "windows":
        client.platform = replace(client.platform, os_version=machine.kernel.version)


def elsewhere_bytes(depot: Depot, machine: Machine) -> int:
    """Bytes on a machine's disk that are not layers of its images."""
    return machine.space.own_bytes + _beside(depot, machine)


def _beside(depot: Depot, machine: Machine) -> int:
    """Bytes of what a builder keeps, and of archives."""
    archives = depot.archives.values() if depot.archives else ()
    kept = sum(one.size_bytes for one in archives if one.machine == machine.name)
    return cache_only_bytes(depot, machine) + kept


def _kept(depot: Depot, machine: Machine) -> tuple[int, int]:
    """Bytes and files on a machine's disk that containers have not written."""
    client = machine.images
    size = client.store.disk_bytes + client.coming_bytes() + _beside(depot, machine)
    return size, client.store.disk_files


def foreign_bytes(depot: Depot, machine: Machine) -> int:
    """Bytes of the base images for other platforms that a machine's builder keeps."""
    kept = depot.foreign.get(machine.name, {}).values()
    return total_bytes(layer for image in kept for layer in image.layers)


def cache_only_bytes(depot: Depot, machine: Machine) -> int:
    """Bytes that a builder keeps, steps and foreign bases, and that no image here holds too."""
    cache = depot.caches.get(machine.name)
    store = machine.images.store
    held = [layer for image in depot.foreign.get(machine.name, {}).values() for layer in
            image.layers]  # fmt: skip
    if cache is not None:
        held += cache.layers
    return total_bytes(one for one in held if not store.has_layer(one.digest))


def region_of(machine: Machine) -> str:
    """Where a machine stands, in words."""
    host = machine.host
    return host.region if isinstance(host, Host) else ""
