"""Layers on their way to one machine: downloaded a few at a time, unpacked in order.

A layer that two pulls want is fetched once; each pull holds it, and it is dropped when the last
one lets go. Everything here reacts to ends of flows, so a cancelled pull leaves nothing behind.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from simulator.engine import Flow, FlowNetwork, Link, Moment, Simulation
from simulator.image.events import LayerDownloaded, LayerExtracted
from simulator.image.model import Layer

WAITING = "Waiting"
DOWNLOADING = "Downloading"
DOWNLOADED = "Download complete"
EXTRACTING = "Extracting"
COMPLETE = "Pull complete"
PRESENT = "Already exists"


class Puller(Protocol):
    """A machine's side of transfers, as a layer on its way sees it."""

    sim: Simulation
    network: FlowNetwork
    name: str
    disk: Link | None
    unpack_bytes_s: float


@dataclass(frozen=True, slots=True)
class LayerProgress:
    """One line of `docker pull`: compressed bytes downloaded, unpacked bytes extracted."""

    layer: str
    status: str
    downloaded_bytes: float
    transfer_bytes: int
    extracted_bytes: float
    unpacked_bytes: int


class Slots:
    """At most so many downloads at once; the others wait in order."""

    def __init__(self, count: int) -> None:
        self._free = max(1, count)
        self._waiting: deque[LayerJob] = deque()

    def ask(self, job: LayerJob) -> None:
        """Begin the job's download as soon as there is a slot."""
        self._waiting.append(job)
        self._fill()

    def give_back(self) -> None:
        """A download has ended."""
        self._free += 1
        self._fill()

    def _fill(self) -> None:
        while self._free and self._waiting:
            job = self._waiting.popleft()
            if not job.dropped:
                self._free -= 1
                job.download()


class LayerJob:
    """One layer being fetched to one machine, for all pulls that want it."""

    def __init__(
        self,
        client: Puller,
        layer: Layer,
        *,
        links: tuple[Link, ...],
        cap_bytes_s: float | None,
        slots: Slots,
        parent: LayerJob | None,
        fraction: float = 1.0,
    ) -> None:
        """``fraction`` < 1 is a lazy fetch: only so much is downloaded and unpacked."""
        self.client = client
        self.layer = layer
        self.wanted_bytes = round(layer.transfer_bytes * fraction)
        self.unpacked_bytes = round(layer.size_bytes * fraction)
        self.lazy = fraction < 1
        self.status = WAITING
        self.extracted = Moment(client.sim)
        self.holders = 0
        self.dropped = False
        self._links = links
        self._cap_bytes_s = cap_bytes_s
        self._slots = slots
        self._parent = parent
        self._began_s = 0.0
        self._download: Flow | None = None
        self._unpack: Flow | None = None
        if parent is not None and parent.status != COMPLETE:
            parent.extracted.when(self._try_extract)

    def download(self) -> None:
        """Start the download; called by the slots."""
        self.status = DOWNLOADING
        self._began_s = self.client.sim.now
        self._download = self.client.network.start(
            self._links, self.wanted_bytes, cap=self._cap_bytes_s
        )
        self._download.over.when(self._downloaded)

    def release(self) -> None:
        """One pull wants it no more; the last one stops what is under way."""
        self.holders -= 1
        if self.holders or self.status == COMPLETE:
            return
        self.dropped = True
        for flow in (self._download, self._unpack):
            if flow is not None:
                flow.cancel()

    def progress(self) -> LayerProgress:
        """How far it is."""
        return LayerProgress(
            self.layer.id,
            self.status,
            self._download.transferred_bytes if self._download else 0.0,
            self.wanted_bytes,
            self._unpack.transferred_bytes if self._unpack else 0.0,
            self.unpacked_bytes,
        )

    def _downloaded(self) -> None:
        self._slots.give_back()
        if self.dropped:
            return
        self.status = DOWNLOADED
        seconds = self.client.sim.now - self._began_s
        self.client.sim.emit(
            LayerDownloaded(self.client.name, self.layer.id, self.wanted_bytes, seconds)
        )
        self._try_extract()

    def _try_extract(self) -> None:
        if self.dropped or self.status != DOWNLOADED:
            return
        if self._parent is not None and self._parent.status != COMPLETE:
            return
        self.status = EXTRACTING
        self._began_s = self.client.sim.now
        links = (self.client.disk,) if self.client.disk else ()
        self._unpack = self.client.network.start(
            links, self.unpacked_bytes, cap=self.client.unpack_bytes_s
        )
        self._unpack.over.when(self._unpacked)

    def _unpacked(self) -> None:
        if self.dropped:
            return
        seconds = self.client.sim.now - self._began_s
        self.status = COMPLETE
        self.extracted.happen()
        self.client.sim.emit(
            LayerExtracted(self.client.name, self.layer.id, self.unpacked_bytes, seconds)
        )
