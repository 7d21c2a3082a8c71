"""On which machines of a world an image runs: natively, emulated, or not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.image.model import Image, Manifest, Platform
from simulator.image.platform import EXEC_FORMAT_ERROR, Verdict, verdict
from simulator.machine.container import Container
from simulator.machine.host import Machine

if TYPE_CHECKING:
    from simulator.world.world import World

_AT_START = (EXEC_FORMAT_ERROR, "kernel too old", "glibc error", "Illegal instruction")
"""What only shows when the program is started: the container is made, and exits at once."""
FAILED_START = "exit code=255 after=0s"
"""The program of a container whose program the machine cannot run."""


@dataclass(frozen=True, slots=True)
class Row:
    """One machine, and what becomes of an image there."""

    machine: str
    platform: str
    kernel: str
    verdict: Verdict


def on_machine(machine: Machine, image: Manifest, requested: Platform | None = None) -> Verdict:
    """Whether an image, or the best one of a list, runs on a machine."""
    client = machine.images
    return verdict(
        image,
        client.platform,
        machine.kernel.version,
        emulation=client.emulation,
        requested=requested,
    )


def fails_at_start(found: Verdict) -> bool:
    """True when a container can be made, but its program dies as it starts."""
    return not found.ok and any(text in found.reason for text in _AT_START)


def says_at_start(found: Verdict) -> str:
    """What the program's death looks like in ``docker logs``."""
    return found.reason.partition(": the image ")[0]


def table(world: World, image: Manifest) -> list[Row]:
    """One row for each machine of the world; virtual machines made for one container left out."""
    return [
        Row(
            machine.name,
            str(machine.images.platform),
            machine.kernel.version,
            on_machine(machine, image),
        )
        for machine in world.machines.values()
        if not getattr(machine, "owner", "")
    ]


def explain_container(one: Container) -> list[str]:
    """Lines for ``why``: that it is emulated, or cannot run where it was started."""
    found = on_machine(one.daemon, one.image)
    return [] if found.runs == "native" else [f"platform: {found.runs}: {found.reason}"]


def explain_image(world: World, name: str, image: Image) -> list[str]:
    """Lines for ``why IMAGE``: what it is, what its last build had to run, where it runs."""
    lines = [f"image {name}: {image.platform}, {len(image.layers)} layers"]
    lines += world.depot.builds.get(image.digest, ())
    lines += [
        f"on {row.machine}: {row.verdict.runs}: {row.verdict.reason}" for row in table(world, image)
    ]
    return lines
