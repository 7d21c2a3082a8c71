"""Amounts of resources as numbers: millicores, bytes, pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import msgspec

from simulator.cluster.kubernetes.objects.quantity import NANO, parse


class Resources(msgspec.Struct, frozen=True, gc=False):
    """Amounts of each resource; 0: none. ``extended``: whole pieces by name, sorted."""

    cpu_millis: int = 0
    memory_bytes: int = 0
    ephemeral_bytes: int = 0
    extended: tuple[tuple[str, int], ...] = ()
    pods: int = 0
    """Pods that a node takes; nothing in what a pod asks for."""

    def plus(self, other: Resources) -> Resources:
        """Both together."""
        return self._with(other, lambda mine, its: mine + its)

    def most(self, other: Resources) -> Resources:
        """The larger of each."""
        return self._with(other, max)

    def minus(self, other: Resources) -> Resources:
        """What is left when ``other`` is taken away."""
        return self._with(other, lambda mine, its: mine - its)

    def _with(self, other: Resources, both: Callable[[int, int], int]) -> Resources:
        names = sorted({name for name, _ in (*self.extended, *other.extended)})
        mine, its = dict(self.extended), dict(other.extended)
        return Resources(
            both(self.cpu_millis, other.cpu_millis),
            both(self.memory_bytes, other.memory_bytes),
            both(self.ephemeral_bytes, other.ephemeral_bytes),
            tuple((name, both(mine.get(name, 0), its.get(name, 0))) for name in names),
            both(self.pods, other.pods),
        )

    def amount(self, name: str) -> int:
        """How much of a resource by its name in the API (cpu in millicores)."""
        known = _FIELDS.get(name)
        if known is not None:
            return int(getattr(self, known))
        return dict(self.extended).get(name, 0)


_FIELDS = {
    "cpu": "cpu_millis",
    "memory": "memory_bytes",
    "ephemeral-storage": "ephemeral_bytes",
    "pods": "pods",
}
NONE = Resources()


def resources_of(amounts: Mapping[str, str | int | float]) -> Resources:
    """Read ``{"cpu": "100m", "memory": "1Gi"}``; fractions are rounded up, as the API does."""
    extended = sorted(
        (name, _whole(str(one))) for name, one in amounts.items() if name not in _FIELDS
    )
    return Resources(
        _millis(str(amounts.get("cpu", 0))),
        _whole(str(amounts.get("memory", 0))),
        _whole(str(amounts.get("ephemeral-storage", 0))),
        tuple(extended),
        _whole(str(amounts.get("pods", 0))),
    )


@lru_cache(maxsize=4096)
def _millis(text: str) -> int:
    return -(-parse(text).nanos // 10**6)


@lru_cache(maxsize=4096)
def _whole(text: str) -> int:
    return -(-parse(text).nanos // NANO)
