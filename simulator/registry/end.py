"""One machine's end of its pulls and pushes: links, disk, store, and the layers on their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import simpy

from simulator.calibration import Calibration
from simulator.clouds import Site
from simulator.engine import FlowNetwork, Link, Simulation
from simulator.image.model import DEFAULT_PLATFORM, Layer, Platform
from simulator.image.platform import Emulation
from simulator.image.store import ImageStore
from simulator.registry.registry import Registry
from simulator.registry.rules import PullRules
from simulator.registry.transfers import LayerJob, Slots


class UnderWay(Protocol):
    """A transfer that can be broken off."""

    def cancel(self, reason: str = ...) -> None:
        """Break it off."""


class TransferEnd:
    """One machine's side of every pull and push.

    ``nic_in`` and ``nic_out`` are its network links, ``disk`` the link that unpacking writes over,
    ``unpack_bytes_s`` the rate of one unpacking stream (unpacked bytes/s). ``path`` are links on
    the way to any registry, such as a line between two regions. ``capacity_bytes`` is the room
    for unpacked layers; without it there is always enough. ``site`` decides what egress costs.
    """

    def __init__(
        self,
        sim: Simulation,
        network: FlowNetwork,
        name: str,
        *,
        nic_in: Link,
        nic_out: Link | None = None,
        disk: Link | None = None,
        store: ImageStore | None = None,
        unpack_bytes_s: float | None = None,
        platform: Platform = DEFAULT_PLATFORM,
        rules: PullRules | None = None,
        path: tuple[Link, ...] = (),
        capacity_bytes: int | None = None,
        site: Site | None = None,
        constants: Calibration,
    ) -> None:
        self.sim = sim
        self.network = network
        self.name = name
        self.nic_in = nic_in
        self.nic_out = nic_out or nic_in
        self.disk = disk
        self.store = store if store is not None else ImageStore()
        self.platform = platform
        self.rules = rules or PullRules.docker(constants)
        self.path = path
        self.capacity_bytes = capacity_bytes
        self.site = site
        self.emulation: Emulation | None = None
        """The emulators of the machine, where it has any."""
        self.free_inodes: Callable[[], float] = _endless
        """How many more files its disk has room for."""
        self.elsewhere: Callable[[], int] = int
        """Bytes on the disk that are no layers of images: writable layers, build cache."""
        self.unpack_bytes_s = (
            constants.value("images.pull.unpack_bytes_s")
            if unpack_bytes_s is None
            else unpack_bytes_s
        )
        self.parallel_uploads = int(constants.value("images.push.parallel_uploads"))
        self.compress_bytes_s = constants.value("images.push.compress_bytes_s")
        self.pulls: list[UnderWay] = []
        """Pulls under way, oldest first."""
        self.pushes: list[UnderWay] = []
        """Pushes under way, oldest first."""
        self.users: dict[str, str] = {}
        """Who is logged in at which registry."""
        self._jobs: dict[tuple[str, bool], LayerJob] = {}
        limit = self.rules.parallel_pulls
        self.turns = simpy.Resource(sim.env, capacity=limit) if limit else None

    def login(self, registry: Registry, user: str, password: str) -> None:
        """`docker login`: later pulls and pushes there are this user's. Refused if not known."""
        self.users[registry.name] = registry.login(user, password)

    def logout(self, registry: Registry) -> None:
        """`docker logout`: later pulls and pushes there are anonymous."""
        self.users.pop(registry.name, None)

    def room_bytes(self) -> float:
        """Free room for unpacked layers, what is on its way already taken off."""
        if self.capacity_bytes is None:
            return float("inf")
        return self.capacity_bytes - self.store.disk_bytes - self.coming_bytes() - self.elsewhere()

    def coming_bytes(self) -> int:
        """Unpacked bytes of the layers that are on their way."""
        return sum(job.layer.size_bytes for job in self._jobs.values())

    def under_way(self, layer: Layer) -> bool:
        """Whether some pull is fetching the layer now."""
        return any((layer.digest, lazy) in self._jobs for lazy in (False, True))

    def fetch(
        self, layer: Layer, registry: Registry, slots: Slots, parent: LayerJob | None, *, lazy: bool
    ) -> LayerJob:
        """The job of a missing layer: the one under way, or a new one. The caller holds it."""
        key = (layer.digest, lazy)
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = LayerJob(
                self,
                layer,
                links=(registry.uplink, *self.path, self.nic_in),
                cap_bytes_s=registry.connection_bytes_s,
                slots=slots,
                parent=parent,
                fraction=self.rules.eager_fraction if lazy else 1.0,
            )
            slots.ask(job)
            self.store.changed()
        job.holders += 1
        return job

    def let_go(self, job: LayerJob) -> None:
        """A pull is through with a layer, finished or not."""
        job.release()
        if not job.holders:
            self._jobs.pop((job.layer.digest, job.lazy), None)
            self.store.changed()


def _endless() -> float:
    return float("inf")
