"""Pulls and pushes in the words of ``docker pull`` and ``docker push``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.units import format_bytes
from simulator.world.facts import LayerMoved, NotHere, PullBegan, PullEnded, PushBegan, PushEnded


def pushed(fact: PushEnded) -> str:
    """``latest: digest: sha256:… size: 12345``."""
    return f"{fact.tag}: digest: {fact.digest} size: {fact.size_bytes}"


def _not_here(fact: NotHere) -> list[str]:
    return [f"Unable to find image '{fact.image}' locally"]


def _pull_began(fact: PullBegan) -> list[str]:
    return [f"{fact.tag}: Pulling from {fact.repository}"]


def _push_began(fact: PushBegan) -> list[str]:
    return [f"The push refers to repository [{fact.repository}]"]


def _layer(fact: LayerMoved) -> list[str]:
    told = f"{fact.layer[:12]}: {fact.status}"
    return [f"{told} {_share(fact.done_bytes, fact.total_bytes)}" if fact.moving else told]


def _share(done: float, total: float) -> str:
    return f"{format_bytes(done)}/{format_bytes(total)}" if 0 < done < total else ""


def _pull_ended(fact: PullEnded) -> Iterable[str]:
    yield f"Digest: {fact.digest}"
    if fact.note is not None:
        yield f"note: {fact.note}"
    if fact.later_bytes:
        yield f"{format_bytes(fact.later_bytes)} of it follow in the background (lazy pull)"
    if fact.warning:
        yield f"WARNING: {fact.warning}"
    yield fact.status


WORDS: dict[type, Callable[[Any], Iterable[str]]] = {
    NotHere: _not_here,
    PullBegan: _pull_began,
    PushBegan: _push_began,
    LayerMoved: _layer,
    PullEnded: _pull_ended,
    PushEnded: lambda fact: [pushed(fact)],
}
