"""Nodes that run short of memory or disk: images are collected, pods evicted, conditions set.

A kubelet looks every ten seconds. Here only nodes are looked at that could be short: those with
warm containers, and those whose cold ones hold much. Before memory gets scarce all containers of a
node are made warm, so that its kernel knows of everything that they hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.conditions import condition, set_condition
from simulator.cluster.kubernetes.kubelet import scarcity
from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.ending import Ending
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life
from simulator.cluster.kubernetes.kubelet.scarcity import Short
from simulator.cluster.kubernetes.objects.node import Node
from simulator.image.collection import Collection, candidates, collect
from simulator.machine.housekeeping import next_on_grid

Gone = Callable[[str, str], None]
"""Told of a node and an image that it has no more."""
NEAR = 0.8
"""Share of the memory in use from which nothing of a node stays cold."""
MUCH = 0.5
"""Share of the memory that cold containers hold, from which a node is looked at."""
DISK_LEAST = 0.10
"""kubelet, ``evictionHard``: nodefs.available; images and containers share one file system."""
QUIET_S = 300.0
"""kubelet, ``evictionPressureTransitionPeriod``."""
_CONDITIONS = {
    "memory": ("MemoryPressure", "InsufficientMemory", "insufficient memory available"),
    "disk": ("DiskPressure", "DiskPressure", "disk pressure"),
}
_WELL = {
    "memory": ("SufficientMemory", "sufficient memory available"),
    "disk": ("NoDiskPressure", "no disk pressure"),
}


class Pressure:
    """Looks after the memory and the disk of a cluster's nodes."""

    def __init__(self, house: Household, ending: Ending) -> None:
        self.house = house
        self.sim = house.sim
        self.ending = ending
        constants = house.constants
        self.gone: Gone = _nobody
        """Told of images that a node has no more."""
        self.period_s = constants.value("control.kubelet.eviction_interval_s")
        self.memory_least = int(constants.value("memory.node.eviction_mib")) << 20
        self.high = int(constants.value("images.collection.high_percent"))
        self.low = int(constants.value("images.collection.low_percent"))
        self.min_age_s = constants.value("images.collection.min_age_s")
        self.collect_s = constants.value("images.collection.period_s")
        self._loaded: dict[str, Box] = {}
        self._looking = False

    def note(self, box: Box) -> None:
        """A node may run short of something: look at it when the time comes."""
        self._loaded[box.name] = box
        if not self._looking:
            self._looking = True
            self.sim.at(next_on_grid(self.sim.now, self.period_s), self._look)

    def rests(self, box: Box) -> None:
        """More of a node's memory is held by containers that are not there: is it much?"""
        if box.cold_bytes > MUCH * box.daemon.machine.kernel.ram_bytes:
            self.note(box)

    def pulled(self, box: Box) -> None:
        """An image has come: is the disk getting full?"""
        space = box.daemon.machine.space
        if space.free_bytes < space.size_bytes * (100 - self.high) / 100:
            self.note(box)

    def _look(self) -> None:
        for box in list(self._loaded.values()):
            if self.house.boxes.get(box.name) is not box or not self._is_loaded(box):
                del self._loaded[box.name]
            elif box.up and box.silent_since is None:
                self._look_at(box)
        self._looking = bool(self._loaded)
        if self._looking:
            self.sim.at(next_on_grid(self.sim.now, self.period_s), self._look)

    def _is_loaded(self, box: Box) -> bool:
        machine = box.daemon.machine
        full = machine.space.free_bytes < machine.space.size_bytes * (100 - self.high) / 100
        much = box.cold_bytes > MUCH * machine.kernel.ram_bytes
        return bool(box.short_until or full or much or box.daemon.containers)

    def _look_at(self, box: Box) -> None:
        machine = box.daemon.machine
        machine.host.housekeeping.charge()
        if box.cold_bytes and self._is_near(box):
            self._warm_all(box)
        short = scarcity.memory_short(box, self.memory_least)
        self._mark(box, "memory", short)
        if self.sim.now % self.collect_s < self.period_s:
            self._collect(box)
        full = scarcity.disk_short(box, DISK_LEAST)
        if full is not None and self._collect(box, everything=True):
            full = scarcity.disk_short(box, DISK_LEAST)
        self._mark(box, "disk", full)
        if self._evict_over_limits(box):
            return
        if short is not None or full is not None:
            self._evict(box, short or full)

    def _is_near(self, box: Box) -> bool:
        kernel = box.daemon.machine.kernel
        return kernel.memory.resident + box.cold_bytes > NEAR * kernel.ram_bytes

    def _warm_all(self, box: Box) -> None:
        for life in list(box.lives.values()):
            for run in life.runs:
                if run.held:
                    self.house.warm(life, run)

    # --- evicting ---------------------------------------------------------------------------------

    def _evict_over_limits(self, box: Box) -> bool:
        """Pods that have more on the disk than their own limits allow."""
        found = False
        for life in list(box.lives.values()):
            if life.over or life.stopping or not scarcity.is_limited(life):
                continue
            why = scarcity.over_its_own(box, life)
            if why:
                found = True
                self._out(life, why)
        return found

    def _evict(self, box: Box, short: Short | None) -> None:
        """One pod goes at a time, the first of the ranking."""
        assert short is not None
        node = self._node(box)
        if node is not None:
            word = scarcity.RESOURCES[short.resource]
            text = f"Attempting to reclaim {word}"
            self._event(node, "Warning", "EvictionThresholdMet", text)
        priority = {life.title: self._priority(life) for life in box.lives.values()}
        first = scarcity.first_to_go(box, short, priority)
        if first is not None:
            self._out(first, scarcity.told(box, first, short))

    def _priority(self, life: Life) -> int:
        pod = self.house.pod(life)
        return 0 if pod is None else pod.priority

    def _out(self, life: Life, why: str) -> None:
        self.house.event(life, "Warning", "Evicted", why)
        self.ending.fail(life, "Evicted", why)
        pod = self.house.pod(life)
        if pod is not None:
            conditions = set_condition(
                pod.status.conditions, "DisruptionTarget", "True", "TerminationByKubelet", why,
                self.sim.now,
            )  # fmt: skip
            self.house.server.update_status(pod, replace(pod.status, conditions=conditions))

    # --- images -----------------------------------------------------------------------------------

    def _collect(self, box: Box, *, everything: bool = False) -> bool:
        """Remove images that nobody uses, where the disk is full enough for that."""
        machine = box.daemon.machine
        store, space = machine.images.store, machine.space
        in_use = {
            run.image.digest
            for life in box.lives.values()
            for run in life.runs
            if run.image is not None and not life.over
        }
        every = [
            changed(one, in_use=True) if one.name in in_use else one for one in candidates(store)
        ]
        high, low = (0, 0) if everything else (self.high, self.low)
        done: Collection = collect(
            every, int(space.size_bytes), int(space.free_bytes), now_s=self.sim.now,
            high_percent=high, low_percent=low, min_age_s=0.0 if everything else self.min_age_s,
        )  # fmt: skip
        freed = sum(self._remove(box, digest) for digest in done.removed)
        node = self._node(box)
        if node is not None and not everything and freed < done.wanted_bytes:
            text = (
                f"Failed to garbage collect required amount of images. Attempted to free "
                f"{done.wanted_bytes} bytes, but only found {freed} bytes eligible to free."
            )
            self._event(node, "Warning", "FreeDiskSpaceFailed", text)
        return freed > 0

    def _remove(self, box: Box, digest: str) -> int:
        freed = box.daemon.machine.images.store.delete(digest)
        for name in [name for name, held in box.images.items() if held == digest]:
            del box.images[name]
            self.gone(box.name, name)
        box.used_at.pop(digest, None)
        return freed

    # --- conditions -------------------------------------------------------------------------------

    def _mark(self, box: Box, resource: str, short: Short | None) -> None:
        """The node says that it is short, and for five minutes after it was."""
        now, until = self.sim.now, box.short_until
        if short is not None:
            fresh = resource not in until
            until[resource] = now + QUIET_S
            if fresh:
                type_, word, text = _CONDITIONS[resource]
                self._say(box, type_, "True", f"KubeletHas{word}", f"kubelet has {text}")
        elif resource in until and now >= until[resource]:
            del until[resource]
            word, text = _WELL[resource]
            type_ = _CONDITIONS[resource][0]
            self._say(box, type_, "False", f"KubeletHas{word}", f"kubelet has {text}")

    def _say(self, box: Box, type_: str, status: str, reason: str, message: str) -> None:
        node = self._node(box)
        if node is None or condition(node.status.conditions, type_) is None:
            return
        conditions = set_condition(
            node.status.conditions, type_, status, reason, message, self.sim.now
        )
        self.house.server.update_status(node, replace(node.status, conditions=conditions))
        word = reason.replace("KubeletHas", "NodeHas")
        self._event(node, "Normal", word, f"Node {node.name} status is now: {word}")

    def _node(self, box: Box) -> Node | None:
        return self.house.server.store.get(Node, "", box.name)

    def _event(self, node: Node, type_: str, reason: str, message: str) -> None:
        self.house.server.recorder.event(node, type_, reason, message, "kubelet")


def _nobody(node: str, image: str) -> None:
    """Nobody wants to know."""
