"""Images of containers that are about to be made: here, fetched, or not to be had."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.pulling import Pulls
from simulator.cluster.supply import Supplied, check_reference
from simulator.units import format_span

PULL_BACKOFF = (10.0, 300.0)
"""kubelet, ``images``: 10 s, doubled, up to 5 min."""
NEXT_SYNC_S = 1.0
"""Until a kubelet looks at a pod again after a failure, and finds it in its back-off."""


class Fetching:
    """Sees to it that containers have their images."""

    def __init__(
        self,
        house: Household,
        pulls: Pulls,
        start: Callable[[Life, Run, Box, Supplied], None],
        advance: Callable[[Life], None],
    ) -> None:
        """``start``: told of a container whose image is here; ``advance``: of a pod that is to go
        on with whatever comes next."""
        self.house = house
        self.sim = house.sim
        self.pulls = pulls
        self.start = start
        self.advance = advance

    def ensure(self, life: Life, run: Run) -> None:
        """Its image is here, or is fetched, or cannot be."""
        if run.running or run.timer or run.pulling:
            return
        box = self.house.box(life)
        text, policy = run.wanted.image, run.wanted.image_pull_policy
        wrong = check_reference(text)
        if wrong:
            self.house.event(life, "Warning", "InspectFailed", wrong)
            self.cannot(life, run, "InvalidImageName", wrong)
            return
        stored = None if text in box.pulling else box.find(text)
        if policy == "Never" and stored is None:
            about = f'Container image "{text}" is not present with pull policy of Never'
            self.house.event(life, "Warning", "ErrImageNeverPull", about)
            self.cannot(life, run, "ErrImageNeverPull", about)
            return
        if stored is not None and policy != "Always":
            about = f'Container image "{text}" already present on machine'
            self.house.event(life, "Normal", "Pulled", about)
            self.start(life, run, box, Supplied(stored.image, self._assumed(text, box)))
            return
        self.house.event(life, "Normal", "Pulling", f'Pulling image "{text}"')
        self.house.publish(life)
        run.pulling = True
        self.pulls.pull(box, life, run)

    def _assumed(self, text: str, box: Box) -> bool:
        return self.house.supply.is_assumed(text, box.daemon.machine.images.platform)

    def cannot(self, life: Life, run: Run, reason: str, message: str) -> None:
        """It cannot be made as things are."""
        run.waiting, run.message = reason, message
        told = message if reason == "CreateContainerConfigError" else reason
        self.house.event(life, "Warning", "Failed", f"Error: {told}")
        self.house.publish(life)

    def pulled(
        self, life: Life, run: Run, found: Supplied | str, seconds: float, waited: float
    ) -> None:
        """An image is here, or is not to be had."""
        run.pulling = False
        if life.stopping or life.over:
            return
        text = run.wanted.image
        if isinstance(found, str):
            self._failed(life, run, found)
            return
        run.failures = 0
        about = (
            f'Successfully pulled image "{text}" in {_span(seconds)} ({_span(waited)} including '
            f"waiting). Image size: {found.image.transfer_bytes} bytes."
        )
        self.house.event(life, "Normal", "Pulled", about)
        self.start(life, run, self.house.box(life), found)

    def _failed(self, life: Life, run: Run, why: str) -> None:
        text = run.wanted.image
        message = f'Failed to pull image "{text}": rpc error: code = NotFound desc = {why}'
        self.house.event(life, "Warning", "Failed", message)
        self.house.event(life, "Warning", "Failed", "Error: ErrImagePull")
        run.waiting, run.message = "ErrImagePull", f"rpc error: code = NotFound desc = {why}"
        first, most = PULL_BACKOFF
        wait = min(most, first * 2 ** min(run.failures, 10))
        run.failures += 1
        self.house.publish(life)
        run.timer = self.sim.at(self.sim.now + NEXT_SYNC_S, self._backs_off, life, run, wait)

    def _backs_off(self, life: Life, run: Run, wait: float) -> None:
        if not self.house.box(life).up:
            return
        text = run.wanted.image
        run.waiting, run.message = "ImagePullBackOff", f'Back-off pulling image "{text}"'
        self.house.event(life, "Normal", "BackOff", f'Back-off pulling image "{text}"')
        self.house.event(life, "Warning", "Failed", "Error: ImagePullBackOff")
        self.house.publish(life)
        run.timer = self.sim.at(self.sim.now + wait - NEXT_SYNC_S, self.again, life, run)

    def again(self, life: Life, run: Run) -> None:
        """Try once more."""
        run.timer = None
        if not self.house.box(life).up:
            return
        self.advance(life)


@lru_cache(maxsize=4096)
def _span(seconds: float) -> str:
    return format_span(seconds).replace(" ", "")
