"""One pull: resolve the name, fetch the missing layers, unpack them in order, store the image.

The time is close to ``max(downloads, unpacking)``: layers download at most three at a time over
links shared with everybody else, and unpack one after the other while later ones still arrive.
A *lazy* pull (Slacker, eStargz) is ready when the few bytes read at start are there; the rest
follows in the background and on demand.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.engine import Flow
from simulator.errors import DrydockError, Refused
from simulator.image.events import ImagePulled, PullFailed, PullStarted
from simulator.image.model import FILE, Image, Layer, Platform
from simulator.image.platform import rank, select
from simulator.image.reference import Reference
from simulator.registry.end import TransferEnd
from simulator.registry.registry import Registry
from simulator.registry.transfers import PRESENT, LayerJob, LayerProgress, Slots
from simulator.units import format_bytes

CANCELLED = "context canceled"


@dataclass(frozen=True, slots=True)
class PullResult:
    """How a pull ended. ``error`` is None when the image is in the store."""

    reference: Reference
    image: Image | None
    started_s: float
    finished_s: float
    layers: int = 0
    present_layers: int = 0
    transferred_bytes: int = 0
    error: str | None = None
    warning: str | None = None
    up_to_date: bool = False
    egress_usd: float = 0.0
    """What the registry's owner pays for sending it."""
    rest: Rest | None = None
    """What a lazy pull left in the registry."""

    @property
    def ok(self) -> bool:
        """True when the image can be run."""
        return self.error is None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.finished_s - self.started_s

    @property
    def status(self) -> str:
        """The last line of `docker pull`."""
        if self.error is not None:
            return f"Error response from daemon: {self.error}"
        what = "Image is up to date" if self.up_to_date else "Downloaded newer image"
        return f"Status: {what} for {self.reference.short()}"


class Rest:
    """The bytes that a lazy pull has not fetched: read on demand, or all in the background."""

    def __init__(self, client: TransferEnd, registry: Registry, size_bytes: int) -> None:
        self._client = client
        self._registry = registry
        self.left_bytes = size_bytes

    def demand(self, size_bytes: float) -> Flow:
        """Fetch some of the rest now, as a program does that opens a file; wait for ``.done``."""
        return self._start(size_bytes, weight=1.0)

    def prefetch(self, weight: float = 0.1) -> Flow:
        """Fetch all of the rest, giving way to others by a small weight."""
        return self._start(self.left_bytes, weight)

    def _start(self, size_bytes: float, weight: float) -> Flow:
        wanted = min(round(size_bytes), self.left_bytes)
        self.left_bytes -= wanted
        client, registry = self._client, self._registry
        links = (registry.uplink, *client.path, client.nic_in)
        return client.network.start(links, wanted, cap=registry.connection_bytes_s, weight=weight)


class Pull:
    """A pull under way. ``done`` succeeds with a ``PullResult``, also when the pull fails."""

    def __init__(
        self,
        client: TransferEnd,
        registry: Registry,
        reference: Reference,
        platform: Platform | None,
        *,
        user: str | None,
        lazy: bool,
    ) -> None:
        self.client = client
        self.registry = registry
        self.reference = reference
        self.platform = platform
        self.user = user
        self.lazy = lazy
        self.image: Image | None = None
        self.started_s = client.sim.now
        self.done: simpy.Event = client.sim.env.event()
        self._stopped: simpy.Event = client.sim.env.event()
        self._jobs: dict[str, LayerJob] = {}
        self._present: frozenset[str] = frozenset()
        self._final: tuple[LayerProgress, ...] | None = None
        client.pulls.append(self)
        registry.transfers.append(self)
        client.sim.start(self._run())

    def cancel(self, reason: str = CANCELLED) -> None:
        """Give up; layers that no other pull wants are dropped at once."""
        if not self.done.triggered:
            self._let_go()
            if not self._stopped.triggered:
                self._stopped.succeed()
            self._finish(self._failed(reason))

    def progress(self) -> tuple[LayerProgress, ...]:
        """One line a layer, in the image's order; empty until the name is resolved."""
        if self._final is not None:
            return self._final
        return tuple(self._line(layer.digest) for layer in _unique(self.image))

    @property
    def transferred_bytes(self) -> float:
        """Compressed bytes that have arrived so far."""
        return sum(line.downloaded_bytes for line in self.progress())

    def _line(self, digest: str) -> LayerProgress:
        job = self._jobs.get(digest)
        if job is not None:
            return job.progress()
        assert self.image is not None
        layer = next(one for one in self.image.layers if one.digest == digest)
        size = layer.size_bytes
        return LayerProgress(layer.id, PRESENT, 0.0, layer.transfer_bytes, float(size), size)

    def _run(self) -> Generator[simpy.Event, Any, None]:
        turns = self.client.turns
        if turns is None:
            yield from self._transfer()
            return
        with turns.request() as turn:
            yield turn | self._stopped
            yield from self._transfer()

    def _transfer(self) -> Generator[simpy.Event, Any, None]:
        env = self.client.sim.env
        if self.registry.request_s and not self.done.triggered:
            yield env.timeout(self.registry.request_s) | self._stopped
        if self.done.triggered:
            return
        try:
            self._resolve()
        except DrydockError as refusal:
            self._finish(self._failed(str(refusal)))
            return
        waiting = [job.extracted.event() for job in self._jobs.values()]
        if waiting:
            yield env.all_of(waiting) | self._stopped
        if not self.done.triggered:
            self._store()

    def _resolve(self) -> None:
        client = self.client
        manifest = self.registry.resolve(self.reference, user=self.user, client=client.name)
        wanted = self.platform or client.platform
        image = self.image = select(manifest, wanted, explicit=self.platform is not None)
        missing = client.store.missing_layers(image)
        self._check_room(image)
        lacking = {layer.digest for layer in missing}
        self._present = frozenset(one.digest for one in image.layers) - lacking
        client.sim.emit(
            PullStarted(
                client.name,
                self.reference.short(),
                str(image.platform),
                len(_unique(image)),
                len(self._present),
                sum(layer.transfer_bytes for layer in missing),
            )
        )
        slots = Slots(client.rules.parallel_downloads)
        parent: LayerJob | None = None
        for layer in missing:
            parent = client.fetch(layer, self.registry, slots, parent, lazy=self.lazy)
            self._jobs[layer.digest] = parent

    def _check_room(self, image: Image) -> None:
        """Refuse a pull that will not fit; the real one finds out when it unpacks."""
        client = self.client
        missing = client.store.missing_layers(image)
        needed = sum(layer.size_bytes for layer in missing if not client.under_way(layer))
        room = client.room_bytes()
        inodes = sum(layer.inodes for layer in missing if not client.under_way(layer))
        if inodes > client.free_inodes():
            raise Refused(
                "failed to register layer: mkdir: no space left on device: "
                f"{inodes:,} inodes needed, {client.free_inodes():,.0f} free"
            )
        if needed > room:
            where = _first_beyond(missing, room)
            raise Refused(
                f"failed to register layer: write{where}: no space left on device: "
                f"{format_bytes(needed)} needed, {format_bytes(max(0, room))} free"
            )

    def _store(self) -> None:
        client, image = self.client, self.image
        assert image is not None
        site = self.registry.site
        before = client.store.find(self.reference)
        client.store.add(image, self.reference, now_s=client.sim.now)
        jobs = list(self._jobs.values())
        moved = sum(job.wanted_bytes for job in jobs)
        lazily = any(job.lazy for job in jobs)
        rest = sum(job.layer.transfer_bytes - job.wanted_bytes for job in jobs)
        self._final = self.progress()
        self._let_go()
        result = PullResult(
            self.reference,
            image,
            self.started_s,
            client.sim.now,
            layers=len(_unique(image)),
            present_layers=len(self._present),
            transferred_bytes=moved,
            warning=self._warning(image),
            egress_usd=site.egress_usd(moved, client.site) if site else 0.0,
            up_to_date=before is not None and before.image.digest == image.digest,
            rest=Rest(client, self.registry, rest) if lazily else None,
        )
        client.sim.emit(
            ImagePulled(
                client.name, self.reference.short(), image.digest, moved, result.seconds, lazily
            )
        )
        self._finish(result)

    def _warning(self, image: Image) -> str | None:
        """What Docker prints when a single foreign image came without being asked for."""
        if self.platform is not None or rank(image.platform, self.client.platform) is not None:
            return None
        return (
            f"The requested image's platform ({image.platform}) does not match the detected host "
            f"platform ({self.client.platform}) and no specific platform was requested"
        )

    def _failed(self, reason: str) -> PullResult:
        client = self.client
        client.sim.emit(PullFailed(client.name, self.reference.short(), reason))
        return PullResult(self.reference, None, self.started_s, client.sim.now, error=reason)

    def _let_go(self) -> None:
        if self._final is None:
            self._final = self.progress()
        for job in self._jobs.values():
            self.client.let_go(job)
        self._jobs.clear()

    def _finish(self, result: PullResult) -> None:
        self.client.pulls.remove(self)
        self.registry.transfers.remove(self)
        self.done.succeed(result)


def _first_beyond(layers: list[Layer], room: float) -> str:
    """The largest file of the first layer that does not fit, where its files have names."""
    for layer in layers:
        room -= layer.size_bytes
        if room < 0:
            named = [one for one in layer.files if one.kind == FILE and one.size_bytes]
            if named:
                return " " + max(named, key=lambda one: one.size_bytes).path
            break
    return ""


def _unique(image: Image | None) -> list[Any]:
    return list({layer.digest: layer for layer in image.layers}.values()) if image else []
