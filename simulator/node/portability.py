"""Whether an image runs on a machine: natively, emulated, or not, and why."""

from __future__ import annotations

from simulator.image.model import Manifest, Platform
from simulator.image.platform import EXEC_FORMAT_ERROR, Verdict, verdict
from simulator.machine.host import Machine

_AT_START = (EXEC_FORMAT_ERROR, "kernel too old", "glibc error", "Illegal instruction")
"""What only shows when the program is started: the container is made, and exits at once."""
FAILED_START = "exit code=255 after=0s"
"""The program of a container whose program the machine cannot run."""


def on_machine(
    machine: Machine,
    image: Manifest,
    requested: Platform | None = None,
    kernel_version: str = "",
) -> Verdict:
    """Whether an image, or the best one of a list, runs on a machine.

    ``kernel_version``: of the kernel that serves it, where that is not the machine's.
    """
    client = machine.images
    return verdict(
        image,
        client.platform,
        kernel_version or machine.kernel.version,
        emulation=client.emulation,
        requested=requested,
    )


def fails_at_start(found: Verdict) -> bool:
    """True when a container can be made, but its program dies as it starts."""
    return not found.ok and any(text in found.reason for text in _AT_START)


def says_at_start(found: Verdict) -> str:
    """What the program's death looks like in the container's log."""
    return found.reason.partition(": the image ")[0]
