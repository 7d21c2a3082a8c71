"""When an image is pulled: the policies, the back-off and the rate limit of the kubelet.

Outcomes have the kubelet's own names (``pkg/kubelet/images``): an attempt that fails is an
``ErrImagePull``, one that is skipped because the last failure is too recent an
``ImagePullBackOff``. The delay is 10 s, doubled after each failure up to 300 s.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.calibration import Calibration
from simulator.engine.backoff import Backoff, TokenBucket
from simulator.errors import unknown
from simulator.image.events import PullBackedOff, PullFailed
from simulator.image.reference import DEFAULT_TAG, Reference
from simulator.registry.client import ImageClient
from simulator.registry.pull import PullResult
from simulator.registry.registry import Registry

ALWAYS, IF_NOT_PRESENT, NEVER = "Always", "IfNotPresent", "Never"
POLICIES = (ALWAYS, IF_NOT_PRESENT, NEVER)

PRESENT = "present"
PULLED = "pulled"
ERR_IMAGE_PULL = "ErrImagePull"
BACK_OFF = "ImagePullBackOff"
ERR_INSPECT = "ErrImageInspect"
ERR_NEVER_PULL = "ErrImageNeverPull"


@dataclass(frozen=True, slots=True)
class Ensured:
    """How an attempt to have an image ended: an outcome, a message for people, the pull if any."""

    outcome: str
    message: str = ""
    pull: PullResult | None = None
    retry_after_s: float = 0.0

    @property
    def ok(self) -> bool:
        """True when a container can be made from the image."""
        return self.outcome in (PRESENT, PULLED)


def default_policy(reference: Reference) -> str:
    """The policy where none is written: ``Always`` for ``latest``, else ``IfNotPresent``."""
    moves = reference.digest is None and reference.tag_or_latest == DEFAULT_TAG
    return ALWAYS if moves else IF_NOT_PRESENT


class ImageManager:
    """One node's decisions on pulling. A failure is remembered for each name separately."""

    def __init__(
        self,
        client: ImageClient,
        *,
        bucket: TokenBucket | None = None,
        initial_s: float | None = None,
        max_s: float | None = None,
        constants: Calibration,
    ) -> None:
        """``bucket`` limits the rate of pulls (``kubelet_bucket()``); None is no limit."""
        self.client = client
        self.bucket = bucket
        self._initial_s = (
            constants.value("images.pull.initial_backoff_s") if initial_s is None else initial_s
        )
        self._max_s = constants.value("images.pull.max_backoff_s") if max_s is None else max_s
        self._backoffs: dict[str, Backoff] = {}
        self.store_broken = False
        """Set by a fault: the image store cannot be read."""

    def ensure(
        self,
        registry: Registry,
        reference: Reference,
        policy: str | None = None,
        *,
        user: str | None = None,
    ) -> Generator[simpy.Event, Any, Ensured]:
        """Have the image by the policy; for ``yield from``. InputError for an unknown policy."""
        chosen = policy or default_policy(reference)
        if chosen not in POLICIES:
            raise unknown("image pull policy", chosen, POLICIES)
        refused = self._before_pull(reference, chosen)
        if refused is not None:
            return refused
        if self.bucket is not None and not self.bucket.take(self._now):
            return self._fail(reference, "pull QPS exceeded", emit=True)
        pull = self.client.pull(registry, reference, user=user)
        result: PullResult = yield pull.done
        if result.ok:
            self._backoff(reference).reset()
            return Ensured(PULLED, f'Successfully pulled image "{reference.short()}"', result)
        return self._fail(reference, str(result.error), result)

    def retry_after_s(self, reference: Reference) -> float:
        """Seconds until the next attempt may be made; 0 when it may be made now."""
        return self._backoff(reference).remaining(self._now)

    @property
    def _now(self) -> float:
        return self.client.sim.now

    def _before_pull(self, reference: Reference, policy: str) -> Ensured | None:
        """What ends the attempt before anything is asked of the registry."""
        name = reference.short()
        if self.store_broken:
            return Ensured(ERR_INSPECT, f'Failed to inspect image "{name}"')
        there = self.client.store.find(reference) is not None
        if policy == NEVER and not there:
            return Ensured(
                ERR_NEVER_PULL, f'Container image "{name}" is not present with pull policy of Never'
            )
        if there and policy != ALWAYS:
            return Ensured(PRESENT, f'Container image "{name}" already present on machine')
        wait_s = self.retry_after_s(reference)
        if wait_s > 0:
            self.client.sim.emit(PullBackedOff(self.client.name, name, wait_s))
            return Ensured(BACK_OFF, f'Back-off pulling image "{name}"', retry_after_s=wait_s)
        return None

    def _fail(
        self,
        reference: Reference,
        reason: str,
        result: PullResult | None = None,
        *,
        emit: bool = False,
    ) -> Ensured:
        if emit:
            self.client.sim.emit(PullFailed(self.client.name, reference.short(), reason))
        delay = self._backoff(reference).fail(self._now)
        text = f'Failed to pull image "{reference.short()}": {reason}'
        return Ensured(ERR_IMAGE_PULL, text, result, delay)

    def _backoff(self, reference: Reference) -> Backoff:
        key = reference.canonical()
        found = self._backoffs.get(key)
        if found is None:
            found = self._backoffs[key] = Backoff(self._initial_s, self._max_s)
        return found
