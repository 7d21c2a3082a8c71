"""Pruning, archives, copies and logins in the words of ``docker`` and of a registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.units import format_bytes
from simulator.world.storage_facts import (
    ArchiveSaved,
    CachePruned,
    CopiedUp,
    FilesCopied,
    ImageGone,
    ImageLoaded,
    LoggedIn,
    LoggedOut,
    Pruned,
    RegistryCollected,
)


def _gone(fact: ImageGone) -> str:
    return f"{fact.action}: {fact.name}"


def _pruned(fact: Pruned) -> Iterable[str]:
    if fact.gone:
        yield f"Deleted {fact.kind}:"
    for one in fact.gone:
        yield _gone(one) if isinstance(one, ImageGone) else one
    if fact.freed_bytes is not None:
        yield from [""] if fact.gone else []
        yield f"Total reclaimed space: {format_bytes(fact.freed_bytes)}"


def _cache(fact: CachePruned) -> list[str]:
    return [f"{fact.records} records deleted", f"Total:\t{format_bytes(fact.freed_bytes)}"]


def _saved(fact: ArchiveSaved) -> list[str]:
    return [
        f"{fact.archive}: {format_bytes(fact.size_bytes)} (a push would send "
        f"{format_bytes(fact.packed_bytes)} compressed, and only layers that are missing)"
    ]


def _loaded(fact: ImageLoaded) -> list[str]:
    return [f"Loaded image: {fact.name}" if fact.name else f"Loaded image ID: {fact.digest}"]


def _copied(fact: FilesCopied) -> list[str]:
    return [f"Successfully copied {format_bytes(fact.size_bytes)} to {fact.goal}"]


def _copied_up(fact: CopiedUp) -> list[str]:
    return [f"copied up {format_bytes(fact.size_bytes)} from the image, whole files"]


def _collected(fact: RegistryCollected) -> Iterable[str]:
    yield from (f"manifest eligible for deletion: {digest}" for digest in fact.manifests)
    yield from (f"blob eligible for deletion: {digest}" for digest in fact.blobs)
    yield f"{len(fact.blobs)} blobs deleted, {format_bytes(fact.freed_bytes)}"


def _logged_out(fact: LoggedOut) -> list[str]:
    told = "Removing login credentials for" if fact.was_known else "Not logged in to"
    return [f"{told} {fact.registry}"]


WORDS: dict[type, Callable[[Any], Iterable[str]]] = {
    ImageGone: lambda fact: [_gone(fact)],
    Pruned: _pruned,
    CachePruned: _cache,
    ArchiveSaved: _saved,
    ImageLoaded: _loaded,
    FilesCopied: _copied,
    CopiedUp: _copied_up,
    RegistryCollected: _collected,
    LoggedIn: lambda _: ["Login Succeeded"],
    LoggedOut: _logged_out,
}
