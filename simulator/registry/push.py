"""One push: upload what the registry lacks, mount what it has elsewhere, set the tag."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.engine import Flow
from simulator.errors import DrydockError
from simulator.image.events import ImagePushed, LayerPushed, PushFailed
from simulator.image.manifests import images_of
from simulator.image.model import Layer, Manifest
from simulator.image.reference import Reference
from simulator.registry.end import TransferEnd
from simulator.registry.registry import Registry

PUSHED, EXISTS, MOUNTED = "pushed", "exists", "mounted"
_STATUS = {PUSHED: "Pushed", EXISTS: "Layer already exists", MOUNTED: "Mounted"}


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """One line of `docker push`: compressed bytes of a layer that have been sent."""

    layer: str
    status: str
    uploaded_bytes: float
    transfer_bytes: int


@dataclass(frozen=True, slots=True)
class PushResult:
    """How a push ended: the digest of the tag, and what became of each layer."""

    reference: Reference
    digest: str
    started_s: float
    finished_s: float
    outcomes: tuple[tuple[str, str], ...] = ()
    """(layer digest, ``pushed`` | ``exists`` | ``mounted``), in the order of the image."""
    transferred_bytes: int = 0
    egress_usd: float = 0.0
    """What the sender's cloud charges for it."""
    error: str | None = None

    @property
    def ok(self) -> bool:
        """True when the tag is in the registry."""
        return self.error is None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.finished_s - self.started_s


class Push:
    """A push under way. ``done`` succeeds with a ``PushResult``, also when the push fails."""

    def __init__(
        self,
        client: TransferEnd,
        registry: Registry,
        reference: Reference,
        manifest: Manifest,
        *,
        user: str | None,
    ) -> None:
        self.client = client
        self.registry = registry
        self.reference = reference
        self.manifest = manifest
        self.layers = {
            layer.digest: layer for image in images_of(manifest) for layer in image.layers
        }
        self.user = user
        self.started_s = client.sim.now
        self.done: simpy.Event = client.sim.env.event()
        self._stopped: simpy.Event = client.sim.env.event()
        self._outcomes: dict[str, str] = {}
        self._flows: dict[str, Flow] = {}
        self._origins: dict[str, str] = {}
        client.pushes.append(self)
        registry.transfers.append(self)
        client.sim.start(self._run())

    def cancel(self, reason: str = "context canceled") -> None:
        """Give up; uploads under way stop, finished layers stay in the registry."""
        if not self.done.triggered:
            self._stopped.succeed()
            for flow in self._flows.values():
                flow.cancel()
            self._fail(reason)

    def progress(self) -> tuple[UploadProgress, ...]:
        """One line a layer, in the image's order."""
        return tuple(self._line(layer) for layer in self.layers.values())

    def _line(self, layer: Layer) -> UploadProgress:
        flow, outcome = self._flows.get(layer.digest), self._outcomes.get(layer.digest)
        if outcome is not None:
            status = f"{_STATUS[outcome]} {self._origins.get(layer.digest, '')}".rstrip()
            status = status.replace("Mounted ", "Mounted from ")
        else:
            status = "Waiting" if flow is None else "Pushing"
        sent = flow.transferred_bytes if flow else 0.0
        return UploadProgress(layer.id, status, sent, layer.transfer_bytes)

    def _run(self) -> Generator[simpy.Event, Any, None]:
        env = self.client.sim.env
        if self.registry.request_s:
            yield env.timeout(self.registry.request_s) | self._stopped
        if self.done.triggered:
            return
        try:
            self.registry.check_push(self.reference, self.user)
        except DrydockError as refusal:
            self._fail(str(refusal))
            return
        slots = simpy.Resource(env, capacity=max(1, self.client.parallel_uploads))
        yield env.all_of(
            [self.client.sim.start(self._layer(layer, slots)) for layer in self.layers.values()]
        )
        if not self.done.triggered:
            self._publish()

    def _layer(self, layer: Layer, slots: simpy.Resource) -> Generator[simpy.Event, Any, None]:
        repository = self.reference.repository
        if self.registry.has_blob(layer.digest, repository):
            self._note(layer, EXISTS, 0)
            return
        origin = self.registry.mountable_from(layer.digest, repository, self.user)
        if origin is not None:
            self.registry.add_blob(repository, layer)
            self._origins[layer.digest] = origin
            self._note(layer, MOUNTED, 0, origin)
            return
        with slots.request() as slot:
            yield slot | self._stopped
            if self.done.triggered:
                return
            flow = self._flows[layer.digest] = self._upload(layer)
            yield flow.done
        if flow.cancelled:
            return
        self.registry.add_blob(repository, layer)
        self._note(layer, PUSHED, layer.transfer_bytes)

    def _upload(self, layer: Layer) -> Flow:
        client = self.client
        # Layers are compressed on the way out, so a slow compressor holds the line back.
        ratio = layer.transfer_bytes / layer.size_bytes if layer.size_bytes else 1.0
        cap = client.compress_bytes_s * ratio
        if self.registry.connection_bytes_s is not None:
            cap = min(cap, self.registry.connection_bytes_s)
        links = (client.nic_out, *client.path, self.registry.downlink)
        return client.network.start(links, layer.transfer_bytes, cap=cap)

    def _note(self, layer: Layer, outcome: str, moved: int, origin: str = "") -> None:
        self._outcomes[layer.digest] = outcome
        self.client.sim.emit(
            LayerPushed(self.client.name, self.registry.name, layer.id, outcome, moved, origin)
        )

    def _publish(self) -> None:
        now = self.client.sim.now
        try:
            digest = self.registry.put(self.reference, self.manifest)
        except DrydockError as refusal:
            self._fail(str(refusal))
            return
        moved = sum(
            layer.transfer_bytes
            for layer in self.layers.values()
            if self._outcomes[layer.digest] == PUSHED
        )
        outcomes = tuple((layer, self._outcomes[layer]) for layer in self.layers)
        site = self.client.site
        usd = site.egress_usd(moved, self.registry.site) if site else 0.0
        result = PushResult(self.reference, digest, self.started_s, now, outcomes, moved, usd)
        self.client.sim.emit(
            ImagePushed(
                self.client.name, self.reference.short(), digest, moved, now - self.started_s
            )
        )
        self._finish(result)

    def _fail(self, reason: str) -> None:
        client = self.client
        client.sim.emit(PushFailed(client.name, self.reference.short(), reason))
        result = PushResult(
            self.reference,
            "",
            self.started_s,
            client.sim.now,
            tuple(self._outcomes.items()),
            error=reason,
        )
        self._finish(result)

    def _finish(self, result: PushResult) -> None:
        self.client.pushes.remove(self)
        self.registry.transfers.remove(self)
        self.done.succeed(result)
