"""Moving a running service to another cloud: as a container image, and as a VM's disk image.

Both are played through with real flows on links of their own: a push of what the target's
registry lacks, a pull, a start; or an export, a conversion, an upload, an import, a boot. The
service's own data, where it has some, travels the same way in both.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import simpy

from simulator.calibration import Calibration
from simulator.clouds import GB, MONTH_S, Site
from simulator.engine import FlowNetwork, Link, Simulation
from simulator.image.model import Image, Layer
from simulator.image.reference import Reference
from simulator.registry.client import ImageClient
from simulator.registry.registry import Registry

_REFERENCE = Reference("registry.target", "service", "moved")
_UPLOADS = 8
"""Parts of a disk image that go up at once, as the providers' own tools do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a move: bytes handled, seconds, US dollars."""

    name: str
    size_bytes: float
    seconds: float
    usd: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A move from site to site in one form, stage by stage."""

    form: str
    origin: Site
    target: Site
    stages: tuple[Stage, ...]

    @property
    def seconds(self) -> float:
        """From the decision to the running service."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def usd(self) -> float:
        """What the move itself costs."""
        return sum(stage.usd for stage in self.stages)

    @property
    def moved_bytes(self) -> float:
        """Bytes that left the origin."""
        return sum(stage.size_bytes for stage in self.stages if stage.name in _LEAVING)


_LEAVING = ("push", "upload", "data")


@dataclass(frozen=True, slots=True)
class Service:
    """What is moved: its image, the data it must take along, how long it takes to be ready."""

    image: Image
    data_bytes: float = 0.0
    init_s: float = 0.0


@dataclass(slots=True)
class _Way:
    """The line between two sites, in a simulation of its own."""

    origin: Site
    target: Site
    constants: Calibration
    sim: Simulation = field(default_factory=Simulation)
    network: FlowNetwork = field(init=False)
    out: Link = field(init=False)
    into: Link = field(init=False)

    def __post_init__(self) -> None:
        self.network = FlowNetwork(self.sim)
        self.out = self.network.link("origin/out", self.origin.cloud.uplink_bytes_s)
        self.into = self.network.link("target/in", self.target.cloud.uplink_bytes_s)

    @property
    def connection_bytes_s(self) -> float | None:
        """What one connection reaches: inside a region no more than the links allow."""
        if self.origin == self.target:
            return None
        return self.constants.value("images.registry.hub_connection_bytes_s")

    def send(self, name: str, size_bytes: float, note: str = "") -> Generator[Any, Any, Stage]:
        """Send bytes over the line in parallel parts."""
        began = self.sim.now
        yield self.sim.env.all_of(
            [
                self.network.start(
                    (self.out, self.into), size_bytes / _UPLOADS, cap=self.connection_bytes_s
                ).done
                for _ in range(_UPLOADS)
            ]
        )
        usd = self.origin.egress_usd(size_bytes, self.target)
        return Stage(name, size_bytes, self.sim.now - began, usd, note)

    def play(self, stages: Generator[simpy.Event, Any, list[Stage]]) -> tuple[Stage, ...]:
        """Run the stages to their end."""
        played: list[Stage] = self.sim.env.run(until=self.sim.start(stages)) or []
        return tuple(played)


def as_container(
    service: Service,
    origin: Site,
    target: Site,
    *,
    registry_has: Iterable[Layer] = (),
    node_has: Iterable[Layer] = (),
    served: bool = False,
    drain_s: float = 0.0,
    constants: Calibration,
) -> Move:
    """Push the image to a registry at the target, pull it there, start it.

    ``registry_has`` and ``node_has`` are layers already there, such as a common base. ``served``:
    the public registry has the image, so that nothing is pushed. ``drain_s``: how long the old one
    is left to finish.
    """
    way = _Way(origin, target, constants)
    fetch = _public_pull if served else _push_and_pull
    fetching = fetch(way, service, tuple(registry_has), tuple(node_has))
    stages = way.play(_container_stages(way, service, fetching, drain_s))
    return Move("container image", origin, target, stages)


_Stages = Generator[simpy.Event, Any, list[Stage]]


def _public_pull(
    way: _Way, service: Service, registry_has: tuple[Layer, ...], node_has: tuple[Layer, ...]
) -> _Stages:
    """From the public registry, over the target's line."""
    value = way.constants.value
    registry = Registry(
        way.network,
        "public",
        value("images.registry.hub_uplink_bytes_s"),
        connection_bytes_s=value("images.registry.hub_connection_bytes_s"),
        request_s=value("images.registry.request_s"),
    )
    registry.publish(_REFERENCE, service.image)
    pulled = (
        yield _node(way, way.into, node_has, service)
        .pull(registry, _REFERENCE, platform=service.image.platform)
        .done
    )
    return [
        Stage(
            "pull", pulled.transferred_bytes, pulled.seconds, pulled.egress_usd,
            f"the {service.image.platform} image, from its registry",
        )
    ]  # fmt: skip


def _node(way: _Way, nic: Link, has: tuple[Layer, ...], service: Service) -> ImageClient:
    node = ImageClient(
        way.sim, way.network, "target", nic_in=nic, site=way.target, constants=way.constants
    )
    if has:
        node.store.add(Image.of(service.image.config, has))
    return node


def _push_and_pull(
    way: _Way, service: Service, registry_has: tuple[Layer, ...], node_has: tuple[Layer, ...]
) -> _Stages:
    """By a registry at the target."""
    mirror_bytes_s = way.constants.value("images.registry.mirror_bytes_s")
    registry = Registry(way.network, "registry.target", mirror_bytes_s, site=way.target)
    for layer in registry_has:
        registry.add_blob(_REFERENCE.repository, layer)
    builder = ImageClient(
        way.sim,
        way.network,
        "origin",
        nic_in=way.out,
        path=(way.into,),
        site=way.origin,
        constants=way.constants,
    )
    registry.connection_bytes_s = way.connection_bytes_s
    pushed = yield builder.push(registry, _REFERENCE, service.image).done
    sent = pushed.transferred_bytes
    kept = f"then {sent / GB * way.target.cloud.registry_usd_gb_month:.4f} USD a month in storage"
    stages = [Stage("push", sent, pushed.seconds, pushed.egress_usd, kept)]
    registry.connection_bytes_s = None
    nic = way.network.link("target/nic", way.target.cloud.lan_bytes_s)
    node = _node(way, nic, node_has, service)
    pulled = yield node.pull(registry, _REFERENCE, platform=service.image.platform).done
    stages.append(
        Stage(
            "pull",
            pulled.transferred_bytes,
            pulled.seconds,
            pulled.egress_usd,
            "inside the region",
        )
    )
    return stages


def _container_stages(way: _Way, service: Service, fetching: _Stages, drain_s: float) -> _Stages:
    stages = yield from fetching
    if service.data_bytes:
        stages.append((yield from way.send("data", service.data_bytes)))
    value = way.constants.value
    start_s = value("runtime.docker.daemon_s") + value("runtime.runc.create_s") + service.init_s
    stages.append(Stage("start", 0, start_s, way.target.machine_usd(way.sim.now + start_s)))
    if drain_s:
        stages.append(Stage("drain", 0, drain_s, 0.0, "the old one finishes what it has begun"))
    return stages


def as_vm_disk(
    service: Service,
    origin: Site,
    target: Site,
    *,
    system_bytes: float | None = None,
    provisioned_bytes: float | None = None,
    constants: Calibration,
) -> Move:
    """Export the disk of the virtual machine that runs the service, convert, upload, import, boot.

    The disk holds a whole operating system (``system_bytes``) and the unpacked service; its
    virtual size is ``provisioned_bytes``. Defaults are the calibrated ones.
    """
    way = _Way(origin, target, constants)
    used = service.image.size_bytes + (
        constants.value("images.vm_disk.system_bytes") if system_bytes is None else system_bytes
    )
    size = (
        constants.value("images.vm_disk.provisioned_bytes")
        if provisioned_bytes is None
        else provisioned_bytes
    )
    stages = way.play(_disk_stages(way, service, used, max(size, used)))
    return Move("VM disk image", origin, target, stages)


def _disk_stages(
    way: _Way, service: Service, used: float, virtual: float
) -> Generator[simpy.Event, Any, list[Stage]]:
    value, origin, target = way.constants.value, way.origin, way.target
    stages: list[Stage] = []

    def local(name: str, size_bytes: float, rate: str, usd: float, note: str) -> Any:
        disk = way.network.link(name, value(rate))
        began = way.sim.now
        yield way.network.start((disk,), size_bytes).done
        seconds = way.sim.now - began
        stages.append(Stage(name, size_bytes, seconds, usd, note))

    snapshot_usd = virtual / GB * origin.cloud.snapshot_usd_gb_month * 86400 / MONTH_S
    yield from local(
        "export", virtual, "images.vm_disk.read_bytes_s", snapshot_usd, "a snapshot, kept for a day"
    )
    packed = virtual if target.cloud.fixed_disks else used / value("images.vm_disk.compress_ratio")
    yield from local(
        "convert",
        virtual,
        "images.vm_disk.convert_bytes_s",
        origin.machine_usd(virtual / value("images.vm_disk.convert_bytes_s")),
        f"to {target.cloud.disk_format}, on a machine at the origin",
    )
    stages.append((yield from way.send("upload", packed)))
    if not target.cloud.own:
        month_usd = packed / GB * target.cloud.object_usd_gb_month
        yield from local(
            "import",
            virtual,
            "images.vm_disk.import_bytes_s",
            month_usd * 86400 / MONTH_S,
            "the provider checks and converts; object storage for a day",
        )
    if service.data_bytes:
        stages.append((yield from way.send("data", service.data_bytes)))
    boot = "boot.linux_guest.total_s" if target.cloud.own else "boot.cloud_vm.total_s"
    boot_s = value(boot) + service.init_s
    stages.append(Stage("boot", 0, boot_s, target.machine_usd(boot_s), "a kernel and its services"))
    return stages
