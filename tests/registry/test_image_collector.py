"""Garbage collection of images on a node."""

from __future__ import annotations

from pull_helpers import MB, Lab, image, layer
from shipped import SHIPPED

from simulator.image.events import ImagesCollected
from simulator.registry.collector import ImageCollector

HOUR_OLD = 3600


def machine_with(lab: Lab, *sizes_mb: int, capacity_mb: int = 1000):
    machine = lab.machine(capacity_bytes=capacity_mb * MB)
    for n, size in enumerate(sizes_mb):
        machine.store.add(image(layer(str(n), size)), f"app{n}:1")
    return machine


def test_a_disk_below_the_high_threshold_is_left_alone():
    lab = Lab()
    machine = machine_with(lab, 400, 440)
    lab.sim.advance(HOUR_OLD)
    assert ImageCollector(machine, SHIPPED).collect().removed == ()
    assert lab.events(ImagesCollected) == []


def test_the_longest_unused_images_go_until_the_low_threshold():
    lab = Lab()
    machine = machine_with(lab, 300, 300, 300)
    for n, used in ((0, 50.0), (1, 10.0), (2, 90.0)):
        digest = machine.store.get(f"app{n}:1").image.digest
        machine.store.acquire(digest, f"c{n}", now_s=used)
        machine.store.release(digest, f"c{n}", now_s=used)
    lab.sim.advance(HOUR_OLD)
    collected = ImageCollector(machine, SHIPPED).collect()
    assert (collected.wanted_bytes, collected.freed_bytes) == (100 * MB, 300 * MB)
    assert machine.store.find("app1:1") is None
    assert machine.store.find("app0:1") is not None
    assert lab.events(ImagesCollected)[0].images == 1


def test_images_of_containers_stay_and_it_says_when_that_is_not_enough():
    lab = Lab()
    machine = machine_with(lab, 450, 450)
    for n in range(2):
        machine.store.acquire(machine.store.get(f"app{n}:1").image.digest, f"c{n}")
    lab.sim.advance(HOUR_OLD)
    collected = ImageCollector(machine, SHIPPED).collect()
    assert (collected.removed, collected.enough) == ((), False)
    assert lab.events(ImagesCollected)[0].sentence().endswith("which is not enough")


def test_only_layers_that_nobody_else_needs_come_free():
    lab = Lab()
    machine = lab.machine(capacity_bytes=1000 * MB)
    base = layer("base", 700)
    used = machine.store.add(image(base, layer("used", 50)), "used")
    machine.store.acquire(used.image.digest, "c")
    machine.store.add(image(base, layer("idle", 150)), "idle")
    lab.sim.advance(HOUR_OLD)
    assert ImageCollector(machine, SHIPPED).collect().freed_bytes == 150 * MB
    assert machine.store.disk_bytes == 750 * MB


def test_the_collector_looks_every_five_minutes():
    lab = Lab()
    machine = machine_with(lab, 900)
    ImageCollector(machine, SHIPPED).begin()
    lab.sim.advance(301)
    assert lab.times(ImagesCollected) == [300.0]
