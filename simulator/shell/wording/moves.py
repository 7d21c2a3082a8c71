"""Moves of services from machine to machine, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.units import format_bytes, format_span
from simulator.world.facts import MoveEnded, MoveStage


def _stage(fact: MoveStage) -> list[str]:
    took = format_span(fact.seconds)
    return [f"{fact.container}: {fact.stage:<6} {took:>8}  {_about(fact)}".rstrip()]


def _about(fact: MoveStage) -> str:
    if fact.stage == "push":
        return f"{format_bytes(fact.size_bytes)} to {fact.where}"
    if fact.stage == "data":
        return format_bytes(fact.size_bytes)
    if fact.stage == "pull" and not fact.what:
        return "already there"
    return f"{fact.what} on {fact.where}" + (" removed" if fact.stage == "drain" else "")


def _ended(fact: MoveEnded) -> list[str]:
    return [f"moved in {format_span(fact.seconds)}, egress ${fact.egress_usd:.4f}"]


WORDS: dict[type, Callable[[Any], Iterable[str]]] = {MoveStage: _stage, MoveEnded: _ended}
