"""A machine that falls takes its pulls with it, and those of the machines inside it."""

from __future__ import annotations

from simulator.image.events import ImagePulled, PullFailed
from simulator.world.commands import CreateHost, CreateVm, InjectFault, PullImage
from simulator.world.world import World


def test_a_host_that_loses_power_pulls_no_further_nor_do_its_guests():
    world = World()
    world.apply(CreateHost(name="h"))
    world.apply(CreateVm(name="vm", machine="h"))
    world.advance(60)
    jobs = [
        world.apply(PullImage(reference=name, machine=where)).job
        for name, where in (("python:3.12", "h"), ("node:22", "vm"))
    ]
    world.advance(62)
    world.apply(InjectFault(kind="power", target="h"))
    world.advance(300)
    reasons = [e.event.reason for e in world.journal if isinstance(e.event, PullFailed)]
    assert reasons == ["h went down", "vm went down"]
    assert not any(isinstance(entry.event, ImagePulled) for entry in world.journal)
    assert all(job.done for job in jobs)
