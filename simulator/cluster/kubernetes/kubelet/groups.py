"""Control groups of pods: ``kubepods``, with one below it for Burstable and BestEffort pods each.

upstream: ``pkg/kubelet/cm``. Guaranteed pods lie directly in ``kubepods``. All Burstable pods
together weigh what they ask for, all BestEffort ones together as little as there is. A node has
them from the first container on that is more than a row; containers lie in their class's group,
without one for each pod.
"""

from __future__ import annotations

from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.life import Life
from simulator.machine import slices
from simulator.machine.weights import weight_from_millicpu

ALL = "kubepods"
BURSTABLE = "kubepods-burstable"
BEST_EFFORT = "kubepods-besteffort"
_PARENTS = {"Burstable": BURSTABLE, "BestEffort": BEST_EFFORT}


def parent(box: Box, life: Life) -> str:
    """The group of a pod's class, made where it is not there yet."""
    _prepare(box)
    return _PARENTS.get(life.template.qos, ALL)


def join(box: Box, life: Life) -> None:
    """A pod is on the node from now on."""
    if life.template.qos == "Burstable":
        life.millis = life.template.requests.cpu_millis
        box.burstable_millis += life.millis
        weigh(box)


def leave(box: Box, life: Life) -> None:
    """Nothing of a pod runs there any more."""
    if life.millis:
        box.burstable_millis -= life.millis
        life.millis = 0
        weigh(box)


def _prepare(box: Box) -> None:
    machine = box.daemon.machine
    if BEST_EFFORT in machine.kernel.slices:
        return
    machine.parts.fabric.disturb_host(machine.kernel.cpu.root)
    whole = round(machine.hardware.cores * 1000)
    for name, above, millis in (
        (ALL, None, whole),
        (BURSTABLE, ALL, box.burstable_millis),
        (BEST_EFFORT, ALL, 0),
    ):
        if name not in machine.kernel.slices:
            limits = slices.SliceLimits(_weight(box, millis))
            slices.create(machine, name, above, limits)


def weigh(box: Box) -> None:
    """The Burstable pods of a node weigh what they ask for by now."""
    machine = box.daemon.machine
    group = machine.kernel.slices.get(BURSTABLE)
    if group is None:
        return
    weight = _weight(box, box.burstable_millis)
    if group.cpu.weight != weight:
        machine.parts.fabric.disturb_host(machine.kernel.cpu.root)
        group.cpu.weight = weight


def _weight(box: Box, millis: int) -> float:
    return float(weight_from_millicpu(max(2, millis), box.daemon.machine.weight_mapping))
