"""On which machines of a world an image runs: natively, emulated, or not, and why."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.image.model import Image, Manifest
from simulator.image.platform import Verdict
from simulator.machine.container import Container
from simulator.node.node import owner_of
from simulator.node.portability import on_machine
from simulator.world.depot import Depot
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


def explain_container(one: Container) -> list[str]:
    """Lines for ``why``: that it is emulated, or cannot run where it was started."""
    found = on_machine(one.daemon, one.image)
    return [] if found.runs == "native" else [f"platform: {found.runs}: {found.reason}"]


def explain_image(fleet: Fleet, depot: Depot, name: str, image: Image) -> list[str]:
    """Lines for ``why IMAGE``: what it is, what its last build had to run, where it runs."""
    lines = [f"image {name}: {image.platform}, {len(image.layers)} layers"]
    lines += depot.builds.get(image.digest, ())
    lines += [
        f"on {row.machine}: {row.verdict.runs}: {row.verdict.reason}" for row in table(fleet, image)
    ]
    return lines
