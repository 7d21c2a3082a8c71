"""On which machines of a world an image runs: natively, emulated, or not, and why."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.image.model import Manifest
from simulator.image.platform import Verdict
from simulator.node.node import owner_of
from simulator.node.portability import on_machine
from simulator.world.fleet import Fleet


@dataclass(frozen=True, slots=True)
class Row:
    """One machine, and what becomes of an image there."""

    machine: str
    platform: str
    kernel: str
    verdict: Verdict


def table(fleet: Fleet, image: Manifest) -> list[Row]:
    """One row for each machine of the world; virtual machines made for one container left out."""
    return [
        Row(
            machine.name,
            str(machine.images.platform),
            machine.kernel.version,
            on_machine(machine, image),
        )
        for machine in fleet.machines.values()
        if not owner_of(machine)
    ]
