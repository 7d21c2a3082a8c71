"""Pulls of a kubelet: one after the other, each as long as its missing layers take.

The time is computed when a pull begins, from the bytes that are missing, the node's card and what
unpacking takes; so that ten thousand nodes can pull at once. Other than ``docker pull``, pulls of
kubelets do not share the registry's own line with each other.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.calibration import Calibration
from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.supply import Supplied, Supply
from simulator.engine.simulation import Simulation
from simulator.image.model import Layer

PulledThen = Callable[[Life, Run, Supplied | str, float, float], None]
"""Told of a container whose image came, or why it did not; with the seconds of the pull, and
those with the time in line."""
Arrived = Callable[[str, str, int], None]
"""Told of a node, an image that it has from now on, and its bytes."""


NO_SPACE = (
    'failed to pull and unpack image "{name}": failed to extract layer: write '
    "/var/lib/containerd: no space left on device"
)


class Pulls:
    """All pulls of a cluster's kubelets."""

    def __init__(
        self, sim: Simulation, supply: Supply, constants: Calibration, then: PulledThen
    ) -> None:
        self.sim = sim
        self.supply = supply
        self.then = then
        self.arrived: Arrived = _nobody
        self.full: Callable[[Box], None] = _no_box
        """Told of a node on whose disk more lies."""
        self.serial = True
        self.request_s = constants.value("kubernetes.node.registry_request_s")
        self.unpack_bytes_s = constants.value("images.pull.unpack_bytes_s")
        self.stream_bytes_s = constants.value("kubernetes.node.registry_bytes_s")

    def pull(self, box: Box, life: Life, run: Run) -> None:
        """Fetch an image, behind those that were asked for before."""
        text = run.wanted.image
        waiting = box.pulling.get(text)
        if waiting is not None:
            waiting.append((life, run.wanted.name, self.sim.now))
            return
        box.pulling[text] = [(life, run.wanted.name, self.sim.now)]
        box.pulls.append(text)
        if not self.serial or len(box.pulls) == 1:
            self._begin(box, text)

    def _begin(self, box: Box, text: str) -> None:
        machine = box.daemon.machine
        found = self.supply.find(text, machine.images.platform)
        seconds = self.request_s
        if isinstance(found, Supplied):
            seconds += self.seconds(box, machine.images.store.missing_layers(found.image))
        self.sim.at(self.sim.now + seconds, self._done, box, box.boots, text, found, seconds)

    def seconds(self, box: Box, layers: list[Layer]) -> float:
        """Download and unpacking overlap: the longer of the two."""
        if not layers:
            return 0.0
        rate = min(box.daemon.machine.hardware.nic_bytes_s, self.stream_bytes_s)
        download = sum(one.transfer_bytes for one in layers) / rate
        return max(download, sum(one.size_bytes for one in layers) / self.unpack_bytes_s)

    def _done(self, box: Box, boots: int, text: str, found: Supplied | str, seconds: float) -> None:
        if box.boots != boots or not box.up:
            return
        waiting = box.pulling.pop(text, [])
        box.pulls.remove(text)
        if self.serial and box.pulls:
            self._begin(box, box.pulls[0])
        machine = box.daemon.machine
        if isinstance(found, Supplied):
            missing = machine.images.store.missing_layers(found.image)
            if sum(one.size_bytes for one in missing) > machine.space.free_bytes:
                found = NO_SPACE.format(name=text)
        if isinstance(found, Supplied):
            machine.images.store.add(found.image, text, now_s=self.sim.now)
            box.images[text] = found.image.digest
            box.used_at[found.image.digest] = self.sim.now
            self.arrived(box.name, text, found.image.transfer_bytes)
            self.full(box)
        for life, name, since in waiting:
            run = life.run(name)
            if run is not None and not life.over:
                self.then(life, run, found, seconds, self.sim.now - since)


def _nobody(node: str, image: str, size_bytes: int) -> None:
    """Nobody wants to know."""


def _no_box(box: Box) -> None:
    """Nobody wants to know."""
