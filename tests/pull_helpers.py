"""Small images and machines for the tests of pulls, pushes and registries."""

from __future__ import annotations

from shipped import SHIPPED

from simulator.engine import FlowNetwork, Simulation
from simulator.image.model import FileEntry, Image, ImageConfig, Layer, Platform
from simulator.registry.client import ImageClient
from simulator.registry.registry import Registry

MB = 1_000_000


def layer(name: str, transfer_mb: float, unpacked_mb: float | None = None) -> Layer:
    size = round((transfer_mb if unpacked_mb is None else unpacked_mb) * MB)
    return Layer.of([FileEntry(f"/{name}", size)], name, transfer_bytes=round(transfer_mb * MB))


def image(*layers: Layer, platform: str = "linux/amd64", **config: object) -> Image:
    return Image.of(ImageConfig(**config), layers, platform=Platform.parse(platform))


class Lab:
    """A simulation with one registry and as many machines as a test asks for."""

    def __init__(self, uplink: float = 100 * MB, **registry: object) -> None:
        self.sim = Simulation()
        self.net = FlowNetwork(self.sim)
        self.registry = Registry(self.net, "registry.local", uplink, **registry)

    def machine(self, name: str = "node-1", **options: object) -> ImageClient:
        options.setdefault("unpack_bytes_s", 1e15)
        speed = options.pop("nic", 1000 * MB)
        nic = self.net.link(f"{name}/nic", speed)
        return ImageClient(self.sim, self.net, name, nic_in=nic, constants=SHIPPED, **options)

    def events(self, kind: type) -> list:
        return [entry.event for entry in self.sim.journal if isinstance(entry.event, kind)]

    def times(self, kind: type) -> list[float]:
        return [entry.time for entry in self.sim.journal if isinstance(entry.event, kind)]
