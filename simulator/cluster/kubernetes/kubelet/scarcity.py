"""What a node has left of memory and disk, and which of its pods would have to go first.

upstream: ``pkg/kubelet/eviction``. What is asked here is known of warm containers; before memory
gets scarce all of a node's containers are made warm (``pressure.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.volumes import ROOT
from simulator.cluster.kubernetes.objects.quantity import NANO, Quantity
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.machine.eviction import PodUse, rank

CRITICAL = 2_000_000_000
"""``system-cluster-critical``: pods of this priority are not evicted."""
RESOURCES = {"memory": "memory", "disk": "ephemeral-storage"}


class Short(NamedTuple):
    """Something that a node has too little of."""

    resource: str
    """``memory`` or ``disk``."""
    threshold: int
    available: int


def memory_short(box: Box, least_bytes: int) -> Short | None:
    """Less memory than ``least_bytes`` is left."""
    kernel = box.daemon.machine.kernel
    left = int(kernel.ram_bytes) - kernel.memory.resident - box.cold_bytes
    return Short("memory", least_bytes, left) if left < least_bytes else None


def disk_short(box: Box, least_share: float) -> Short | None:
    """Less of the disk than this share is left."""
    space = box.daemon.machine.space
    least = int(space.size_bytes * least_share)
    left = int(space.free_bytes)
    return Short("disk", least, left) if left < least else None


def first_to_go(box: Box, short: Short, priority: dict[str, int]) -> Life | None:
    """The pod that is evicted first; ``priority`` by title of pod."""
    lives = {
        life.title: life
        for life in box.lives.values()
        if not life.over and not life.stopping and priority.get(life.title, 0) < CRITICAL
    }
    uses = [
        PodUse(title, priority.get(title, 0), _asked(life, short), pod_use(box, life, short))
        for title, life in lives.items()
    ]
    ranked = rank(uses, short.resource)
    return lives[ranked[0].name] if ranked else None


def _asked(life: Life, short: Short) -> int | None:
    requests = life.template.requests
    memory = short.resource == "memory"
    return (requests.memory_bytes if memory else requests.ephemeral_bytes) or None


def pod_use(box: Box, life: Life, short: Short) -> int:
    """Bytes that a pod uses of what is short; of disk what lies in its folders, too."""
    total = sum(use(box, run, short.resource) for run in life.runs)
    return total if short.resource == "memory" else total + folder_bytes(box, life)


def use(box: Box, run: Run, resource: str) -> int:
    """Bytes that a container uses."""
    container = run.container
    if container is None:
        return run.held if resource == "memory" else 0
    if resource == "memory":
        return container.memory.resident
    storage = box.daemon.storage
    return storage.written_bytes(container) + storage.log_bytes(container)


def folder_bytes(box: Box, life: Life, name: str = "") -> int:
    """Bytes in the emptyDir volumes of a pod, or in one of them."""
    if not life.has_files:
        return 0
    host = box.daemon.storage.volumes.host
    path = f"{ROOT}/{life.uid}/volumes/kubernetes.io~empty-dir"
    prefix = f"{path}/{name}/" if name else f"{path}/"
    return sum(one.size_bytes for one in host.entries if one.path.startswith(prefix))


def told(box: Box, life: Life, short: Short) -> str:
    """The message of an eviction."""
    word = RESOURCES[short.resource]
    text = (
        f"The node was low on resource: {word}. Threshold quantity: {_amount(short.threshold)}, "
        f"available: {_amount(short.available)}. "
    )
    return text + "".join(_containers(box, life, short, word))


def _containers(box: Box, life: Life, short: Short, word: str) -> Iterator[str]:
    for run in life.runs:
        asked = resources_of(run.wanted.resources.requests)
        memory = short.resource == "memory"
        request = asked.memory_bytes if memory else asked.ephemeral_bytes
        used = use(box, run, short.resource)
        if used > request:
            yield (
                f"Container {run.wanted.name} was using {_amount(used)}, request is "
                f"{_amount(request)}, has larger consumption of {word}. "
            )


def over_its_own(box: Box, life: Life) -> str:
    """Why a pod has more on the disk than it may; nothing where it has not."""
    for volume in life.template.spec.volumes:
        limit = (volume.empty_dir or {}).get("sizeLimit")
        if limit and (volume.empty_dir or {}).get("medium", "") != "Memory":
            most = resources_of({"memory": limit}).memory_bytes
            if folder_bytes(box, life, volume.name) > most:
                return f'Usage of EmptyDir volume "{volume.name}" exceeds the limit "{limit}". '
    for run in life.runs:
        limit = run.wanted.resources.limits.get("ephemeral-storage")
        if limit and use(box, run, "disk") > resources_of({"memory": limit}).memory_bytes:
            name = run.wanted.name
            return f'Container {name} exceeded its local ephemeral storage limit "{limit}". '
    most = life.template.limits.ephemeral_bytes
    if most and pod_use(box, life, Short("disk", 0, 0)) > most:
        return (
            "Pod ephemeral local storage usage exceeds the total limit of containers "
            f"{_amount(most)}. "
        )
    return ""


def is_limited(life: Life) -> bool:
    """Whether anything limits what a pod has on the disk."""
    spec = life.template.spec
    if life.template.limits.ephemeral_bytes:
        return True
    return any((one.empty_dir or {}).get("sizeLimit") for one in spec.volumes)


def _amount(size_bytes: int) -> str:
    """As the API writes it, in whole KiB where it is more than that."""
    whole = size_bytes // 1024 * 1024 if size_bytes > 1024 else size_bytes
    return str(Quantity(whole * NANO, "BinarySI"))
