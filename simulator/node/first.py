"""Process 1 of a container: what its image starts, and what words say of its program."""

from __future__ import annotations

from dataclasses import replace

from simulator.dockerfile.signals import signal_name
from simulator.image.first import FirstProcess, Handlers
from simulator.image.model import WORKLOAD_LABEL, Image
from simulator.image.starting import first_process
from simulator.machine.workload import Workload
from simulator.node.spec import ContainerSpec

ENDING = ("TERM", "INT", "QUIT", "HUP")
"""Signals after which a program in words that handles them puts its affairs in order and ends."""


def first_of(
    spec: ContainerSpec, image: Image, argv: tuple[str, ...], workload: Workload
) -> FirstProcess:
    """Process 1 of a container that starts ``argv``, behind Docker's init where that was asked.

    Words (``--workload``, a label) say whether its program handles signals; of a shell that waits
    in front of it they say nothing.
    """
    first = first_process(image, argv)
    stated = spec.workload or WORKLOAD_LABEL in spec.labels
    if (stated or image.config.label(WORKLOAD_LABEL) is not None) and not first.waits:
        signals = (*ENDING, signal_name(image.config.stop_signal)) if workload.handles_term else ()
        first = replace(first, handlers=Handlers(tuple(dict.fromkeys(signals, 0).items())))
    return first.behind_init() if spec.init else first
