"""What a machine pulls and pushes images with: its links, its disk, its rules.

client = ImageClient(sim, network, "node-1", nic_in=..., store=...)
result = yield client.pull(registry, reference).done
"""

from __future__ import annotations

from simulator.image.model import Manifest, Platform
from simulator.image.reference import Reference
from simulator.registry.end import TransferEnd
from simulator.registry.pull import CANCELLED, Pull
from simulator.registry.push import Push
from simulator.registry.registry import Registry


class ImageClient(TransferEnd):
    """One machine's side of every pull and push: what it can be asked to do."""

    def stop(self, reason: str = CANCELLED) -> None:
        """Break off everything under way, as when the machine goes down."""
        for pull in list(self.pulls):
            pull.cancel(reason)
        for push in list(self.pushes):
            push.cancel(reason)

    def pull(
        self,
        registry: Registry,
        reference: Reference | str,
        *,
        platform: Platform | None = None,
        user: str | None = None,
        lazy: bool | None = None,
    ) -> Pull:
        """Start to pull an image; wait for ``.done``, whose value is a ``PullResult``.

        ``platform`` is an explicit `--platform`; without it the machine's own is meant.
        """
        wanted = Reference.parse(reference) if isinstance(reference, str) else reference
        how = self.rules.lazy if lazy is None else lazy
        who = user or self.users.get(registry.name)
        return Pull(self, registry, wanted.tagged(), platform, user=who, lazy=how)

    def push(
        self,
        registry: Registry,
        reference: Reference | str,
        manifest: Manifest | None = None,
        *,
        user: str | None = None,
    ) -> Push:
        """Start to push the store's image of that name, or the image or list that is given."""
        wanted = Reference.parse(reference) if isinstance(reference, str) else reference
        found = self.store.get(wanted).image if manifest is None else manifest
        who = user or self.users.get(registry.name)
        return Push(self, registry, wanted.tagged(), found, user=who)
